//! Cross-checks: every name that a definition mentions exists, every expression is inside the
//! SQL profile and has the right type, every code is unique and legal.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::cells;
use super::composite::resolve_composite;
use super::expressions::{Wanted, expression, query, type_title};
use super::names::{self, Id, unique};
use super::{
    Decoded, DefinitionFile, Placed, Places, Problems, SourceLine, circular, county, diagnoses,
    digits, forms, natures, rows, units_of,
};
use crate::definition::{
    Better, BlankMeans, Check, Computation, Definition, Denominator, Form, Formula,
    GROUP_DIMENSION, Indicator, IndicatorKind, IntervalOperation, OtherDenominator, Programme,
    Register, Term, register_schema, tables_schema,
};
use crate::model::placeholders::placeholders;
use crate::model::{ColumnType, Frequency, Scope};
use crate::sql::{self, Schema};

fn split<T>(placed: Vec<Placed<T>>) -> (Vec<SourceLine>, Vec<T>) {
    placed.into_iter().map(|p| (p.place, p.item)).unzip()
}

pub(super) fn resolve(
    decoded: Decoded,
    files: Vec<DefinitionFile>,
    problems: &mut Problems,
) -> Option<Definition> {
    let settings = decoded.settings?;
    county::check_settings(&settings, problems);
    let is_units = |one: &&Placed<Register>| one.item.name == settings.item.unit_register;
    let units_place = decoded.registers.iter().find(is_units).map(|one| one.place.clone());
    let registers: BTreeMap<String, Register> =
        decoded.registers.into_iter().map(|r| (r.item.name.clone(), r.item)).collect();
    let units = registers.get(&settings.item.unit_register).map(units_of);
    if units.is_none() {
        let names = registers.keys().map(String::as_str).collect::<Vec<_>>().join("、");
        let message =
            format!("unit_register “{}” 不存在，现有登记册：{names}", settings.item.unit_register);
        problems.add(&settings.place.key("unit_register"), message);
    }
    let mut codelists = decoded.codelists;
    rows::fill_codelists(&mut codelists, &registers, problems);
    county::check_codelists(&codelists, problems);
    let mut programmes = decoded.programmes;
    programmes.sort_by(|a, b| (a.item.order, &a.item.id).cmp(&(b.item.order, &b.item.id)));
    let rank: BTreeMap<String, usize> =
        programmes.iter().enumerate().map(|(i, p)| (p.item.id.clone(), i)).collect();
    let by_programme = |id: &str| rank.get(id).copied().unwrap_or(usize::MAX);
    let (mut forms, mut checks, mut indicators, mut diagnoses) =
        (decoded.forms, decoded.checks, decoded.indicators, decoded.diagnoses);
    forms.sort_by_key(|f| by_programme(&f.item.programme));
    checks.sort_by_key(|c| by_programme(&c.item.programme));
    indicators.sort_by_key(|i| by_programme(&i.item.programme));
    diagnoses.sort_by_key(|d| by_programme(&d.item.programme));
    let (form_places, mut forms) = split(forms);
    let (check_places, checks) = split(checks);
    let (indicator_places, indicators) = split(indicators);
    let mut sentences = decoded.sentences;
    sentences.sort_by_key(|s| by_programme(&s.item.programme));
    let (sentence_places, sentences) = split(sentences);
    let (programme_places, programmes) = split(programmes);
    let (diagnosis_places, diagnoses) = split(diagnoses);
    let (circular_place, circular) = decoded.circular.map(|c| (c.place, c.item)).unzip();
    let places = Places {
        forms: form_places,
        checks: check_places,
        indicators: indicator_places,
        programmes: programme_places,
        diagnoses: diagnosis_places,
    };
    let codelists = codelists.into_iter().map(|(k, c)| (k, c.item)).collect();
    forms.iter_mut().for_each(|form| forms::fill_columns(form, &codelists));
    let mut definition = Definition {
        settings: settings.item,
        files,
        codelists,
        registers,
        units: units.unwrap_or_default(),
        calendar: decoded.calendar,
        programmes,
        forms,
        checks,
        indicators,
        diagnoses,
        sentences,
        circular,
    };
    let before = problems.all.len();
    county::check_units(&definition, &units_place.unwrap_or_default(), problems);
    forms::check(&definition, &places.forms, problems);
    rows::check(&definition, &places.forms, problems);
    check_uniqueness(&definition, &places, problems);
    if problems.unread || problems.all.len() > before {
        // Expressions are only meaningful over sound forms.
        return Some(definition);
    }
    let tables = tables_schema(&definition);
    rows::resolve(&mut definition, &places.forms, &tables, problems);
    resolve_checks(&mut definition, &places, &tables, problems);
    resolve_indicators(&mut definition, &places, &tables, problems);
    digits::settle(&mut definition, &places, problems);
    natures::settle(&mut definition, &places.indicators, problems);
    check_programmes(&definition, &places, problems);
    diagnoses::check(&definition, &places.diagnoses, problems);
    circular::resolve(&mut definition, &sentence_places, circular_place.as_ref(), problems);
    county::check_tuning(&definition, &settings.place, problems);
    county::check_report(&definition, &settings.place, problems);
    Some(definition)
}

