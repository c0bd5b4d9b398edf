//! Texts of findings: shown cells, and what a rule expects.

use crate::definition::{Definition, Form};
use crate::model::{FactTable, PERSONAL, ReturnFacts, Value};
use crate::sql::Frame;

const BLANK: &str = "（空）";

/// A value as findings print it.
pub(super) fn printed(value: &Value) -> String {
    if *value == Value::Missing { BLANK.to_owned() } else { value.to_string() }
}

/// One row of a fact table with all its columns, also the derived ones.
#[derive(Clone, Copy)]
pub(super) struct RowView<'a> {
    pub form: &'a Form,
    pub table: &'a FactTable,
    pub frame: &'a Frame,
    pub row: usize,
}

impl<'a> RowView<'a> {
    pub(super) fn origin(&self) -> (&'a ReturnFacts, usize) {
        self.table.origin(self.row)
    }

    /// A field, a derived column or `unit`, as printed; personal fields are masked.
    pub(super) fn value(&self, definition: &Definition, name: &str) -> Option<String> {
        let (facts, _) = self.origin();
        if matches!(name, "unit" | "unit_name") {
            return Some(definition.units.name(&facts.unit).to_owned());
        }
        if self.form.is_personal(name) {
            return Some(PERSONAL.to_owned());
        }
        if let Some(field) = self.form.field_index(name) {
            return Some(printed(&self.table.columns[field].get(self.row)));
        }
        let column = self.frame.column(name)?;
        Some(printed(&column.get(self.row)))
    }

    /// The shown cells as typed: `评定得分=92.5，评定等次=较好`.
    pub(super) fn seen(&self, fields: &[usize]) -> String {
        let (facts, row) = self.origin();
        shown_cells(self.form, facts, row, fields)
    }
}

/// Cells of one row as typed, each with the title of its field.
pub(super) fn shown_cells(
    form: &Form,
    facts: &ReturnFacts,
    row: usize,
    fields: &[usize],
) -> String {
    let cell = |&index: &usize| {
        let field = &form.fields[index];
        let text = if field.personal {
            PERSONAL.to_owned()
        } else {
            facts.raw_text(row, index).unwrap_or_else(|| BLANK.to_owned())
        };
        format!("{}={text}", field.title)
    };
    fields.iter().map(cell).collect::<Vec<_>>().join("，")
}

/// The key of a row as typed values, personal parts masked: `141000001`, `〔个人信息〕、2013-10`.
pub(super) fn shown_key(form: &Form, facts: &ReturnFacts, row: usize, key: &[usize]) -> String {
    let part = |&index: &usize| {
        if form.fields[index].personal {
            PERSONAL.to_owned()
        } else {
            printed(&facts.columns[index].get(row))
        }
    };
    key.iter().map(part).collect::<Vec<_>>().join("、")
}

/// Titles of fields, each in quotation marks: `“评定得分”、“评定等次”`.
pub(super) fn quoted_titles(form: &Form, fields: &[usize]) -> String {
    let quoted = |&index: &usize| format!("“{}”", form.fields[index].title);
    fields.iter().map(quoted).collect::<Vec<_>>().join("、")
}

/// A comparison of two arithmetic sides, found in the text of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comparison<'a> {
    pub left: &'a str,
    pub operator: &'a str,
    pub right: &'a str,
}

impl<'a> Comparison<'a> {
    /// The only comparison at the top level of a rule, if the rule is nothing but one.
    pub(super) fn of(rule: &'a str) -> Option<Self> {
        let bytes = rule.as_bytes();
        let mut depth = 0usize;
        let mut quote = None;
        let mut found: Option<(usize, usize)> = None;
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match (quote, byte) {
                (Some(open), _) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'(') => depth += 1,
                (None, b')') => depth = depth.checked_sub(1)?,
                (None, b'<' | b'>' | b'=' | b'!') if depth == 0 => {
                    let two = bytes.get(at + 1).is_some_and(|next| matches!(next, b'=' | b'>'));
                    let end = at + 1 + usize::from(two);
                    if found.replace((at, end)).is_some() {
                        return None;
                    }
                    at = end;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        let (start, end) = found?;
        let (left, right) = (rule[..start].trim(), rule[end..].trim());
        let joined = |text: &str| {
            words(text).any(|word| {
                let word = word.to_ascii_uppercase();
                let operators = ["AND", "OR", "NOT", "BETWEEN", "IN", "LIKE", "IS", "CASE"];
                operators.contains(&word.as_str())
            })
        };
        (!joined(left) && !joined(right)).then_some(Self {
            left,
            operator: &rule[start..end],
            right,
        })
    }

    /// Does a side compute something?
    pub(super) fn is_arithmetic(&self) -> bool {
        let computes = |side: &str| side.contains(['+', '-', '*']);
        computes(self.left) || computes(self.right)
    }
}

/// Identifiers and keywords of an expression.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Is the text one identifier?
pub(super) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A rule with field titles instead of names: `期初在办件 + 本月登记件 = 期末在办件`.
/// `None` when it uses anything that a reader of the form does not know.
pub(super) fn rule_in_words(form: &Form, rule: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = rule.trim();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let end = rest[1..].find('\'')? + 2;
            text.push('“');
            text.push_str(&rest[1..end - 1]);
            text.push('”');
            rest = &rest[end..];
            continue;
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let end =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let word = &rest[..end];
            match word.to_ascii_uppercase().as_str() {
                "AND" => text.push('且'),
                "OR" => text.push('或'),
                _ => text.push_str(&form.field(word)?.title),
            }
            rest = &rest[end..];
            continue;
        }
        if !(first.is_ascii_digit() || first.is_whitespace() || "+-*<>=().".contains(first)) {
            return None;
        }
        text.push(if first.is_whitespace() { ' ' } else { first });
        rest = &rest[first.len_utf8()..];
    }
    let text = text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    Some(text.replace("<=", "≤").replace(">=", "≥").replace("<>", "≠"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_one_comparison_gives_its_sides() {
        let balance = Comparison::of("a + b = c + (d - 1)").unwrap();
        assert_eq!((balance.left, balance.operator, balance.right), ("a + b", "=", "c + (d - 1)"));
        assert!(balance.is_arithmetic());
        assert_eq!(Comparison::of("a <= b").unwrap().operator, "<=");
        assert!(!Comparison::of("grade = '好=1'").unwrap().is_arithmetic());
        assert_eq!(Comparison::of("a = b AND c = d"), None);
        assert_eq!(Comparison::of("a = b OR c"), None);
        assert_eq!(Comparison::of("a IS NULL"), None);
        assert_eq!(Comparison::of("CASE WHEN a = b THEN 1 ELSE 2 END"), None);
    }

    #[test]
    fn a_rule_reads_in_the_words_of_the_form() {
        let form: Form = toml::from_str(
            "id = 'f'\ntitle = 'F'\nrow = '一行'\nfrequency = 'monthly'\n\
             field = [{ name = 'a', title = '期初', type = 'integer' },\
             { name = 'b', title = '期末', type = 'integer' }]",
        )
        .unwrap();
        assert_eq!(rule_in_words(&form, "a + 1 <= b").unwrap(), "期初 + 1 ≤ 期末");
        assert_eq!(rule_in_words(&form, "a = b__rank"), None);
        assert_eq!(rule_in_words(&form, "a / b = 1"), None);
    }
}
