//! Cross-checks: every name that a definition mentions exists, every expression is inside the
//! SQL profile and has the right type, every code is unique and legal.

use std::collections::BTreeMap;

use super::names::{self, Id, unique};
use super::{
    Decoded, DefinitionFile, Placed, Places, Problems, SourceLine, charts, checks, circular,
    county, diagnoses, digits, forms, indicators, natures, rows, sense, units_of,
};
use crate::definition::{
    Definition, Indicator, IndicatorKind, Programme, Register, no_register, tables_schema,
};

/// In the order of the programmes, each kept in the order of its file.
fn split<T>(mut placed: Vec<Placed<T>>, order: impl Fn(&T) -> usize) -> (Vec<SourceLine>, Vec<T>) {
    placed.sort_by_key(|placed| order(&placed.item));
    placed.into_iter().map(|p| (p.place, p.item)).unzip()
}

pub(super) fn resolve(
    decoded: Decoded,
    files: Vec<DefinitionFile>,
    problems: &mut Problems,
) -> Option<Definition> {
    let settings = decoded.settings?;
    county::check_settings(&settings, problems);
    let register_places: BTreeMap<String, SourceLine> =
        decoded.registers.iter().map(|one| (one.item.name.clone(), one.place.clone())).collect();
    let mut registers: BTreeMap<String, Register> =
        decoded.registers.into_iter().map(|r| (r.item.name.clone(), r.item)).collect();
    county::name_registers(&settings, &mut registers, problems);
    let units = registers.get(&settings.item.unit_register).map(units_of);
    if units.is_none() {
        let message =
            format!("unit_register 的{}", no_register(&settings.item.unit_register, &registers));
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
    let (form_places, mut forms) = split(decoded.forms, |f| by_programme(&f.programme));
    let (check_places, checks) = split(decoded.checks, |c| by_programme(&c.programme));
    let (indicator_places, indicators) = split(decoded.indicators, |i| by_programme(&i.programme));
    let (sentence_places, sentences) = split(decoded.sentences, |s| by_programme(&s.programme));
    let (diagnosis_places, diagnoses) = split(decoded.diagnoses, |d| by_programme(&d.programme));
    let (programme_places, programmes) = split(programmes, |p| by_programme(&p.id));
    let (circular_place, circular) = decoded.circular.map(|c| (c.place, c.item)).unzip();
    let places = Places {
        forms: form_places,
        checks: check_places,
        indicators: indicator_places,
        programmes: programme_places,
        diagnoses: diagnosis_places,
        registers: register_places,
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
    let spoken = (sentence_places.as_slice(), circular_place.as_ref());
    check(&mut definition, &places, &settings.place, spoken, problems);
    Some(definition)
}

/// Everything that needs more than one item to be judged.
fn check(
    definition: &mut Definition,
    places: &Places,
    settings: &SourceLine,
    (sentences, circular): (&[SourceLine], Option<&SourceLine>),
    problems: &mut Problems,
) {
    let before = problems.all.len();
    let units = places.registers.get(&definition.settings.unit_register);
    county::check_units(definition, &units.cloned().unwrap_or_default(), problems);
    county::check_owners(definition, &places.registers, problems);
    forms::check(definition, &places.forms, problems);
    rows::check(definition, &places.forms, problems);
    check_uniqueness(definition, places, problems);
    if problems.unread || problems.all.len() > before {
        // Expressions are only meaningful over sound forms.
        return;
    }
    let tables = tables_schema(definition);
    rows::resolve(definition, &places.forms, &tables, problems);
    checks::resolve(definition, places, &tables, problems);
    indicators::resolve(definition, places, &tables, problems);
    digits::settle(definition, places, problems);
    sense::check(definition, places, problems);
    natures::settle(definition, &places.indicators, problems);
    check_programmes(definition, places, problems);
    diagnoses::check(definition, &places.diagnoses, problems);
    circular::resolve(definition, sentences, circular, problems);
    county::check_tuning(definition, settings, problems);
    county::check_report(definition, settings, problems);
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
        if (&first.file, first.outline.line) != (&place.file, place.outline.line) {
            let message = format!(
                "审核 “{}” 重复，先见于 {}:{}，请换一个编码",
                check.code, first.file, first.outline.line
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
            for id in county::twice(indicators) {
                problems.add(&at, format!("“{title}” 的指标 “{id}” 写了两次"));
            }
            for id in indicators.iter().filter(|id| definition.indicator(id).is_none()) {
                let all = definition.indicators.iter().map(|indicator| indicator.id.as_str());
                let alike = circular::near(id, all);
                problems.add(&at, format!("“{title}” 提到的指标 “{id}” 不存在{alike}"));
            }
        }
        charts::check(definition, programme, place, problems);
    }
}
