//! 收件.csv, as the program keeps it: a line for each content that was ever in the hand-in folder.
//! Lines that are there are never changed: what a clerk typed or corrected is the truth.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::model::arrivals::{CONTENT, DAY, DIGEST, FILE, NAME, SEEN};
use crate::model::{Arrival, Collected, Period, date_text, day_number};

/// The county's day, not the machine's: all of China has one time.
const CHINA: i8 = 8;

const DECLARATIONS: [&str; 3] = [FILE, "更正.csv", "审核说明.csv"];

fn day_of(time: Timestamp) -> i32 {
    day_number(Offset::constant(CHINA).to_datetime(time).date())
}

pub fn today() -> i32 {
    day_of(Timestamp::now())
}

/// The files of a hand-in folder that no line is about, with the day on which each arrived: that of
/// its last change, which copying keeps, but never a day to come.
pub fn unrecorded(
    collected: &Collected,
    returns: &Path,
    folder: &Period,
    today: i32,
) -> Vec<Arrival> {
    let lines = collected.declarations.arrivals.iter().filter(|a| a.folder == *folder);
    let contents: BTreeSet<&str> = lines.clone().map(|a| a.content.as_str()).collect();
    let typed: BTreeSet<&str> =
        lines.filter(|a| a.content.is_empty()).map(|a| a.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for file in collected.files.iter().filter(|file| file.folder == *folder) {
        let name = file.name();
        let known = contents.contains(file.sha256.as_str()) || typed.contains(name);
        if known || DECLARATIONS.contains(&name) || !seen.insert(&file.sha256) {
            continue;
        }
        let changed = std::fs::metadata(returns.join(&*file.path)).and_then(|m| m.modified()).ok();
        let changed = changed.and_then(|time| Timestamp::try_from(time).ok()).map(day_of);
        found.push(Arrival {
            folder: folder.clone(),
            name: name.to_owned(),
            day: changed.map_or(today, |day| day.min(today)),
            content: file.sha256.clone(),
            row: 0,
        });
    }
    found
}

/// The file with new lines below what is there, which stays byte for byte but for the titles of the
/// columns that we add.
pub fn with_lines(there: Option<&[u8]>, new: &[Arrival], today: i32) -> anyhow::Result<Vec<u8>> {
    let fresh = format!("\u{feff}{NAME},{DAY},{SEEN},{CONTENT}\r\n");
    let bytes = there.filter(|bytes| !bytes.is_empty()).unwrap_or(fresh.as_bytes());
    let (text, encoding) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), encoding_rs::UTF_8),
        Err(_) => {
            let (text, _, damaged) = encoding_rs::GB18030.decode(bytes);
            if damaged {
                bail!("{FILE} 既不是 UTF-8 也不是 GB18030 编码，没有登记新收到的文件");
            }
            (text.into_owned(), encoding_rs::GB18030)
        }
    };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let header_at =
        text.find(NAME).context(format!("{FILE} 没有“{NAME}”一栏，没有登记新收到的文件"))?;
    let header_end = text[header_at..].find(['\r', '\n']).map_or(text.len(), |at| header_at + at);
    let header = &text[header_at..header_end];
    let mark = [',', '\t', ';'].into_iter().find(|mark| header.contains(*mark)).unwrap_or(',');
    let mut columns: Vec<&str> =
        header.split(mark).map(|title| title.trim().trim_matches('"')).collect();
    if !columns.contains(&DAY) {
        bail!("{FILE} 没有“{DAY}”一栏，没有登记新收到的文件");
    }
    let mut added = String::new();
    for title in [SEEN, CONTENT] {
        if !columns.contains(&title) {
            columns.push(title);
            added += &format!("{mark}{title}");
        }
    }
    let mut out = format!("{}{added}{}", &text[..header_end], &text[header_end..]);
    if !out.ends_with('\n') {
        out += end;
    }
    for arrival in new {
        let cell = |title: &&str| match *title {
            NAME => quoted(&arrival.name, mark),
            DAY => date_text(arrival.day),
            SEEN => date_text(today),
            CONTENT => format!("{DIGEST}{}", arrival.content),
            _ => String::new(),
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        out += &cells.join(&mark.to_string());
        out += end;
    }
    Ok(encoding.encode(&out).0.into_owned())
}

fn quoted(text: &str, mark: char) -> String {
    match text.contains([mark, '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival() -> Arrival {
        let folder = Period::parse("2013-10");
        Arrival {
            folder, name: "甲镇,补.xlsx".into(), day: 16_012, content: "ab12".into(), row: 0
        }
    }

    #[test]
    fn what_a_clerk_typed_stays_and_new_lines_follow_in_her_encoding() {
        let typed = "文件,收到日期\r\n乙乡.xlsx,2013/11/5";
        let (bytes, _, _) = encoding_rs::GB18030.encode(typed);
        let kept = with_lines(Some(&bytes), &[arrival()], 16_013).unwrap();
        let (text, _, damaged) = encoding_rs::GB18030.decode(&kept);
        assert!(!damaged);
        assert_eq!(
            text,
            "文件,收到日期,登记日期,内容指纹\r\n乙乡.xlsx,2013/11/5\r\n\
             \"甲镇,补.xlsx\",2013-11-03,2013-11-04,sha256:ab12\r\n"
        );
    }

    #[test]
    fn a_file_that_is_no_receipt_list_is_left_alone() {
        assert!(with_lines(Some("单位,报表\n".as_bytes()), &[arrival()], 16_013).is_err());
        assert!(with_lines(Some(b"\xff\xff\xff"), &[arrival()], 16_013).is_err());
    }
}
