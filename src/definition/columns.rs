//! Tables as expressions see them: a form's fields plus the columns that the engine derives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Band, Calendar, CodeList, Definition, Derive, FieldType, Form, Register};
use crate::model::{
    Column, ColumnType, Decimal, FactTable, Period, ROW_NUMBER, Value, date_of, day_number,
};
use crate::sql::Schema;

/// Columns that every form's table has before its fields; no field may have such a name.
pub const FIXED_COLUMNS: [&str; 6] =
    [ROW_NUMBER, "unit", "unit_name", "unit_kind", "unit_group", "period"];

/// Columns of `<form>`: `_row`, `unit`, `unit_name`, `unit_kind`, `unit_group`, `period`, the
/// fields, and the derived columns `<coded>__rank`, `<coded>__group`, `<date>__day`, `<date>__workday`,
/// `<date>__month` (text, `2013-10`), `<decimal>__half`, `<of>__<band>`, and `derive` dates
/// (with their own `__day`, `__workday`, `__month`).
pub fn form_schema(form: &Form, definition: &Definition) -> Schema {
    let made = derived(form, definition);
    let mut columns: Vec<(String, ColumnType)> = FIXED_COLUMNS
        .iter()
        .map(|&name| {
            let kind = if name == ROW_NUMBER { ColumnType::Integer } else { ColumnType::Text };
            (name.to_owned(), kind)
        })
        .collect();
    for field in &form.fields {
        columns.push((field.name.clone(), field.column_type()));
    }
    columns.extend(made.iter().map(|column| (column.name.clone(), column.recipe.kind(form))));
    let mut seen = std::collections::BTreeSet::new();
    columns.retain(|(name, _)| seen.insert(name.clone()));
    Schema(columns)
}

/// Names that two columns of a form's table would share. A form with such names is wrong: only
/// the first column of a name is kept.
pub fn clashing_columns(form: &Form, definition: &Definition) -> Vec<String> {
    let fields = form.fields.iter().map(|field| field.name.clone());
    let made = derived(form, definition).into_iter().map(|column| column.name);
    let mut seen: std::collections::BTreeSet<String> =
        FIXED_COLUMNS.iter().map(|&name| name.to_owned()).collect();
    fields.chain(made).filter(|name| !seen.insert(name.clone())).collect()
}

/// The same columns, filled. `_row` is the row number in the fact table.
pub fn form_columns<'t>(
    form: &Form,
    table: &'t FactTable,
    definition: &Definition,
) -> &'t [(String, Column)] {
    table.named(|| filled_columns(form, table, definition))
}

fn filled_columns(
    form: &Form,
    table: &FactTable,
    definition: &Definition,
) -> Vec<(String, Column)> {
    let mut columns = fixed_columns(table, definition);
    for (index, field) in form.fields.iter().enumerate() {
        let values =
            table.columns.get(index).cloned().unwrap_or_else(|| Column::empty(field.column_type()));
        columns.push((field.name.clone(), values));
    }
    for column in derived(form, definition) {
        let values = column.recipe.fill(form, table, &columns, &definition.calendar);
        columns.push((column.name, values));
    }
    let mut seen = std::collections::BTreeSet::new();
    columns.retain(|(name, _)| seen.insert(name.clone()));
    columns
}

/// All columns of a register, as text, and `_row`.
pub fn register_schema(register: &Register) -> Schema {
    let texts = register.columns.iter().filter(|name| *name != ROW_NUMBER);
    let row = (ROW_NUMBER.to_owned(), ColumnType::Integer);
    let texts = texts.map(|name| (name.clone(), ColumnType::Text));
    Schema(std::iter::once(row).chain(texts).collect())
}

/// The rows of a register that are valid in a period. `_row` is the row number in the register.
pub fn register_columns(register: &Register, period: &Period) -> Vec<(String, Column)> {
    let rows = register.valid_rows(period);
    let numbers = rows.iter().map(|&row| i64::try_from(row).ok());
    let mut columns = vec![(ROW_NUMBER.to_owned(), Column::integers(numbers))];
    for (index, name) in register.columns.iter().enumerate() {
        if name != ROW_NUMBER {
            columns.push((name.clone(), register.text_column(index, &rows)));
        }
    }
    columns
}

