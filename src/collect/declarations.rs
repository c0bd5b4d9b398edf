//! What a hand-in folder declares beside its returns, as .csv or .xlsx: 收件, 更正, 订正, 审核说明.
//! A unit may also explain on a sheet 审核说明 of its own workbook: the 退回单 brings one along.

use std::collections::{BTreeMap, BTreeSet};

use super::dates;
use super::delimited;
use super::file::Shared;
use super::findings::{Subject, with};
use super::guard::Archive;
use super::text::compact;
use super::texts::{EXPLAINED, Texts, is_header, place_of, texts_of};
use super::walk::Received;
use super::workbook::Refusal;
use crate::model::arrivals::{CONTENT, DIGEST};
use crate::model::codes;
use crate::model::handout::{EXPLANATIONS, SLIP_TITLE};
use crate::model::{
    Amendment, Arrival, CellRef, CorrectionNote, Declarations, Explanation, Finding, Period,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Received,
    Corrected,
    Amended,
    Explained,
}

impl Kind {
    fn of(file_name: &str) -> Option<Self> {
        let (stem, extension) = file_name.rsplit_once('.')?;
        matches!(extension, "csv" | "xlsx").then_some(match stem {
            "收件" => Some(Self::Received),
            "更正" => Some(Self::Corrected),
            "订正" => Some(Self::Amended),
            EXPLANATIONS => Some(Self::Explained),
            _ => None,
        })?
    }

    /// Columns that must be there.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Received => RECEIVED,
            Self::Corrected => CORRECTED,
            Self::Amended => AMENDED,
            Self::Explained => EXPLAINED,
        }
    }

    /// A column that may be there as well.
    fn optional(self) -> Option<&'static str> {
        match self {
            Self::Received => Some(CONTENT),
            Self::Explained => Some("原值"),
            _ => None,
        }
    }
}

/// Is this file a declaration and not a return?
pub(super) fn is_declaration(name: &str) -> bool {
    Kind::of(name).is_some()
}

const AMENDED: &[&str] = &["单位", "报表", "单元格", "原值", "新值", "原因", "订正人", "时间"];
const RECEIVED: &[&str] = &["文件", "收到日期"];
const CORRECTED: &[&str] =
    &["单位", "报表", "采用文件", "被替代文件", "更正人", "更正日期", "原因"];

/// Reads one declaration file; a line that cannot be read is a finding and declares nothing.
pub(super) fn read(
    received: &Received,
    bytes: &[u8],
    known_files: &BTreeSet<&str>,
    shared: &Shared,
    declared: &mut Declarations,
) -> Vec<Finding> {
    let Some(kind) = Kind::of(received.name()) else { return Vec::new() };
    let mut reader = DeclarationReader::new(received, known_files, shared);
    let by_hand =
        declared.arrivals.iter().filter(|a| a.folder == received.folder && a.content.is_empty());
    reader.by_hand = by_hand.map(|arrival| (arrival.name.clone(), arrival.day)).collect();
    let texts = match received.name().ends_with(".csv") {
        true => texts_of_csv(bytes, kind),
        false => texts_of_workbook(bytes),
    };
    match texts {
        Ok(texts) => reader.table(kind, &texts, declared),
        Err(refusal) => reader.complain(0, 0, &refusal.message, ""),
    }
    reader.finish()
}

/// Reads what a unit explains on a sheet of its workbook.
pub(super) fn explained(
    received: &Received,
    sheet: &Texts,
    shared: &Shared,
    declared: &mut Declarations,
) -> Vec<Finding> {
    let nothing = BTreeSet::new();
    let mut reader = DeclarationReader::new(received, &nothing, shared);
    reader.subject.sheet = EXPLANATIONS.into();
    if let Some(other) = other_period(sheet, &received.folder) {
        let message = format!("这是 {other} 的退回单，上面的说明不用于 {}", received.folder);
        reader.complain(0, 0, &message, &received.folder.to_string());
        return reader.finish();
    }
    reader.table(Kind::Explained, sheet, declared);
    reader.finish()
}

/// The hand-in folder of a 退回单, as its title says, if it is another one.
fn other_period(sheet: &Texts, folder: &Period) -> Option<Period> {
    let (_, title) = sheet.first()?;
    let named = title.iter().find_map(|text| text.strip_prefix(SLIP_TITLE))?;
    let named = Period::parse(named.trim());
    (named != *folder).then_some(named)
}

fn texts_of_csv(bytes: &[u8], kind: Kind) -> Result<Texts, Refusal> {
    let columns = kind.columns();
    let named = |row: &Vec<String>| row.iter().filter(|c| columns.contains(&&*compact(c))).count();
    let fit = |rows: &[Vec<String>]| rows.iter().map(named).max().unwrap_or(0);
    let records = delimited::records(&delimited::decode(bytes)?.text, fit)?;
    Ok((0..).zip(records).collect())
}

