//! Reads .csv and .tsv: UTF-8 if it is valid UTF-8, else GB18030, which contains GBK and GB2312.

use super::codes::UNREADABLE_FILE;
use super::workbook::{Cell, CellValue, Meter, Refusal, Sheet, Shown, Workbook};

/// The text of a file in UTF-8 (with or without byte order mark), UTF-16 with one, or GB18030.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _, bad) = encoding.decode(bytes);
        return if bad { Err(garbled()) } else { Ok(text.into_owned()) };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, _, bad) = encoding_rs::GB18030.decode(bytes);
    if bad { Err(garbled()) } else { Ok(text.into_owned()) }
}

fn garbled() -> Refusal {
    Refusal::new(UNREADABLE_FILE, "文字编码既不是 UTF-8 也不是 GB18030，或者内容已损坏")
}

pub(super) fn read(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let mut sheet = Sheet::new(String::new());
    sheet.merges_known = false;
    sheet.only_text = true;
    let mut meter = Meter::default();
    for (row, record) in (0u32..).zip(records(&decode(bytes)?)?) {
        for (column, text) in (0u32..).zip(&record) {
            meter.count(row, column, text.len())?;
            if !super::text::is_blank(text) {
                let value = CellValue::Text(text.as_str().into());
                sheet.cells.push(Cell { row, column: column as u16, shown: Shown::Text, value });
            }
        }
    }
    Ok(Workbook { sheets: vec![sheet] })
}

/// All records; blank lines stay, so that line numbers are row numbers.
pub(super) fn records(text: &str) -> Result<Vec<Vec<String>>, Refusal> {
    let head: String = text.lines().take(20).collect();
    let count = |c: char| head.matches(c).count();
    let delimiter = if count('\t') > count(',') {
        b'\t'
    } else if count(';') > count(',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut counted_to, mut line) = (0, 0);
    for record in reader.records() {
        let record =
            record.map_err(|e| Refusal::new(UNREADABLE_FILE, format!("不是规范的 CSV：{e}")))?;
        // The reader leaves blank lines out, so the row is the line on which the record begins:
        // its position, after the line ends that were passed over.
        let at = record.position().map_or(0, |p| p.byte());
        let at = usize::try_from(at).unwrap_or(0).min(text.len());
        let passed = text.as_bytes()[at..].iter().take_while(|b| matches!(b, b'\n' | b'\r'));
        let begin = at + passed.count();
        line += text.as_bytes()[counted_to..begin].iter().filter(|&&b| b == b'\n').count();
        counted_to = begin;
        rows.resize(line.max(rows.len()), Vec::new());
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_give_the_same_text() {
        let text = "单位,人数\n石匣乡,１２\n";
        let (gbk, _, _) = encoding_rs::GB18030.encode(text);
        assert_eq!(decode(&gbk).unwrap(), text);
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode("\u{feff}单位".as_bytes()).unwrap(), "单位");
        assert!(decode(&[0xff, 0xff, 0x80, 0x0a]).is_err());
    }

    #[test]
    fn blank_lines_keep_row_numbers() {
        let rows = records("a\tb\n\n1\t2\n").unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[2], ["1", "2"]);
    }
}
