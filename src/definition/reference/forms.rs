//! Forms in words: who hands in what when, every column, and the code lists that they use.

use std::collections::BTreeSet;

use super::{Described, Page, code, escape};
use crate::definition::{Deadline, Definition, Field, Form, Hidden, Layout, Programme, Unpivot};
use crate::model::Period;

pub(super) fn describe(programme: &Programme, definition: &Definition, page: &mut Page) {
    let forms = || definition.forms.iter().filter(|f| f.programme == programme.id);
    if forms().next().is_none() {
        return;
    }
    page.heading(2, "报表");
    for form in forms() {
        form_section(form, definition, page);
    }
    let lists: BTreeSet<&String> =
        forms().flat_map(|f| &f.fields).filter_map(|f| f.codelist.as_ref()).collect();
    if lists.is_empty() {
        return;
    }
    page.heading(2, "代码表");
    for id in lists {
        let Some(list) = definition.codelists.get(id) else { continue };
        page.heading(3, &format!("{id} {}", list.title));
        if list.ordered {
            page.paragraph("由好到差排列。");
        }
        if let Some(register) = &list.register {
            page.paragraph(&format!("取自登记册 {}，只用报告期内有效的。", super::code(register)));
        }
        let row = |code: &crate::definition::Code| {
            vec![escape(&code.code), super::code(&code.id), escape(&code.synonyms.join("、"))]
        };
        page.table(&["代码", "编号", "也可写作"], list.codes.iter().map(row));
        for group in &list.groups {
            let codes = escape(&group.codes.join("、"));
            page.item(&format!("合为“{}”", escape(&group.title)), &codes);
        }
    }
}

fn form_section(form: &Form, definition: &Definition, page: &mut Page) {
    page.heading(3, &form.heading());
    form.described(definition).onto(page);
    let rows = form.fields.iter().enumerate().map(|(index, field)| column(index, field));
    page.table(&["序", "栏目", "列名", "类型", "单位", "代码表", "要求", "说明"], rows);
    relations(form, page);
}

impl Form {
    /// Who hands it in when, and how it stands on paper.
    pub fn described(&self, definition: &Definition) -> Described {
        let mut items = Described::default();
        items.code("编号", &self.id);
        items.words("也认作", self.aliases.join("、"));
        items.words("每行", &self.row);
        items.words("频率", self.frequency.title());
        let owing: Vec<&str> =
            definition.units_named_by(self).into_iter().map(|unit| unit.name.as_str()).collect();
        items.words("应报单位", format!("{} 个：{}", owing.len(), owing.join("、")));
        let when = self.owed_when.as_ref().map(|when| when.in_words(definition));
        items.words("应报条件", when.unwrap_or_default());
        items.words("报送期限", self.due.map(Deadline::in_words).unwrap_or_default());
        for round in &self.rounds {
            let by = round.owed_by.as_ref().map(|by| format!("，应报：{}", by.join("、")));
            let by = by.unwrap_or_default();
            items.words("轮次", format!("{} 的报表在 {} 上报{by}", round.period, round.folder));
        }
        let period = |period: &Option<Period>| period.as_ref().map(Period::title);
        items.words("开始", period(&self.first_period).unwrap_or_default());
        items.words("停止", period(&self.last_period).unwrap_or_default());
        items.words("上一轮称", &self.former);
        items.words("版式", self.on_paper_in_words());
        items.names("主键", &self.primary_key);
        if let Some(list) = &self.items {
            let refused = if list.every_row { "，否则退回" } else { "" };
            items.words("逐项", format!("{} 的每一项各有一行，不缺不重{refused}", list.field));
        }
        items.words("空表", if self.may_be_empty { "可以没有数据行" } else { "" });
        let refuses = self.hidden == Hidden::Refuse;
        items.words("隐藏行列", if refuses { "不允许含数据，有则退回" } else { "" });
        items.names("表样预填", &self.carried);
        items.words("说明", &self.note);
        items
    }

    /// How it stands on paper; empty for a plain table.
    fn on_paper_in_words(&self) -> String {
        let columns = |unpivot: &Unpivot| {
            let titles: Vec<&str> = unpivot.columns.iter().map(|c| c.title.as_str()).collect();
            let total = unpivot.total.as_ref().map(|title| format!("，“{title}”栏为各栏之和"));
            format!(
                "{} 的代码各为一栏（{}），栏内是 {}{}",
                unpivot.dimension,
                titles.join("、"),
                unpivot.value,
                total.unwrap_or_default()
            )
        };
        match self.layout {
            Layout::Table => self.unpivot.as_ref().map(columns).unwrap_or_default(),
            Layout::KeyValue if self.repeats => "栏名在左、内容在右，可以重复多组".to_owned(),
            Layout::KeyValue => "栏名在左、内容在右，一行可有几对".to_owned(),
            Layout::Transposed => "栏名自上而下，一列为一行数据".to_owned(),
        }
    }
}