fn check_uniqueness(definition: &Definition, places: &Places, problems: &mut Problems) {
    let forms = definition.forms.iter().map(|f| f.id.as_str()).zip(&places.forms);
    unique("报表", forms, problems);
    let indicators = definition.indicators.iter().map(|i| i.id.as_str()).zip(&places.indicators);
    unique("指标", indicators, problems);
    // Checks made by one for_each share place and code.
    let mut seen: BTreeMap<&str, &SourceLine> = BTreeMap::new();
    for (check, place) in definition.checks.iter().zip(&places.checks) {
        let first = seen.entry(&check.code).or_insert(place);
        if (&first.file, first.line) != (&place.file, place.line) {
            let message = format!(
                "审核 “{}” 重复，先见于 {}:{}，请换一个编码",
                check.code, first.file, first.line
            );
            problems.add(&place.key("code"), message);
        }
    }
    let charts = definition
        .programmes
        .iter()
        .zip(&places.programmes)
        .flat_map(|(p, place)| {
            let charts = p.charts.iter().enumerate();
            charts.map(move |(number, c)| (c.id.as_str(), place.nth("chart", number)))
        })
        .collect::<Vec<_>>();
    unique("图", charts.iter().map(|(id, place)| (*id, place)), problems);
}

fn resolve_checks(
    definition: &mut Definition,
    places: &Places,
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let mut checks = std::mem::take(&mut definition.checks);
    let resolve = |(check, place): (&mut Check, &SourceLine)| {
        let mut found = Problems::default();
        resolve_check(check, place, definition, tables, &mut found);
        found
    };
    let placed = checks.par_iter_mut().zip(&places.checks);
    let found: Vec<Problems> = placed.map(resolve).collect();
    problems.all.extend(found.into_iter().flat_map(|found| found.all));
    definition.checks = checks;
}

fn resolve_check(
    check: &mut Check,
    place: &SourceLine,
    definition: &Definition,
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let code = check.code.clone();
    let Some(form) = definition.form(&check.form) else {
        problems.add(place, format!("审核 {code}: 报表 “{}” 不存在", check.form));
        return;
    };
    check_texts(check, form, place, problems);
    if !check.is_collectable() {
        check.scope.get_or_insert(Scope::Form);
        return;
    }
    let Some(schema) = tables.get(&form.id) else { return };
    let what = format!("审核 {code}");
    if let Err(message) = cells::rewrite(check, form, definition) {
        problems.add(&place.key("rule"), format!("{what}: {message}"));
        return;
    }
    let parse = |key: &str, text: &Option<String>, problems: &mut Problems| {
        let (text, at) = (text.as_ref()?, place.key(key));
        expression(text, schema, Wanted::Truth, &what, &at, problems)
    };
    // A rule over cells is its query.
    let rule = check.rule.clone().filter(|_| check.cells_of.is_empty());
    check.parsed_rule = parse("rule", &rule, problems);
    check.parsed_when = parse("when", &check.when, problems);
    check.parsed_violations = check
        .violations
        .as_ref()
        .and_then(|q| query(q, tables, &what, &place.key("violations"), problems));
    check_needs(check, definition, &place.key("needs"), problems);
    if let Some(interval) = &mut check.interval {
        interval.parsed = query(&interval.query, tables, &what, place, problems);
        let mut wanted = vec!["unit", "_row", "printed", "printed_half", "a", "a_half"];
        if interval.operation != IntervalOperation::Equal {
            wanted.extend(["b", "b_half"]);
        }
        if let Some(parsed) = &interval.parsed {
            let has = |name: &str| parsed.columns.iter().any(|(column, _)| column == name);
            let missing: Vec<_> = wanted.iter().copied().filter(|name| !has(name)).collect();
            if !missing.is_empty() {
                problems
                    .add(place, format!("{what}: interval 的查询缺少列 {}", missing.join("、")));
            }
        }
    }
    check_placeholders(check, schema, place, problems);
    let interval = check.interval.as_ref().and_then(|interval| interval.parsed.as_ref());
    for parsed in check.parsed_violations.iter().chain(interval) {
        for message in
            personal_results(parsed, form, definition).into_iter().chain(mistyped(parsed))
        {
            problems.add(place, format!("{what}: {message}"));
        }
    }
    let scope = scope_of(check);
    check.scope.get_or_insert(scope);
}

