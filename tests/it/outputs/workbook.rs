//! The workbook read back as a reader sees it: cells as shown, and the links to 溯源.

use std::collections::BTreeMap;

use super::{Compared, Published};
use crate::circular::{parts, plain};

/// The sheet in which every figure has a row.
const ORIGIN: &str = "溯源";

/// What a cell holds.
#[derive(Default)]
struct Cell {
    /// As shown: a number through its format, a text as it is.
    shown: String,
    formula: String,
}

struct Sheet {
    name: String,
    cells: BTreeMap<String, Cell>,
    /// Cell → row of 溯源.
    links: Vec<(String, String)>,
}

/// Every cell that links to a figure shows that figure; the parts of a live formula are its
/// numerator and denominator.
pub(super) fn compare(document: &[u8], published: &Published) -> Compared {
    let sheets = sheets(document);
    let origin = sheets.iter().find(|sheet| sheet.name == ORIGIN).unwrap();
    let mut compared = Compared::default();
    for id in published.figures.keys() {
        let row = origin.cells.iter().find(|(at, c)| at.starts_with('A') && c.shown == *id);
        let row = row.map(|(at, _)| at[1..].to_owned());
        let Some(row) = row else {
            compared.differences.push(format!("{id} has no row in {ORIGIN}"));
            continue;
        };
        for (column, name) in [("F", "value"), ("G", "numerator"), ("H", "denominator")] {
            let shown = origin.cells.get(&format!("{column}{row}")).map_or("", |c| &c.shown);
            let same = match name {
                "value" => published.is_value(id, shown),
                _ => published.figures[id][name] == shown,
            };
            compared.note(id, same, &format!("{ORIGIN} {column}{row} {shown}"));
        }
    }
    let mut linked = Compared::default();
    for sheet in &sheets {
        for (at, row) in &sheet.links {
            let id = &origin.cells[row].shown;
            let cell = sheet.cells.get(at).unwrap_or_else(|| panic!("{} {at}", sheet.name));
            let place = format!("{} {at} {}", sheet.name, cell.shown);
            match sheet.name.as_str() {
                "目录" => {}
                // States places, not values; the links of the problem list name the figure.
                "排名" => linked.note(id, published.is_place(id, &cell.shown), &place),
                "问题清单" => {
                    let title = &published.figures[id]["title"];
                    linked.note(id, cell.shown.contains(title.as_str()), &place);
                }
                _ => {
                    let same = published.is_value(id, &cell.shown)
                        || published.is_count_of_class(id, &cell.shown);
                    linked.note(id, same, &place);
                    linked.shown.insert(id.clone());
                    operands(sheet, cell, id, published, &mut linked);
                }
            }
        }
    }
    linked.numbers += compared.numbers;
    linked.differences.append(&mut compared.differences);
    linked
}

/// `IF(F6=0,"—",ROUND(E6/F6,3))`: F6 shows the denominator, E6 the numerator.
fn operands(sheet: &Sheet, cell: &Cell, id: &str, published: &Published, compared: &mut Compared) {
    let Some(rest) = cell.formula.strip_prefix("IF(") else { return };
    let (denominator, rest) = rest.split_once("=0,").unwrap();
    let (before, _) = rest.split_once(&format!("/{denominator}")).unwrap();
    let numerator = before.rsplit(['(', ',']).next().unwrap();
    for (at, name) in [(numerator, "numerator"), (denominator, "denominator")] {
        let shown = sheet.cells.get(at).map_or("", |cell| &cell.shown);
        let same = published.figures[id][name] == shown;
        compared.note(id, same, &format!("{} {at} {name} {shown}", sheet.name));
    }
}

/// All texts with their places, but for some sheets and for columns of some titles.
pub(super) fn texts(document: &[u8], without: &[&str], titles: &[&str]) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for sheet in sheets(document).into_iter().filter(|s| !without.contains(&s.name.as_str())) {
        let column = |at: &str| at.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let left_out: Vec<String> = sheet
            .cells
            .iter()
            .filter(|(_, cell)| titles.contains(&cell.shown.as_str()))
            .map(|(at, _)| column(at))
            .collect();
        let read = sheet.cells.iter().filter(|(at, _)| !left_out.contains(&column(at)));
        texts.extend(read.map(|(at, cell)| (format!("{} {at}", sheet.name), cell.shown.clone())));
    }
    texts
}

