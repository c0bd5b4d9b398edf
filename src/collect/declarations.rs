//! What a hand-in folder declares beside its returns: 收件.csv, 更正.csv, 审核说明.csv.

use std::collections::BTreeSet;

use super::codes;
use super::dates;
use super::delimited;
use super::file::{Shared, find_form};
use super::findings::{Subject, with};
use super::text::compact;
use super::walk::Received;
use crate::model::arrivals::{CONTENT, DIGEST};
use crate::model::{Arrival, CellRef, CorrectionNote, Declarations, Explanation, Finding};

/// Is this file a declaration and not a return?
pub(super) fn is_declaration(name: &str) -> bool {
    matches!(name, "收件.csv" | "更正.csv" | "审核说明.csv")
}

const RECEIVED: &[&str] = &["文件", "收到日期"];
const CORRECTED: &[&str] =
    &["单位", "报表", "采用文件", "被替代文件", "更正人", "更正日期", "原因"];
const EXPLAINED: &[&str] = &["检查", "单位", "报表", "单元格", "说明"];

/// Reads one declaration file; a line that cannot be read is a finding and declares nothing.
pub(super) fn read(
    received: &Received,
    bytes: &[u8],
    known_files: &BTreeSet<&str>,
    shared: &Shared,
    declared: &mut Declarations,
) -> Vec<Finding> {
    let subject = Subject::file(&received.path, &received.folder);
    let name = received.name();
    let columns = match name {
        "收件.csv" => RECEIVED,
        "更正.csv" => CORRECTED,
        _ => EXPLAINED,
    };
    let mut reader = DeclarationReader {
        received,
        known_files,
        shared,
        subject,
        findings: Vec::new(),
        complaints: 0,
    };
    let named = |row: &Vec<String>| row.iter().filter(|c| columns.contains(&&*compact(c))).count();
    let fit = |rows: &[Vec<String>]| rows.iter().map(named).max().unwrap_or(0);
    let decoded = delimited::decode(bytes);
    let records = decoded.and_then(|decoded| delimited::records(&decoded.text, fit));
    let records = match records {
        Ok(records) => records,
        Err(refusal) => {
            reader.complain(0, 0, &refusal.message, "");
            return reader.findings;
        }
    };
    let mut rows =
        (0u32..).zip(&records).filter(|(_, r)| r.iter().any(|c| !super::text::is_blank(c)));
    let Some((header_row, header)) = rows.next() else { return Vec::new() };
    let mut at = Vec::new();
    for column in columns {
        let Some(found) = header.iter().position(|c| compact(c) == *column) else {
            let message = format!("缺少“{column}”列；应有：{}", columns.join("、"));
            reader.complain(header_row, 0, &message, column);
            return reader.findings;
        };
        at.push(found);
    }
    let content = header.iter().position(|c| compact(c) == CONTENT);
    for (row, record) in rows {
        let cells: Vec<&str> = at.iter().map(|&i| record.get(i).map_or("", |c| c.trim())).collect();
        match (name, cells.as_slice()) {
            ("收件.csv", [file, date]) => {
                let content = content.and_then(|at| record.get(at)).map_or("", |c| c.trim());
                reader.received_line(row, [file, date, content], declared);
            }
            ("更正.csv", [unit, form, adopted, superseded, who, when, reason]) => {
                reader.correction_line(
                    row,
                    [unit, form, adopted, superseded, who, when, reason],
                    declared,
                );
            }
            (_, [check, unit, form, cell, text]) => {
                reader.explanation_line(row, [check, unit, form, cell, text], declared);
            }
            _ => {}
        }
    }
    reader.finish()
}

struct DeclarationReader<'a> {
    received: &'a Received,
    known_files: &'a BTreeSet<&'a str>,
    shared: &'a Shared<'a>,
    subject: Subject,
    findings: Vec<Finding>,
    complaints: usize,
}

/// More of them help nobody.
const MOST_COMPLAINTS: usize = 100;

impl DeclarationReader<'_> {
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
        let found = find_form(self.shared.definition, text).map(|f| f.id.clone());
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
        // Two dates typed for one file: the first stays, and the second is asked about.
        let typed = |a: &Arrival| a.folder == arrival.folder && a.content.is_empty();
        let twice = |a: &&Arrival| typed(a) && a.name == arrival.name && a.day != day;
        if typed(&arrival) && declared.arrivals.iter().any(|a| twice(&a)) {
            self.complain(row, 1, &format!("“{file}”已有另一个收到日期"), "");
            return;
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

    fn explanation_line(&mut self, row: u32, cells: [&str; 5], declared: &mut Declarations) {
        let [check, unit, form, cell, text] = cells;
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
            text: text.to_owned(),
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