/// Results that say whom to blame, or that are computed with, have the type that is read: one of
/// another type would blame nobody.
fn mistyped(query: &sql::Query) -> Vec<String> {
    let wanted = |name: &str, kind: ColumnType| match name {
        "unit" => (kind == ColumnType::Text, "文字（单位代码）"),
        "_row" => (kind == ColumnType::Integer, "整数（本表的 _row）"),
        "printed" | "printed_half" | "a" | "a_half" | "b" | "b_half" => {
            (Wanted::Number.takes(kind), "数")
        }
        _ => (true, ""),
    };
    let mistyped = |(name, kind): &(String, ColumnType)| {
        let (fits, wanted) = wanted(name, *kind);
        let is = type_title(*kind);
        (!fits).then(|| format!("查询的结果列 {name} 应为{wanted}，实为{is}"))
    };
    query.columns.iter().filter_map(mistyped).collect()
}

/// The names in braces in a check's texts.
fn templates(check: &Check) -> impl Iterator<Item = &str> {
    [&check.message, &check.seen, &check.expected].into_iter().flat_map(|text| placeholders(text))
}

/// What a check's texts name is there to be printed: a column of its form, or of its query.
fn check_placeholders(check: &Check, schema: &Schema, place: &SourceLine, problems: &mut Problems) {
    let interval = check.interval.as_ref().map(|interval| interval.parsed.as_ref());
    let queries = [check.violations.as_ref().map(|_| check.parsed_violations.as_ref()), interval];
    // The columns of a query that is refused are not known.
    let Some(queries) = queries.into_iter().flatten().collect::<Option<Vec<_>>>() else { return };
    let fixed = ["unit", "unit_name", "seen", "expected", "period", "range"];
    let of_queries = queries.iter().flat_map(|query| &query.columns);
    let known: BTreeSet<&str> =
        schema.0.iter().chain(of_queries).map(|(name, _)| name.as_str()).chain(fixed).collect();
    for name in templates(check).filter(|name| !known.contains(name)) {
        let message = format!(
            "审核 {}: 文字里的 “{{{name}}}” 不是报表 {} 的列，也不是查询的结果列",
            check.code, check.form
        );
        problems.add(place, message);
    }
}

/// `needs` names forms (or fields of forms) that exist: of others nothing could be missing.
fn check_needs(
    check: &Check,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    for need in &check.needs {
        let (table, field) = need.split_once('.').unwrap_or((need, ""));
        let message = match definition.form_of_table(table) {
            None => format!("needs 的 “{need}” 不是报表，应写作“报表”或“报表.列”"),
            Some(form) if !field.is_empty() && form.field(field).is_none() => {
                let fields: Vec<&str> = form.fields.iter().map(|f| f.name.as_str()).collect();
                format!("needs 的 “{need}” 不存在，{} 的列有：{}", form.id, fields.join("、"))
            }
            Some(_) => continue,
        };
        problems.add(place, format!("审核 {}: {message}", check.code));
    }
}

/// Results of a query that would print a personal field under a name of their own. A field of
/// the check's form under its own name is masked where it is printed.
fn personal_results(query: &sql::Query, form: &Form, definition: &Definition) -> Vec<String> {
    let mut found = Vec::new();
    for ((result, _), shown) in query.columns.iter().zip(&query.shows) {
        if form.is_personal(result) {
            continue;
        }
        for (table, column) in shown {
            if definition.form_of_table(table).is_some_and(|owner| owner.is_personal(column)) {
                found.push(format!(
                    "查询的结果列 “{result}” 会印出个人信息 {table}.{column}，个人信息只能用于条件和连接"
                ));
            }
        }
    }
    found
}

/// 跨期 if another period is read, 表间 if another table is read, else 表内.
fn scope_of(check: &Check) -> Scope {
    let query = check
        .parsed_violations
        .as_ref()
        .or_else(|| check.interval.as_ref().and_then(|i| i.parsed.as_ref()));
    let Some(query) = query else { return Scope::Form };
    if query.tables.iter().any(|t| ["__prev", "__year_ago", "__all"].iter().any(|s| t.ends_with(s)))
    {
        Scope::Periods
    } else if query.tables.iter().any(|t| *t != check.form) {
        Scope::Forms
    } else {
        Scope::Form
    }
}

