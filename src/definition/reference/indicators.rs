//! Indicators in words, and what the report shows of them.

use super::{Page, code, codes, escape};
use crate::definition::{
    Computation, Definition, Denominator, GROUP_DIMENSION, Indicator, IndicatorKind,
    OtherDenominator, Programme, Term,
};

pub(super) fn describe(programme: &Programme, definition: &Definition, page: &mut Page) {
    let own = || definition.indicators.iter().filter(|i| i.programme == programme.id);
    if own().next().is_some() {
        page.heading(2, "指标");
        for indicator in own() {
            section(indicator, definition, page);
        }
    }
    if programme.tables.is_empty() && programme.charts.is_empty() {
        return;
    }
    page.heading(2, "报告");
    let by = |by: &str| if by.is_empty() || by == "unit" { "单位".to_owned() } else { code(by) };
    let tables = programme.tables.iter().map(|table| {
        let title = escape(&table.title);
        vec!["表".to_owned(), title, codes(&table.indicators), by(&table.by), escape(&table.note)]
    });
    let charts = programme.charts.iter().map(|chart| {
        let title = escape(&chart.title);
        let kind = chart.kind.title().to_owned();
        vec![kind, title, codes(&chart.indicators), by(&chart.by), String::new()]
    });
    page.table(&["形式", "标题", "指标", "分组", "说明"], tables.chain(charts));
}

fn section(indicator: &Indicator, definition: &Definition, page: &mut Page) {
    page.heading(3, &format!("{} {}", indicator.id, indicator.title));
    page.list();
    if let Some(form) = definition.form(&indicator.form) {
        page.item("报表", &escape(&form.heading()));
    }
    page.item("类型", indicator.kind().title());
    page.item("性质", indicator.nature().title());
    if !indicator.is_collectable() {
        page.item("不可收集", &escape(indicator.reason()));
    }
    let text = |term: Option<&Term>| term.map(|term| term.text.clone()).unwrap_or_default();
    let computation = &indicator.computation;
    page.expression("范围", &text(indicator.filter.as_ref()));
    let label = match indicator.kind() {
        IndicatorKind::Count => "计数",
        IndicatorKind::Sum => "合计",
        _ => "分子",
    };
    page.expression(label, &text(computation.numerator()));
    match computation.denominator() {
        Some(Denominator::OfRows(base)) => page.expression("分母", &base.text),
        Some(Denominator::Elsewhere(other)) => page.item("分母", &elsewhere(other, definition)),
        None => {}
    }
    let by_code = match computation {
        Computation::Transition { .. } => "现代码",
        _ => "按代码分布",
    };
    page.item(by_code, &computation.of().map(code).unwrap_or_default());
    if let Computation::Transition { from_field, .. } = computation {
        let from = match from_field {
            Some(field) => format!("本行的 {}", code(field)),
            None => "上期报表中主键相同的行".to_owned(),
        };
        page.item("原代码取自", &from);
    }
    for step in computation.steps() {
        page.expression(&format!("步骤“{}”", escape(&step.title)), &step.filter.text);
    }
    for (label, rule) in indicator.counting() {
        page.item(label, &escape(&rule));
    }
    if let Computation::Derived { text, .. } = computation {
        page.expression("公式", text);
    }
    for (label, rule) in indicator.scoring() {
        page.item(label, &escape(&rule));
    }
    let parts: Vec<String> =
        computation.parts().iter().map(|part| part.indicator.clone()).collect();
    page.item("计分所用指标", &codes(&parts));
    if let Computation::TrimmedMean { trim, .. } = computation {
        page.item("去极值", &format!("最高、最低各去掉 {trim} 个"));
    }
    page.item("空白", &escape(&indicator.blanks_in_words(definition)));
    page.item("基数", &escape(&indicator.base_title));
    let form = definition.form(&indicator.form);
    let by = |by: &String| match (by.as_str(), by.strip_prefix("unit*")) {
        ("unit", _) => "单位".to_owned(),
        (GROUP_DIMENSION, _) => "组别小计".to_owned(),
        (_, Some(field)) => format!("单位 × {}", dimension(field, form)),
        (field, None) => dimension(field, form),
    };
    page.item("分组", &indicator.by.iter().map(by).collect::<Vec<_>>().join("、"));
    let mut shown = Vec::new();
    shown.extend((!indicator.measure().is_empty()).then(|| indicator.measure().to_owned()));
    shown.push(format!("{} 位小数", indicator.decimals));
    page.item("单位和精度", &escape(&shown.join("，")));
    page.item("方向", indicator.better.title());
    page.item("目标", &escape(&indicator.target));
    page.item("时序", if indicator.pace.is_some() { "全年目标按已过月份折算" } else { "" });
    if indicator.is_ranked() {
        let small = match indicator.small_base {
            0 => String::new(),
            least => format!("，分母不足 {least} 的注明小基数"),
        };
        page.item("排名", &format!("组内排名{small}"));
    }
    page.item("口径变化", &escape(&indicator.breaks_in_words()));
    page.item("注", &escape(&indicator.note));
}

fn dimension(name: &str, form: Option<&crate::definition::Form>) -> String {
    let title = form.and_then(|form| form.column_title(name)).map(escape);
    title.map_or_else(|| code(name), |title| format!("{title} {}", code(name)))
}

fn elsewhere(other: &OtherDenominator, definition: &Definition) -> String {
    let mut words = Vec::new();
    if let Some(form) = &other.form {
        let title = definition.form(form).map(|f| escape(&f.heading())).unwrap_or_default();
        words.push(format!("报表 {title} {} 的行数", code(form)));
    }
    words.extend(
        other
            .register
            .as_ref()
            .map(|name| format!("{}的行数", escape(&definition.register_called(name)))),
    );
    words.extend(other.units.as_ref().map(|_| "应报单位数".to_owned()));
    if let Some(sum) = &other.sum {
        words.iter_mut().for_each(|word| *word = word.replace("的行数", "的合计"));
        words.push(format!("求和 {}", code(&sum.text)));
    }
    if let Some(sums) = other.to_date_in_words() {
        words.iter_mut().for_each(|word| *word = word.replace("的行数", "的合计"));
        words.push(escape(&sums));
    }
    words.extend(other.filter.as_ref().map(|filter| format!("条件 {}", code(&filter.text))));
    words.join("，")
}
