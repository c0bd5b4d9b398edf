//! Reads .xlsx and .xlsm in this process, each part once, straight from the XML. A library that
//! reads them takes one of two values without a word where a file says something twice, and
//! nothing where a value is spelled unusually; here that is a finding, or is read.

pub(super) mod package;
mod sheet;

use super::guard::Archive;
use super::workbook::{Meter, Refusal, Sheet, Workbook};
use crate::model::codes::UNREADABLE_FILE;

pub(super) fn read(mut archive: Archive) -> Result<Workbook, Refusal> {
    let mut package = package::open(&mut archive)?;
    let mut meter = Meter::default();
    let mut workbook = Workbook {
        remarks: std::mem::take(&mut package.remarks),
        template: package.template.take(),
        ..Workbook::default()
    };
    for part in &package.sheets {
        let mut sheet = Sheet::new(part.name.clone());
        sheet.from_1904 = package.from_1904;
        sheet.stale = package.stale;
        sheet.hidden = part.hidden;
        if !sheet.hidden {
            let Some(xml) = archive.text(&part.path)? else {
                let message = format!("缺少工作表“{}”的内容", part.name);
                return Err(Refusal::new(UNREADABLE_FILE, message));
            };
            sheet::read(&xml, &package, &mut sheet, &mut meter)?;
        }
        workbook.sheets.push(sheet);
    }
    if workbook.sheets.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "工作簿中没有工作表，文件可能已损坏"));
    }
    Ok(workbook)
}
