//! Columns whose codes tell rows apart: what an indicator can be broken down or distributed by.

use super::{Band, CodeList, Definition, FieldType, Form};
use crate::model::Period;

/// The breakdown by groups of units (the column of the same name): 乡镇小计, 县直小计.
pub const GROUP_DIMENSION: &str = "unit_group";

impl Definition {
    /// The codes of a column with their ids, in list order: a coded field, the groups of its codes,
    /// 是/否, or a band. `at`: those valid in this period. `None`: its values are no codes.
    pub fn codes_of(
        &self,
        form: &Form,
        column: &str,
        at: Option<&Period>,
    ) -> Option<Vec<(String, String)>> {
        if let Some(field) = form.field(column) {
            if let Some(list) = self.codelist_of(field) {
                let day = at.and_then(Period::last_day);
                let valid = list.codes.iter().filter(|code| code.valid.covers_day(day));
                return Some(valid.map(|code| (code.code.clone(), code.id.clone())).collect());
            }
            let answers = || vec![("是".into(), "yes".into()), ("否".into(), "no".into())];
            return (field.kind == FieldType::Boolean).then(answers);
        }
        self.groups_of(form, column).or_else(|| {
            let band = band_of(form, column)?;
            let codes: Vec<&str> = band.steps.iter().map(|step| step.code.as_str()).collect();
            Some(self.with_ids(&codes, "band"))
        })
    }

    /// Each group where its first code stands, and the codes that are in none.
    fn groups_of(&self, form: &Form, column: &str) -> Option<Vec<(String, String)>> {
        let list = self.grouped_list(form, column)?;
        let mut groups: Vec<(String, String)> = Vec::new();
        for code in &list.codes {
            let title = list.group_of(&code.code);
            let group = list.groups.iter().find(|group| group.title == title);
            let id = group.map_or(&code.id, |group| &group.id);
            if !groups.iter().any(|(known, _)| known == title) {
                groups.push((title.to_owned(), id.clone()));
            }
        }
        Some(groups)
    }

    /// The code list whose groups are the values of a column.
    fn grouped_list(&self, form: &Form, column: &str) -> Option<&CodeList> {
        let field = form.field(column.strip_suffix("__group")?)?;
        self.codelist_of(field).filter(|list| !list.groups.is_empty())
    }

    /// What has no ids of its own takes those of the code list that has its codes, else numbers.
    pub fn with_ids(&self, codes: &[&str], stem: &str) -> Vec<(String, String)> {
        let has_all = |list: &&super::CodeList| codes.iter().all(|c| list.position(c).is_some());
        let list = self.codelists.values().find(has_all);
        let id = |(number, &code): (usize, &&str)| {
            let known = list.and_then(|list| list.codes.iter().find(|c| c.code == code));
            let id = known.map_or_else(|| format!("{stem}{}", number + 1), |c| c.id.clone());
            (code.to_owned(), id)
        };
        codes.iter().enumerate().map(id).collect()
    }

    /// Columns of a form by which rows can be told apart, for messages.
    pub(super) fn coded_columns(&self, form: &Form) -> Vec<String> {
        let fields = form
            .fields
            .iter()
            .flat_map(|field| [field.name.clone(), format!("{}__group", field.name)]);
        let bands = form.bands.iter().map(|band| format!("{}__{}", band.of, band.id));
        fields.chain(bands).filter(|column| self.is_coded(form, column)).collect()
    }

    /// Are the values of a column codes other than 是/否?
    pub(super) fn is_coded(&self, form: &Form, column: &str) -> bool {
        match form.field(column) {
            Some(field) => self.codelist_of(field).is_some(),
            None => self.grouped_list(form, column).is_some() || band_of(form, column).is_some(),
        }
    }
}

fn band_of<'f>(form: &'f Form, column: &str) -> Option<&'f Band> {
    form.bands.iter().find(|band| {
        let id = column.strip_prefix(band.of.as_str()).and_then(|rest| rest.strip_prefix("__"));
        id == Some(band.id.as_str())
    })
}
