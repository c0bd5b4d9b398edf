//! Cross-checks: every name that a definition mentions exists, every expression is inside the
//! SQL profile and has the right type, every code is unique and legal.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::composite::resolve_composite;
use super::{Decoded, DefinitionFile, Place, Placed, Problems, circular, diagnoses, units_of};
use crate::definition::{
    Check, Definition, Denominator, Form, Formula, Indicator, IndicatorKind, IntervalOperation,
    Register, clashing_columns, register_schema, tables_schema,
};
use crate::model::{Decimal, Period, Scope};
use crate::sql::{self, ColumnType, Schema};

/// Places of the items, in the order of the definition's lists.
struct Places {
    forms: Vec<Place>,
    checks: Vec<Place>,
    indicators: Vec<Place>,
    programmes: Vec<Place>,
    diagnoses: Vec<Place>,
}

fn split<T>(placed: Vec<Placed<T>>) -> (Vec<Place>, Vec<T>) {
    placed.into_iter().map(|p| (p.place, p.item)).unzip()
}

pub(super) fn resolve(
    decoded: Decoded,
    files: Vec<DefinitionFile>,
    problems: &mut Problems,
) -> Option<Definition> {
    let settings = decoded.settings?;
    if settings.item.schema != 1 {
        let message = format!("schema = {}，本程序能读的是 1", settings.item.schema);
        problems.add(&settings.place, message);
    }
    let registers: BTreeMap<String, Register> =
        decoded.registers.into_iter().map(|r| (r.item.name.clone(), r.item)).collect();
    let units = registers.get(&settings.item.unit_register).map(units_of);
    if units.is_none() {
        let names = registers.keys().map(String::as_str).collect::<Vec<_>>().join("、");
        let message =
            format!("unit_register “{}” 不存在，现有登记册：{names}", settings.item.unit_register);
        problems.add(&settings.place, message);
    }
    check_codelists(&decoded.codelists, problems);
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
    let (form_places, forms) = split(forms);
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
    let mut definition = Definition {
        settings: settings.item,
        files,
        codelists: decoded.codelists.into_iter().map(|(k, c)| (k, c.item)).collect(),
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
    check_forms(&definition, &places, problems);
    check_uniqueness(&definition, &places, problems);
    if !problems.0.is_empty() {
        // Expressions are only meaningful over sound forms.
        return Some(definition);
    }
    let tables = tables_schema(&definition);
    resolve_checks(&mut definition, &places, &tables, problems);
    resolve_indicators(&mut definition, &places, &tables, problems);
    check_programmes(&definition, &places, problems);
    diagnoses::check(&definition, &places.diagnoses, problems);
    circular::resolve(&mut definition, &sentence_places, circular_place.as_ref(), problems);
    Some(definition)
}

pub(super) fn is_ascii_id(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
}

fn check_codelists(
    lists: &[(String, Placed<crate::definition::CodeList>)],
    problems: &mut Problems,
) {
    for (name, list) in lists {
        let (mut codes, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for code in &list.item.codes {
            if !is_ascii_id(&code.id) {
                let message = format!(
                    "代码表 {name}: “{}” 的 id “{}” 只能用小写字母、数字、_ 和 -",
                    code.code, code.id
                );
                problems.add(&list.place, message);
            }
            if !ids.insert(&code.id) {
                problems.add(&list.place, format!("代码表 {name}: id “{}” 重复", code.id));
            }
            for text in std::iter::once(&code.code).chain(&code.synonyms) {
                if !codes.insert(text) {
                    problems.add(&list.place, format!("代码表 {name}: “{text}” 重复"));
                }
            }
        }
    }
}

pub(super) fn unique<'a>(
    what: &str,
    items: impl Iterator<Item = (&'a str, &'a Place)>,
    problems: &mut Problems,
) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for (id, place) in items {
        if let Some(first) = seen.get(id) {
            let message = format!("{what} “{id}” 重复，先见于 {}:{}", first.file, first.line);
            problems.add(place, message);
        } else {
            seen.insert(id, place);
        }
    }
}