fn texts_of_workbook(bytes: &[u8]) -> Result<Texts, Refusal> {
    let workbook = super::xlsx::read(Archive::open(bytes)?)?;
    let sheet = workbook.sheets.iter().find(|sheet| !sheet.hidden && !sheet.cells.is_empty());
    Ok(sheet.map(texts_of).unwrap_or_default())
}

struct DeclarationReader<'a> {
    received: &'a Received,
    known_files: &'a BTreeSet<&'a str>,
    shared: &'a Shared<'a>,
    subject: Subject,
    /// The days that were typed for files of this folder so far, by name.
    by_hand: BTreeMap<String, i32>,
    findings: Vec<Finding>,
    complaints: usize,
}

/// More of them help nobody.
const MOST_COMPLAINTS: usize = 100;

impl<'a> DeclarationReader<'a> {
    fn new(
        received: &'a Received,
        known_files: &'a BTreeSet<&'a str>,
        shared: &'a Shared<'a>,
    ) -> Self {
        let subject = Subject::file(&received.path, &received.folder);
        let (by_hand, findings, complaints) = (BTreeMap::new(), Vec::new(), 0);
        Self { received, known_files, shared, subject, by_hand, findings, complaints }
    }

    /// Lines below the header, which is the first row with all columns.
    fn table(&mut self, kind: Kind, texts: &Texts, declared: &mut Declarations) {
        let columns = kind.columns();
        let mut filled =
            texts.iter().filter(|(_, row)| row.iter().any(|c| !super::text::is_blank(c)));
        let Some((header_row, header)) = texts.iter().find(|(_, row)| is_header(row, columns))
        else {
            let Some((row, first)) = filled.next() else { return };
            let missing = columns.iter().find(|c| place_of(first, c).is_none()).unwrap_or(&"");
            let message = format!("缺少“{missing}”列；应有：{}", columns.join("、"));
            return self.complain(*row, 0, &message, missing);
        };
        let wanted = columns.iter().copied().chain(kind.optional());
        let at: Vec<Option<usize>> = wanted.map(|column| place_of(header, column)).collect();
        for (row, record) in filled.filter(|(row, _)| row > header_row) {
            let text = |i: &Option<usize>| i.and_then(|i| record.get(i)).map_or("", |c| c.trim());
            let cells: Vec<&str> = at.iter().map(text).collect();
            self.line(kind, *row, &cells, declared);
        }
    }

