//! Sheets on which no form was found: a foreign file, a broken header, a list beside the returns,
//! a cover. However many they are, a file hears each of these once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Shared, SheetBlocks};
use crate::collect::findings::{Subject, quoted};
use crate::collect::workbook::Cell;
use crate::model::Finding;
use crate::model::codes;

/// The covers and pages of notes among sheets without a form, and findings about the others.
pub(super) fn without_form<'p, 'w>(
    pages: &[&'p SheetBlocks<'w>],
    any_form: bool,
    shared: &Shared,
    subject: &Subject,
) -> (Vec<&'p SheetBlocks<'w>>, Vec<Finding>) {
    let mut titled: BTreeMap<usize, Vec<Arc<str>>> = BTreeMap::new();
    let mut untitled: Vec<&SheetBlocks> = Vec::new();
    for &page in pages.iter().filter(|page| !page.sheet.cells.is_empty()) {
        match titled_as(page, shared) {
            Some(form) => titled.entry(form).or_default().push(page.name.clone()),
            None => untitled.push(page),
        }
    }
    let mut findings: Vec<Finding> = Vec::new();
    // A titled sheet is a broken return.
    for (form, names) in &titled {
        let form = &shared.definition.forms[*form];
        let what = format!("标题是“{}”，但表头与表样不符，找不到应有的栏", form.title);
        let subject = Subject { form: form.id.clone(), ..subject.clone() };
        let alone = |_: &str| what.clone();
        findings.push(finding(&subject, codes::NO_FORM_IN_FILE, names, alone, &what));
    }
    let foreign = !any_form && titled.is_empty();
    let (tables, covers): (Vec<&SheetBlocks>, Vec<&SheetBlocks>) =
        untitled.into_iter().partition(|page| foreign || is_list(page));
    let code = if foreign { codes::NO_FORM_IN_FILE } else { codes::UNKNOWN_SHEET };
    let names: Vec<Arc<str>> = tables.iter().map(|page| page.name.clone()).collect();
    if !names.is_empty() {
        let what = "不是已定义的报表，未读取";
        findings.push(finding(subject, code, &names, |name| format!("工作表{name}{what}"), what));
    }
    (covers, findings)
}

/// One finding about sheets of a kind: at the sheet if it is one, else with their names.
fn finding(
    subject: &Subject,
    code: &str,
    names: &[Arc<str>],
    alone: impl Fn(&str) -> String,
    what: &str,
) -> Finding {
    match names {
        [one] => {
            let message = alone(&quoted(names));
            subject.clone().sheet(one).finding(code, Vec::new(), message)
        }
        _ => {
            let message = format!("{} 张工作表{what}：{}", names.len(), quoted(names));
            subject.finding(code, Vec::new(), message)
        }
    }
}

/// The form that one of the first lines names.
fn titled_as(page: &SheetBlocks, shared: &Shared) -> Option<usize> {
    let cells = &page.sheet.cells;
    let top = cells.iter().take_while(|c| c.row < cells[0].row + 6);
    top.filter_map(Cell::text).find_map(|text| shared.titles.headed_by(text).first().copied())
}

/// A cover or a page of notes is no table: nothing there was left out.
fn is_list(page: &SheetBlocks) -> bool {
    page.sheet.rows().filter(|(_, cells)| cells.len() >= 3).nth(1).is_some()
}