fn check_uniqueness(definition: &Definition, places: &Places, problems: &mut Problems) {
    let forms = definition.forms.iter().map(|f| f.id.as_str()).zip(&places.forms);
    unique("报表", forms, problems);
    let indicators = definition.indicators.iter().map(|i| i.id.as_str()).zip(&places.indicators);
    unique("指标", indicators, problems);
    // Checks made by one for_each share place and code.
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for (check, place) in definition.checks.iter().zip(&places.checks) {
        let first = seen.entry(&check.code).or_insert(place);
        if (&first.file, first.line) != (&place.file, place.line) {
            let message =
                format!("审核 “{}” 重复，先见于 {}:{}", check.code, first.file, first.line);
            problems.add(place, message);
        }
    }
    let charts = definition
        .programmes
        .iter()
        .zip(&places.programmes)
        .flat_map(|(p, place)| p.charts.iter().map(move |c| (c.id.as_str(), place)));
    unique("图", charts, problems);
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for unit in definition.units.all() {
        for name in std::iter::once(&unit.name).chain(&unit.aliases) {
            if let Some(other) = names.insert(name, &unit.code)
                && other != unit.code
            {
                let file = format!("registers/{}.csv", definition.settings.unit_register);
                let message = format!("名称 “{name}” 同时属于 {other} 和 {}", unit.code);
                problems.add(&Place::file(&file), message);
            }
        }
    }
}

fn check_forms(definition: &Definition, places: &Places, problems: &mut Problems) {
    for (form, place) in definition.forms.iter().zip(&places.forms) {
        let mut add = |message: String| problems.add(place, format!("报表 {}: {message}", form.id));
        for name in clashing_columns(form, definition) {
            add(format!("列名 “{name}” 与引擎自带或派生的列重名，请换一个"));
        }
        if !is_ascii_id(&form.id) {
            add("id 只能用小写字母、数字、_ 和 -".into());
        }
        let names: BTreeSet<&str> = form.fields.iter().map(|f| f.name.as_str()).collect();
        let mut known = |what: &str, name: &str| {
            if !names.contains(name) {
                let choices = names.iter().copied().collect::<Vec<_>>().join("、");
                problems.add(
                    place,
                    format!("报表 {}: {what}提到的列 “{name}” 不存在，现有：{choices}", form.id),
                );
            }
        };
        form.primary_key.iter().for_each(|n| known("primary_key ", n));
        form.stocks.iter().for_each(|s| {
            known("stock ", &s.opening);
            known("stock ", &s.closing);
        });
        form.parts.iter().for_each(|p| {
            known("parts ", &p.whole);
            p.of.iter().for_each(|n| known("parts ", n));
        });
        form.bands.iter().for_each(|b| known("band ", &b.of));
        form.derive.iter().for_each(|d| known("derive ", &d.to));
        for field in &form.fields {
            field.part_of.iter().for_each(|n| known("part_of ", n));
            field.due.iter().for_each(|n| known("due ", n));
        }
        check_fields(definition, form, place, problems);
    }
}

fn check_fields(definition: &Definition, form: &Form, place: &Place, problems: &mut Problems) {
    for field in &form.fields {
        let mut add = |message: String| {
            problems.add(place, format!("报表 {}.{}: {message}", form.id, field.name))
        };
        if let Some(list) = &field.codelist
            && !definition.codelists.contains_key(list)
        {
            let choices = definition.codelists.keys().cloned().collect::<Vec<_>>().join("、");
            add(format!("代码表 “{list}” 不存在，现有：{choices}"));
        }
        for bound in [&field.constraints.minimum, &field.constraints.maximum].into_iter().flatten()
        {
            if Decimal::parse(bound).is_none() {
                add(format!("上下限 “{bound}” 不是数"));
            }
        }
        if field.decimals > 6 {
            add("decimals 最多为 6".into());
        }
    }
    for band in &form.bands {
        let from: Vec<_> = band.steps.iter().map(|s| Decimal::parse(&s.from)).collect();
        let descending = from.windows(2).all(|w| w[0].is_some() && w[1].is_some() && w[0] > w[1]);
        if from.is_empty() || from.iter().any(Option::is_none) || !descending {
            let message = format!("报表 {}: band {} 的 from 应为从高到低的数", form.id, band.id);
            problems.add(place, message);
        }
    }
}

