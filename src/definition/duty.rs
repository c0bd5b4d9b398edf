//! Who owes what: the one answer to "does this unit owe this form for this period".
//!
//! A unit owes a form when the form names its kind or code (`owed_by`), when the unit exists on
//! the last day of the period, and, where the form says so (`owed_when`), when the accepted rows
//! of another form or the rows of a register say that it does. If those rows are not there, it is
//! unknown, and unknown is neither yes nor no.

use std::sync::Arc;

use anyhow::{Context, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Definition, Form, Owed, Register, form_columns, register_columns};
use crate::model::{Column, ColumnType, FactTable, Facts, Period, Unit};
use crate::sql::{self, Expression, Frame};

/// Does a unit owe a form? Ordered: of two rounds of one period the weightier answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// It does not.
    Free,
    /// What decides it has not been handed in.
    Unknown,
    Owes,
}

/// `owed_when = { form = "studio", where = "opened_on IS NOT NULL" }`: of the units named by
/// `owed_by`, those owe the form for which a row says so.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwedWhen {
    /// Its accepted rows of the latest period due by the same folder decide …
    pub form: Option<String>,
    /// … or the rows of this register that are valid in the period.
    pub register: Option<String>,
    /// Any row for which this is true; without it any row.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// The column with the unit's code. Default: of a form the unit that sent the row, of a
    /// register its column `unit` or `committee`.
    pub unit: Option<String>,
    #[serde(skip)]
    pub parsed_filter: Option<Expression>,
}

impl OwedWhen {
    /// For pages that describe the form.
    pub fn in_words(&self, definition: &Definition) -> String {
        let source = match (&self.form, &self.register) {
            (Some(id), _) => {
                let title = definition.form(id).map_or(id.as_str(), |form| form.title.as_str());
                format!("“{title}”审核通过的行")
            }
            (_, Some(name)) => format!("{}当期有效的行", definition.register_called(name)),
            _ => String::new(),
        };
        let filter = self.filter.as_ref().map(|text| format!("，条件 {text}"));
        format!("以上单位中，有{source}的{}", filter.unwrap_or_default())
    }
}

/// The accepted rows that a duty may follow from.
pub trait Accepted {
    fn accepted(&self, form: &str, period: &Period) -> Option<Arc<FactTable>>;
}

impl Accepted for Facts {
    fn accepted(&self, form: &str, period: &Period) -> Option<Arc<FactTable>> {
        self.table(form, period).cloned()
    }
}

impl Definition {
    /// The duty of each unit, in register order, to hand in what is owed in a folder.
    pub fn duties(
        &self,
        form: &Form,
        owed: &Owed,
        rows: &dyn Accepted,
    ) -> anyhow::Result<Vec<Duty>> {
        let told = match &form.owed_when {
            Some(when) => {
                let context = || format!("判定“{}”的应报单位", form.title);
                Some(self.told(when, owed, rows).with_context(context)?)
            }
            None => None,
        };
        let day = owed.period.last_day();
        let duty = |(index, unit): (usize, &Unit)| {
            let sends = self.units.is_leaf(index) && unit.valid.covers_day(day);
            if !sends || !unit.is_named(&owed.by) {
                return Duty::Free;
            }
            told.as_ref().map_or(Duty::Owes, |told| told[index])
        };
        Ok(self.units.all().iter().enumerate().map(duty).collect())
    }

    /// The same for a period, in whichever folders it is handed in.
    pub fn duties_for(
        &self,
        form: &Form,
        period: &Period,
        rows: &dyn Accepted,
    ) -> anyhow::Result<Vec<Duty>> {
        let mut duties = vec![Duty::Free; self.units.all().len()];
        for owed in form.owed_for(period) {
            for (duty, more) in duties.iter_mut().zip(self.duties(form, &owed, rows)?) {
                *duty = more.max(*duty);
            }
        }
        Ok(duties)
    }

    /// The units that the form may ever be owed by, whatever data and dates say, in register
    /// order: for pages that describe the form.
    pub fn units_named_by(&self, form: &Form) -> Vec<&Unit> {
        let rounds = form.rounds.iter().filter_map(|round| round.owed_by.as_ref());
        let by: Vec<&Vec<String>> = std::iter::once(&form.owed_by).chain(rounds).collect();
        let named = |unit: &&Unit| by.iter().any(|by| unit.is_named(by));
        self.units.leaves().filter(named).collect()
    }

