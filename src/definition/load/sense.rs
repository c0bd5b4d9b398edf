//! Conditions that say nothing: codes that are in no list, rules that nothing breaks, rows that
//! cannot be. They load, and would count nothing or find nothing for ever.

use std::collections::BTreeSet;

use super::{Places, Problems, SourceLine};
use crate::definition::{
    Check, Computation, Definition, Denominator, Form, GROUP_DIMENSION, Indicator, Made,
    MissingPolicy, Term, made_columns,
};
use crate::model::{ColumnType, Decimal};
use crate::sql::{Domain, Expression, UnknownText, is_possible};

/// A code list is named in messages as far as one line goes.
const CHOICES: usize = 12;

pub(super) fn check(definition: &Definition, places: &Places, problems: &mut Problems) {
    for (form, place) in definition.forms.iter().zip(&places.forms) {
        let Some(when) = &form.owed_when else { continue };
        let source = when.form.as_deref().and_then(|id| definition.form(id));
        if let Some((source, filter)) = source.zip(when.parsed_filter.as_ref()) {
            let what = format!("报表 {}: owed_when", form.id);
            let at = place.key("owed_when");
            FormRows::of(definition, source, true).meets(&what, &[filter], &at, problems);
        }
    }
    for (check, place) in definition.checks.iter().zip(&places.checks) {
        if let Some(form) = definition.form(&check.form) {
            of_check(check, &FormRows::of(definition, form, false), place, problems);
        }
    }
    for (indicator, place) in definition.indicators.iter().zip(&places.indicators) {
        if let Some(form) = definition.form(&indicator.form) {
            of_indicator(indicator, &FormRows::of(definition, form, true), place, problems);
        }
    }
}

/// The rows of a form. Those that a check sees may still be outside their limits.
struct FormRows<'d> {
    definition: &'d Definition,
    form: &'d Form,
    within_limits: bool,
}

impl<'d> FormRows<'d> {
    fn of(definition: &'d Definition, form: &'d Form, within_limits: bool) -> Self {
        Self { definition, form, within_limits }
    }

    fn domain(&self, column: &str) -> Domain {
        domain(self.definition, self.form, column, self.within_limits)
    }

    fn possible(&self, assumed: &[(&Expression, bool)]) -> bool {
        is_possible(assumed, &|column| self.domain(column))
    }

    /// Codes of nobody, else conditions that no row can meet together: the last one is named.
    fn meets(
        &self,
        what: &str,
        conditions: &[&Expression],
        at: &SourceLine,
        problems: &mut Problems,
    ) {
        let Some(last) = conditions.last() else { return };
        let strangers = last.strangers(&|column| self.domain(column));
        for stranger in &strangers {
            problems.add(at, format!("{what}: “{}”: {}", last.text, self.says(stranger)));
        }
        let all: Vec<_> = conditions.iter().map(|condition| (*condition, true)).collect();
        if strangers.is_empty() && !self.possible(&all) {
            let message = "没有一行能符合（看各栏的代码和上下限），永远用不上";
            problems.add(at, format!("{what}: “{}” {message}", last.text));
        }
    }

    fn says(&self, stranger: &UnknownText) -> String {
        says(stranger, &self.domain(&stranger.column))
    }
}

fn says(stranger: &UnknownText, domain: &Domain) -> String {
    let Domain::Texts(known) = domain else { return String::new() };
    let shown: Vec<&str> = known.iter().take(CHOICES).map(String::as_str).collect();
    let more = if known.len() > shown.len() { " 等" } else { "" };
    let UnknownText { column, text, .. } = stranger;
    format!("{column} 不会是“{text}”，永远对不上；可以写：{}{more}", shown.join("、"))
}

fn of_check(check: &Check, rows: &FormRows, place: &SourceLine, problems: &mut Problems) {
    let what = format!("审核 {}", check.code);
    let when = check.parsed_when.as_ref();
    let before = problems.all.len();
    if let Some(when) = when {
        rows.meets(&what, &[when], &place.key("when"), problems);
    }
    if let Some(rule) = &check.parsed_rule {
        let at = place.key("rule");
        for stranger in rule.strangers(&|column| rows.domain(column)) {
            problems.add(&at, format!("{what}: “{}”: {}", rule.text, rows.says(&stranger)));
        }
        let assumed: Vec<_> =
            when.map(|when| (when, true)).into_iter().chain([(rule, false)]).collect();
        let blank_fails = check.missing == MissingPolicy::Fail;
        if problems.all.len() == before && !blank_fails && !rows.possible(&assumed) {
            let message = "哪一行都不会不合，这条审核永远查不出问题";
            problems.add(&at, format!("{what}: “{}” {message}", rule.text));
        }
    }
    let definition = rows.definition;
    let domain_of = |table: &str, column: &str| match definition.form_of_table(table) {
        Some((form, _)) => domain(definition, form, column, false),
        None => Domain::Any,
    };
    let own = if check.cells_of.is_empty() { "violations" } else { "rule" };
    let interval = check.interval.as_ref().and_then(|interval| interval.parsed.as_ref());
    let queries = [(own, check.parsed_violations.as_ref()), ("interval", interval)];
    for (key, query) in queries.into_iter().filter_map(|(key, query)| Some((key, query?))) {
        for stranger in query.strangers(&domain_of) {
            let known = domain_of(&stranger.table, &stranger.column);
            problems.add(&place.key(key), format!("{what}: {}", says(&stranger, &known)));
        }
    }
}