fn expression(
    text: &str,
    schema: &Schema,
    wanted: Option<&[ColumnType]>,
    what: &str,
    place: &Place,
    problems: &mut Problems,
) -> Option<sql::Expression> {
    match sql::check_expression(text, schema) {
        Ok(parsed) => {
            if wanted.is_some_and(|types| !types.contains(&parsed.result)) {
                let message = format!("{what}: “{text}” 应得出是/否，实为 {:?}", parsed.result);
                problems.add(place, message);
            }
            Some(parsed)
        }
        Err(refusal) => {
            problems.add(place, format!("{what}: “{text}”: {}", refusal.0));
            None
        }
    }
}

fn query(
    text: &str,
    tables: &BTreeMap<String, Schema>,
    what: &str,
    place: &Place,
    problems: &mut Problems,
) -> Option<sql::Query> {
    sql::check_query(text, tables)
        .map_err(|refusal| problems.add(place, format!("{what}: {}", refusal.0)))
        .ok()
}

pub(super) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

fn resolve_checks(
    definition: &mut Definition,
    places: &Places,
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let mut checks = std::mem::take(&mut definition.checks);
    let resolve = |(check, place): (&mut Check, &Place)| {
        let mut found = Problems::default();
        resolve_check(check, place, definition, tables, &mut found);
        found
    };
    let placed = checks.par_iter_mut().zip(&places.checks);
    let found: Vec<Problems> = placed.map(resolve).collect();
    problems.0.extend(found.into_iter().flat_map(|found| found.0));
    definition.checks = checks;
}