/// How a column is made, for whoever makes it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Made {
    /// Place in the order of the codes, from 1.
    Rank { of: String, codes: Vec<String> },
    /// What each code is counted under.
    Group { of: String, groups: BTreeMap<String, String> },
    /// The code of the first limit, from the top, that is not above the value.
    Band { of: String, steps: Vec<(String, String)> },
    /// Half a unit of the last place that the cell shows.
    Half { of: String },
    /// A date that is so much later.
    Date { of: String, years: i16, months: i32, days: i32 },
    /// Days since 1970-01-01.
    Day { of: String },
    /// Working days since the calendar's first day.
    Workday { of: String },
    /// `2013-10`
    Month { of: String },
}

impl Made {
    /// The column that it is made of.
    pub fn of(&self) -> &str {
        match self {
            Self::Rank { of, .. }
            | Self::Group { of, .. }
            | Self::Band { of, .. }
            | Self::Half { of }
            | Self::Date { of, .. }
            | Self::Day { of }
            | Self::Workday { of }
            | Self::Month { of } => of,
        }
    }
}

/// The columns that the engine makes of a form's fields.
pub fn made_columns(form: &Form, definition: &Definition) -> Vec<(String, Made)> {
    derived(form, definition).into_iter().map(|d| (d.name, d.recipe.described(form))).collect()
}

/// A column that the engine makes.
struct Derived<'a> {
    name: String,
    recipe: Recipe<'a>,
}

