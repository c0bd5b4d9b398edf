//! `figures.csv`, `findings.csv` and `problems.csv`: UTF-8 with byte order mark, LF, fixed columns.

use std::borrow::Cow;

use super::Inputs;
use super::cause;
use super::index::Index;
use crate::model::{Change, Decimal, DiagnosedProblem, Figure, Finding};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A column: its title, and what it says of a row.
type Column<'c, 'a, R> = (&'static str, &'c dyn Fn(&'a R) -> Cow<'a, str>);

/// One row a figure. `previous` and `year_ago` stand only where they compare, so that
/// `difference` is always `value − previous`. `class` is the code of a distribution (好) or the title of a funnel step;
/// its ASCII id is the last part of `figure_id`.
pub(super) fn figures<'a>(inputs: &Inputs<'a>) -> anyhow::Result<Vec<u8>> {
    let number = |d: Option<Decimal>| text(d.map(|d| d.to_string()).unwrap_or_default());
    let compared = |change: &Option<Change>| {
        number(change.as_ref().filter(|c| c.difference.is_some()).and_then(|c| c.then))
    };
    let columns: &[Column<'_, 'a, Figure>] = &[
        ("figure_id", &|f| text(&f.id)),
        ("programme", &|f| text(&f.programme)),
        ("indicator", &|f| text(&f.indicator)),
        ("title", &|f| safe(&f.title)),
        ("period", &|f| text(f.period.to_string())),
        ("unit_code", &|f| text(&f.unit_code)),
        ("unit", &|f| safe(&f.unit)),
        ("group", &|f| safe(&f.group)),
        ("dimension", &|f| text(&f.dimension)),
        ("category", &|f| safe(&f.category)),
        ("class", &|f| safe(f.class.as_ref().map_or("", |c| &c.title))),
        ("numerator", &|f| number(f.numerator)),
        ("denominator", &|f| number(f.denominator)),
        ("value", &|f| number(f.value)),
        ("unit_measure", &|f| text(&f.measure)),
        ("units_expected", &|f| text(f.units_expected.to_string())),
        ("units_reported", &|f| text(f.units_reported.to_string())),
        ("units_used", &|f| text(f.units_used.to_string())),
        ("status", &|f| text(f.status.code())),
        ("previous", &|f| compared(&f.previous)),
        ("year_ago", &|f| compared(&f.year_ago)),
        ("difference", &|f| number(f.previous.as_ref().and_then(|change| change.difference))),
        ("rank", &|f| {
            text(f.place.as_ref().map(|place| place.place.to_string()).unwrap_or_default())
        }),
        ("decimals", &|f| text(f.decimals.to_string())),
        ("nature", &|f| text(f.nature.id())),
        ("part_value", &|f| number(f.scored)),
        ("part_weight", &|f| number(f.weight)),
    ];
    write(columns, inputs.figures)
}

/// One row a finding of the report's own folder.
pub(super) fn findings<'a>(inputs: &Inputs<'a>) -> anyhow::Result<Vec<u8>> {
    let columns: &[Column<'_, 'a, Finding>] = &[
        ("level", &|f| text(f.level.id())),
        ("code", &|f| text(&f.code)),
        ("title", &|f| safe(&f.title)),
        ("scope", &|f| text(f.scope.id())),
        ("period", &|f| text(f.period.to_string())),
        ("unit", &|f| safe(inputs.definition.units.name(&f.unit))),
        ("form", &|f| text(&f.form)),
        ("file", &|f| safe(&f.location.file)),
        ("sheet", &|f| safe(&f.location.sheet)),
        ("cell", &|f| text(f.location.cells_text())),
        ("seen", &|f| safe(&f.seen)),
        ("expected", &|f| safe(&f.expected)),
        ("message", &|f| safe(&f.message)),
        ("remedy", &|f| safe(&f.remedy)),
        ("outcome", &|f| text(f.outcome.id())),
    ];
    write(columns, inputs.findings())
}

/// One row a diagnosed problem. Pieces of evidence are separated by `; `.
pub(super) fn problems<'a>(index: &Index<'a>) -> anyhow::Result<Vec<u8>> {
    let evidence = |p: &DiagnosedProblem| {
        p.evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let columns: &[Column<'_, 'a, DiagnosedProblem>] = &[
        ("problem_id", &|p| text(&p.id)),
        ("disease", &|p| safe(&p.disease)),
        ("title", &|p| safe(&p.title)),
        ("unit_code", &|p| text(&p.unit_code)),
        ("unit", &|p| safe(&p.unit)),
        ("group", &|p| safe(&p.group)),
        ("seen", &|p| safe(&p.seen)),
        ("threshold", &|p| safe(&p.threshold)),
        ("periods", &|p| text(p.periods.to_string())),
        ("since", &|p| text(p.since.to_string())),
        ("text", &|p| safe(&p.text)),
        ("evidence", &|p| text(safe(&evidence(p)).into_owned())),
        ("gaps", &|p| safe(&p.gaps)),
        ("alike", &|p| text(p.alike.to_string())),
        ("asked", &|p| text(p.asked.to_string())),
        ("cause", &|p| text(safe(&cause::of_problem(index, p)).into_owned())),
        ("remedy", &|p| safe(&p.remedy)),
    ];
    write(columns, index.inputs.problems)
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    text.into()
}

fn write<'a, R: 'a>(
    columns: &[Column<'_, 'a, R>],
    rows: impl IntoIterator<Item = &'a R>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(columns.iter().map(|(title, _)| title))?;
    for row in rows {
        for (_, cell) in columns {
            writer.write_field(cell(row).as_bytes())?;
        }
        // Ends the row.
        writer.write_record(None::<&[u8]>)?;
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