fn resolve_check(
    check: &mut Check,
    place: &Place,
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
    let kinds = [check.rule.is_some(), check.violations.is_some(), check.interval.is_some()];
    if kinds.iter().filter(|&&k| k).count() != 1 {
        problems.add(place, format!("审核 {code}: rule、violations、interval 应当且只应有一个"));
    }
    let Some(schema) = tables.get(&form.id) else { return };
    let what = format!("审核 {code}");
    let boolean = [ColumnType::Boolean];
    let parse = |text: &Option<String>, problems: &mut Problems| {
        text.as_ref().and_then(|t| expression(t, schema, Some(&boolean), &what, place, problems))
    };
    check.parsed_rule = parse(&check.rule, problems);
    check.parsed_when = parse(&check.when, problems);
    check.parsed_violations =
        check.violations.as_ref().and_then(|q| query(q, tables, &what, place, problems));
    if let Some(interval) = &mut check.interval {
        interval.parsed = query(&interval.query, tables, &what, place, problems);
        let mut wanted = vec!["unit", "_row", "printed", "printed_half", "a", "a_half"];
        if interval.operation != IntervalOperation::Equal {
            wanted.extend(["b", "b_half"]);
        }
        if let Some(parsed) = &interval.parsed {
            let missing: Vec<_> = wanted
                .into_iter()
                .filter(|name| !parsed.columns.iter().any(|(c, _)| c == name))
                .collect();
            if !missing.is_empty() {
                problems
                    .add(place, format!("{what}: interval 的查询缺少列 {}", missing.join("、")));
            }
        }
    }
    let scope = scope_of(check);
    check.scope.get_or_insert(scope);
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

fn check_texts(check: &Check, form: &Form, place: &Place, problems: &mut Problems) {
    let code = &check.code;
    let mut add = |message: String| problems.add(place, format!("审核 {code}: {message}"));
    if !check.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        add(format!("name “{}” 只能用小写字母、数字和 -", check.name));
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
    if !check.is_collectable() && check.reason.trim().is_empty() {
        add("status = \"not-collectable\" 时应写明 reason".into());
    }
    for name in &check.cells {
        if form.field(name).is_none() {
            add(format!("cells 提到的列 “{name}” 不在报表 {} 中", form.id));
        }
    }
    for template in [&check.message, &check.seen, &check.expected] {
        for name in placeholders(template) {
            match form.field(name) {
                Some(field) if field.personal => {
                    add(format!("文字里不能出现个人信息列 “{name}”，请改用单元格位置"));
                }
                Some(_) => {}
                // Query columns and derived columns.
                None if check.rule.is_none() || name.contains("__") => {}
                None if ["unit", "seen", "expected", "period"].contains(&name) => {}
                None => add(format!("文字里的 “{{{name}}}” 不是报表 {} 的列", form.id)),
            }
        }
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
    let operands = indicators.iter().filter(|i| i.kind != IndicatorKind::Problems);
    let ids: BTreeSet<String> = operands.map(|i| i.id.clone()).collect();
    let resolve = |(indicator, place): (&mut Indicator, &Place)| {
        let mut found = Problems::default();
        resolve_indicator(indicator, place, &ids, (definition, tables), &mut found);
        found
    };
    let placed = indicators.par_iter_mut().zip(&places.indicators);
    let found: Vec<Problems> = placed.map(resolve).collect();
    problems.0.extend(found.into_iter().flat_map(|found| found.0));
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
    place: &Place,
    ids: &BTreeSet<String>,
    (definition, tables): (&Definition, &BTreeMap<String, Schema>),
    problems: &mut Problems,
) {
    let what = format!("指标 {}", indicator.id);
    if !is_ascii_id(&indicator.id) {
        problems.add(place, format!("{what}: id 只能用小写字母、数字、_ 和 -"));
    }
    if !indicator.target.is_empty() && indicator.target_value().is_none() {
        problems.add(place, format!("{what}: target “{}” 不是数", indicator.target));
    }
    for period in &indicator.breaks {
        if matches!(Period::parse(period), Period::Campaign(_)) {
            problems.add(place, format!("{what}: breaks 的 “{period}” 不是报告期"));
        }
    }
    if !indicator.is_collectable() {
        return;
    }
    if indicator.is_made_of_others() {
        if indicator.kind == IndicatorKind::Derived {
            resolve_formula(indicator, ids, place, problems);
        }
        return;
    }
    if indicator.kind == IndicatorKind::Problems {
        diagnoses::check_count(indicator, place, problems);
        return;
    }
    let Some(form) = definition.form(&indicator.form) else {
        problems.add(place, format!("{what}: 报表 “{}” 不存在", indicator.form));
        return;
    };
    resolve_expressions(indicator, form, (definition, tables), place, problems);
}

fn resolve_expressions(
    indicator: &mut Indicator,
    form: &Form,
    (definition, tables): (&Definition, &BTreeMap<String, Schema>),
    place: &Place,
    problems: &mut Problems,
) {
    use IndicatorKind::{Distribution, Transition};
    let what = format!("指标 {}", indicator.id);
    let Some(schema) = tables.get(&form.id) else { return };
    let boolean = [ColumnType::Boolean];
    let parse = |text: &Option<String>, wanted: Option<&[ColumnType]>, problems: &mut Problems| {
        text.as_ref().and_then(|t| expression(t, schema, wanted, &what, place, problems))
    };
    indicator.parsed_numerator = parse(&indicator.numerator, None, problems);
    indicator.parsed_filter = parse(&indicator.filter, Some(&boolean), problems);
    for step in &mut indicator.steps {
        step.parsed = parse(&Some(step.filter.clone()), Some(&boolean), problems);
    }
    if let Some(Denominator::Expression(text)) = &indicator.denominator {
        indicator.parsed_denominator = parse(&Some(text.clone()), None, problems);
    }
    if let Some(Denominator::Other(other)) = &mut indicator.denominator {
        let schema = match (&other.form, &other.register, &other.units) {
            (Some(id), None, None) => tables.get(id).cloned(),
            (None, Some(name), None) => definition.registers.get(name).map(register_schema),
            (None, None, Some(word)) if word == "expected" => Some(Schema::default()),
            _ => None,
        };
        if let Some(schema) = schema {
            let mut parse = |text: &Option<String>, wanted: Option<&[ColumnType]>| {
                text.as_ref().and_then(|t| expression(t, &schema, wanted, &what, place, problems))
            };
            other.parsed_filter = parse(&other.filter, Some(&boolean));
            other.parsed_sum = parse(&other.sum, None);
        } else {
            let message = format!(
                "{what}: denominator 应为表达式，或 {{ form = … }}、{{ register = … }}、{{ units = \"expected\" }} 之一，且所指存在"
            );
            problems.add(place, message);
        }
    }
    let needs_numerator =
        !matches!(indicator.kind, Distribution | IndicatorKind::Funnel | Transition);
    if needs_numerator && indicator.numerator.is_none() {
        problems.add(place, format!("{what}: 缺少 numerator"));
    }
    if indicator.kind == IndicatorKind::Ratio && indicator.denominator.is_none() {
        problems.add(place, format!("{what}: 缺少 denominator"));
    }
    if indicator.kind == IndicatorKind::Funnel && indicator.steps.is_empty() {
        problems.add(place, format!("{what}: 缺少 [[indicator.step]]"));
    }
    let coded = |name: &str| form.field(name).is_some_and(|f| f.codelist.is_some());
    let by_code = matches!(indicator.kind, Distribution | Transition);
    if by_code && !indicator.of.as_deref().is_some_and(coded) {
        problems.add(place, format!("{what}: of 应为报表 {} 中有代码表的列", form.id));
    }
    if indicator.kind == Transition {
        let list = |name: &Option<String>| {
            name.as_deref().and_then(|name| form.field(name)).and_then(|f| f.codelist.as_deref())
        };
        if indicator.from_field.is_some() && list(&indicator.from_field) != list(&indicator.of) {
            problems.add(place, format!("{what}: from_field 应为与 of 用同一代码表的列"));
        }
        if indicator.from_field.is_none() && form.primary_key.is_empty() {
            let message = format!(
                "{what}: 报表 {} 没有 primary_key，不能与上期逐行对应；请用 from_field 指明上期代码所在的列",
                form.id
            );
            problems.add(place, message);
        }
    } else if indicator.from_field.is_some() {
        problems.add(place, format!("{what}: from_field 只用于 kind = \"transition\""));
    }
    for by in &indicator.by {
        let field = by.strip_prefix("unit*").unwrap_or(by);
        if field != "unit" && !coded(field) {
            let choices: Vec<&str> = form
                .fields
                .iter()
                .filter(|f| f.codelist.is_some())
                .map(|f| f.name.as_str())
                .collect();
            let message = format!(
                "{what}: by 的 “{by}” 应为 unit、有代码表的列或 unit*列；有代码表的列：{}",
                choices.join("、")
            );
            problems.add(place, message);
        }
    }
}

fn resolve_formula(
    indicator: &mut Indicator,
    ids: &BTreeSet<String>,
    place: &Place,
    problems: &mut Problems,
) {
    let what = format!("指标 {}", indicator.id);
    let Some(text) = &indicator.formula else {
        problems.add(place, format!("{what}: 缺少 formula"));
        return;
    };
    match Formula::parse(text) {
        Ok(formula) => {
            for id in formula.operands.iter().filter(|id| !ids.contains(*id)) {
                problems.add(place, format!("{what}: value_of(\"{id}\") 没有这个指标"));
            }
            indicator.parsed_formula = Some(formula);
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

fn check_programmes(definition: &Definition, places: &Places, problems: &mut Problems) {
    for (programme, place) in definition.programmes.iter().zip(&places.programmes) {
        let tables = programme.tables.iter().map(|t| (&t.title, &t.indicators));
        let charts = programme.charts.iter().map(|c| (&c.id, &c.indicators));
        for (title, indicators) in tables.chain(charts) {
            for id in indicators {
                if definition.indicator(id).is_none() {
                    problems.add(place, format!("“{title}” 提到的指标 “{id}” 不存在"));
                }
            }
        }
        super::charts::check(definition, programme, place, problems);
    }
}
