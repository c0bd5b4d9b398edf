//! Makes findings of collecting: level, title and remedy come from the catalogue.

use std::sync::Arc;

use super::workbook::Refusal;
use crate::definition::{Definition, Settings};
use crate::model::{CellRef, Finding, Level, Location, Period, Wording, head_of};

/// What all findings of one return (or file) share.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub file: Arc<str>,
    pub sheet: Arc<str>,
    pub folder: Period,
    /// The period covered, or the folder's when the return is not known.
    pub period: Period,
    pub unit: String,
    pub form: String,
}

impl Subject {
    /// A whole file, before anything in it is known.
    pub(super) fn file(file: &Arc<str>, folder: &Period) -> Self {
        Self {
            file: file.clone(),
            sheet: "".into(),
            folder: folder.clone(),
            period: folder.clone(),
            unit: String::new(),
            form: String::new(),
        }
    }

    pub(super) fn sheet(mut self, sheet: &Arc<str>) -> Self {
        self.sheet = sheet.clone();
        self
    }

    /// A file that is not read.
    pub(super) fn refused(&self, refusal: Refusal) -> Finding {
        let name = self.file.rsplit('/').next().unwrap_or_default();
        let message = format!("{name}：{}", refusal.message);
        let mut finding =
            with(self.finding(&refusal.code, Vec::new(), message), refusal.message, "");
        finding.remedy = refusal.remedy.unwrap_or(finding.remedy);
        finding
    }

    pub(super) fn finding(&self, code: &str, cells: Vec<CellRef>, message: String) -> Finding {
        let said = Wording { message, ..Wording::default() };
        Finding {
            period: self.period.clone(),
            unit: self.unit.clone(),
            form: self.form.clone(),
            location: Location { file: self.file.clone(), sheet: self.sheet.clone(), cells },
            ..Finding::new(head_of(code), &self.folder, said)
        }
    }
}

/// What was typed, as much of it as tells what it is.
pub(super) fn clipped(text: &str, definition: &Definition) -> String {
    beginning(text, 60, "…", definition)
}

/// A text, or so many characters of it and what says that it goes on.
pub(super) fn beginning(text: &str, most: usize, more: &str, definition: &Definition) -> String {
    // Before it is cut: half a number of a person is no longer known for one.
    let text = &*definition.without_numbers(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{more}", &text[..end]),
        None => text.to_owned(),
    }
}

/// `“甲”、“乙”`, the first few of many.
pub(super) fn quoted(names: &[impl AsRef<str>]) -> String {
    listed(names, |name| format!("“{name}”"))
}

/// `甲、乙`, the first few of many, each as `print` gives it.
pub(super) fn listed(names: &[impl AsRef<str>], print: impl Fn(&str) -> String) -> String {
    first_of(names.iter().map(AsRef::as_ref), names.len(), print)
}

/// The same of names that are not collected, because so many say the same of each other.
pub(super) fn first_of<'n>(
    names: impl Iterator<Item = &'n str>,
    many: usize,
    print: impl Fn(&str) -> String,
) -> String {
    const MOST: usize = 10;
    let first: Vec<String> = names.take(MOST).map(print).collect();
    let more = if many > MOST { format!(" 等 {many} 个") } else { String::new() };
    first.join("、") + &more
}

/// Says what was seen and expected.
pub(super) fn with(
    mut finding: Finding,
    seen: impl Into<String>,
    expected: impl Into<String>,
) -> Finding {
    finding.seen = seen.into();
    finding.expected = expected.into();
    finding
}

/// Applies the pipeline's tuning. A 强制 finding means that something could not be read, so it
/// cannot be switched off: that would drop a number silently.
pub(super) fn tune(findings: Vec<Finding>, settings: &Settings) -> Vec<Finding> {
    let tuned = |mut finding: Finding| {
        let Some(builtin) = settings.builtin.get(&finding.code) else { return Some(finding) };
        if let Some(level) = builtin.level
            && finding.level != Level::Error
        {
            finding.level = level;
        }
        // What the county changed is told in every report, whatever is tuned.
        let stays = finding.level == Level::Error || finding.code == super::codes::AMENDED;
        let off = builtin.enabled == Some(false) && !stays;
        (!off).then_some(finding)
    };
    findings.into_iter().filter_map(tuned).collect()
}
