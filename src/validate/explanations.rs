//! Written explanations (审核说明): they settle 核实, never 强制.

use super::context::Context;
use super::names::{normalised, unit_code};
use crate::definition::ExplanationSettings;
use crate::model::{Explanation, Finding, Level, Location, Outcome, Wording, builtin};

/// Marks the 核实 that an explanation covers; says which explanations cover nothing.
pub(super) fn apply(context: &Context, explanations: &[Explanation], findings: &mut Vec<Finding>) {
    let mut idle = Vec::new();
    for explanation in explanations.iter().filter(|e| e.folder == *context.folder) {
        let mut target = Target::of(context, explanation);
        let empty = gives_no_reason(&explanation.text, &context.definition.settings.explanation);
        let mut settled = false;
        let mut hard = false;
        // While another return is sent back, nobody can say that there is nothing to explain.
        let mut pending = false;
        for finding in findings.iter_mut() {
            if finding.outcome == Outcome::NotEvaluated {
                pending |= target.concerns(finding);
                continue;
            }
            if !target.covers(finding) {
                continue;
            }
            match (finding.level, finding.outcome) {
                (Level::Error, Outcome::Fail) => hard = true,
                (Level::Hint, _) => settled = true,
                _ if explanation.text.trim().is_empty() => {}
                _ if empty => {}
                _ if !target.saw(context, finding) => target.changed = finding.seen.clone(),
                _ => {
                    finding.outcome = Outcome::Explained;
                    let said = format!("{}{}", Finding::EXPLAINED, explanation.text);
                    if !finding.message.ends_with(&said) {
                        finding.message += &said;
                    }
                    settled = true;
                }
            }
        }
        if !settled && !pending {
            idle.extend(target.idle(context, explanation, hard, empty));
        }
    }
    findings.extend(idle);
}

/// Are there only words that say that all is well?
fn gives_no_reason(text: &str, settings: &ExplanationSettings) -> bool {
    let mut left: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    for words in &settings.empty {
        left = left.replace(words, "");
    }
    !text.trim().is_empty() && left.chars().count() < settings.least
}

/// The findings that an explanation means.
struct Target<'a> {
    explanation: &'a Explanation,
    /// What a finding that it means says now, if that is not what was explained.
    changed: String,
    code: &'a str,
    /// `None`: the unit is not in the register, nothing matches.
    unit: Option<String>,
    form: Option<String>,
    /// Upper-case addresses; empty: every cell.
    cells: Vec<String>,
}

impl<'a> Target<'a> {
    fn of(context: &Context, explanation: &'a Explanation) -> Self {
        let unit = if explanation.unit.trim().is_empty() {
            Some(String::new())
        } else {
            unit_code(context.definition, &explanation.unit)
        };
        let named = context.definition.form_called(&explanation.form).map(|form| form.id.clone());
        let form = if explanation.form.trim().is_empty() { Some(String::new()) } else { named };
        let cells = explanation
            .cell
            .split(|c: char| c.is_whitespace() || ",，、;；".contains(c))
            .map(|cell| normalised(cell).to_ascii_uppercase())
            .filter(|cell| !cell.is_empty())
            .collect();
        Self {
            explanation,
            changed: String::new(),
            code: explanation.code.trim(),
            unit,
            form,
            cells,
        }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let cell_agrees = || {
            let shown: Vec<String> =
                finding.location.cells.iter().map(ToString::to_string).collect();
            self.cells.is_empty() || self.cells.iter().any(|cell| shown.contains(cell))
        };
        self.concerns(finding) && cell_agrees()
    }

    /// Is it about the same check of the same return, wherever in it?
    fn concerns(&self, finding: &Finding) -> bool {
        finding.code == self.code
            && self.unit.as_ref().is_some_and(|unit| *unit == finding.unit)
            && self.form.as_ref().is_some_and(|form| form.is_empty() || *form == finding.form)
    }

    /// Does the finding say what it said when it was explained?
    fn saw(&self, context: &Context, finding: &Finding) -> bool {
        let printed = |text: &str| normalised(&context.definition.without_numbers(text));
        let then = &self.explanation.seen;
        then.trim().is_empty() || printed(then) == printed(&finding.seen)
    }

    fn idle(
        &self,
        context: &Context,
        explanation: &Explanation,
        hard: bool,
        empty: bool,
    ) -> Option<Finding> {
        let code = match (hard, empty) {
            (true, _) => "R-04",
            (_, true) => "R-06",
            _ => "R-03",
        };
        let tuned = context.tuned(code)?;
        let place = [&explanation.unit, &explanation.form, &explanation.cell];
        let place: Vec<&str> =
            place.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        let given = format!("{} {}", self.code, place.join(" "));
        let message = if hard {
            format!("{}是强制性审核，写明说明也不能通过", self.code)
        } else if explanation.text.trim().is_empty() {
            format!("对“{}”的审核说明没有内容", given.trim())
        } else if empty {
            format!("对“{}”的说明“{}”没有说明原因，不予采用", given.trim(), explanation.text)
        } else if !self.changed.is_empty() {
            let (then, now) = (&explanation.seen, &self.changed);
            format!("“{}”的内容已变，原说明不再适用：说明时是“{then}”，现在是“{now}”", given.trim())
        } else if builtin(self.code).is_none() && context.definition.check(self.code).is_none() {
            format!("没有审核“{}”，请核对编码", self.code)
        } else if self.unit.is_none() {
            format!("审核说明中的单位“{}”不在单位名录中", explanation.unit)
        } else if self.form.is_none() {
            format!("审核说明中的报表“{}”没有定义", explanation.form)
        } else {
            format!("没有与“{}”对应的核实项", given.trim())
        };
        let seen = given.trim().to_owned();
        let said = Wording { seen, message, ..Wording::default() };
        Some(Finding {
            unit: self.unit.clone().unwrap_or_default(),
            form: self.form.clone().unwrap_or_default(),
            location: Location::file(&explanation.file),
            ..Finding::new(tuned.head(), context.folder, said)
        })
    }
}
