//! Checks of the circular: its templates parse, and what they mention exists.

use super::{Problems, SourceLine, county};
use crate::definition::{
    Attachment, AttachmentKind, Call, DISEASES, Definition, GROUP_DIMENSION, Indicator,
    IndicatorKind, RULE_DIMENSION, Sentence, Template,
};
use crate::model::Nature;

/// Parses all templates and checks every name in them.
pub(super) fn resolve(
    definition: &mut Definition,
    places: &[SourceLine],
    circular_place: Option<&SourceLine>,
    problems: &mut Problems,
) {
    let mut sentences = std::mem::take(&mut definition.sentences);
    for (sentence, place) in sentences.iter_mut().zip(places) {
        resolve_sentence(sentence, definition, place, problems);
    }
    definition.sentences = sentences;
    let (Some(mut circular), Some(place)) = (definition.circular.clone(), circular_place) else {
        for place in places {
            let message = "没有 circular.toml，这个 [[sentence]] 不会写进任何通报；请建立 circular.toml，或删去这一句";
            problems.add(place, message);
        }
        return;
    };
    let at = place.key("title");
    circular.title_template = template(&circular.title, definition, &at, problems);
    circular.lead_templates = circular
        .lead
        .iter()
        .filter_map(|text| template(text, definition, &place.key("lead"), problems))
        .collect();
    for (number, sentence) in circular.sentences.iter_mut().enumerate() {
        resolve_sentence(sentence, definition, &place.nth("sentence", number), problems);
    }
    for (number, attachment) in circular.attachments.iter().enumerate() {
        check_attachment(attachment, definition, &place.nth("attachment", number), problems);
    }
    definition.circular = Some(circular);
}

fn resolve_sentence(
    sentence: &mut Sentence,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let (text, place) = (sentence.text.trim_end(), &place.key("text"));
    if !text.strip_suffix("{% endif %}").unwrap_or(text).trim_end().ends_with('。') {
        problems.add(place, format!("句子应以“。”结尾：“{}”", beginning(text)));
    }
    sentence.template = template(text, definition, place, problems);
}

/// The first words of a text, to find it by.
fn beginning(text: &str) -> String {
    text.trim().chars().take(16).collect::<String>() + "…"
}

fn template(
    text: &str,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) -> Option<Template> {
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(errors) => {
            for error in errors {
                problems.add(place, format!("句子“{}”：{error}", beginning(text)));
            }
            return None;
        }
    };
    for call in &template.calls {
        for error in check_call(call, definition) {
            problems.add(place, format!("句子“{}”：{error}", beginning(text)));
        }
    }
    Some(template)
}

fn check_call(call: &Call, definition: &Definition) -> Vec<String> {
    let mut errors = Vec::new();
    if let ("best" | "worst", Some(group)) = (call.word.as_str(), call.arguments.get(1)) {
        let groups = &definition.settings.report.groups;
        if !groups.contains(group) {
            errors.push(format!("没有“{group}”这个组，现有：{}", groups.join("、")));
        }
    }
    errors.extend(undeclared(call, definition));
    let Some(id) = call.indicator() else { return errors };
    let Some(indicator) = definition.indicator(id) else {
        errors.push(format!("没有指标“{id}”{}", near(id, ids(definition))));
        return errors;
    };
    let refusal = unfit(call, indicator);
    errors.extend(refusal.map(|why| format!("{}(\"{id}\")：这个指标{why}", call.word)));
    if matches!(call.word.as_str(), "categories" | "top")
        && let Some(dimension) = call.arguments.get(1)
        && !indicator.by.contains(dimension)
    {
        errors.push(unknown_dimension(id, dimension, indicator));
    }
    for (key, text) in &call.options {
        if key == "class" {
            errors.extend(check_class(indicator, text, definition));
        } else if !indicator.by.contains(key) {
            errors.push(unknown_dimension(id, key, indicator));
        } else {
            errors.extend(check_code(indicator, key, text, definition));
        }
    }
    let needs_class = is_classed(indicator) && !matches!(call.word.as_str(), "parts" | "target");
    if needs_class && !call.options.contains_key("class") {
        errors.push(format!("{}(\"{id}\") 应写明 class", call.word));
    }
    errors
}

/// Why a word says nothing of an indicator.
fn unfit(call: &Call, indicator: &Indicator) -> Option<&'static str> {
    let by_unit = indicator.by.iter().any(|by| by == "unit");
    let against_year_begin = call.arguments.iter().any(|argument| argument == "year_begin");
    Some(match call.word.as_str() {
        "ranking" | "best" | "worst" if !indicator.is_ranked() => "不排名",
        "compare" | "growth" | "times"
            if against_year_begin && indicator.nature() != Nature::Stock =>
        {
            "不是期末数（nature = \"stock\"），不与年初比较"
        }
        "pace" if indicator.nature() != Nature::Ytd || indicator.measure() != "%" => {
            "不是本年累计的完成率（nature = \"ytd\"，按 %）"
        }
        "units" if !by_unit => "没有按单位（unit）分组",
        "target" | "met" | "below" if indicator.target.is_empty() => "没有目标（target）",
        "below" if !by_unit => "没有按单位（unit）分组",
        "parts" if !is_classed(indicator) => "不是分布或漏斗",
        _ => return None,
    })
}

