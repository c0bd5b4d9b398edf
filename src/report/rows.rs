//! Which rows make a problem, by name: the villages, organisations or enterprises that a figure
//! counts where it should not, or does not count where it should. Only rows of forms that say how
//! they are `called`; persons never are.

use super::index::Index;
use crate::definition::{Better, Definition, Field, Referent};
use crate::model::{
    Contribution, Decimal, DiagnosedProblem, Evidence, Figure, Period, RowsOf, Value,
};

/// Rows named; of more the number is said.
const NAMED: usize = 3;

/// The figure that a problem rests on.
pub(super) fn figure_of<'a>(index: &Index<'a>, problem: &DiagnosedProblem) -> Option<&'a Figure> {
    problem.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Figure(id) => index.figure(id),
        _ => None,
    })
}

/// `西庄村、上武村`, `西庄村、上武村、旧寨村等5个`; nothing where rows have no names or the figure
/// does not count them one by one.
pub(super) fn at_fault(index: &Index, problem: &DiagnosedProblem) -> Option<String> {
    let (names, count) = named(index, problem)?;
    let more = if count > NAMED { format!("等{count}个") } else { String::new() };
    Some(format!("{}{more}", names.join("、")))
}

/// The same where all can be named.
pub(super) fn all_at_fault(index: &Index, problem: &DiagnosedProblem) -> Option<String> {
    let (names, count) = named(index, problem)?;
    (count <= NAMED).then(|| names.join("、"))
}

/// The first names, and how many rows there are.
fn named(index: &Index, problem: &DiagnosedProblem) -> Option<(Vec<String>, usize)> {
    let figure = figure_of(index, problem)?;
    let indicator = index.inputs.definition.indicator(&figure.indicator)?;
    let counted = rows(index, &figure.lineage.numerator);
    let is_each = |rows: &[Row], number: Option<Decimal>| {
        number.is_some_and(|number| number == Decimal::integer(rows.len() as i64))
    };
    let rows = match indicator.better {
        Better::Lower => counted.filter(|rows| is_each(rows, figure.numerator.or(figure.value)))?,
        Better::Higher => {
            let counted = counted.filter(|rows| is_each(rows, figure.numerator))?;
            let base = rows(index, &figure.lineage.denominator)?;
            if !is_each(&base, figure.denominator) {
                return None;
            }
            let not_counted = |row: &Row| counted.iter().all(|other| other.key != row.key);
            base.into_iter().filter(not_counted).collect()
        }
        Better::Neither => return None,
    };
    let names = rows.iter().take(NAMED).map(|row| row.name(index));
    let names = names.collect::<Option<Vec<String>>>()?;
    (!names.is_empty()).then_some((names, rows.len()))
}

/// A row of a return or register, by what identifies it.
struct Row<'a> {
    key: String,
    of: Source<'a>,
}

/// Where its name stands.
enum Source<'a> {
    /// The name itself is the key, or what the field refers to has it, in this period.
    Field(&'a Field, &'a Period),
    /// Name of the register, and the row.
    Register(&'a str, usize),
}

/// The rows of one table; `None` where some are not listed or have no name.
fn rows<'a>(index: &Index<'a>, contributions: &'a [Contribution]) -> Option<Vec<Row<'a>>> {
    let mut rows: Vec<Row> = Vec::new();
    for contribution in contributions {
        if contribution.unlisted > 0 {
            return None;
        }
        for &row in &contribution.rows {
            rows.push(row_of(index, contribution, row as usize)?);
        }
    }
    Some(rows)
}

fn row_of<'a>(index: &Index<'a>, contribution: &'a Contribution, row: usize) -> Option<Row<'a>> {
    let definition = index.inputs.definition;
    if let RowsOf::Register(name) = RowsOf::named(&contribution.source) {
        let key = definition.registers.get(name)?.get(row, crate::definition::KEY_COLUMN);
        return Some(Row { key: key.to_owned(), of: Source::Register(name, row) });
    }
    let form = definition.form(&contribution.source)?;
    let at = form.field_index(&form.called)?;
    let period = contribution.period.as_ref()?;
    let table = index.inputs.validated.facts.table(&form.id, period)?;
    let key = text_at(table.columns.get(at)?.get(row))?;
    Some(Row { key, of: Source::Field(form.fields.get(at)?, period) })
}

fn text_at(value: Value) -> Option<String> {
    (value != Value::Missing).then(|| value.to_string())
}

impl Row<'_> {
    fn name(&self, index: &Index) -> Option<String> {
        let definition = index.inputs.definition;
        let name = match self.of {
            Source::Register(name, row) => {
                definition.registers.get(name)?.get(row, "name").to_owned()
            }
            Source::Field(field, _) if field.refers_to.is_none() => self.key.clone(),
            Source::Field(field, period) => referred(index, definition, field, &self.key, period)?,
        };
        (!name.is_empty()).then(|| definition.without_numbers(&name).into_owned())
    }
}

/// What a code refers to is called.
fn referred(
    index: &Index,
    definition: &Definition,
    field: &Field,
    key: &str,
    period: &Period,
) -> Option<String> {
    let named = |target: Referent| match target {
        Referent::Register(register, column) => {
            let has = |row: &Vec<String>| row.get(column).is_some_and(|code| code == key);
            let row = register.rows.iter().position(has)?;
            Some(register.get(row, "name").to_owned())
        }
        Referent::Form(form, column) => {
            let facts = &index.inputs.validated.facts;
            let last = facts.periods(&form.id).filter(|p| *p <= period).last()?;
            let table = facts.table(&form.id, last)?;
            let codes = table.columns.get(column)?;
            let has = |row: &usize| text_at(codes.get(*row)).is_some_and(|code| code == key);
            let row = (0..table.len()).find(has)?;
            text_at(table.columns.get(form.field_index(&form.called)?)?.get(row))
        }
    };
    definition.targets(field).ok()?.into_iter().find_map(named)
}
