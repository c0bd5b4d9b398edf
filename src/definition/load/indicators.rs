//! Indicators: what they count and divide by, checked and compiled over the columns that there are.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::circular::near;
use super::composite::resolve_composite;
use super::expressions::{Wanted, expression};
use super::names::{self, Id};
use super::{Places, Problems, SourceLine, diagnoses, forms};
use crate::definition::{
    Better, BlankMeans, Computation, Definition, Denominator, Form, Formula, GROUP_DIMENSION,
    Indicator, IndicatorKind, OtherDenominator, Term, no_register, register_schema,
};
use crate::model::{Frequency, RowsOf};
use crate::sql::Schema;

pub(super) fn resolve(
    definition: &mut Definition,
    places: &Places,
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let mut indicators = std::mem::take(&mut definition.indicators);
    // Problems are counted from the figures, so no figure can be derived from their count.
    let operands = indicators.iter().filter(|i| i.kind() != IndicatorKind::Problems);
    let ids: BTreeSet<String> = operands.map(|i| i.id.clone()).collect();
    let resolve = |(indicator, place): (&mut Indicator, &SourceLine)| {
        let mut found = Problems::default();
        resolve_indicator(indicator, place, &ids, (definition, tables), &mut found);
        found
    };
    let placed = indicators.par_iter_mut().zip(&places.indicators);
    let found: Vec<Problems> = placed.map(resolve).collect();
    problems.all.extend(found.into_iter().flat_map(|found| found.all));
    for (indicator, place) in indicators.iter().zip(&places.indicators) {
        if reaches_itself(indicator, &indicators) {
            problems.add(place, format!("指标 {}: 循环引用自己", indicator.id));
        }
    }
    definition.indicators = indicators;
    for number in 0..definition.indicators.len() {
        resolve_composite(definition, number, &places.indicators[number], problems);
    }
}

fn resolve_indicator(
    indicator: &mut Indicator,
    place: &SourceLine,
    ids: &BTreeSet<String>,
    (definition, tables): (&Definition, &BTreeMap<String, Schema>),
    problems: &mut Problems,
) {
    let what = format!("指标 {}", indicator.id);
    names::id(Id::Lower, "指标 id", &indicator.id, &place.key("id"), problems);
    names::name(&format!("{what}: title"), &indicator.title, &place.key("title"), problems);
    forms::check_decimals(&what, indicator.decimals, place, problems);
    if !indicator.target.is_empty() && indicator.target_value().is_none() {
        let message = format!("{what}: target “{}” 不是数，应写作 80% 或 3", indicator.target);
        problems.add(&place.key("target"), message);
    } else if indicator.target.ends_with('%') && indicator.measure() != "%" {
        let message = format!(
            "{what}: target “{}” 是百分数，指标的计量单位却是“{}”，应写作同一单位的数",
            indicator.target,
            indicator.measure()
        );
        problems.add(&place.key("target"), message);
    }
    check_ranking(indicator, &what, place, problems);
    if indicator.print_divisor().is_none() {
        let message =
            format!("{what}: print_in 应为计量单位（measure）的倍数：{}", indicator.multiples());
        problems.add(&place.key("print_in"), message);
    }
    let steps = indicator.computation.steps();
    for (number, step) in steps.iter().enumerate() {
        let at = place.nth("step", number);
        names::id(Id::Lower, &format!("{what}: step 的 id"), &step.id, &at.key("id"), problems);
        if steps[..number].iter().any(|other| other.id == step.id) {
            problems.add(&at.key("id"), format!("{what}: step 的 id “{}” 重复", step.id));
        }
    }
    if !indicator.is_collectable() {
        return;
    }
    if indicator.is_made_of_others() {
        resolve_formula(indicator, ids, place, problems);
        return;
    }
    if indicator.kind() == IndicatorKind::Problems {
        diagnoses::check_count(indicator, place, problems);
        return;
    }
    let Some(form) = definition.form(&indicator.form) else {
        problems.add(place, format!("{what}: 报表 “{}” 不存在", indicator.form));
        return;
    };
    resolve_expressions(indicator, form, (definition, tables), place, problems);
}

