//! The workbook that is handed out to a unit (表样): every form that it owes in a period, what goes
//! on from the last period filled in, cells that take only what may stand there, headings locked.

mod entry;
mod form;
mod instructions;
mod lists;

use std::collections::BTreeMap;

use rust_xlsxwriter::ProtectionOptions;

use super::names::SheetNames;
use super::{new_workbook, properties};
use crate::definition::{Choices, Definition, Form};
use crate::model::handout::{FORM_PROPERTY, PERIOD_PROPERTY, UNIT_PROPERTY};
use crate::model::{Period, Unit, Value};
use lists::Lists;

/// What a unit is handed out.
#[derive(Debug)]
pub struct Handout<'a> {
    pub definition: &'a Definition,
    /// The hand-in folder.
    pub folder: &'a Period,
    pub unit: &'a Unit,
    pub forms: Vec<BlankForm<'a>>,
    /// What it owes as well if a return that is not there yet says so.
    pub perhaps: Vec<&'a Form>,
}

/// One form of it.
#[derive(Debug)]
pub struct BlankForm<'a> {
    pub form: &'a Form,
    /// The period that it covers.
    pub period: Period,
    /// What stands in it already: a value a field.
    pub rows: Vec<Vec<Value>>,
    /// What the cells of each field may be filled with.
    pub choices: Vec<Option<Choices>>,
}

/// The workbook of a unit.
pub fn handout(handout: &Handout) -> anyhow::Result<Vec<u8>> {
    let mut names = SheetNames::default();
    let titles: Vec<String> =
        handout.forms.iter().map(|blank| names.unique(&blank.form.title)).collect();
    let instructions_name = names.unique(instructions::NAME);
    let mut lists = Lists::new(names.unique(lists::NAME));
    let mut workbook = new_workbook()?;
    for (blank, title) in handout.forms.iter().zip(&titles) {
        workbook.push_worksheet(form::sheet(handout, blank, title, &mut lists)?);
    }
    workbook.push_worksheet(instructions::sheet(handout, &instructions_name)?);
    if let Some(sheet) = lists.sheet()? {
        workbook.push_worksheet(sheet);
    }
    let mut about = properties(handout.definition, handout.folder)?
        .set_custom_property(UNIT_PROPERTY, handout.unit.code.as_str())
        .set_custom_property(PERIOD_PROPERTY, handout.folder.to_string());
    let editions: BTreeMap<String, String> = handout
        .forms
        .iter()
        .map(|blank| (format!("{FORM_PROPERTY}{}", blank.form.id), blank.form.edition()))
        .collect();
    for (name, edition) in editions {
        about = about.set_custom_property(name, edition);
    }
    workbook.set_properties(&about);
    Ok(workbook.save_to_buffer()?)
}

/// Headings stay as they are; rows may be added, removed and made higher. There is no password:
/// who must change a form can.
fn protection() -> ProtectionOptions {
    ProtectionOptions {
        format_cells: true,
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        delete_rows: true,
        sort: true,
        use_autofilter: true,
        ..ProtectionOptions::new()
    }
}