/// How a derived column is filled. `usize` is a field; dates are named, because a `derive` date
/// may itself be counted.
enum Recipe<'a> {
    Rank(usize, &'a CodeList),
    Group(usize, &'a CodeList),
    Band(usize, &'a Band),
    Half(usize),
    Date(&'a Derive),
    Day(String),
    Workday(String),
    Month(String),
}

fn derived<'a>(form: &'a Form, definition: &'a Definition) -> Vec<Derived<'a>> {
    let mut made = Vec::new();
    let mut add = |name: String, recipe| made.push(Derived { name, recipe });
    let count_days = |date: &str, add: &mut dyn FnMut(String, Recipe<'a>)| {
        add(format!("{date}__day"), Recipe::Day(date.to_owned()));
        add(format!("{date}__workday"), Recipe::Workday(date.to_owned()));
        add(format!("{date}__month"), Recipe::Month(date.to_owned()));
    };
    for (index, field) in form.fields.iter().enumerate() {
        if let Some(list) = definition.codelist_of(field).filter(|list| list.ordered) {
            add(format!("{}__rank", field.name), Recipe::Rank(index, list));
        }
        if let Some(list) = definition.codelist_of(field).filter(|list| !list.groups.is_empty()) {
            add(format!("{}__group", field.name), Recipe::Group(index, list));
        }
        if field.kind.is_fractional() {
            add(format!("{}__half", field.name), Recipe::Half(index));
        }
        if field.kind == FieldType::Date {
            count_days(&field.name, &mut add);
        }
        for band in form.bands.iter().filter(|band| band.of == field.name) {
            add(format!("{}__{}", band.of, band.id), Recipe::Band(index, band));
        }
    }
    for derive in &form.derive {
        add(derive.name.clone(), Recipe::Date(derive));
        count_days(&derive.name, &mut add);
    }
    made
}

fn fixed_columns(table: &FactTable, definition: &Definition) -> Vec<(String, Column)> {
    let text = |value: &str| -> Option<Arc<str>> { (!value.is_empty()).then(|| value.into()) };
    // One text a return, which its rows share.
    let by_return = |value: &dyn Fn(usize) -> Option<Arc<str>>| {
        let of_each = table.spans().enumerate();
        let of_each = of_each.flat_map(|(index, (_, rows))| std::iter::repeat_n(index, rows.len()));
        Column::texts((0..table.returns.len()).map(value)).take(of_each)
    };
    let unit = |index: usize| definition.units.get(&table.returns[index].unit);
    let values = [
        Column::integers((0..table.len()).map(|row| i64::try_from(row).ok())),
        by_return(&|index| text(&table.returns[index].unit)),
        by_return(&|index| unit(index).and_then(|u| text(&u.name))),
        by_return(&|index| unit(index).and_then(|u| text(&u.kind))),
        by_return(&|index| unit(index).and_then(|u| text(&u.group))),
        by_return(&|index| text(&table.returns[index].period.to_string())),
    ];
    FIXED_COLUMNS.iter().map(|&name| name.to_owned()).zip(values).collect()
}

impl Recipe<'_> {
    fn described(&self, form: &Form) -> Made {
        let of = |field: &usize| form.fields[*field].name.clone();
        match self {
            Self::Rank(field, list) => Made::Rank {
                of: of(field),
                codes: list.codes.iter().map(|c| c.code.clone()).collect(),
            },
            Self::Group(field, list) => {
                let group =
                    |code: &super::Code| (code.code.clone(), list.group_of(&code.code).to_owned());
                Made::Group { of: of(field), groups: list.codes.iter().map(group).collect() }
            }
            Self::Band(field, band) => {
                let step = |step: &super::BandStep| (step.from.clone(), step.code.clone());
                Made::Band { of: of(field), steps: band.steps.iter().map(step).collect() }
            }
            Self::Half(field) => Made::Half { of: of(field) },
            Self::Date(derive) => Made::Date {
                of: derive.to.clone(),
                years: derive.add_years,
                months: derive.add_months,
                days: derive.add_days,
            },
            Self::Day(date) => Made::Day { of: date.clone() },
            Self::Workday(date) => Made::Workday { of: date.clone() },
            Self::Month(date) => Made::Month { of: date.clone() },
        }
    }

    fn kind(&self, form: &Form) -> ColumnType {
        match self {
            Self::Rank(..) | Self::Day(_) | Self::Workday(_) => ColumnType::Integer,
            Self::Group(..) | Self::Band(..) | Self::Month(_) => ColumnType::Text,
            Self::Half(field) => ColumnType::Decimal(form.fields[*field].decimals + 1),
            Self::Date(_) => ColumnType::Date,
        }
    }

    fn fill(
        &self,
        form: &Form,
        table: &FactTable,
        columns: &[(String, Column)],
        calendar: &Calendar,
    ) -> Column {
        let of_field = |index: usize| {
            let name = &form.fields[index].name;
            named(columns, name)
        };
        // A date that the definition names wrongly gives no values; the loader says so.
        let dates = |name: &str| -> Vec<Option<i32>> {
            let column = named(columns, name);
            (0..table.len()).map(|row| column.and_then(|column| column.day(row))).collect()
        };
        match self {
            Self::Rank(field, list) => {
                let rank = |code| list.position(code).and_then(|at| i64::try_from(at + 1).ok());
                let codes = of_field(*field);
                let code = |row| codes.and_then(|codes| codes.text(row));
                Column::integers((0..table.len()).map(|row| code(row).and_then(rank)))
            }
            Self::Group(field, list) => {
                let codes = of_field(*field);
                let group = |row| codes?.text(row).map(|code| Arc::from(list.group_of(code)));
                Column::texts((0..table.len()).map(group))
            }
            Self::Band(field, band) => {
                let bands = Bands::new(band);
                let code = |row| of_field(*field).and_then(|column| bands.code(&column.get(row)));
                Column::texts((0..table.len()).map(code))
            }
            Self::Half(field) => half(form.fields[*field].decimals, *field, table),
            Self::Date(derive) => {
                let shifted = |&day: &i32| shifted(day, derive);
                of_days(&dates(&derive.to), |days| Column::dates(days.iter().map(shifted)))
            }
            Self::Day(date) => {
                Column::integers(dates(date).into_iter().map(|day| day.map(i64::from)))
            }
            Self::Month(date) => {
                let month = |&day: &i32| date_of(day).map(month_text);
                of_days(&dates(date), |days| Column::texts(days.iter().map(month)))
            }
            Self::Workday(date) => {
                let number = |&day: &i32| calendar.working_day_number(day).map(i64::from);
                of_days(&dates(date), |days| Column::integers(days.iter().map(number)))
            }
        }
    }
}

/// A column of what is made of days, each different day once: those of a month are many rows'.
fn of_days(days: &[Option<i32>], make: impl FnOnce(&[i32]) -> Column) -> Column {
    let different: BTreeSet<i32> = days.iter().flatten().copied().collect();
    let different: Vec<i32> = different.into_iter().collect();
    // No day stands beyond the end.
    let place = |day: &i32| different.binary_search(day).unwrap_or(usize::MAX);
    make(&different).take(days.iter().map(|day| day.as_ref().map_or(usize::MAX, place)))
}

/// As periods are written: `2013-10`.
fn month_text(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

fn named<'a>(columns: &'a [(String, Column)], name: &str) -> Option<&'a Column> {
    columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
}

/// Half a unit of the last place shown in each cell, in units of the place after the declared.
fn half(decimals: u8, field: usize, table: &FactTable) -> Column {
    let value = |row: usize| -> Option<i64> {
        if table.columns.get(field)?.is_missing(row) {
            return None;
        }
        let (facts, at) = table.origin(row);
        let shown = facts.shown_places.get(field).and_then(|places| places.get(at).copied());
        // A cell that shows more places than are declared is exact to the declared ones.
        let shown = shown.flatten().unwrap_or(decimals).min(decimals);
        10i64.checked_pow(u32::from(decimals - shown)).map(|unit| unit * 5)
    };
    Column::numbers(ColumnType::Decimal(decimals + 1), (0..table.len()).map(value))
}

/// A date, later by years, months and days; 29 February becomes 28 February.
fn shifted(day: i32, derive: &Derive) -> Option<i32> {
    let date: Date = date_of(day)?;
    let months =
        Span::new().try_years(derive.add_years).ok()?.try_months(derive.add_months).ok()?;
    let days = Span::new().try_days(derive.add_days).ok()?;
    Some(day_number(date.checked_add(months).ok()?.checked_add(days).ok()?))
}

/// The steps of a band with exact limits.
struct Bands(Vec<(Decimal, Arc<str>)>);

impl Bands {
    fn new(band: &Band) -> Self {
        let step = |step: &super::BandStep| {
            Some((Decimal::parse(step.from.trim())?, Arc::from(step.code.as_str())))
        };
        Self(band.steps.iter().filter_map(step).collect())
    }

    /// The first step, from the top, whose limit is not above the value.
    fn code(&self, value: &Value) -> Option<Arc<str>> {
        let value = match value {
            Value::Integer(value) => Decimal::integer(*value),
            Value::Decimal(value) => *value,
            _ => return None,
        };
        self.0.iter().find(|(from, _)| *from <= value).map(|(_, code)| code.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;
    use crate::model::{ReturnFacts, Unit, Units};

    const FORM: &str = r#"
        id = "rating"
        title = "定级表"
        row = "一个党组织"
        frequency = "annual"
        field = [
            { name = "org_code", title = "代码", type = "code" },
            { name = "grade", title = "等次", type = "code", codelist = "grade" },
            { name = "colour", title = "颜色", type = "code", codelist = "absent" },
            { name = "score", title = "得分", type = "decimal", decimals = 2 },
            { name = "members", title = "党员", type = "integer" },
            { name = "held_on", title = "日期", type = "date" },
        ]
        band = [
            { id = "level", of = "score", steps = [
                { code = "好", from = "90" }, { code = "较好", from = "80.5" }, { code = "差", from = "0" } ] },
            { id = "size", of = "members", steps = [ { code = "大", from = "50" }, { code = "小", from = "1" } ] },
        ]
        derive = [
            { name = "due_on", to = "held_on", add_years = 1 },
            { name = "late_on", to = "due_on", add_months = 1, add_days = 1 },
            { name = "never", to = "no_such_field" },
        ]
    "#;

    fn definition() -> Definition {
        let settings: Settings = toml::from_str(
            r#"
            schema = 1
            id = "x"
            title = "x"
            county_code = "1"
            county_name = "某县"
            unit_register = "unit"
            [report]
            title = "月报"
            organisation = "组织部"
            "#,
        )
        .unwrap();
        let list: CodeList = toml::from_str(
            r#"
            title = "等次"
            ordered = true
            codes = [{ code = "好", id = "good" }, { code = "差", id = "poor" }]
            "#,
        )
        .unwrap();
        let unit = Unit {
            code: "t01".into(),
            name: "某镇".into(),
            aliases: Vec::new(),
            kind: "township".into(),
            group: "乡镇".into(),
            parent: String::new(),
            assumed: false,
            valid: crate::model::Validity::default(),
        };
        let register = Register {
            name: "village".into(),
            title: "村".into(),
            columns: ["code", "valid_to"].map(String::from).to_vec(),
            rows: vec![vec!["v1".into(), "2012/12/31".into()], vec!["v2".into(), String::new()]],
            valid: vec![
                crate::model::Validity { from: None, to: crate::model::parse_date("2012/12/31") },
                crate::model::Validity::default(),
            ],
        };
        let day_off = (jiff::civil::date(2012, 10, 1), false);
        Definition {
            settings,
            files: Vec::new(),
            codelists: BTreeMap::from([("grade".to_owned(), list)]),
            registers: BTreeMap::from([("village".to_owned(), register)]),
            units: Units::new(vec![unit]),
            calendar: Calendar::new([day_off]),
            programmes: Vec::new(),
            forms: vec![toml::from_str(FORM).unwrap()],
            checks: Vec::new(),
            indicators: Vec::new(),
            diagnoses: Vec::new(),
            sentences: Vec::new(),
            circular: None,
        }
    }

    fn facts(form: &Form) -> FactTable {
        let text = |values: [&str; 3]| Column::texts(values.map(|v| (!v.is_empty()).then_some(v)));
        let day = |y, m, d| Some(day_number(jiff::civil::date(y, m, d)));
        let facts = ReturnFacts {
            form: form.id.clone(),
            unit: "t01".into(),
            period: Period::Year(2012),
            folder: Period::Month(2012, 12),
            file: "a.xlsx".into(),
            sheet: "s".into(),
            columns: vec![
                text(["001", "002", "003"]),
                text(["差", "未知", ""]),
                text(["红", "", ""]),
                Column::numbers(ColumnType::Decimal(2), [Some(8050), Some(8049), None]),
                Column::integers(vec![Some(50), Some(0), None]),
                Column::dates(vec![day(2012, 2, 29), day(2013, 12, 31), None]),
            ]
            .into(),
            column_at: Vec::new(),
            rows: vec![3, 4, 5],
            placed: BTreeMap::new(),
            raw: Vec::new(),
            shown_places: vec![
                Vec::new(),
                Vec::new(),
                Vec::new(),
                vec![Some(1), None, None],
                Vec::new(),
                Vec::new(),
            ],
            totals: Vec::new(),
            filed_on: None,
            formulas: std::collections::BTreeMap::new(),
            sentences: Vec::new(),
        };
        FactTable::new(&form.id, &form.column_types(), vec![Arc::new(facts)])
    }

    #[test]
    fn every_promised_column_is_made_and_has_the_promised_type() {
        let definition = definition();
        let form = &definition.forms[0];
        let table = facts(form);
        let columns = form_columns(form, &table, &definition);
        let made: Vec<(String, ColumnType)> =
            columns.iter().map(|(name, c)| (name.clone(), c.kind())).collect();
        assert_eq!(Schema(made), form_schema(form, &definition));
        assert!(columns.iter().all(|(_, c)| c.len() == 3));
        let show = |name: &str| {
            let column = named(columns, name).unwrap_or_else(|| panic!("{name}"));
            (0..3).map(|row| column.get(row).to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(show("_row"), "0 1 2");
        assert_eq!(show("unit_name"), "某镇 某镇 某镇");
        assert_eq!(show("unit_group"), "乡镇 乡镇 乡镇");
        assert_eq!(show("period"), "2012 2012 2012");
        assert_eq!(show("grade__rank"), "2  ");
        assert_eq!(show("score__half"), "0.050 0.005 ");
        // Half-open: exactly on the limit belongs to the upper step.
        assert_eq!(show("score__level"), "较好 差 ");
        assert_eq!(show("members__size"), "大  ");
        assert_eq!(show("due_on"), "2013-02-28 2014-12-31 ");
        assert_eq!(show("late_on"), "2013-03-29 2015-02-01 ");
        assert_eq!(show("never"), "  ");
        assert_eq!(show("held_on__day"), "15399 16070 ");
        assert_eq!(show("held_on__month"), "2012-02 2013-12 ");
        // The calendar covers 2012 only. By hand: 22 working days in January, 21 in February.
        assert_eq!(show("held_on__workday"), "43  ");
        assert!(named(columns, "colour__rank").is_none(), "a list that is missing has no order");
    }

    #[test]
    fn names_that_clash_are_found() {
        let definition = definition();
        let mut form = definition.forms[0].clone();
        assert!(clashing_columns(&form, &definition).is_empty());
        form.fields[0].name = "unit".into();
        form.derive[0].name = "held_on".into();
        let clashes = clashing_columns(&form, &definition);
        assert!(clashes.starts_with(&["unit".to_owned(), "held_on".to_owned()]), "{clashes:?}");
    }

    #[test]
    fn queries_see_every_form_four_times_and_the_registers() {
        let definition = definition();
        let tables = crate::definition::tables_schema(&definition);
        let names: Vec<&str> = tables.keys().map(String::as_str).collect();
        assert_eq!(names, ["rating", "rating__all", "rating__prev", "rating__year_ago", "village"]);
        let register = &definition.registers["village"];
        let columns = register_columns(register, &Period::parse("2013-10"));
        assert_eq!(columns[0].1, Column::integers(vec![Some(1)]));
        assert_eq!(columns[1].1, Column::texts([Some("v2")]));
        assert_eq!(columns[2].1, Column::blanks(ColumnType::Text, 1));
        let names = columns.iter().map(|(n, c)| (n.clone(), c.kind())).collect();
        assert_eq!(Schema(names), register_schema(register));
    }
}
