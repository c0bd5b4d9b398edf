//! Written explanations (审核说明): they settle 核实, never 强制.

use super::context::Context;
use super::names::{form, normalised, unit_code};
use crate::model::{Explanation, Finding, Level, Location, Outcome, builtin};

/// Marks the 核实 that an explanation covers; says which explanations cover nothing.
pub(super) fn apply(context: &Context, explanations: &[Explanation], findings: &mut Vec<Finding>) {
    let mut idle = Vec::new();
    for explanation in explanations.iter().filter(|e| e.folder == *context.folder) {
        let target = Target::of(context, explanation);
        let mut settled = false;
        let mut hard = false;
        for finding in findings.iter_mut().filter(|finding| target.covers(finding)) {
            match (finding.level, finding.outcome) {
                (Level::Error, Outcome::Fail) => hard = true,
                (_, Outcome::NotEvaluated) => {}
                (Level::Hint, _) => settled = true,
                _ if explanation.text.trim().is_empty() => {}
                _ => {
                    finding.outcome = Outcome::Explained;
                    settled = true;
                }
            }
        }
        if !settled {
            idle.extend(target.idle(context, explanation, hard));
        }
    }
    findings.extend(idle);
}

/// The findings that an explanation means.
struct Target<'a> {
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
        let named = form(context.definition, &explanation.form).map(|form| form.id.clone());
        let form = if explanation.form.trim().is_empty() { Some(String::new()) } else { named };
        let cells = explanation
            .cell
            .split(|c: char| c.is_whitespace() || ",，、;；".contains(c))
            .map(|cell| normalised(cell).to_ascii_uppercase())
            .filter(|cell| !cell.is_empty())
            .collect();
        Self { code: explanation.code.trim(), unit, form, cells }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let cell_agrees = || {
            let shown: Vec<String> =
                finding.location.cells.iter().map(ToString::to_string).collect();
            self.cells.is_empty() || self.cells.iter().any(|cell| shown.contains(cell))
        };
        finding.code == self.code
            && self.unit.as_ref().is_some_and(|unit| *unit == finding.unit)
            && self.form.as_ref().is_some_and(|form| form.is_empty() || *form == finding.form)
            && cell_agrees()
    }

    fn idle(&self, context: &Context, explanation: &Explanation, hard: bool) -> Option<Finding> {
        let code = if hard { "R-04" } else { "R-03" };
        let tuned = context.tuned(code)?;
        let check = builtin(code)?;
        let place = [&explanation.unit, &explanation.form, &explanation.cell];
        let place: Vec<&str> =
            place.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        let given = format!("{} {}", self.code, place.join(" "));
        let message = if hard {
            format!("{}是强制性审核，写明说明也不能通过", self.code)
        } else if explanation.text.trim().is_empty() {
            format!("对“{}”的审核说明没有内容", given.trim())
        } else if self.unit.is_none() {
            format!("审核说明中的单位“{}”不在单位名录中", explanation.unit)
        } else if self.form.is_none() {
            format!("审核说明中的报表“{}”没有定义", explanation.form)
        } else {
            format!("没有与“{}”对应的核实项", given.trim())
        };
        Some(Finding {
            level: tuned.level,
            code: code.to_owned(),
            title: check.title.to_owned(),
            scope: check.scope,
            period: context.folder.clone(),
            folder: context.folder.clone(),
            unit: self.unit.clone().unwrap_or_default(),
            form: self.form.clone().unwrap_or_default(),
            location: Location::file(&format!("{}/审核说明.csv", context.folder)),
            seen: given.trim().to_owned(),
            expected: String::new(),
            message,
            remedy: check.remedy.to_owned(),
            outcome: Outcome::Fail,
        })
    }
}
