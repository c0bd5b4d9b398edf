//! How large the numbers of each field may be: as large as everything computed from them holds.

use super::{Places, Problems, SourceLine};
use crate::definition::{Definition, Form};
use crate::model::ColumnType;
use crate::sql::{Expression, Query};

/// With fewer whole digits a rule is of no use in a county.
const FEWEST: u8 = 4;

/// What reads columns: its mistake is at `place`.
struct Reader<'a> {
    place: &'a SourceLine,
    owner: String,
    digits: u8,
    /// Of expressions the form, of queries each table with its form.
    columns: Vec<(&'a Form, &'a str)>,
}

impl<'a> Reader<'a> {
    fn of_rows(place: &'a SourceLine, owner: String, form: &'a Form, rows: &'a Expression) -> Self {
        let columns = rows.columns.iter().map(|column| (form, column.as_str())).collect();
        Self { place, owner, digits: rows.whole_digits(), columns }
    }

    fn of_query(
        place: &'a SourceLine,
        owner: String,
        definition: &'a Definition,
        query: &'a Query,
    ) -> Self {
        let reads = query.reads().into_iter();
        let columns =
            reads.filter_map(|(table, column)| Some((definition.form_of_table(table)?.0, column)));
        Self { place, owner, digits: query.whole_digits(), columns: columns.collect() }
    }
}

pub(super) fn settle(definition: &mut Definition, places: &Places, problems: &mut Problems) {
    let mut limits: Vec<(usize, usize, u8)> = Vec::new();
    for reader in readers(definition, places) {
        if reader.digits < FEWEST {
            let message = format!(
                "{}: 算式的乘数太大，数字的整数部分超过 {} 位就无法精确计算（至少应能算 {FEWEST} 位），请减小系数或拆开乘法",
                reader.owner, reader.digits
            );
            problems.add(reader.place, message);
        }
        for (form, column) in reader.columns {
            let position = definition.forms.iter().position(|f| f.id == form.id);
            let field = form.field_behind(column);
            limits.extend(position.zip(field).map(|(form, field)| (form, field, reader.digits)));
        }
    }
    for (form, field, digits) in limits {
        let field = &mut definition.forms[form].fields[field];
        let number = matches!(field.column_type(), ColumnType::Integer | ColumnType::Decimal(_));
        if number {
            field.whole_digits = field.whole_digits.min(digits);
        }
    }
}

fn readers<'a>(definition: &'a Definition, places: &'a Places) -> Vec<Reader<'a>> {
    let mut readers = Vec::new();
    for (form, place) in definition.forms.iter().zip(&places.forms) {
        let Some(when) = &form.owed_when else { continue };
        let source = when.form.as_deref().and_then(|id| definition.form(id));
        let owner = format!("报表 {}: owed_when", form.id);
        readers.extend(
            source
                .zip(when.parsed_filter.as_ref())
                .map(|(source, rows)| Reader::of_rows(place, owner, source, rows)),
        );
    }
    for (check, place) in definition.checks.iter().zip(&places.checks) {
        let owner = || format!("审核 {}", check.code);
        if let Some(form) = definition.form(&check.form) {
            let rows = check.parsed_rule.iter().chain(&check.parsed_when);
            readers.extend(rows.map(|rows| Reader::of_rows(place, owner(), form, rows)));
        }
        let interval = check.interval.as_ref().and_then(|interval| interval.parsed.as_ref());
        let queries = check.parsed_violations.iter().chain(interval);
        readers.extend(queries.map(|q| Reader::of_query(place, owner(), definition, q)));
    }
    for (indicator, place) in definition.indicators.iter().zip(&places.indicators) {
        let mut add = |form: &str, rows: Vec<&'a Expression>| {
            let Some(form) = definition.form(form) else { return };
            let owner = || format!("指标 {}", indicator.id);
            let rows = rows.into_iter();
            readers.extend(rows.map(|rows| Reader::of_rows(place, owner(), form, rows)));
        };
        add(&indicator.form, indicator.own_expressions().collect());
        if let Some(other) = indicator.divided_by()
            && let Some(form) = &other.form
        {
            add(form, other.expressions().collect());
        }
    }
    readers
}
