//! What a column refers to: rows of registers or of forms, and in which order forms are settled
//! because of it.

use std::collections::BTreeSet;

use super::{Definition, Field, Form, KEY_COLUMN, Register, no_register};
use crate::model::{ColumnType, Period};

/// Where the values of a column with `refers_to` may stand.
#[derive(Debug, Clone, Copy)]
pub enum Referent<'a> {
    /// In a column (by number) of a register, on a row that is valid in the period.
    Register(&'a Register, usize),
    /// In a field (by number) of a form, on an accepted row.
    Form(&'a Form, usize),
}

impl Definition {
    /// What a field refers to: `village`, `village.name`, `form:org_unit`,
    /// `form:org_unit.org_code`, or several between `|`, one of which must have the value. Without
    /// a column it is the register's `code` or the form's only key. The error says what is wrong,
    /// with the valid choices.
    pub fn targets(&self, field: &Field) -> Result<Vec<Referent<'_>>, String> {
        let Some(text) = &field.refers_to else { return Ok(Vec::new()) };
        text.split('|').map(|one| self.target(one.trim())).collect()
    }

    fn target(&self, text: &str) -> Result<Referent<'_>, String> {
        let (is_form, text) = match text.strip_prefix("form:") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (name, column) =
            text.split_once('.').map_or((text, None), |(name, column)| (name, Some(column)));
        if is_form { self.form_target(name, column) } else { self.register_target(name, column) }
    }

    fn form_target(&self, name: &str, column: Option<&str>) -> Result<Referent<'_>, String> {
        let Some(form) = self.form(name) else {
            let choices: Vec<&str> = self.forms.iter().map(|f| f.id.as_str()).collect();
            return Err(format!("报表 “{name}” 不存在，现有：{}", choices.join("、")));
        };
        let column = match (column, form.primary_key.as_slice()) {
            (Some(column), _) => column,
            (None, [only]) => only,
            (None, keys) => {
                let example = form.fields.first().map_or("", |f| f.name.as_str());
                return Err(format!(
                    "报表 {name} 的主键有 {} 列，应写明所指的列，如 form:{name}.{example}",
                    keys.len()
                ));
            }
        };
        let is_text = |field: &&Field| field.column_type() == ColumnType::Text;
        let index = form.field_index(column).filter(|&index| is_text(&&form.fields[index]));
        index.map(|index| Referent::Form(form, index)).ok_or_else(|| {
            let names = form.fields.iter().filter(is_text).map(|f| f.name.as_str());
            let names = names.collect::<Vec<_>>().join("、");
            format!("报表 {name} 没有代码或文字列 “{column}”，现有：{names}")
        })
    }

    fn register_target(&self, name: &str, column: Option<&str>) -> Result<Referent<'_>, String> {
        let Some(register) = self.registers.get(name) else {
            let problem = no_register(name, &self.registers);
            return Err(format!("{problem}；指报表时写作 form:报表"));
        };
        let column = column.unwrap_or(KEY_COLUMN);
        let index = register.column_index(column);
        index.map(|index| Referent::Register(register, index)).ok_or_else(|| {
            format!("登记册 {name} 没有列 “{column}”，现有：{}", register.columns.join("、"))
        })
    }

    /// The forms whose accepted rows decide about returns of this one: those that its columns
    /// refer to, and the one that its duty follows from.
    fn rests_on(&self, form: &Form) -> BTreeSet<&str> {
        let mut others = BTreeSet::new();
        for target in form.fields.iter().flat_map(|field| self.targets(field).unwrap_or_default()) {
            if let Referent::Form(other, _) = target {
                others.insert(other.id.as_str());
            }
        }
        let source = form.owed_when.as_ref().and_then(|when| when.form.as_deref());
        others.extend(source.and_then(|id| self.form(id)).map(|form| form.id.as_str()));
        others
    }

    /// All forms, each after those that it rests on. Forms that rest on each other keep the order
    /// of the definition.
    pub fn settling_order(&self) -> Vec<&Form> {
        let mut seen = BTreeSet::new();
        let mut order = Vec::new();
        for form in &self.forms {
            self.settle_after(form, &mut seen, &mut order);
        }
        order
    }

    fn settle_after<'a>(
        &'a self,
        form: &'a Form,
        seen: &mut BTreeSet<&'a str>,
        order: &mut Vec<&'a Form>,
    ) {
        if !seen.insert(&form.id) {
            return;
        }
        for other in self.rests_on(form) {
            if let Some(other) = self.form(other) {
                self.settle_after(other, seen, order);
            }
        }
        order.push(form);
    }
}

impl Register {
    /// The values of a column on the rows that are valid in a period.
    pub fn values(&self, column: usize, period: &Period) -> BTreeSet<&str> {
        let value = |row: usize| self.rows[row].get(column).map_or("", String::as_str);
        self.valid_rows(period).into_iter().map(value).filter(|value| !value.is_empty()).collect()
    }
}
