//! CSV files of a pipeline: registers and holidays.

use std::collections::BTreeMap;

use super::names::{self, Id};
use super::{Inner, Outline, Placed, Problems, SourceLine};
use crate::definition::{Calendar, KEY_COLUMN, Register};
use crate::model::{Validity, date_text, parse_date};

fn rows(path: &str, text: &str, problems: &mut Problems) -> Vec<(usize, Vec<String>)> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |p| p.line() as usize);
                rows.push((line, record.iter().map(|cell| cell.trim().to_owned()).collect()));
            }
            Err(error) => {
                let line = error.position().map_or(0, |at| at.line() as usize);
                let message = "这一行读不出来：列数与表头不同，或引号不成对";
                problems.add(&SourceLine::line(path, line), message);
            }
        }
    }
    rows
}

/// `registers/<name>.csv`: a header row with a `code` column, then rows with unique codes.
pub(super) fn register(
    path: &str,
    name: &str,
    text: &str,
    problems: &mut Problems,
) -> Option<Placed<Register>> {
    let (place, head) = (SourceLine::file(path), SourceLine::line(path, 1));
    let mut rows = rows(path, text, problems).into_iter();
    let Some((_, columns)) = rows.next() else {
        problems.add(&place, "登记册是空的，首行应为列名");
        problems.torn = true;
        return None;
    };
    let Some(code) = columns.iter().position(|c| c == KEY_COLUMN) else {
        problems.add(&head, format!("缺少 code 列，现有：{}", columns.join("、")));
        problems.torn = true;
        return None;
    };
    names::id(Id::Lower, "登记册的文件名", name, &place, problems);
    for (number, column) in columns.iter().enumerate() {
        names::id(Id::Lower, "列名", column, &head, problems);
        if columns[..number].contains(column) {
            problems.add(&head, format!("列名 “{column}” 重复"));
        }
    }
    // A village that changes hands has a row for each of its owners, one after the other.
    let mut seen: BTreeMap<String, Vec<Validity>> = BTreeMap::new();
    let (mut data, mut valid, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (line, mut row) in rows {
        let at = SourceLine::line(path, line);
        if row.len() != columns.len() {
            problems.add(
                &at,
                format!("有 {} 列，应有 {} 列；空着的栏也要写逗号", row.len(), columns.len()),
            );
        } else if row[code].is_empty() {
            problems.add(&at, "code 是空的，每一行都要有代码");
        } else {
            names::code("code", &row[code], &at, problems);
            row.iter().for_each(|cell| names::name("单元格", cell, &at, problems));
            let own = validity(&columns, &mut row, &at, problems);
            let before = seen.entry(row[code].clone()).or_default();
            if before.iter().any(|other| other.meets(own)) {
                let message = "重复，各行应不相同（先后属于不同单位的村，写两行，用 valid_from、valid_to 分开）";
                problems.add(&at, format!("code “{}” {message}", row[code]));
                continue;
            }
            before.push(own);
            valid.push(own);
            data.push(row);
            lines.push(at.outline);
        }
    }
    let outline = Outline { line: 0, inner: Some(Inner::Items(lines).into()) };
    let place = SourceLine { outline, ..place };
    let item =
        Register { name: name.to_owned(), columns, rows: data, valid, ..Register::default() };
    Some(Placed { place, item })
}

/// `valid_from` and `valid_to` of a row. A day that cannot be read would keep the row for ever or
/// never, so it is refused.
fn validity(
    columns: &[String],
    row: &mut [String],
    at: &SourceLine,
    problems: &mut Problems,
) -> Validity {
    let mut day = |name: &str| -> Option<i32> {
        let text = row.get_mut(columns.iter().position(|c| c == name)?)?;
        if text.is_empty() {
            return None;
        }
        let day = parse_date(text);
        if let Some(day) = day {
            // Queries compare it as text.
            *text = date_text(day);
        } else {
            let message = format!(
                "{name} “{text}” 不是日期，可写作 2013-01-01、2013/1/1、2013.1.1、2013年1月1日，不限期的留空"
            );
            problems.add(at, message);
        }
        day
    };
    let valid = Validity { from: day("valid_from"), to: day("valid_to") };
    if let (Some(from), Some(to)) = (valid.from, valid.to)
        && from > to
    {
        problems.add(at, "valid_from 晚于 valid_to，起始日应不晚于终止日");
    }
    valid
}

/// `holidays.csv`: `date,kind` with `off` (放假) or `work` (调休上班).
pub(super) fn calendar(path: &str, text: &str, problems: &mut Problems) -> Calendar {
    let mut days = std::collections::BTreeMap::new();
    let mut rows = rows(path, text, problems).into_iter();
    let header = rows.next().map(|(_, row)| row).unwrap_or_default();
    if !header.iter().map(String::as_str).eq(["date", "kind"]) {
        let message = format!("首行应为 date,kind，实为 {}", header.join(","));
        problems.add(&SourceLine::line(path, 1), message);
    }
    for (line, row) in rows {
        let at = SourceLine::line(path, line);
        let date = row.first().and_then(|d| d.parse::<jiff::civil::Date>().ok());
        let works = match row.get(1).map(String::as_str) {
            Some("off") => Some(false),
            Some("work") => Some(true),
            _ => None,
        };
        match (date, works) {
            (Some(date), Some(works)) => {
                if let Some((first, _)) = days.insert(date, (line, works)) {
                    let message = format!("{date} 重复，先见于第 {first} 行，一天只能写一次");
                    problems.add(&at, message);
                }
                // `weekday`: Monday to Friday.
                let weekday = date.weekday().to_monday_zero_offset() < 5;
                if works && weekday {
                    let message = format!("{date} 本来就是工作日，work 只用于调休上班的周六、周日");
                    problems.add(&at, message);
                }
            }
            _ => problems.add(&at, "应为 “日期,off” 或 “日期,work”，日期如 2013-10-01"),
        }
    }
    let years: std::collections::BTreeSet<i16> = days.keys().map(|date| date.year()).collect();
    if let (Some(&first), Some(&last)) = (years.first(), years.last()) {
        for year in (first..last).filter(|year| !years.contains(year)) {
            let message = format!("缺少 {year} 年：{first} 年至 {last} 年应逐年写明放假和调休");
            problems.add(&SourceLine::file(path), message);
        }
    }
    Calendar::new(days.into_iter().map(|(date, (_, works))| (date, works)))
}