/// Places need units to rank and a direction; a small base is only told beside a place.
fn check_ranking(indicator: &Indicator, what: &str, place: &SourceLine, problems: &mut Problems) {
    let ranked = indicator.is_ranked() && indicator.better != Better::Neither;
    if indicator.rank == Some(true) && !ranked {
        let message =
            "rank = true 要有方向（better）和按单位的分组（by = [\"unit\"]），否则排不出名次";
        problems.add(&place.key("rank"), format!("{what}: {message}"));
    }
    if indicator.small_base > 0 && !ranked {
        let message = "small_base 只在排名时注明小基数，这个指标不排名，写了也不起作用，请删去，\
                       或写明 better、by = [\"unit\"] 和 rank = true";
        problems.add(&place.key("small_base"), format!("{what}: {message}"));
    }
}

/// Checks and compiles the texts of an indicator over the rows of a form.
struct Compiler<'c> {
    /// Begins its messages.
    what: String,
    schema: &'c Schema,
    /// Columns whose blanks are zero to the indicator.
    zero: &'c dyn Fn(&str) -> bool,
}

impl Compiler<'_> {
    /// `key`: what it is called in messages; `weight`: what its rows are worth.
    fn compile(
        &self,
        term: &mut Term,
        (key, place): (&str, &SourceLine),
        wanted: Wanted,
        weight: Option<&Term>,
        problems: &mut Problems,
    ) {
        let what = format!("{}{key}", self.what);
        let parsed = expression(&term.text, self.schema, wanted, &what, place, problems);
        // Worth nothing of a weight that is no number: told of already.
        match weight.filter(|weight| weight.parsed.is_some()).zip(parsed.as_ref()) {
            None => term.parsed = parsed,
            Some((weight, condition)) => {
                let text = weight.worth_where(&condition.text);
                let worth = expression(&text, self.schema, Wanted::Number, &what, place, problems);
                (term.parsed, term.condition) = (worth, parsed);
            }
        }
        term.read_blank_as_zero(self.zero);
    }
}

fn resolve_expressions(
    indicator: &mut Indicator,
    form: &Form,
    (definition, tables): (&Definition, &BTreeMap<String, Schema>),
    place: &SourceLine,
    problems: &mut Problems,
) {
    let what = format!("指标 {}", indicator.id);
    let Some(schema) = tables.get(&form.id) else { return };
    let declared = indicator.clone();
    let zero_in =
        |form: &Form, column: &str| declared.blank_in(form, column) == Some(BlankMeans::Zero);
    let zero = |column: &str| zero_in(form, column);
    let rows = Compiler { what: format!("{what}: "), schema, zero: &zero };
    if let Some(filter) = &mut indicator.filter {
        rows.compile(filter, ("where", &place.key("where")), Wanted::Truth, None, problems);
    }
    compile_rows(&rows, &mut indicator.computation, place, problems);
    if let Computation::Ratio { denominator: Denominator::Elsewhere(other), .. } =
        &mut indicator.computation
    {
        let at = place.key("denominator");
        check_parts_of_year(other, form, &what, &at, problems);
        let of_form = other.form.as_deref().and_then(|id| definition.form(id));
        let zero = |column: &str| of_form.is_some_and(|form| zero_in(form, column));
        match schema_of(other, definition, tables) {
            Ok(schema) => {
                let what = format!("{what}: denominator 的 ");
                let rows = Compiler { what, schema: &schema, zero: &zero };
                compile_elsewhere(&rows, other, &at, problems);
            }
            Err(message) => problems.add(&at, format!("{what}: denominator {message}")),
        }
    }
    check_blanks_asked(indicator, form, definition, place, problems);
    check_codes(indicator, form, definition, place, problems);
}

