//! When each file arrived, from the lines of 收件.csv: a file is known by its content, then by its
//! name, and, when its line's file is gone, by its name without the ending (saved as another format).
//! A file may be renamed, converted or removed: that is nobody's mistake.

use std::collections::BTreeMap;

use super::findings::{Subject, quoted};
use crate::model::arrivals::FILE;
use crate::model::codes;
use crate::model::{Arrival, CellRef, Declarations, FileReceipt, Finding, Period};

/// Names of files gone that a finding gives.
const NAMED: usize = 20;

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Fills in the dates of the files that are there, and names the lines that are about none.
pub(super) fn settle(declared: &mut Declarations, files: &[FileReceipt]) -> Vec<Finding> {
    let mut by_content: BTreeMap<(&Period, &str), Vec<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<(&Period, &str), Vec<usize>> = BTreeMap::new();
    let mut by_stem: BTreeMap<(&Period, &str), Vec<usize>> = BTreeMap::new();
    let there: std::collections::BTreeSet<(&Period, &str)> =
        files.iter().map(|file| (&file.folder, file.name())).collect();
    for (at, Arrival { folder, name, content, .. }) in declared.arrivals.iter().enumerate() {
        if !content.is_empty() {
            by_content.entry((folder, content)).or_default().push(at);
        }
        by_name.entry((folder, name)).or_default().push(at);
        if !there.contains(&(folder, name.as_str())) {
            by_stem.entry((folder, stem(name))).or_default().push(at);
        }
    }
    let mut used = vec![false; declared.arrivals.len()];
    let mut received = BTreeMap::new();
    for file in files {
        let (folder, name) = (&file.folder, file.name());
        let of = |map: &BTreeMap<(&Period, &str), Vec<usize>>, key: &str| {
            map.get(&(folder, key)).cloned().unwrap_or_default()
        };
        let mut lines = [of(&by_content, &file.sha256), of(&by_name, name)].concat();
        if lines.is_empty() {
            lines = of(&by_stem, stem(name));
        }
        lines.iter().for_each(|&line| used[line] = true);
        // A later version of a file that was there in time is a correction, not a late return.
        if let Some(day) = lines.iter().map(|&line| declared.arrivals[line].day).min() {
            received.insert(file.path.to_string(), day);
        }
    }
    let gone = declared.arrivals.iter().zip(used).filter(|(_, used)| !used).map(|(a, _)| a);
    let findings = name_gone(gone);
    declared.received = received;
    findings
}

fn name_gone<'a>(gone: impl Iterator<Item = &'a Arrival>) -> Vec<Finding> {
    let mut by_folder: BTreeMap<&Period, Vec<&Arrival>> = BTreeMap::new();
    gone.for_each(|arrival| by_folder.entry(&arrival.folder).or_default().push(arrival));
    let finding = |(folder, lines): (&Period, Vec<&Arrival>)| {
        let subject = Subject::file(&format!("{folder}/{FILE}").into(), folder);
        let names: Vec<&str> = lines.iter().take(NAMED).map(|a| a.name.as_str()).collect();
        let more = if lines.len() > NAMED { "等" } else { "" };
        let message = format!(
            "登记过的 {} 个文件现在不在文件夹里（改了内容和名称，或已移走）：{}{more}",
            lines.len(),
            quoted(&names)
        );
        let cells = lines.iter().take(NAMED).map(|a| CellRef::new(a.row, 0)).collect();
        subject.finding(codes::ARRIVED_AND_GONE, cells, message)
    };
    by_folder.into_iter().map(finding).collect()
}
