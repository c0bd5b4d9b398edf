//! Indicators: what they count and divide by, checked and compiled over the columns that there are.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::circular::near;
use super::composite::resolve_composite;
use super::expressions::{Wanted, expression};
use super::names::{self, Id};
use super::{Places, Problems, SourceLine, diagnoses, forms};
use crate::definition::{
    Better, BlankMeans, Computation, Definition, Denominator, FieldType, Form, Formula,
    GROUP_DIMENSION, Indicator, IndicatorKind, OtherDenominator, Term, no_register,
    register_schema,
};
use crate::model::{Decimal, Frequency, RowsOf};
use crate::sql::{Expression, Schema};

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
        check_formula_measures(indicator, &indicators, place, problems);
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
    check_target(indicator, &what, place, problems);
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

/// A target is a number of the figure's own measure, on its better side.
fn check_target(indicator: &Indicator, what: &str, place: &SourceLine, problems: &mut Problems) {
    let (target, measure) = (&indicator.target, indicator.measure());
    if target.is_empty() {
        return;
    }
    let is_share = |value: &Decimal| *value > Decimal::ZERO && *value < Decimal::integer(1);
    let wrong = match indicator.target_value() {
        None => "不是数，应写作 80% 或 3".to_owned(),
        Some(_) if target.ends_with('%') && measure != "%" => {
            format!("是百分数，指标的计量单位却是“{measure}”，应写作同一单位的数")
        }
        Some(value) if !target.ends_with('%') && measure == "%" && is_share(&value) => {
            "不到 1%：率的目标写百分数，如 85%；确是千分之几的，写上 %，如 0.5%".to_owned()
        }
        Some(_) if indicator.better == Better::Neither => {
            "没有方向，说不出达到没有，请写 better = \"higher\" 或 \"lower\"".to_owned()
        }
        Some(_) => return,
    };
    problems.add(&place.key("target"), format!("{what}: target “{target}” {wrong}"));
}

/// What is divided is neither itself nor a constant, and a rate is told from an amount.
fn check_division(indicator: &Indicator, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let Computation::Ratio { numerator, denominator, .. } = &indicator.computation else { return };
    let mut add = |key: &str, message: String| {
        problems.add(&place.key(key), format!("指标 {}: {message}", indicator.id));
    };
    if let Denominator::OfRows(base) = denominator {
        if base.text == numerator.text {
            add("denominator", "denominator 与 numerator 相同，永远是全部".to_owned());
        } else if base
            .parsed
            .as_ref()
            .is_some_and(|base| base.columns.is_empty() && !base.is_condition())
        {
            add("denominator", "denominator 不看任何一栏，应写作分母的那一栏或条件".to_owned());
        }
    }
    // Of a per cent: how many people a cadre serves may well be more than one.
    if indicator.measure() == "%"
        && let Denominator::OfRows(base) = denominator
        && let Some(part) = form.field(base.text.trim())
        && [&part.due, &part.part_of]
            .into_iter()
            .flatten()
            .any(|whole| *whole == numerator.text.trim())
    {
        let (part, whole) = (&part.name, &numerator.text);
        add("denominator", format!("分子、分母颠倒：{part} 不大于 {whole}，应以 {whole} 为分母"));
    }
    let measure = indicator.measure.as_deref().unwrap_or("%");
    if indicator.scale.is_none() && !matches!(measure, "%" | "百分点" | "个百分点") {
        let message = format!(
            "measure 是“{measure}”而没有写 scale，会按百分数乘 100；每个、人均之类请写 scale = 1"
        );
        add("measure", message);
    }
}

/// Shares cannot be added up, and only what is counted in one measure can.
fn check_measures(indicator: &Indicator, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let key = place.key("numerator");
    let mut add = |message: String| {
        problems.add(&key, format!("指标 {}: {message}", indicator.id));
    };
    for (a, b) in indicator.own_expressions().flat_map(Expression::added_pairs) {
        let unit = |name: &str| form.field(name).map(|field| field.unit.as_str());
        if let (Some(one), Some(other)) = (unit(a), unit(b))
            && !one.is_empty()
            && !other.is_empty()
            && one != other
        {
            add(format!("{a}（{one}）与 {b}（{other}）计量单位不同，不能相加减"));
        }
    }
    let (Computation::Sum { added: counted } | Computation::Ratio { numerator: counted, .. }) =
        &indicator.computation
    else {
        return;
    };
    let Some(counted) = counted.parsed.as_ref().filter(|parsed| !parsed.is_condition()) else {
        return;
    };
    let fields = || counted.columns.iter().filter_map(|name| form.field(name));
    // A share that decides or weighs is not added.
    let whole = form.field(counted.text.trim());
    if let Some(share) = whole.filter(|field| field.kind == FieldType::Percent) {
        add(format!(
            "{} 是百分数，不能相加；请用算出它的分子、分母两栏，或 kind = \"mean\"",
            share.name
        ));
    }
    // One column alone, as it stands.
    let mut all = fields();
    let (Some(only), None) = (all.next(), all.next()) else { return };
    let is_sum = matches!(indicator.computation, Computation::Sum { .. });
    if let Some(measure) =
        indicator.measure.as_ref().filter(|_| is_sum && counted.text.trim() == only.name)
        && !only.unit.is_empty()
        && *measure != only.unit
    {
        add(format!("measure 是“{measure}”，而 {} 的 unit 是“{}”", only.name, only.unit));
    }
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
    check_division(indicator, form, place, problems);
    check_measures(indicator, form, place, problems);
    if matches!(indicator.computation, Computation::TrimmedMean { trim: 0, .. }) {
        let message = "trim 至少为 1；不去掉的写 kind = \"mean\"";
        problems.add(&place.key("trim"), format!("{what}: {message}"));
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

/// What a formula adds and takes away is counted alike, and so is the result.
fn check_formula_measures(
    indicator: &Indicator,
    all: &[Indicator],
    place: &SourceLine,
    problems: &mut Problems,
) {
    let Computation::Derived { formula: Some(formula), .. } = &indicator.computation else {
        return;
    };
    let measure = |id: &str| all.iter().find(|i| i.id == id).map(Indicator::measure);
    let of_operands: Vec<Option<&str>> =
        formula.operands.iter().map(|id| measure(id).filter(|m| !m.is_empty())).collect();
    let (key, message) = match formula.measure(&of_operands) {
        Err((one, other)) => ("formula", format!("“{one}”与“{other}”计量单位不同，不能相加减")),
        Ok(Some(made)) => {
            let own = indicator.measure();
            let points = made == "%" && own.ends_with("百分点");
            if own.is_empty() || own == made || points || indicator.print_in.is_some() {
                return;
            }
            ("measure", format!("measure 是“{own}”，而算出来的是“{made}”"))
        }
        Ok(None) => return,
    };
    problems.add(&place.key(key), format!("指标 {}: {message}", indicator.id));
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
