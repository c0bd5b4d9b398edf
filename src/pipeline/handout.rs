//! 表样: the forms that units owe in a period to come, made from what is known before it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};

use super::{Prepared, Request, check, named_period, wanted_unit};
use crate::collect::hand_in_folders;
use crate::definition::{Definition, Duty, Form};
use crate::model::{Facts, Period, Unit};
use crate::report::{BlankForm, Handout, handout};

/// What is handed out.
#[derive(Debug)]
pub struct HandedOut {
    pub folder: Period,
    pub returns: PathBuf,
    pub files: Vec<UnitFile>,
}

/// A unit's workbook.
#[derive(Debug)]
pub struct UnitFile {
    pub name: String,
    pub bytes: Vec<u8>,
    pub forms: usize,
    /// Rows that are filled in as far as they go on from the last period.
    pub rows: usize,
}

/// The workbooks of a period, for one unit or all that owe something.
pub fn hand_out(request: &Request, unit: Option<&str>) -> anyhow::Result<HandedOut> {
    let definition = super::load(&request.pipeline)?;
    let Some(wanted) = request.period.as_deref() else {
        bail!("请用 --period 指明报告期，如 2013-11")
    };
    let folder = named_period(wanted, &definition, "")?;
    let units = match unit {
        Some(named) => vec![wanted_unit(&definition, named)?],
        None => definition.units.leaves().collect(),
    };
    let returns = super::returns_folder(request, &definition);
    let facts = known_before(&definition, &folder, &returns, request)?;
    let mut files = Vec::new();
    for unit in units {
        let (forms, perhaps) = forms_of(&definition, &folder, unit, &facts)?;
        if forms.is_empty() {
            continue;
        }
        let title = match &folder {
            Period::Campaign(id) => id.clone(),
            regular => regular.title(),
        };
        files.push(UnitFile {
            name: format!("{}{title}报表.xlsx", unit.file_stem()),
            forms: forms.len(),
            rows: forms.iter().map(|blank| blank.rows.len()).sum(),
            bytes: handout(&Handout {
                definition: &definition,
                folder: &folder,
                unit,
                forms,
                perhaps,
            })?,
        });
    }
    ensure!(!files.is_empty(), "{} 没有应报的报表，不需要表样", folder.title());
    Ok(HandedOut { folder, returns, files })
}

/// What was accepted in the hand-in folders before a period.
fn known_before(
    definition: &Definition,
    folder: &Period,
    returns: &Path,
    request: &Request,
) -> anyhow::Result<Facts> {
    let before = |period: &Period| !matches!(period, Period::Campaign(_)) && period < folder;
    let mut folders = hand_in_folders(returns, definition)?.periods;
    folders.retain(before);
    let Some(last) = folders.last().cloned() else { return Ok(Facts::default()) };
    let prepared =
        Prepared::new(definition.clone(), last, folders, returns.to_path_buf(), &request.reader);
    Ok(check(Prepared { cache: request.cache.clone(), ..prepared })?.validated.facts)
}

/// The forms that a unit owes, and those that it owes if something changed since it last reported.
fn forms_of<'d>(
    definition: &'d Definition,
    folder: &Period,
    unit: &Unit,
    facts: &Facts,
) -> anyhow::Result<(Vec<BlankForm<'d>>, Vec<&'d Form>)> {
    let (mut forms, mut perhaps) = (Vec::new(), Vec::new());
    let place = definition.units.order(&unit.code);
    for form in &definition.forms {
        let Some(owed) = form.owed_in(folder) else { continue };
        let duty = definition.duties(form, &owed, facts)?.get(place).copied();
        // What decides it comes with the same hand-in: what was so last time is the best guide.
        let before = || folder.previous().and_then(|before| form.latest_owed(&before));
        let owes = match duty {
            Some(Duty::Unknown) => match before() {
                Some(owed) => {
                    definition.duties(form, &owed, facts)?.get(place) == Some(&Duty::Owes)
                }
                None => false,
            },
            duty => duty == Some(Duty::Owes),
        };
        match duty {
            _ if owes => forms.push(blank_form(definition, form, owed.period, unit, facts)),
            Some(Duty::Unknown) => perhaps.push(form),
            _ => {}
        }
    }
    Ok((forms, perhaps))
}

fn blank_form<'d>(
    definition: &Definition,
    form: &'d Form,
    period: Period,
    unit: &Unit,
    facts: &Facts,
) -> BlankForm<'d> {
    let choices = form
        .fields
        .iter()
        .map(|field| definition.choices(field, &period, &unit.code, facts))
        .collect();
    let rows = definition.rows_to_hand_out(form, &period, &unit.code, facts);
    BlankForm { form, period, rows, choices }
}

impl HandedOut {
    pub fn by_name(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.iter().map(|file| (file.name.clone(), file.bytes.clone())).collect()
    }
}