/// What circular.toml does not have of what a word takes from it.
fn undeclared(call: &Call, definition: &Definition) -> Option<String> {
    let circular = definition.circular.as_ref()?;
    let (table, known): (&str, Vec<&str>) = match call.word.as_str() {
        "parameter" => ("parameters", circular.parameters.keys().map(String::as_str).collect()),
        "day" => ("days", circular.days.keys().map(String::as_str).collect()),
        "deadline" if circular.deadline.is_none() => {
            return Some("circular.toml 没有写 deadline".to_owned());
        }
        _ => return None,
    };
    let name = call.arguments.first().map_or("", String::as_str);
    (!known.contains(&name))
        .then(|| format!("circular.toml 的 [{table}] 没有“{name}”，现有：{}", known.join("、")))
}

fn is_classed(indicator: &Indicator) -> bool {
    matches!(indicator.kind(), IndicatorKind::Distribution | IndicatorKind::Funnel)
}

fn unknown_dimension(id: &str, dimension: &str, indicator: &Indicator) -> String {
    format!("指标“{id}”没有分组“{dimension}”，现有：{}", indicator.by.join("、"))
}

fn check_class(indicator: &Indicator, text: &str, definition: &Definition) -> Option<String> {
    if indicator.kind() == IndicatorKind::Funnel {
        let steps: Vec<&str> =
            indicator.computation.steps().iter().map(|step| step.title.as_str()).collect();
        return (!steps.contains(&text))
            .then(|| format!("没有环节“{text}”，现有：{}", steps.join("、")));
    }
    let Some(of) = indicator.computation.of() else {
        let titles: Vec<&str> =
            indicator.computation.columns().iter().map(|c| c.title.as_str()).collect();
        return (!titles.contains(&text))
            .then(|| format!("没有分类“{text}”，现有：{}", titles.join("、")));
    };
    check_code(indicator, of, text, definition)
}

fn check_code(
    indicator: &Indicator,
    field: &str,
    text: &str,
    definition: &Definition,
) -> Option<String> {
    let codes: Vec<String> = match field {
        "unit" => return county::unknown_unit(text, definition),
        GROUP_DIMENSION => definition.settings.report.groups.clone(),
        RULE_DIMENSION => definition.diagnoses.iter().map(|rule| rule.title.clone()).collect(),
        DISEASES if indicator.kind() == IndicatorKind::Problems => {
            let list = definition.codelists.get(DISEASES)?;
            list.codes.iter().map(|code| code.code.clone()).collect()
        }
        _ => {
            let form = definition.form(&indicator.form)?;
            definition.codes_of(form, field, None)?.into_iter().map(|(code, _)| code).collect()
        }
    };
    (!codes.iter().any(|code| code == text))
        .then(|| format!("没有代码“{text}”，现有：{}", codes.join("、")))
}

/// Ids that share a beginning with a mistyped one, else where to look.
pub(super) fn near<'a>(id: &str, all: impl Iterator<Item = &'a str>) -> String {
    let stem: String = id.chars().take(4).collect();
    let alike: Vec<&str> = all.filter(|other| other.starts_with(&stem)).take(8).collect();
    if alike.is_empty() {
        "。用 dangtong list indicators 查看全部编号".to_owned()
    } else {
        format!("，相近的有：{}", alike.join("、"))
    }
}

fn ids(definition: &Definition) -> impl Iterator<Item = &str> {
    definition.indicators.iter().map(|indicator| indicator.id.as_str())
}

fn check_attachment(
    attachment: &Attachment,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let mut add = |key: &str, message: String| {
        problems.add(&place.key(key), format!("附件“{}”：{message}", attachment.title));
    };
    for id in &attachment.indicators {
        match definition.indicator(id) {
            None => add("indicators", format!("没有指标“{id}”{}", near(id, ids(definition)))),
            Some(indicator)
                if attachment.kind == AttachmentKind::Rankings && !indicator.is_ranked() =>
            {
                let message = format!(
                    "指标“{id}”不排名，请换一个有方向（better）的率或均值，或写 rank = true"
                );
                add("indicators", message);
            }
            Some(_) => {}
        }
    }
    for id in county::twice(&attachment.indicators) {
        add("indicators", format!("指标“{id}”写了两次"));
    }
    let charts: Vec<&str> = definition
        .programmes
        .iter()
        .flat_map(|programme| &programme.charts)
        .map(|chart| chart.id.as_str())
        .collect();
    for id in attachment.charts.iter().filter(|id| !charts.contains(&id.as_str())) {
        add("charts", format!("没有图“{id}”，现有：{}", charts.join("、")));
    }
}
