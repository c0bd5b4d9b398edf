//! Cells of a workbook that are read as something else than what stands in them: what the county
//! amends ([`super::amend`]), before anything is typed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::compact;
use super::typing;
use super::workbook::{CellValue, Sheet, Shown, Workbook};
use crate::model::{CellRef, Decimal, shared_text};

/// One cell of one file that will be read as something else.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Patch {
    #[serde(with = "shared_text")]
    pub sheet: Arc<str>,
    pub at: CellRef,
    /// What must stand there.
    pub before: String,
    pub after: String,
    /// The form has numbers there.
    pub is_number: bool,
    /// Which amendment it is.
    pub amendment: usize,
}

/// Changes the cells; gives those patches whose cell says something else, with what it says.
pub(super) fn patch(workbook: &mut Workbook, patches: &[Patch]) -> Vec<(usize, String)> {
    let mut unmet = Vec::new();
    for patch in patches {
        let sheet = workbook.sheets.iter_mut().find(|sheet| *sheet.name == *patch.sheet);
        let Some(sheet) = sheet else {
            unmet.push((patch.amendment, String::new()));
            continue;
        };
        let at = patch.at;
        let cell = sheet.cell(at.row, at.column);
        let seen = cell.map(|cell| typing::raw_text(cell, sheet.from_1904)).unwrap_or_default();
        if says_the_same(&seen, &patch.before) {
            let shown = cell.map_or(Shown::General, |cell| cell.shown);
            sheet.put(at, shown, new_value(sheet, patch));
        } else {
            unmet.push((patch.amendment, seen));
        }
    }
    unmet
}

fn new_value(sheet: &Sheet, patch: &Patch) -> Option<CellValue> {
    let text = patch.after.trim();
    let number = || text.parse().ok().filter(|_| patch.is_number && !sheet.only_text);
    match Decimal::parse(text).and_then(|_| number()) {
        _ if text.is_empty() => None,
        Some(number) => Some(CellValue::Number(number)),
        None => Some(CellValue::Text(text.into())),
    }
}

/// `82.50` is 82.5; spaces and full-width forms tell nothing.
fn says_the_same(a: &str, b: &str) -> bool {
    let (a, b) = (compact(a), compact(b));
    let number = |text: &str| Decimal::parse(text);
    a == b || number(&a).is_some_and(|a| number(&b).is_some_and(|b| a.cmp(&b).is_eq()))
}
