//! `figures.csv`, `findings.csv` and `problems.csv`: UTF-8 with byte order mark, LF, fixed columns.

use super::Inputs;
use super::cause;
use super::index::Index;
use crate::model::{Change, Decimal, DiagnosedProblem, Figure, Finding, Scope};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

const FIGURES: [&str; 27] = [
    "figure_id",
    "programme",
    "indicator",
    "title",
    "period",
    "unit_code",
    "unit",
    "group",
    "dimension",
    "category",
    "class",
    "numerator",
    "denominator",
    "value",
    "unit_measure",
    "units_expected",
    "units_reported",
    "units_used",
    "status",
    "previous",
    "year_ago",
    "difference",
    "rank",
    "decimals",
    "nature",
    "part_value",
    "part_weight",
];

const FINDINGS: [&str; 15] = [
    "level", "code", "title", "scope", "period", "unit", "form", "file", "sheet", "cell", "seen",
    "expected", "message", "remedy", "outcome",
];

const PROBLEMS: [&str; 17] = [
    "problem_id",
    "disease",
    "title",
    "unit_code",
    "unit",
    "group",
    "seen",
    "threshold",
    "periods",
    "since",
    "text",
    "evidence",
    "gaps",
    "alike",
    "asked",
    "cause",
    "remedy",
];

/// One row a figure. `previous` and `year_ago` stand only where they compare, so that
/// `difference` is always `value − previous`. `class` is the code of a distribution (好) or the title of a funnel step;
/// its ASCII id is the last part of `figure_id`.
pub(super) fn figures(inputs: &Inputs) -> anyhow::Result<Vec<u8>> {
    let row = |f: &Figure| {
        let number = |d: Option<Decimal>| d.map(|d| d.to_string()).unwrap_or_default();
        let compared = |change: &Option<Change>| {
            change.as_ref().filter(|c| c.difference.is_some()).and_then(|c| c.then)
        };
        let difference = f.previous.as_ref().and_then(|change| change.difference);
        let rank = f.place.as_ref().map(|place| place.place.to_string());
        [
            f.id.clone(),
            f.programme.clone(),
            f.indicator.clone(),
            safe(&f.title),
            f.period.to_string(),
            f.unit_code.clone(),
            safe(&f.unit),
            safe(&f.group),
            f.dimension.clone(),
            safe(&f.category),
            f.class.as_ref().map(|c| safe(&c.title)).unwrap_or_default(),
            number(f.numerator),
            number(f.denominator),
            number(f.value),
            f.measure.clone(),
            f.units_expected.to_string(),
            f.units_reported.to_string(),
            f.units_used.to_string(),
            f.status.code().to_owned(),
            number(compared(&f.previous)),
            number(compared(&f.year_ago)),
            number(difference),
            rank.unwrap_or_default(),
            f.decimals.to_string(),
            f.nature.id().to_owned(),
            number(f.scored),
            number(f.weight),
        ]
    };
    write(&FIGURES, inputs.figures.iter().map(row))
}

/// One row a finding of the report's own folder.
pub(super) fn findings(inputs: &Inputs) -> anyhow::Result<Vec<u8>> {
    let row = |f: &Finding| {
        [
            f.level.id().to_owned(),
            f.code.clone(),
            safe(&f.title),
            scope(f.scope).to_owned(),
            f.period.to_string(),
            safe(inputs.definition.units.name(&f.unit)),
            f.form.clone(),
            safe(&f.location.file),
            safe(&f.location.sheet),
            f.location.cells_text(),
            safe(&f.seen),
            safe(&f.expected),
            safe(&f.message),
            safe(&f.remedy),
            f.outcome.id().to_owned(),
        ]
    };
    write(&FINDINGS, inputs.findings().map(row))
}

/// One row a diagnosed problem. Pieces of evidence are separated by `; `.
pub(super) fn problems(index: &Index) -> anyhow::Result<Vec<u8>> {
    let row = |p: &DiagnosedProblem| {
        let evidence: Vec<String> = p.evidence.iter().map(ToString::to_string).collect();
        [
            p.id.clone(),
            safe(&p.disease),
            safe(&p.title),
            p.unit_code.clone(),
            safe(&p.unit),
            safe(&p.group),
            safe(&p.seen),
            safe(&p.threshold),
            p.periods.to_string(),
            p.since.to_string(),
            safe(&p.text),
            safe(&evidence.join("; ")),
            safe(&p.gaps),
            p.alike.to_string(),
            p.asked.to_string(),
            safe(&cause::of_problem(index, p)),
            safe(&p.remedy),
        ]
    };
    write(&PROBLEMS, index.inputs.problems.iter().map(row))
}

pub(super) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::File => "file",
        Scope::Form => "form",
        Scope::Forms => "forms",
        Scope::Periods => "periods",
    }
}

fn write<const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(&row)?;
    }
    Ok(writer.into_inner()?)
}

/// Text that a spreadsheet would run as a formula gets a leading apostrophe, as if typed as
/// text: it begins with `=`, `+`, `@`, a tab or a line break, or with `-` and is no number.
fn safe(text: &str) -> String {
    let formula = match text.chars().next() {
        Some('=' | '+' | '@' | '\t' | '\r' | '\n') => true,
        Some('-') => text.len() > 1 && Decimal::parse(text).is_none(),
        _ => false,
    };
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_left_alone() {
        assert_eq!(safe("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(safe("-2+3+cmd"), "'-2+3+cmd");
        assert_eq!(safe("\t=1"), "'\t=1");
        assert_eq!(safe("-12.5"), "-12.5");
        assert_eq!(safe("-"), "-");
        assert_eq!(safe("12人"), "12人");
    }
}
