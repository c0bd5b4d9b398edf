//! Checks in words: those of a programme, and the page of the built-in ones.

use super::{Described, Page, code, escape};
use crate::definition::{Check, Definition, Form, MissingPolicy, Programme};
use crate::model::{Builtin, FAMILIES, builtins};

pub(super) fn describe(programme: &Programme, definition: &Definition, page: &mut Page) {
    let mut groups: Vec<Vec<&Check>> = Vec::new();
    for check in definition.checks.iter().filter(|c| c.programme == programme.id) {
        match groups.last_mut() {
            // Made by one for_each.
            Some(group) if group[0].code == check.code => group.push(check),
            _ => groups.push(vec![check]),
        }
    }
    if groups.is_empty() {
        return;
    }
    page.heading(2, "审核");
    let row = |group: &Vec<&Check>| {
        let check = group[0];
        let status = if check.is_collectable() { "" } else { "不可收集" };
        vec![
            check.code.clone(),
            check.level.title().to_owned(),
            check.scope().title().to_owned(),
            escape(&check.title),
            status.to_owned(),
        ]
    };
    page.table(&["编码", "级别", "范围", "审核", "状态"], groups.iter().map(row));
    for group in &groups {
        section(group, definition, page);
    }
}

fn section(group: &[&Check], definition: &Definition, page: &mut Page) {
    let check = group[0];
    page.heading(3, &format!("{} {}", check.code, check.title));
    check.described(definition, group.len() > 1).onto(page);
}

impl Check {
    /// What it asks for and what is to be done; it may stand for all that `for_each` made of it.
    pub fn described(&self, definition: &Definition, for_all: bool) -> Described {
        let mut items = Described::default();
        items.code("名称", &self.name);
        items.words("级别", format!("{} · {}", self.level.title(), self.scope().title()));
        items.words("报表", definition.form(&self.form).map(Form::heading).unwrap_or_default());
        if !self.is_collectable() {
            items.words("不可收集", &self.reason);
        }
        if for_all {
            let values: Vec<String> = self.for_each.values().map(|v| v.join("、")).collect();
            items.words("逐项审核", format!("{}（下面以第一项为例）", values.join("；")));
        }
        items.code("适用", self.when.as_deref().unwrap_or_default());
        items.code("规则（成立为通过）", self.rule.as_deref().unwrap_or_default());
        if self.rule.is_some() && self.missing != MissingPolicy::Skip {
            items.words("空白", self.missing.title());
        }
        items.code("查出的行即未通过", self.violations.as_deref().unwrap_or_default());
        if let Some(interval) = &self.interval {
            let how = format!("{}，在印出精度允许的范围内相符", interval.operation.title());
            items.words("规则（成立为通过）", how);
            items.code("所比的数", &interval.query);
        }
        items.names("所需数据", &self.needs);
        items.words("意见", &self.message);
        items.words("应为", &self.expected);
        items.words("处理", &self.remedy);
        items.words("依据", &self.basis);
        items
    }
}

/// `checks.md`
pub(super) fn builtin_page() -> String {
    let mut page = Page::new("内置审核");
    page.paragraph(
        "对所有管线的所有报表都做的审核，不需要定义。在 `pipeline.toml` 的 `[builtin.\"编码\"]` 中可以\
         调整：`enabled`（是否启用）、`level`（级别）、`percent` 和 `at_least`（G-10、G-11 的界限）、\
         `except`（不查的列）。收表和填写规则（C、D 开头）中的强制性审核不能停用：停用就会悄悄丢数。",
    );
    page.paragraph(
        "级别：**强制**的必须改正后重报，报表不计入；**核实**的须书面说明，未说明前指标注明待核实；\
         **提示**的不影响使用。",
    );
    for (letter, about) in FAMILIES {
        let (name, about) = about.split_once('：').unwrap_or((about, ""));
        page.heading(2, &format!("{letter}　{name}"));
        page.paragraph(&escape(about));
        let row = |check: &Builtin| {
            vec![
                check.code.to_owned(),
                check.level.title().to_owned(),
                check.scope.title().to_owned(),
                format!("**{}**<br>{}", escape(check.title), code(check.name)),
                escape(check.checks),
                escape(check.remedy),
            ]
        };
        let own = builtins().filter(|b| b.code.starts_with(letter));
        page.table(&["编码", "级别", "范围", "审核", "内容", "处理"], own.map(row));
    }
    page.text
}
