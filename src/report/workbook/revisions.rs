//! 修订表.xlsx: what was published, what it is now, and why.

use super::page::Paper;
use super::sheet::Sheet;
use super::style::LineLook;
use super::{new_workbook, properties};
use crate::definition::Definition;
use crate::model::Period;
use crate::report::text;

/// A figure that is not as it was published; empty where there was or is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub figure: String,
    pub published: String,
    pub now: String,
    pub difference: String,
    pub why: String,
}

const TITLES: [&str; 6] = ["序号", "指标", "公布数", "现数", "差", "原因"];
const LAST: u16 = 5;

pub fn revisions(
    definition: &Definition,
    folder: &Period,
    edition: u32,
    revisions: &[Revision],
    notes: &[String],
) -> anyhow::Result<Vec<u8>> {
    let mut workbook = new_workbook()?;
    workbook.set_properties(&properties(definition, folder)?.set_title("修订表"));
    let mut sheet = Sheet::new("修订表", Paper::Landscape, &[6.0, 46.0, 12.0, 12.0, 12.0, 50.0])?;
    let period = text::period(definition, folder);
    let title = format!("{}（{period}）修订表", definition.settings.report.title);
    sheet.line(&title, LAST, LineLook::Heading)?;
    sheet.line(
        &format!("与第 {edition} 次定稿比较，{} 个数字有变动。", revisions.len()),
        LAST,
        LineLook::Note,
    )?;
    for note in notes {
        sheet.line(note, LAST, LineLook::Note)?;
    }
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for (number, revision) in (1..).zip(revisions) {
        let at = sheet.row;
        sheet.ordinal((at, 0), number)?;
        sheet.text((at, 1), &revision.figure, false)?;
        let numbers = [&revision.published, &revision.now, &revision.difference];
        for (column, text) in (2..).zip(numbers) {
            let text = if text.is_empty() { text::NONE } else { text };
            sheet.center((at, column), text, false)?;
        }
        sheet.text((at, LAST), &revision.why, false)?;
        sheet.row += 1;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 0)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    workbook.push_worksheet(sheet.finish(LAST)?);
    Ok(workbook.save_to_buffer()?)
}