/// A column as a row: its place, titles, type, and what is asked of it.
fn column(index: usize, field: &Field) -> Vec<String> {
    let mut kind = field.kind.title().to_owned();
    if field.kind.is_fractional() {
        kind += &format!("（{} 位小数）", field.decimals);
    }
    let rules = [
        (field.required, "必有"),
        (field.filled, "不得空白"),
        (field.cumulative, "年内累计"),
        (field.personal, "个人信息"),
        (field.origin == "design", "本项目增设"),
    ];
    let rules: Vec<&str> =
        rules.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word).collect();
    vec![
        (index + 1).to_string(),
        escape(&field.title),
        code(&field.name),
        kind,
        escape(&field.unit),
        field.codelist.as_ref().map(|list| code(list)).unwrap_or_default(),
        rules.join("、"),
        remarks(field).join("；"),
    ]
}

fn remarks(field: &Field) -> Vec<String> {
    let mut notes = Vec::new();
    if !field.aliases.is_empty() {
        notes.push(format!("也写作 {}", escape(&field.aliases.join("、"))));
    }
    match (&field.constraints.minimum, &field.constraints.maximum) {
        (Some(least), Some(most)) => notes.push(format!("{least} 至 {most}")),
        (Some(least), None) => notes.push(format!("不小于 {least}")),
        (None, Some(most)) => notes.push(format!("不大于 {most}")),
        (None, None) => {}
    }
    notes.extend(field.part_of.as_ref().map(|whole| format!("{} 的其中数", code(whole))));
    notes.extend(field.due.as_ref().map(|due| format!("不大于 {}", code(due))));
    notes.extend(field.ratio_of.as_ref().map(|[a, b]| format!("{} ÷ {}", code(a), code(b))));
    notes.extend(field.refers_to.as_ref().map(|targets| {
        let place = |target: &str| match target.trim().strip_prefix("form:") {
            Some(form) => format!("报表 {}", code(form)),
            None => format!("登记册 {}", code(target.trim())),
        };
        format!("须在{}中", targets.split('|').map(place).collect::<Vec<_>>().join("或"))
    }));
    if field.allow_wan {
        notes.push("可以写“0.5万”".into());
    }
    if !field.zero_values.is_empty() {
        notes.push(format!("“{}”表示零", escape(&field.zero_values.join("”“"))));
    }
    if !field.missing_values.is_empty() {
        notes.push(format!("“{}”表示没有数", escape(&field.missing_values.join("”“"))));
    }
    notes.extend((!field.note.is_empty()).then(|| escape(&field.note)));
    notes
}

/// What holds between columns, and the columns that the engine makes of them.
fn relations(form: &Form, page: &mut Page) {
    let none = form.parts.is_empty()
        && form.stocks.is_empty()
        && form.bands.is_empty()
        && form.derive.is_empty();
    if none {
        return;
    }
    page.list();
    for parts in &form.parts {
        let sign = if parts.complete { "=" } else { "≤" };
        let sum = parts.of.iter().map(|name| code(name)).collect::<Vec<_>>().join(" + ");
        page.item("分项", &format!("{sum} {sign} {}", code(&parts.whole)));
    }
    for stock in &form.stocks {
        let text = format!("本期 {} = 上期 {}", code(&stock.opening), code(&stock.closing));
        page.item("存量", &text);
    }
    for band in &form.bands {
        let steps: Vec<String> =
            band.steps.iter().map(|s| format!("{} 起“{}”", s.from, escape(&s.code))).collect();
        let name = code(&format!("{}__{}", band.of, band.id));
        page.item("分档", &format!("{name} 按 {} 划定：{}", code(&band.of), steps.join("，")));
    }
    for derive in &form.derive {
        let added = [
            (i64::from(derive.add_years), "年"),
            (i64::from(derive.add_months), "个月"),
            (i64::from(derive.add_days), "天"),
        ];
        let added: String = added
            .iter()
            .filter(|(n, _)| *n != 0)
            .map(|(n, unit)| format!(" {n:+} {unit}"))
            .collect();
        page.item("推算日期", &format!("{} = {}{added}", code(&derive.name), code(&derive.to)));
    }
}
