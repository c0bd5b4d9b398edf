//! What holds between the columns of a table: sums, parts, 应 and 实, per cent of two others.

use super::columns::{DraftedColumn, number};
use super::sheet::{DraftedTable, Titled};
use crate::definition::FieldType;
use crate::model::{Decimal, Rational};

/// A sum of more columns would be found by chance, or never.
const MOST_PARTS: usize = 12;

/// Columns by their place in the proposal.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// The whole, its parts, and in how many rows the sum was seen.
    pub sums: Vec<(usize, Vec<usize>, usize)>,
    /// 其中: the part and its whole.
    pub parts: Vec<(usize, usize)>,
    /// 实… and its 应….
    pub due: Vec<(usize, usize)>,
    /// A per cent, its numerator, its denominator.
    pub ratios: Vec<(usize, usize, usize)>,
    /// 期初 and 期末.
    pub stocks: Vec<(usize, usize)>,
    /// Columns that the 合计 row does not add up.
    pub not_added: Vec<usize>,
    /// The 合计 row was compared.
    pub totalled: bool,
}

pub(super) fn find(table: &DraftedTable, columns: &[DraftedColumn]) -> Relations {
    let stated = |titled: &Titled| titled.total.and_then(number).is_some();
    let totalled = table.columns.iter().any(stated);
    let mut found = Relations { totalled, ..Relations::default() };
    for (at, column) in columns.iter().enumerate() {
        found.sums.extend(sum_of(at, columns));
        found.parts.extend(whole_of(at, columns).map(|whole| (at, whole)));
        found.due.extend(due_of(at, columns).map(|due| (at, due)));
        found.stocks.extend(closing_of(at, columns).map(|closing| (at, closing)));
        if column.kind == FieldType::Percent {
            found.ratios.extend(ratio_of(at, columns).map(|(n, d)| (at, n, d)));
        }
        if column.kind.is_number() && !is_added(&table.columns[at], column) {
            found.not_added.push(at);
        }
    }
    found
}

fn adds(column: &DraftedColumn) -> bool {
    column.kind.is_number() && column.kind != FieldType::Percent
}

/// Neighbours whose sum a column is in every row: all behind it, or all before it.
fn sum_of(whole: usize, columns: &[DraftedColumn]) -> Option<(usize, Vec<usize>, usize)> {
    if !adds(&columns[whole]) {
        return None;
    }
    let behind = (whole + 3..=columns.len().min(whole + 1 + MOST_PARTS)).rev();
    let behind = behind.map(|end| (whole + 1..end).collect::<Vec<_>>());
    let before = (whole.saturating_sub(MOST_PARTS)..whole.saturating_sub(1))
        .map(|from| (from..whole).collect());
    behind.chain(before).find_map(|parts| {
        let rows = rows_of_sum(whole, &parts, columns)?;
        Some((whole, parts, rows))
    })
}

/// In how many rows the sum holds, if it holds in all and no two columns alone would do.
fn rows_of_sum(whole: usize, parts: &[usize], columns: &[DraftedColumn]) -> Option<usize> {
    let (whole, mut rows, mut telling) = (&columns[whole], 0, 0);
    if !parts.iter().all(|&part| adds(&columns[part]) && columns[part].unit == whole.unit) {
        return None;
    }
    for (row, number) in whole.numbers.iter().enumerate() {
        let values: Option<Vec<Decimal>> =
            parts.iter().map(|&part| columns[part].numbers.get(row).copied().flatten()).collect();
        let (Some(number), Some(values)) = (number, values) else { return None };
        if values.iter().copied().fold(Decimal::ZERO, Decimal::plus) != *number {
            return None;
        }
        rows += 1;
        telling += usize::from(values.iter().filter(|value| !value.is_zero()).count() >= 2);
    }
    let named = ["合计", "总", "小计", "计"].iter().any(|word| whole.title.contains(word));
    (telling >= if named { 1 } else { 3 }).then_some(rows)
}

/// Is a part never more than the whole, where both are typed?
fn never_more(part: &DraftedColumn, whole: &DraftedColumn) -> bool {
    let mut pairs = part.numbers.iter().zip(&whole.numbers);
    pairs.all(|(part, whole)| match (part, whole) {
        (Some(part), Some(whole)) => part <= whole,
        _ => true,
    })
}

/// 其中…: of the nearest column on the left that is none.
fn whole_of(part: usize, columns: &[DraftedColumn]) -> Option<usize> {
    let column = &columns[part];
    let marked = |column: &DraftedColumn| column.title.contains("其中");
    let whole = (0..part).rev().find(|&at| adds(&columns[at]) && !marked(&columns[at]))?;
    (marked(column) && adds(column) && never_more(column, &columns[whole])).then_some(whole)
}

/// 实到 of 应到: the same title but for that character.
fn due_of(real: usize, columns: &[DraftedColumn]) -> Option<usize> {
    let column = &columns[real];
    if !adds(column) || !column.title.contains('实') {
        return None;
    }
    let title = column.title.replacen('实', "应", 1);
    let due = columns.iter().position(|c| adds(c) && c.title == title)?;
    never_more(column, &columns[due]).then_some(due)
}

/// 期初 and 期末 of one thing.
fn closing_of(opening: usize, columns: &[DraftedColumn]) -> Option<usize> {
    let column = &columns[opening];
    let pairs = [
        ("期初", "期末"),
        ("月初", "月末"),
        ("年初", "年末"),
        ("季初", "季末"),
        ("上期末", "本期末"),
        ("上月末", "本月末"),
    ];
    let title = pairs
        .iter()
        .find(|(from, _)| column.title.contains(from))
        .map(|(from, to)| column.title.replacen(from, to, 1))?;
    columns.iter().position(|c| adds(c) && adds(column) && c.title == title)
}

/// Two columns whose quotient, rounded, is the per cent in every row; the nearest pair.
fn ratio_of(percent: usize, columns: &[DraftedColumn]) -> Option<(usize, usize)> {
    let counts: Vec<usize> = (0..columns.len()).filter(|&at| adds(&columns[at])).collect();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for &numerator in &counts {
        pairs.extend(counts.iter().filter(|&&d| d != numerator).map(|&d| (numerator, d)));
    }
    pairs.sort_by_key(|&(n, d)| n.abs_diff(percent) + d.abs_diff(percent));
    pairs.into_iter().find(|&(n, d)| is_quotient(&columns[percent], &columns[n], &columns[d]))
}

fn is_quotient(
    percent: &DraftedColumn,
    numerator: &DraftedColumn,
    denominator: &DraftedColumn,
) -> bool {
    let mut telling = 0;
    for row in 0..percent.numbers.len() {
        let at = |column: &DraftedColumn| column.numbers.get(row).copied().flatten();
        let (Some(value), Some(n), Some(d)) = (at(percent), at(numerator), at(denominator)) else {
            continue;
        };
        let hundred = Rational::new(100, 1);
        let Some(quotient) = n.to_rational().times(hundred).divided_by(d.to_rational()) else {
            continue;
        };
        if quotient.round(percent.decimals) != value {
            return false;
        }
        // 0 % and 100 % are the quotients of much.
        telling += usize::from(!value.is_zero() && n != d);
    }
    telling >= 2
}

/// Does the 合计 row say the sum of the column, where it says a number?
fn is_added(titled: &Titled, column: &DraftedColumn) -> bool {
    titled.total.and_then(number).is_none_or(|stated| {
        column.numbers.iter().flatten().copied().fold(Decimal::ZERO, Decimal::plus) == stated
    })
}
