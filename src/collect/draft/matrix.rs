//! Forms whose lines, or whose columns, are fixed: items below each other, codes beside each other.

use std::collections::BTreeSet;

use super::columns::DraftedColumn;
use super::sheet::DraftedTable;
use crate::collect::text::compact;
use crate::collect::typing::as_printed;
use crate::definition::{FieldType, Layout};

/// What the column of items is called.
const ITEMS: &[&str] = &["项目", "指标", "指标名称", "内容", "类别", "分类", "等次"];
/// Fewer neighbours under one title are hardly codes.
const FEWEST_CODES: usize = 3;

/// Columns that may be the codes of one column.
#[derive(Debug)]
pub(super) struct Codes {
    /// The title over them.
    pub over: String,
    pub columns: Vec<usize>,
    /// Their sum.
    pub total: Option<usize>,
}

/// Makes the column of items a code with all its items; gives its place.
pub(super) fn items(table: &DraftedTable, columns: &mut [DraftedColumn]) -> Option<usize> {
    let at = columns.iter().position(|c| ITEMS.iter().any(|word| c.title.ends_with(word)))?;
    let names: Option<Vec<String>> =
        columns[at].texts.iter().map(|text| Some(as_printed(text.as_deref()?))).collect();
    let names = names.filter(|names| names.len() >= 2 && table.layout == Layout::Table)?;
    let different: BTreeSet<&String> = names.iter().collect();
    let unsaid = |column: &DraftedColumn| column.texts.iter().all(Option::is_none);
    let measure = |column: &DraftedColumn| {
        ["单位", "代码", "行次", "编号"].iter().any(|word| column.title.ends_with(word))
    };
    let others = || columns.iter().enumerate().filter(|(other, _)| *other != at);
    let fits =
        |column: &DraftedColumn| column.kind.is_number() || unsaid(column) || measure(column);
    let numbers = others().any(|(_, column)| !measure(column));
    if different.len() != names.len() || !others().all(|(_, c)| fits(c)) || !numbers {
        return None;
    }
    let column = &mut columns[at];
    column.why = format!("{}，每行一项", column.why);
    (column.kind, column.codes) = (FieldType::Code, names);
    for column in columns.iter_mut() {
        if unsaid(column) && column.kind == FieldType::Text {
            column.kind = FieldType::Integer;
            "没有填写的格，项目表的格多半是数".clone_into(&mut column.why);
        }
    }
    Some(at)
}

/// Short names under one title, all of them numbers of one kind.
pub(super) fn codes(table: &DraftedTable, columns: &[DraftedColumn]) -> Option<Codes> {
    let over = |at: usize| match table.columns[at].path.as_slice() {
        [first, _, ..] => Some(first),
        _ => None,
    };
    let counts = ["数", "次", "率", "额", "计", "人", "应", "实", "其中", "期初", "期末"];
    let is = |at: &usize| {
        let column = &columns[*at];
        let short = column.title.chars().count() <= 6;
        column.kind.is_number() && short && !counts.iter().any(|word| column.title.contains(word))
    };
    let first = (0..columns.len()).find(|at| over(*at).is_some() && is(at))?;
    let group: Vec<usize> =
        (first..columns.len()).take_while(|at| over(*at) == over(first)).collect();
    let same = |at: &usize| columns[*at].kind == columns[first].kind;
    if group.len() < FEWEST_CODES || !group.iter().all(|at| is(at) && same(at)) {
        return None;
    }
    let sum = |at: &usize| !group.contains(at) && columns[*at].title.ends_with('计');
    let total = (0..columns.len()).find(sum);
    Some(Codes { over: compact(&over(first)?.1).into_owned(), columns: group, total })
}