fn of_indicator(
    indicator: &Indicator,
    rows: &FormRows,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let what = |key: &str| format!("指标 {}: {key}", indicator.id);
    let filter = indicator.filter.as_ref().and_then(|filter| filter.parsed.as_ref());
    if let Some(filter) = filter {
        rows.meets(&what("where"), &[filter], &place.key("where"), problems);
    }
    let mut counts = |key: &str, at: &SourceLine, term: &Term| {
        let Some(condition) = condition(term) else { return };
        let both: Vec<&Expression> = filter.into_iter().chain([condition]).collect();
        rows.meets(&what(key), &both, at, problems);
    };
    match &indicator.computation {
        Computation::Count { counted, .. } => {
            counts("numerator", &place.key("numerator"), counted);
        }
        Computation::Ratio { numerator, denominator, .. } => {
            counts("numerator", &place.key("numerator"), numerator);
            if let Denominator::OfRows(base) = denominator {
                counts("denominator", &place.key("denominator"), base);
                // Of rows elsewhere, or where a blank is no row, all that are here is an answer.
                let always = |counted: &&Expression| {
                    counted.columns.is_empty() && !rows.possible(&[(*counted, false)])
                };
                if let Some(all) = condition(base).and(condition(numerator)).filter(always) {
                    let message = "每一行都符合，率说明不了什么";
                    let text = format!("{}: “{}” {message}", what("numerator"), all.text);
                    problems.add(&place.key("numerator"), text);
                }
            }
        }
        Computation::Funnel { steps, .. } => {
            for (number, step) in steps.iter().enumerate() {
                let key = format!("step {} 的 where", step.id);
                counts(&key, &place.nth("step", number).key("where"), &step.filter);
            }
        }
        _ => {}
    }
    let Some(other) = indicator.divided_by() else { return };
    let form = other.form.as_deref().and_then(|id| rows.definition.form(id));
    let filter = other.filter.as_ref().and_then(|filter| filter.parsed.as_ref());
    if let Some((form, filter)) = form.zip(filter) {
        let rows = FormRows::of(rows.definition, form, true);
        rows.meets(&what("denominator 的 where"), &[filter], &place.key("denominator"), problems);
    }
}

/// What is asked of a row, if it is a question.
fn condition(term: &Term) -> Option<&Expression> {
    term.condition.as_ref().or(term.parsed.as_ref()).filter(|parsed| parsed.is_condition())
}

/// What a column of a form can hold.
fn domain(definition: &Definition, form: &Form, column: &str, within_limits: bool) -> Domain {
    let texts = |all: &mut dyn Iterator<Item = &str>| {
        let all: BTreeSet<String> = all.map(str::to_owned).collect();
        if all.is_empty() { Domain::Any } else { Domain::Texts(all) }
    };
    let (units, settings) = (definition.units.all(), &definition.settings);
    if column == "unit_kind" {
        let shared = settings.unit_kinds.iter().map(String::as_str);
        return texts(&mut units.iter().map(|unit| unit.kind.as_str()).chain(shared));
    }
    if column == GROUP_DIMENSION {
        let shared = settings.unit_groups.iter().map(String::as_str);
        return texts(&mut units.iter().map(|unit| unit.group.as_str()).chain(shared));
    }
    if let Some(field) = form.field(column) {
        let units = |limit: Option<Decimal>, places: u8| {
            Some(limit.filter(|_| within_limits)?.with_places(places)?.units)
        };
        let (least, most) = field.range();
        return match (definition.codelist_of(field), field.column_type()) {
            (Some(list), _) => texts(&mut list.codes.iter().map(|code| code.code.as_str())),
            (None, ColumnType::Integer) => Domain::Numbers(units(least, 0), units(most, 0)),
            (None, ColumnType::Decimal(places)) => {
                Domain::Numbers(units(least, places), units(most, places))
            }
            _ => Domain::Any,
        };
    }
    // Most columns are fields.
    if !column.contains("__") {
        return Domain::Any;
    }
    let made = made_columns(form, definition).into_iter().find(|(name, _)| name == column);
    match made.map(|(_, made)| made) {
        Some(Made::Rank { codes, .. }) => Domain::Numbers(Some(1), Some(codes.len() as i128)),
        Some(Made::Group { groups, .. }) => texts(&mut groups.values().map(String::as_str)),
        Some(Made::Band { steps, .. }) => texts(&mut steps.iter().map(|(_, code)| code.as_str())),
        _ => Domain::Any,
    }
}