    fn told(&self, when: &OwedWhen, owed: &Owed, rows: &dyn Accepted) -> anyhow::Result<Vec<Duty>> {
        match (&when.form, &when.register) {
            (Some(form), None) => {
                let form = self.form(form).with_context(|| format!("报表 {form} 不存在"))?;
                self.told_by_form(when, form, owed, rows)
            }
            (None, Some(name)) => {
                let register = self.registers.get(name);
                let register = register.with_context(|| format!("登记册 {name} 不存在"))?;
                self.told_by_register(when, register, &owed.period)
            }
            _ => bail!("owed_when 应有 form 或 register 之一"),
        }
    }

    fn told_by_form(
        &self,
        when: &OwedWhen,
        form: &Form,
        owed: &Owed,
        rows: &dyn Accepted,
    ) -> anyhow::Result<Vec<Duty>> {
        // Not due yet: nobody can have said so.
        let Some(its) = form.latest_owed(&owed.folder) else {
            return Ok(vec![Duty::Free; self.units.all().len()]);
        };
        let senders = self.duties_for(form, &its.period, rows)?;
        let table = rows.accepted(&form.id, &its.period);
        let sent = |unit: &Unit| table.as_ref().is_some_and(|t| t.has_unit(&unit.code));
        let units = self.units.all();
        let absent: Vec<bool> = units
            .iter()
            .zip(&senders)
            .map(|(unit, duty)| *duty != Duty::Free && !sent(unit))
            .collect();
        let mut told = Told::new(units.len());
        if let Some(table) = &table {
            let columns = form_columns(form, table, self);
            let column = when.unit.as_deref().unwrap_or("unit");
            told.read(self, columns, column, when.parsed_filter.as_ref())?;
        }
        // Rows about a unit may stand in another's return.
        let all = when.unit.is_some() && absent.contains(&true);
        Ok(told.duties(|unit| all || absent[unit]))
    }

    fn told_by_register(
        &self,
        when: &OwedWhen,
        register: &Register,
        period: &Period,
    ) -> anyhow::Result<Vec<Duty>> {
        let column = when.unit.as_deref().or(register.unit_column());
        let column = column.with_context(|| format!("登记册 {} 没有 unit 列", register.name))?;
        let mut told = Told::new(self.units.all().len());
        let columns = register_columns(register, period);
        told.read(self, &columns, column, when.parsed_filter.as_ref())?;
        Ok(told.duties(|_| false))
    }
}

/// What rows say of each unit: is there a true one, is there one that cannot be judged?
struct Told {
    said: Vec<bool>,
    unclear: Vec<bool>,
}

impl Told {
    fn new(units: usize) -> Self {
        Self { said: vec![false; units], unclear: vec![false; units] }
    }

    fn read(
        &mut self,
        definition: &Definition,
        columns: &[(String, Column)],
        unit_column: &str,
        filter: Option<&Expression>,
    ) -> anyhow::Result<()> {
        let units = columns.iter().find(|(name, _)| name == unit_column);
        let Some((_, units)) = units.filter(|(_, column)| column.kind() == ColumnType::Text) else {
            bail!("没有单位代码列 {unit_column}");
        };
        let truth = match filter {
            None => Column::booleans(vec![Some(true); units.len()]),
            Some(_) if units.is_empty() => Column::empty(ColumnType::Boolean),
            Some(filter) => {
                let frame = Frame::new(columns.to_vec())?;
                match sql::evaluate(&frame, &[filter])?.into_iter().next() {
                    Some(values) if values.kind() == ColumnType::Boolean => values,
                    _ => bail!("where 应得到是/否"),
                }
            }
        };
        for (unit, truth) in units.iter_texts().zip(truth.iter_truths()) {
            let place = unit.map(|unit| definition.units.order(unit));
            let Some(place) = place.filter(|&place| place < self.said.len()) else { continue };
            self.said[place] |= truth == Some(true);
            self.unclear[place] |= truth.is_none();
        }
        Ok(())
    }

    fn duties(self, absent: impl Fn(usize) -> bool) -> Vec<Duty> {
        let duty = |(unit, (said, unclear)): (usize, (bool, bool))| {
            if said {
                Duty::Owes
            } else if unclear || absent(unit) {
                Duty::Unknown
            } else {
                Duty::Free
            }
        };
        self.said.into_iter().zip(self.unclear).enumerate().map(duty).collect()
    }
}