/// What each kind counts and adds over the rows of its form.
fn compile_rows(
    rows: &Compiler,
    computation: &mut Computation,
    place: &SourceLine,
    problems: &mut Problems,
) {
    use Computation::{
        Composite, Count, Derived, Distribution, Funnel, Mean, Ratio, Sum, Transition, TrimmedMean,
        Unsaid, WideDistribution,
    };
    let at = |key: &str| place.key(key);
    let weigh = |weight: &mut Option<Term>, problems: &mut Problems| {
        if let Some(weight) = weight {
            rows.compile(weight, ("weight", &at("weight")), Wanted::Number, None, problems);
        }
    };
    match computation {
        Count { counted, weight } => {
            weigh(weight, problems);
            let key = ("numerator", &at("numerator"));
            rows.compile(counted, key, Wanted::Truth, weight.as_ref(), problems);
        }
        Sum { added } => {
            rows.compile(added, ("numerator", &at("numerator")), Wanted::Number, None, problems);
        }
        Mean { numbers } | TrimmedMean { numbers, .. } => {
            rows.compile(numbers, ("numerator", &at("numerator")), Wanted::Either, None, problems);
        }
        Ratio { numerator, denominator, weight } => {
            weigh(weight, problems);
            let wanted = if weight.is_some() { Wanted::Truth } else { Wanted::Either };
            let key = ("numerator", &at("numerator"));
            rows.compile(numerator, key, wanted, weight.as_ref(), problems);
            if let Denominator::OfRows(base) = denominator {
                let key = ("denominator", &at("denominator"));
                rows.compile(base, key, wanted, weight.as_ref(), problems);
            }
        }
        Distribution { weight, .. } => weigh(weight, problems),
        WideDistribution { columns, together } => {
            let key = ("columns", &at("columns"));
            rows.compile(together, key, Wanted::Number, None, problems);
            for column in columns {
                names::name(&format!("{}columns", rows.what), &column.title, key.1, problems);
                rows.compile(&mut column.sum, key, Wanted::Number, None, problems);
            }
        }
        Funnel { steps, weight } => {
            weigh(weight, problems);
            for (number, step) in steps.iter_mut().enumerate() {
                let key = format!("step {} 的 where", step.id);
                let key = (key.as_str(), &place.nth("step", number).key("where"));
                rows.compile(&mut step.filter, key, Wanted::Truth, weight.as_ref(), problems);
            }
        }
        Transition { .. }
        | Derived { .. }
        | Composite { .. }
        | Computation::Problems { .. }
        | Unsaid { .. } => {}
    }
}

/// A plan for the year in parts: as many as the form's periods can end with.
fn check_parts_of_year(
    other: &OtherDenominator,
    form: &Form,
    what: &str,
    at: &SourceLine,
    problems: &mut Problems,
) {
    let parts = other.sum_to_date.len();
    if other.sum.is_some() && parts > 0 {
        problems.add(at, format!("{what}: denominator 的 sum 和 sum_to_date 只应有一个"));
    }
    if parts > 0 && !fills_periods(parts, form.frequency) {
        let message = format!(
            "{what}: sum_to_date 有 {parts} 项，与{}不配：应把一年等分，每个报告期末正好是某一项之末（4 项为季度，12 项为月）",
            form.frequency.title()
        );
        problems.add(&at.key("sum_to_date"), message);
    }
}

fn compile_elsewhere(
    rows: &Compiler,
    other: &mut OtherDenominator,
    at: &SourceLine,
    problems: &mut Problems,
) {
    if let Some(filter) = &mut other.filter {
        rows.compile(filter, ("where", &at.key("where")), Wanted::Truth, None, problems);
    }
    if let Some(sum) = &mut other.sum {
        rows.compile(sum, ("sum", &at.key("sum")), Wanted::Number, None, problems);
    }
    let key = ("sum_to_date", &at.key("sum_to_date"));
    let running = other.running_sums().into_iter().filter_map(|text| {
        let mut term = Term::from(text);
        rows.compile(&mut term, key, Wanted::Number, None, problems);
        term.parsed
    });
    other.parsed_to_date = running.collect();
}

