//! Definitions in Chinese words, for whoever reads a figure: columns by their titles, conditions said
//! by the typed expression itself, or the sentence that the definition gives. The texts as written
//! stand beside it under 技术口径.

use super::columns::{FIXED_COLUMNS, Made, made_columns};
use super::{
    Computation, Definition, Denominator, Form, Indicator, IndicatorKind, OtherDenominator, Term,
};
use crate::sql::Expression;

/// What the columns before a form's fields are called, in the order of [`FIXED_COLUMNS`].
const FIXED_TITLES: [&str; 6] = ["行号", "填报单位代码", "填报单位", "单位类别", "组别", "报告期"];

impl Definition {
    /// What an indicator counts.
    pub fn in_words(&self, indicator: &Indicator) -> String {
        let mut parts = Vec::new();
        if let Some(form) = self.form(&indicator.form) {
            parts.push(format!("报表：{}", form.numbered_title()));
        }
        parts.push(format!("性质：{}", indicator.nature().title()));
        if indicator.wording.is_empty() {
            self.counted(indicator, &mut parts);
        } else {
            parts.push(indicator.wording.clone());
        }
        if let Computation::Derived { text, .. } = &indicator.computation {
            parts.push(format!("公式：{}", self.formula(indicator, text)));
        }
        let printed = indicator.printing_in_words().map(|words| ("折算", words));
        let rules = printed.into_iter().chain(indicator.scoring());
        parts.extend(rules.map(|(label, rule)| format!("{label}：{rule}")));
        if let Computation::TrimmedMean { trim, .. } = indicator.computation {
            parts.push(format!("去掉最高、最低各 {trim} 个后平均"));
        }
        if !indicator.base_title.is_empty() {
            parts.push(format!("口径：{}", indicator.base_title));
        }
        parts.join("；")
    }

    /// Rows, numerator, classes, steps, denominator.
    fn counted(&self, indicator: &Indicator, parts: &mut Vec<String>) {
        let form = self.form(&indicator.form);
        let say = |term: &Term| {
            let parsed = term.parsed.as_ref();
            parsed.map(|e| e.in_words(&|column| self.title_of_column(form, column)))
        };
        let computation = &indicator.computation;
        let filter = indicator.filter.as_ref().and_then(say);
        parts.extend(filter.map(|words| format!("范围：{words}")));
        let word = match indicator.kind() {
            IndicatorKind::Count => "计数",
            IndicatorKind::Sum => "求和",
            _ => "分子",
        };
        let numerator = computation.numerator().and_then(say);
        parts.extend(numerator.map(|words| format!("{word}：{words}")));
        if let Some(of) = computation.of().filter(|_| form.is_some()) {
            parts.push(format!("按{}分布", self.title_of_column(form, of)));
        }
        for step in computation.steps() {
            parts.extend(say(&step.filter).map(|words| format!("{}：{words}", step.title)));
        }
        for class in computation.columns() {
            parts.extend(say(&class.sum).map(|words| format!("{}＝{words}", class.title)));
        }
        let weight = computation.weight();
        parts.extend(weight.map(|w| format!("每行按{}计", self.title_of_column(form, &w.text))));
        let blanks = indicator.blanks_in_words(self);
        if !blanks.is_empty() {
            parts.push(format!("空白：{blanks}"));
        }
        let base = match computation.denominator() {
            Some(Denominator::OfRows(base)) => say(base),
            Some(Denominator::Elsewhere(other)) => Some(self.base_elsewhere(other)),
            None => None,
        };
        parts.extend(base.map(|words| format!("分母：{words}")));
    }

    fn base_elsewhere(&self, other: &OtherDenominator) -> String {
        let form = other.form.as_deref().and_then(|id| self.form(id));
        let say = |e: &Expression| e.in_words(&|column| self.title_of_column(form, column));
        let mut words = Vec::new();
        words.extend(form.map(|form| format!("{}的行", form.numbered_title())));
        words.extend(
            other.register.as_ref().map(|name| format!("{}的行", self.register_called(name))),
        );
        words.extend(other.units.as_ref().map(|_| "应报单位数".to_owned()));
        let parsed = |term: &Option<Term>| term.as_ref()?.parsed.as_ref().map(say);
        words.extend(parsed(&other.filter).map(|words| format!("范围为{words}")));
        words.extend(parsed(&other.sum).map(|words| format!("合计{words}")));
        let to_date = other.parsed_to_date.last();
        words.extend(to_date.map(|e| format!("年初到期末各段之和（{}）", say(e))));
        words.join("，")
    }

    /// A formula with the titles of the indicators that it is made of.
    fn formula(&self, indicator: &Indicator, formula: &str) -> String {
        let mut words = formula.to_owned();
        for id in indicator.operands() {
            let title = self.indicator(id).map_or(id, |other| other.title.as_str());
            words = words.replace(&format!("value_of(\"{id}\")"), title);
        }
        words.replace(" * ", "×").replace(" / ", "÷").replace(" + ", "＋").replace(" - ", "－")
    }

    /// What a column of a form, or of a register, is called.
    fn title_of_column(&self, form: Option<&Form>, column: &str) -> String {
        let Some(form) = form else { return register_title(column).to_owned() };
        if let Some(field) = form.field(column) {
            return field.title.clone();
        }
        if let Some(at) = FIXED_COLUMNS.iter().position(|fixed| *fixed == column) {
            return FIXED_TITLES[at].to_owned();
        }
        let made = made_columns(form, self).into_iter().find(|(name, _)| name == column);
        let Some((_, made)) = made else { return column.to_owned() };
        let of = self.title_of_column(Some(form), made.of());
        match made {
            Made::Rank { .. } => format!("{of}的次序"),
            Made::Group { .. } => format!("{of}的大类"),
            Made::Band { .. } => format!("{of}的分档"),
            Made::Half { .. } => format!("{of}末位的一半"),
            Made::Date { years, months, days, .. } => {
                let spans = [(i32::from(years), "年"), (months, "个月"), (days, "天")];
                let spans = spans.iter().filter(|(n, _)| *n != 0);
                let later: String = spans.map(|(n, word)| format!("{n} {word}")).collect();
                format!("{of}后 {later}的日期")
            }
            Made::Day { .. } => of,
            Made::Workday { .. } => format!("{of}（按工作日）"),
            Made::Month { .. } => format!("{of}的月份"),
        }
    }
}

/// Columns that registers share; others are called as they are.
pub fn register_title(column: &str) -> &str {
    match column {
        "code" => "代码",
        "name" => "名称",
        "kind" => "类别",
        "group" => "组别",
        other => other,
    }
}