fn sheets(document: &[u8]) -> Vec<Sheet> {
    let parts = parts(document);
    let strings: Vec<String> = parts["xl/sharedStrings.xml"]
        .split("<si>")
        .skip(1)
        .map(|item| {
            let text = |piece: &str| {
                let (_, text) = piece.split_once('>').unwrap();
                plain(text.split("</t>").next().unwrap())
            };
            item.split("<t").skip(1).map(text).collect()
        })
        .collect();
    let formats = formats(&parts["xl/styles.xml"]);
    let names = parts["xl/workbook.xml"].split("<sheet name=\"").skip(1);
    (1..)
        .zip(names)
        .map(|(number, name)| {
            let xml = &parts[&format!("xl/worksheets/sheet{number}.xml")];
            let cell = |markup: &str| {
                let markup = markup.split("</c>").next().unwrap();
                let kind = attribute(markup, "t").unwrap_or_default();
                let value = element(markup, "v");
                let style: usize = attribute(markup, "s").map_or(0, |s| s.parse().unwrap());
                let shown = match kind {
                    _ if value.is_empty() => String::new(),
                    "s" => strings[value.parse::<usize>().unwrap()].clone(),
                    "str" => value,
                    _ => shown(&value, &formats[style]),
                };
                let cell = Cell { shown, formula: element(markup, "f") };
                (attribute(markup, "r").unwrap().to_owned(), cell)
            };
            let link = |markup: &str| {
                let target = attribute(markup, "location")?.strip_prefix("'溯源'!")?;
                Some((attribute(markup, "ref").unwrap().to_owned(), target.to_owned()))
            };
            Sheet {
                name: plain(name.split('"').next().unwrap()),
                cells: xml.split("<c ").skip(1).map(cell).collect(),
                links: xml.split("<hyperlink").skip(1).filter_map(link).collect(),
            }
        })
        .collect()
}

/// The number format of each cell style; empty for the general one.
fn formats(styles: &str) -> Vec<String> {
    let own: BTreeMap<&str, String> = styles
        .split("<numFmt ")
        .skip(1)
        .map(|m| (attribute(m, "numFmtId").unwrap(), plain(attribute(m, "formatCode").unwrap())))
        .collect();
    let (_, used) = styles.split_once("<cellXfs").unwrap();
    let used = used.split("</cellXfs>").next().unwrap();
    used.split("<xf ")
        .skip(1)
        .map(|markup| match attribute(markup, "numFmtId").unwrap() {
            // Formats that every reader of the format knows by number.
            "0" => String::new(),
            "1" => "0".to_owned(),
            "2" => "0.00".to_owned(),
            "9" => "0%".to_owned(),
            "10" => "0.00%".to_owned(),
            id => own.get(id).cloned().unwrap_or_default(),
        })
        .collect()
}

/// 0.889 with `0.0%` is shown as 88.9%. A number with more places than its format shows is given
/// with all of them, so that it cannot pass for a rounded one.
fn shown(stored: &str, format: &str) -> String {
    let first = format.split(';').next().unwrap();
    let pattern: String = first.split('"').step_by(2).collect();
    let measure: String = first.split('"').skip(1).step_by(2).collect();
    if !pattern.starts_with('0') {
        return stored.to_owned();
    }
    let (whole, percent) = match pattern.strip_suffix('%') {
        Some(whole) => (whole, true),
        None => (pattern.as_str(), false),
    };
    let places = whole.split_once('.').map_or(0, |(_, zeros)| zeros.len());
    let (sign, digits) = match stored.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", stored),
    };
    let (mut integer, mut fraction) = match digits.split_once('.') {
        Some((integer, fraction)) => (integer.to_owned(), fraction.to_owned()),
        None => (digits.to_owned(), String::new()),
    };
    if percent {
        fraction += &"0".repeat(2_usize.saturating_sub(fraction.len()));
        integer += &fraction[..2];
        fraction = fraction[2..].to_owned();
    }
    let integer = match integer.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    fraction += &"0".repeat(places.saturating_sub(fraction.len()));
    let point = if fraction.is_empty() { "" } else { "." };
    let percent = if percent { "%" } else { "" };
    format!("{sign}{integer}{point}{fraction}{percent}{measure}")
}

/// An attribute of the first tag in a piece of markup whose `<name ` is cut off.
fn attribute<'a>(markup: &'a str, name: &str) -> Option<&'a str> {
    let tag = markup.split('>').next()?;
    let key = format!("{name}=\"");
    let at = match tag.starts_with(&key) {
        true => 0,
        false => tag.find(&format!(" {key}"))? + 1,
    };
    tag[at + key.len()..].split('"').next()
}

/// The text of an element without attributes; empty for none.
fn element(markup: &str, name: &str) -> String {
    let text = markup.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
    plain(text.split(&format!("</{name}>")).next().unwrap())
}

#[test]
fn a_stored_number_is_shown_through_its_format() {
    assert_eq!(shown("0.889", "0.0%"), "88.9%");
    assert_eq!(shown("1", "0.0%"), "100.0%");
    assert_eq!(shown("-0.0455", "0.00%"), "-4.55%");
    assert_eq!(shown("0.0061", "0.0%"), "0.61%");
    assert_eq!(shown("89", "0.00\"分\""), "89.00分");
    assert_eq!(shown("16", "0"), "16");
}
