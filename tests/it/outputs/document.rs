//! The circular's document: its sentences and the tables behind it.

use std::collections::BTreeMap;

use dangtong::report::circular::CircularText;

use super::{Compared, Published};
use crate::circular::{parts, plain, text_of};

/// Every figure that a paragraph states is printed in that paragraph of the document; every
/// share with its parts there is a stated one; the attached tables show what is published.
pub(super) fn compare(document: &[u8], circular: &CircularText, published: &Published) -> Compared {
    let parts = parts(document);
    let xml = &parts["word/document.xml"];
    let text = text_of(xml);
    let lines: Vec<&str> = text.lines().collect();
    let mut compared = Compared::default();
    for paragraph in circular.sections.iter().flat_map(|s| &s.paragraphs) {
        let wanted = format!("{}{}", paragraph.heading, paragraph.text);
        let Some(line) = lines.iter().find(|line| **line == wanted) else {
            compared.differences.push(format!("the document lacks {wanted}"));
            continue;
        };
        let numbers = numbers(line);
        for id in &paragraph.figures {
            let figure = &published.figures[id];
            let value = format!("{}{}", figure["value"], figure["unit_measure"]);
            // A sentence may print a figure's value or only the counts behind it.
            let counts = [&figure["numerator"], &figure["denominator"], &figure["value"]];
            let counted = |n: &String| counts.contains(&n) && !n.is_empty();
            let same = line.contains(&value)
                || numbers.iter().any(counted)
                // A clause speaks of one indicator.
                || line.split('；').any(|clause| names_units(clause, figure, published))
                || counts_units(line, figure, published);
            compared.note(id, same, &format!("{value} in {line}"));
            compared.shown.insert(id.clone());
        }
        for (share, fraction) in shares(line) {
            let stated = |id: &&String| {
                let figure = &published.figures[*id];
                format!("{}%", figure["value"]) == share
                    && format!("{}/{}", short(&figure["numerator"]), short(&figure["denominator"]))
                        == fraction
            };
            let same = paragraph.figures.iter().any(|id| stated(&id));
            compared.note(&share, same, &format!("{share}（{fraction}） in {line}"));
        }
    }
    compared
}

/// A sentence may speak of an indicator through its units: each that is named is followed by its
/// own value or by none; or so many of them are `低于80%`.
fn names_units(line: &str, figure: &BTreeMap<String, String>, published: &Published) -> bool {
    // A unit's own figure, or the county's about that committee.
    let name = |f: &BTreeMap<String, String>| match f["dimension"].as_str() {
        "" => f["unit"].clone(),
        _ => f["category"].clone(),
    };
    let units: Vec<(String, &BTreeMap<String, String>)> = published
        .figures
        .values()
        .filter(|f| f["indicator"] == figure["indicator"] && f["class"].is_empty())
        .filter(|f| ["", "committee_code"].contains(&f["dimension"].as_str()))
        .map(|f| (name(f), f))
        .filter(|(name, _)| *name != figure["unit"])
        .collect();
    if let Some((_, rest)) = line.split_once("低于") {
        let (limit, rest) = rest.split_once('%').unwrap();
        let limit: f64 = limit.parse().unwrap();
        let below = |f: &BTreeMap<String, String>| f["value"].parse().is_ok_and(|v: f64| v < limit);
        let count = units.iter().filter(|(_, f)| below(f)).count();
        if rest.starts_with(&format!("的党委有{count}个")) {
            return true;
        }
    }
    let mut named = units.iter().filter(|(name, _)| line.contains(name.as_str())).peekable();
    let own = |(name, f): &(String, &BTreeMap<String, String>)| {
        let (_, after) = line.split_once(name.as_str()).unwrap();
        let printed = after.strip_prefix('（').filter(|a| a.starts_with(|c: char| c.is_numeric()));
        printed.is_none_or(|a| a.starts_with(&format!("{}{}）", f["value"], f["unit_measure"])))
    };
    named.peek().is_some() && named.all(own)
}

/// Or it says how many units have the value that this one has: `尚未启动的14个党委`.
fn counts_units(line: &str, figure: &BTreeMap<String, String>, published: &Published) -> bool {
    let same = ["indicator", "dimension", "class", "value"];
    let alike = published
        .figures
        .values()
        .filter(|other| same.iter().all(|column| other[*column] == figure[*column]))
        .count();
    line.contains(&format!("的{alike}个党委"))
}

/// `443.0` as a sentence writes it: 443.
fn short(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}

/// Rows of the document's tables, each a list of cells; a table after the other.
pub(super) fn tables(document: &[u8]) -> Vec<Vec<Vec<String>>> {
    let parts = parts(document);
    let cells = |row: &str| -> Vec<String> {
        row.split("<w:tc>").skip(1).map(|cell| text_of(cell).trim().to_owned()).collect()
    };
    let rows = |table: &str| -> Vec<Vec<String>> {
        let table = table.split("</w:tbl>").next().unwrap();
        table.split("<w:tr>").skip(1).map(cells).collect()
    };
    parts["word/document.xml"].split("<w:tbl>").skip(1).map(rows).collect()
}

/// `65.9%（276/419）` → 65.9% and 276/419.
fn shares(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("%（") {
        let before = &line[..at];
        let start = before.rfind(|c: char| !(c.is_ascii_digit() || ".-".contains(c)));
        let start = start.map_or(0, |i| i + before[i..].chars().next().unwrap().len_utf8());
        let inside = line[at + "%（".len()..].split('）').next().unwrap();
        if inside.split_once('/').is_some_and(|(n, _)| n.parse::<f64>().is_ok()) {
            found.push((format!("{}%", &before[start..]), plain(inside)));
        }
    }
    found
}

/// Every number of a line, as printed.
fn numbers(line: &str) -> Vec<String> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .filter(|piece| piece.chars().any(|c| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}
