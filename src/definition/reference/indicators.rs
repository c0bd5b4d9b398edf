//! Indicators in words, and what the report shows of them.

use super::{Described, Page, code, codes, escape};
use crate::definition::{Definition, Form, GROUP_DIMENSION, Indicator, Programme};

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
    indicator.described(definition).onto(page);
}

impl Indicator {
    /// What it counts, in words and as written, and how its figures are shown.
    pub fn described(&self, definition: &Definition) -> Described {
        let mut items = Described::default();
        items.words("类型", self.kind().title());
        if !self.is_collectable() {
            items.words("不可收集", self.reason());
        }
        items.words("定义", definition.in_words(self));
        for (label, text) in self.as_written() {
            items.code(label, text);
        }
        if self.compares_rows() {
            items.words("原代码取自", "上期报表中主键相同的行");
        }
        items.names("计分所用指标", self.computation.parts().iter().map(|part| &part.indicator));
        let form = definition.form(&self.form);
        let by: Vec<String> = self.by.iter().map(|by| breakdown(by, form)).collect();
        items.words("分组", by.join("、"));
        let measure = Some(self.measure()).filter(|measure| !measure.is_empty());
        let places = format!("{} 位小数", self.decimals);
        let shown: Vec<&str> = measure.into_iter().chain([places.as_str()]).collect();
        items.words("单位和精度", shown.join("，"));
        items.words("方向", self.better.title());
        items.words("目标", &self.target);
        items.words("时序", if self.pace.is_some() { "全年目标按已过月份折算" } else { "" });
        if self.is_ranked() {
            let small = match self.small_base {
                0 => String::new(),
                least => format!("，分母不足 {least} 的注明小基数"),
            };
            items.words("排名", format!("组内排名{small}"));
        }
        items.words("口径变化", self.breaks_in_words());
        items.words("注", &self.note);
        items
    }
}

fn breakdown(by: &str, form: Option<&Form>) -> String {
    let column = |name: &str| match form.and_then(|form| form.column_title(name)) {
        Some(title) => format!("{title} {name}"),
        None => name.to_owned(),
    };
    match (by, by.strip_prefix("unit*")) {
        ("unit", _) => "单位".to_owned(),
        (GROUP_DIMENSION, _) => "组别小计".to_owned(),
        (_, Some(field)) => format!("单位 × {}", column(field)),
        (field, None) => column(field),
    }
}
