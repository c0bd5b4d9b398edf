//! `figures.csv`, `findings.csv` and `problems.csv`: UTF-8 with byte order mark, LF, fixed columns.

use std::borrow::Cow;

use super::Inputs;
use super::cause;
use super::index::Index;
use crate::model::{Change, Decimal, DiagnosedProblem, Figure, Finding};

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
pub(super) fn figures<'a>(inputs: &Inputs<'a>) -> anyhow::Result<Vec<u8>> {
    let row = |f: &'a Figure| {
        let number = |d: Option<Decimal>| text(d.map(|d| d.to_string()).unwrap_or_default());
        let compared = |change: &Option<Change>| {
            change.as_ref().filter(|c| c.difference.is_some()).and_then(|c| c.then)
        };
        let difference = f.previous.as_ref().and_then(|change| change.difference);
        let rank = f.place.as_ref().map(|place| place.place.to_string());
        [
            text(&f.id),
            text(&f.programme),
            text(&f.indicator),
            safe(&f.title),
            text(f.period.to_string()),
            text(&f.unit_code),
            safe(&f.unit),
            safe(&f.group),
            text(&f.dimension),
            safe(&f.category),
            safe(f.class.as_ref().map_or("", |c| &c.title)),
            number(f.numerator),
            number(f.denominator),
            number(f.value),
            text(&f.measure),
            text(f.units_expected.to_string()),
            text(f.units_reported.to_string()),
            text(f.units_used.to_string()),
            text(f.status.code()),
            number(compared(&f.previous)),
            number(compared(&f.year_ago)),
            number(difference),
            text(rank.unwrap_or_default()),
            text(f.decimals.to_string()),
            text(f.nature.id()),
            number(f.scored),
            number(f.weight),
        ]
    };
    write(&FIGURES, inputs.figures.iter().map(row))
}

/// One row a finding of the report's own folder.
pub(super) fn findings<'a>(inputs: &Inputs<'a>) -> anyhow::Result<Vec<u8>> {
    let row = |f: &'a Finding| {
        [
            text(f.level.id()),
            text(&f.code),
            safe(&f.title),
            text(f.scope.id()),
            text(f.period.to_string()),
            safe(inputs.definition.units.name(&f.unit)),
            text(&f.form),
            safe(&f.location.file),
            safe(&f.location.sheet),
            text(f.location.cells_text()),
            safe(&f.seen),
            safe(&f.expected),
            safe(&f.message),
            safe(&f.remedy),
            text(f.outcome.id()),
        ]
    };
    write(&FINDINGS, inputs.findings().map(row))
}

/// One row a diagnosed problem. Pieces of evidence are separated by `; `.
pub(super) fn problems<'a>(index: &Index<'a>) -> anyhow::Result<Vec<u8>> {
    let row = |p: &'a DiagnosedProblem| {
        let evidence: Vec<String> = p.evidence.iter().map(ToString::to_string).collect();
        [
            text(&p.id),
            safe(&p.disease),
            safe(&p.title),
            text(&p.unit_code),
            safe(&p.unit),
            safe(&p.group),
            safe(&p.seen),
            safe(&p.threshold),
            text(p.periods.to_string()),
            text(p.since.to_string()),
            safe(&p.text),
            text(safe(&evidence.join("; ")).into_owned()),
            safe(&p.gaps),
            text(p.alike.to_string()),
            text(p.asked.to_string()),
            text(safe(&cause::of_problem(index, p)).into_owned()),
            safe(&p.remedy),
        ]
    };
    write(&PROBLEMS, index.inputs.problems.iter().map(row))
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    text.into()
}

fn write<'a, const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [Cow<'a, str>; N]>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.iter().map(|text| text.as_bytes()))?;
    }
    Ok(writer.into_inner()?)
}

/// Text that a spreadsheet would run as a formula gets a leading apostrophe, as if typed as
/// text: it begins with `=`, `+`, `@`, a tab or a line break, or with `-` and is no number.
fn safe(text: &str) -> Cow<'_, str> {
    let formula = match text.chars().next() {
        Some('=' | '+' | '@' | '\t' | '\r' | '\n') => true,
        Some('-') => text.len() > 1 && Decimal::parse(text).is_none(),
        _ => false,
    };
    if formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
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
