//! Rows of the CSV outputs, as a report has them and as they are recomputed.

use std::collections::BTreeMap;
use std::path::Path;

use super::Recomputed;
use crate::model::Status;

/// One row: what it is, and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ComparedRow {
    /// What tells it from others to people: title, unit, code, class, period.
    names: Vec<String>,
    text: String,
    /// Said only where it moved, too.
    status: String,
}

impl ComparedRow {
    fn title(&self) -> String {
        let named = self.names.iter().map(String::as_str).filter(|name| !name.is_empty());
        named.collect::<Vec<_>>().join(" ")
    }

    fn against(&self, other: Option<&Self>) -> String {
        match other {
            Some(other) if other.status != self.status => {
                format!("{}，状态 {}", self.text, self.status)
            }
            _ => self.text.clone(),
        }
    }
}

/// Rows in the order of the file, by id.
type Rows = Vec<(String, ComparedRow)>;

fn read(bytes: &[u8], columns: &[&str], row: fn(&[&str]) -> ComparedRow) -> anyhow::Result<Rows> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers()?.clone();
    let at: Vec<Option<usize>> =
        columns.iter().map(|name| header.iter().position(|h| h == *name)).collect();
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cell = |at: &Option<usize>| at.and_then(|at| record.get(at)).unwrap_or("");
        let cells: Vec<&str> = at.iter().map(cell).collect();
        all.push((record.get(0).unwrap_or("").to_owned(), row(&cells)));
    }
    Ok(all)
}

/// `办结率 甲镇 2013-10`: `77.8（14/18）` of each figure of a `figures.csv`.
pub(super) fn figures(bytes: &[u8]) -> anyhow::Result<Rows> {
    let columns = [
        "title",
        "unit",
        "category",
        "class",
        "period",
        "numerator",
        "denominator",
        "value",
        "unit_measure",
        "status",
    ];
    read(bytes, &columns, |cells| {
        let &[title, unit, category, class, period, numerator, denominator, value, measure, status] =
            cells
        else {
            return ComparedRow::default();
        };
        let names = [title, unit, category, class, period].map(str::to_owned).to_vec();
        let value = if value.is_empty() { "—".to_owned() } else { format!("{value}{measure}") };
        let text = match denominator {
            "" => value,
            _ => format!("{value}（{numerator}/{denominator}）"),
        };
        let status =
            Status::of_code(status).map_or_else(|| status.to_owned(), |s| s.title().to_owned());
        ComparedRow { names, text, status }
    })
}

/// The sentence of each problem of a `problems.csv`.
pub(super) fn problems(bytes: &[u8]) -> anyhow::Result<Rows> {
    read(bytes, &["title", "text"], |cells| {
        let &[title, text] = cells else {
            return ComparedRow::default();
        };
        ComparedRow { names: vec![title.to_owned()], text: text.to_owned(), status: String::new() }
    })
}

/// What is not as it was in a CSV output.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Rows that came, went or say something else: id, title, then, now.
    pub(super) moved: Vec<(String, String, String, String)>,
    /// Names that are others now, of rows that say the same, with the number of rows.
    pub(super) renamed: BTreeMap<(String, String), usize>,
}

pub(super) fn moved(
    report: &Path,
    recomputed: &Recomputed,
    name: &str,
    read: fn(&[u8]) -> anyhow::Result<Rows>,
) -> anyhow::Result<Moves> {
    let then = std::fs::read(report.join(name)).ok().and_then(|bytes| read(&bytes).ok());
    let now = recomputed.outputs.get(name).filter(|_| then.is_some());
    let now = now.map(|bytes| read(bytes)).transpose()?.unwrap_or_default();
    let then = then.unwrap_or_default();
    let by_id = |rows: &Rows| -> BTreeMap<String, ComparedRow> { rows.iter().cloned().collect() };
    let (then_by_id, now_by_id) = (by_id(&then), by_id(&now));
    let added = now.iter().filter(|(id, _)| !then_by_id.contains_key(id));
    let Moves { mut moved, mut renamed } = Moves::default();
    for (id, row) in then.iter().chain(added) {
        let (before, after) = (then_by_id.get(id), now_by_id.get(id));
        if let (Some(before), Some(after)) = (before, after)
            && (&before.text, &before.status) == (&after.text, &after.status)
        {
            let pairs = before.names.iter().zip(&after.names).filter(|(then, now)| then != now);
            for (then, now) in pairs {
                *renamed.entry((then.clone(), now.clone())).or_default() += 1;
            }
        } else {
            let said = |row: Option<&ComparedRow>, other| {
                row.map_or_else(|| "（无）".to_owned(), |row| row.against(other))
            };
            moved.push((id.clone(), row.title(), said(before, after), said(after, before)));
        }
    }
    // A row that stands twice is another row than the recomputed one.
    let twice = then.len() - then_by_id.len();
    if twice > 0 {
        let text = format!("同一编号有两行，共多出 {twice} 行");
        moved.push((String::new(), name.to_owned(), text, "（无）".to_owned()));
    }
    Ok(Moves { moved, renamed })
}