/// Columns by whose codes rows are told apart must have codes.
fn check_codes(
    indicator: &Indicator,
    form: &Form,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let what = format!("指标 {}", indicator.id);
    let coded = || definition.coded_columns(form);
    let is_coded = |name: &str| definition.is_coded(form, name);
    if indicator.computation.of().is_some_and(|of| !is_coded(of)) {
        let coded = coded();
        let message = format!(
            "{what}: of 应为报表 {} 中有代码表的列：{}",
            form.id,
            if coded.is_empty() { "没有".to_owned() } else { coded.join("、") }
        );
        problems.add(&place.key("of"), message);
    }
    if let Computation::Transition { of, from_field } = &indicator.computation {
        let list = |name: &str| form.field(name).and_then(|field| field.codelist.as_deref());
        if from_field.as_deref().is_some_and(|from| list(from) != list(of)) {
            problems.add(place, format!("{what}: from_field 应为与 of 用同一代码表的列"));
        }
        if from_field.is_none() && form.primary_key.is_empty() {
            let message = format!(
                "{what}: 报表 {} 没有 primary_key，不能与上期逐行对应；请用 from_field 指明上期代码所在的列",
                form.id
            );
            problems.add(place, message);
        }
    }
    for by in &indicator.by {
        let of_units = ["unit", GROUP_DIMENSION].contains(&by.as_str());
        if !of_units && !is_coded(by.strip_prefix("unit*").unwrap_or(by)) {
            let message = format!(
                "{what}: by 的 “{by}” 应为 unit、{GROUP_DIMENSION}（乡镇小计等）、有代码表的列或 unit*列；有代码表的列：{}",
                coded().join("、")
            );
            problems.add(&place.key("by"), message);
        }
    }
}

/// The columns that a denominator from elsewhere may name.
fn schema_of(
    other: &OtherDenominator,
    definition: &Definition,
    tables: &BTreeMap<String, Schema>,
) -> Result<Schema, String> {
    match other.rows_of() {
        Some(RowsOf::Form(id)) => match definition.form(id) {
            Some(form) => Ok(tables.get(&form.id).cloned().unwrap_or_default()),
            None => Err(format!("的 form “{id}” 不是报表")),
        },
        Some(RowsOf::Register(name)) => match definition.registers.get(name) {
            Some(register) => Ok(register_schema(register)),
            None => Err(format!("的{}", no_register(name, &definition.registers))),
        },
        Some(RowsOf::Units) => Ok(Schema::default()),
        None => Err("应为表达式，或 { form = … }、{ register = … }、{ units = \"expected\" } 之一"
            .to_owned()),
    }
}

/// Where an indicator asks whether a cell is blank, it or the form says what a blank is.
fn check_blanks_asked(
    indicator: &Indicator,
    form: &Form,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    if indicator.blank.is_some() {
        return;
    }
    let mut hold = |form: &Form, open: BTreeSet<usize>| {
        for field in open {
            let message = format!("指标 {}: {}", indicator.id, form.blank_undeclared(field));
            problems.add(place, message);
        }
    };
    hold(form, form.undeclared_blanks(indicator.own_expressions()));
    if let Some(other) = indicator.divided_by()
        && let Some(form) = other.form.as_deref().and_then(|id| definition.form(id))
    {
        hold(form, form.undeclared_blanks(other.expressions()));
    }
}

/// Does each period of a form end with one of so many equal parts of the year?
fn fills_periods(parts: usize, frequency: Frequency) -> bool {
    let months = match frequency {
        Frequency::Monthly | Frequency::Event => 1,
        Frequency::Quarterly => 3,
        Frequency::HalfYearly => 6,
        Frequency::Annual => 12,
        Frequency::Once => return false,
    };
    12 % parts == 0 && months % (12 / parts) == 0
}

fn resolve_formula(
    indicator: &mut Indicator,
    ids: &BTreeSet<String>,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let what = format!("指标 {}", indicator.id);
    let Computation::Derived { text, formula } = &mut indicator.computation else { return };
    match Formula::parse(text) {
        Ok(parsed) => {
            for id in parsed.operands.iter().filter(|id| !ids.contains(*id)) {
                let alike = near(id, ids.iter().map(String::as_str));
                problems.add(place, format!("{what}: value_of(\"{id}\") 没有这个指标{alike}"));
            }
            *formula = Some(parsed);
        }
        Err(error) => problems.add(place, format!("{what}: {error:#}")),
    }
}

fn reaches_itself(start: &Indicator, all: &[Indicator]) -> bool {
    let (mut queue, mut seen) = (start.operands(), BTreeSet::new());
    while let Some(id) = queue.pop() {
        if id == start.id {
            return true;
        }
        if seen.insert(id)
            && let Some(next) = all.iter().find(|i| i.id == id)
        {
            queue.extend(next.operands());
        }
    }
    false
}