    fn line(&mut self, kind: Kind, row: u32, cells: &[&str], declared: &mut Declarations) {
        match (kind, cells) {
            (Kind::Received, &[file, date, content]) => {
                self.received_line(row, [file, date, content], declared);
            }
            (Kind::Corrected, &[unit, form, adopted, superseded, who, when, reason]) => {
                let cells = [unit, form, adopted, superseded, who, when, reason];
                self.correction_line(row, cells, declared);
            }
            (Kind::Amended, &[unit, form, place, before, after, reason, who, when]) => {
                let cells = [unit, form, place, before, after, reason, who, when];
                self.amendment_line(row, cells, declared);
            }
            (Kind::Explained, &[check, unit, form, cell, text, seen]) => {
                self.explanation_line(row, [check, unit, form, cell, text, seen], declared);
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Vec<Finding> {
        if let Some(more) = self.complaints.checked_sub(MOST_COMPLAINTS).filter(|n| *n > 0) {
            let message = format!("{} 另有 {more} 处有误，未逐一列出", self.received.name());
            self.findings.push(self.subject.finding(codes::DECLARATION_LINE, Vec::new(), message));
        }
        self.findings
    }

    fn complain(&mut self, row: u32, column: u16, message: &str, expected: &str) {
        self.complaints += 1;
        if self.complaints > MOST_COMPLAINTS {
            return;
        }
        let name = self.received.name();
        let message = format!("{name} 第 {} 行：{message}", row + 1);
        let finding =
            self.subject.finding(codes::DECLARATION_LINE, vec![CellRef::new(row, column)], message);
        self.findings.push(with(finding, "", expected));
    }

    /// A file named in a declaration, as a path relative to the returns root.
    fn file(&mut self, row: u32, column: u16, name: &str) -> Option<String> {
        let folder = self.received.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = format!("{folder}/{}", name.replace('\\', "/"));
        if self.known_files.contains(path.as_str()) {
            return Some(path);
        }
        self.complain(row, column, &format!("文件夹中没有“{name}”"), "收表文件夹中的文件名");
        None
    }

    fn unit(&mut self, row: u32, column: u16, text: &str) -> Option<String> {
        let found = self.shared.units.find(text).map(str::to_owned);
        if found.is_none() {
            self.complain(row, column, &format!("单位“{text}”不在名录"), "单位名录中的名称");
        }
        found
    }

    fn form(&mut self, row: u32, column: u16, text: &str) -> Option<String> {
        let found = self.shared.definition.form_called(text).map(|f| f.id.clone());
        if found.is_none() {
            self.complain(row, column, &format!("没有报表“{text}”"), "报表名称或表号");
        }
        found
    }

    fn received_line(
        &mut self,
        row: u32,
        [file, date, content]: [&str; 3],
        declared: &mut Declarations,
    ) {
        let Some(day) = dates::date(date) else {
            self.complain(row, 1, &format!("收到日期“{date}”无法识别"), "2013-10-25");
            return;
        };
        let arrival = Arrival {
            folder: self.received.folder.clone(),
            name: file.replace('\\', "/"),
            day,
            content: content.trim_start_matches(DIGEST).to_owned(),
            row,
        };
        if arrival.content.is_empty() {
            // Two dates typed for one file: the first stays, and the second is asked about.
            let known = *self.by_hand.entry(arrival.name.clone()).or_insert(day);
            if known != day {
                self.complain(row, 1, &format!("“{file}”已有另一个收到日期"), "");
                return;
            }
        }
        declared.arrivals.push(arrival);
    }

    fn correction_line(&mut self, row: u32, cells: [&str; 7], declared: &mut Declarations) {
        let [unit, form, adopted, superseded, who, when, reason] = cells;
        let unit = self.unit(row, 0, unit);
        let form = self.form(row, 1, form);
        let adopted = self.file(row, 2, adopted);
        let superseded = self.file(row, 3, superseded);
        let (Some(unit), Some(form), Some(adopted), Some(superseded)) =
            (unit, form, adopted, superseded)
        else {
            return;
        };
        if adopted == superseded {
            self.complain(row, 3, "采用文件和被替代文件是同一个文件", "两个不同的文件");
            return;
        }
        let note = CorrectionNote {
            folder: self.received.folder.clone(),
            unit,
            form,
            adopted,
            superseded,
            who: who.to_owned(),
            when: when.to_owned(),
            reason: reason.to_owned(),
        };
        if closes_a_circle(&note, &declared.corrections) {
            self.complain(row, 2, "与前面的更正互相替代，没有一份可以采用", "最后采用的一份文件");
        }
        // Kept all the same: neither of the two may count by the order of the lines.
        declared.corrections.push(note);
    }

    fn amendment_line(&mut self, row: u32, cells: [&str; 8], declared: &mut Declarations) {
        let [unit, form, place, before, after, reason, who, when] = cells;
        let said =
            [(2, "单元格", place), (5, "原因", reason), (6, "订正人", who), (7, "时间", when)];
        if let Some((column, title, _)) = said.into_iter().find(|(_, _, text)| text.is_empty()) {
            return self.complain(row, column, &format!("没有填“{title}”，没有订正"), title);
        }
        let (Some(unit), Some(form)) = (self.unit(row, 0, unit), self.form(row, 1, form)) else {
            return;
        };
        if dates::date(when).is_none() {
            return self.complain(row, 7, &format!("时间“{when}”无法识别，没有订正"), "2013-10-25");
        }
        let texts = [place, before, after, reason, who, when].map(str::to_owned);
        let [place, before, after, reason, who, when] = texts;
        let (folder, file) = (self.received.folder.clone(), self.received.path.clone());
        declared.amendments.push(Amendment {
            folder,
            unit,
            form,
            place,
            before,
            after,
            reason,
            who,
            when,
            file,
            line: row,
        });
    }

    fn explanation_line(&mut self, row: u32, cells: [&str; 6], declared: &mut Declarations) {
        let [check, unit, form, cell, text, seen] = cells;
        if text.is_empty() && self.subject.sheet.as_ref() == EXPLANATIONS {
            // The 退回单 lists all findings; what nobody explained says nothing.
            return;
        }
        if check.is_empty() || text.is_empty() {
            self.complain(row, if check.is_empty() { 0 } else { 4 }, "检查代码和说明都要填写", "");
            return;
        }
        let Some(unit) = self.unit(row, 1, unit) else { return };
        let form = if form.is_empty() { Some(String::new()) } else { self.form(row, 2, form) };
        let Some(form) = form else { return };
        declared.explanations.push(Explanation {
            folder: self.received.folder.clone(),
            // Without spaces a number may hide behind other digits.
            code: compact(&self.shared.definition.without_numbers(check)).into_owned(),
            unit,
            form,
            cell: cell.to_owned(),
            seen: seen.to_owned(),
            text: text.to_owned(),
            file: self.received.path.clone(),
        });
    }
}

/// Do the corrections before lead from the adopted file back to the one that it replaces?
fn closes_a_circle(note: &CorrectionNote, before: &[CorrectionNote]) -> bool {
    let of_same = |other: &&CorrectionNote| {
        (&other.folder, &other.unit, &other.form) == (&note.folder, &note.unit, &note.form)
    };
    let mut reached = vec![note.adopted.as_str()];
    let mut at = 0;
    while let Some(&file) = reached.get(at) {
        for next in before.iter().filter(of_same).filter(|other| other.superseded == file) {
            if !reached.contains(&next.adopted.as_str()) {
                reached.push(&next.adopted);
            }
        }
        at += 1;
    }
    reached.contains(&note.superseded.as_str())
}
