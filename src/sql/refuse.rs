//! The words of refusals: what is wrong, why, and what to write instead.

use std::fmt;

use super::{ColumnType, Refusal};

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

pub(super) fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(message.into()))
}

pub(super) fn type_name(kind: ColumnType) -> String {
    match kind {
        ColumnType::Integer => "整数".into(),
        ColumnType::Decimal(places) => format!("{places} 位小数"),
        ColumnType::Date => "日期".into(),
        ColumnType::Boolean => "是/否".into(),
        ColumnType::Text => "文字".into(),
    }
}

/// How many names a message lists.
const LISTED: usize = 12;

/// The valid names, nearest to `wanted` first.
pub(super) fn choices<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let mut ranked: Vec<(usize, &str)> =
        names.into_iter().map(|name| (distance(wanted, name), name)).collect();
    ranked.sort_unstable();
    ranked.dedup();
    let total = ranked.len();
    let shown: Vec<&str> = ranked.into_iter().take(LISTED).map(|(_, name)| name).collect();
    let more = if total > LISTED { format!(" 等 {total} 个") } else { String::new() };
    format!("{}{more}", shown.join("、"))
}

/// Edits (insert, delete, change) between two names, ignoring letter case.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_comes_first() {
        assert_eq!(choices("grad", ["score", "grade", "org_code"]), "grade、score、org_code");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