fn check_texts(check: &Check, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let code = &check.code;
    let mut add = |message: String| problems.add(place, format!("审核 {code}: {message}"));
    for (key, kind, text) in [("code", Id::Code, &check.code), ("name", Id::Lower, &check.name)] {
        kind.problem(text).into_iter().for_each(|problem| add(format!("{key} {problem}")));
    }
    for (key, text) in [
        ("title", &check.title),
        ("message", &check.message),
        ("remedy", &check.remedy),
        ("basis", &check.basis),
    ] {
        if text.trim().is_empty() {
            add(format!("{key} 是空的"));
        }
    }
    let fields: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
    let mut add_at = |key: &str, message: String| {
        problems.add(&place.key(key), format!("审核 {code}: {message}"));
    };
    for name in check.cells.iter().filter(|name| !fields.contains(&name.as_str())) {
        let choices = fields.join("、");
        let message = format!("cells 提到的列 “{name}” 不在报表 {} 中，现有：{choices}", form.id);
        add_at("cells", message);
    }
    for name in templates(check).filter(|name| form.is_personal(name)) {
        add_at("message", format!("文字里不能出现个人信息列 “{name}”，请改用单元格位置"));
    }
}

fn resolve_indicators(
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
    let coded = definition.coded_columns(form);
    let is_coded = |name: &str| coded.iter().any(|known| known == name);
    if indicator.computation.of().is_some_and(|of| !is_coded(of)) {
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
                coded.join("、")
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
    match (&other.form, &other.register, other.units.as_deref()) {
        (Some(id), None, None) => match definition.form(id) {
            Some(form) => Ok(tables.get(&form.id).cloned().unwrap_or_default()),
            None => Err(format!("的 form “{id}” 不是报表")),
        },
        (None, Some(name), None) => match definition.registers.get(name) {
            Some(register) => Ok(register_schema(register)),
            None => {
                let names: Vec<&str> = definition.registers.keys().map(String::as_str).collect();
                Err(format!("的 register “{name}” 不存在，现有登记册：{}", names.join("、")))
            }
        },
        (None, None, Some("expected")) => Ok(Schema::default()),
        _ => Err("应为表达式，或 { form = … }、{ register = … }、{ units = \"expected\" } 之一"
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
                let alike = super::circular::near(id, ids.iter().map(String::as_str));
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

/// A table or chart by a dimension that an indicator is not broken down by would stay empty.
fn check_dimensions(
    definition: &Definition,
    programme: &Programme,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let tables = programme.tables.iter().enumerate();
    let tables = tables.map(|(number, t)| ("table", number, &t.title, &t.by, &t.indicators));
    let charts = programme.charts.iter().enumerate();
    let charts = charts.map(|(number, c)| ("chart", number, &c.id, &c.by, &c.indicators));
    for (key, number, title, by, indicators) in tables.chain(charts) {
        let lacks = |i: &&Indicator| {
            // A derived indicator without `by` has the rows of what it is derived from.
            let inherits = i.kind() == IndicatorKind::Derived && i.by.is_empty();
            !inherits && !i.by.contains(by)
        };
        let known = indicators.iter().filter_map(|id| definition.indicator(id));
        for indicator in known.filter(lacks).filter(|_| !by.is_empty()) {
            let message = format!(
                "“{title}” 的 by = \"{by}\"，指标 {} 却没有这样分组，现有：{}",
                indicator.id,
                indicator.by.join("、")
            );
            problems.add(&place.nth(key, number).key("by"), message);
        }
    }
}

fn check_programmes(definition: &Definition, places: &Places, problems: &mut Problems) {
    for (programme, place) in definition.programmes.iter().zip(&places.programmes) {
        names::id(Id::Lower, "工作项目 id", &programme.id, &place.key("id"), problems);
        let (what, at) = (format!("工作项目 {}: diagnosed", programme.id), place.key("diagnosed"));
        forms::check_units(&what, &programme.diagnosed, definition, &at, problems);
        let tables = programme.tables.iter().enumerate();
        let tables = tables.map(|(number, t)| (("table", number), &t.title, &t.indicators));
        let charts = programme.charts.iter().enumerate();
        let charts = charts.map(|(number, c)| (("chart", number), &c.id, &c.indicators));
        check_dimensions(definition, programme, place, problems);
        for ((key, number), title, indicators) in tables.chain(charts) {
            let at = place.nth(key, number).key("indicators");
            for id in indicators.iter().filter(|id| definition.indicator(id).is_none()) {
                let all = definition.indicators.iter().map(|indicator| indicator.id.as_str());
                let alike = super::circular::near(id, all);
                problems.add(&at, format!("“{title}” 提到的指标 “{id}” 不存在{alike}"));
            }
        }
        super::charts::check(definition, programme, place, problems);
    }
}
