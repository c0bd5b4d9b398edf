//! 收报台账.xlsx: each return with its file, day, deadline and state; each unit against each form;
//! and every content that was ever handed in.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{DocProperties, Worksheet};

use super::page::Paper;
use super::sheet::Sheet;
use super::style::LineLook;
use super::{new_workbook, properties};
use crate::definition::Reviewed;
use crate::model::{Arrival, FileReceipt, Period, Receipt, ReturnState, Timeliness, date_text};
use crate::report::text;

/// Unit, form and period.
type Key<'a> = (&'a str, &'a str, &'a Period);

/// What the sheets ask, looked up once.
struct Ledger<'a> {
    reviewed: &'a Reviewed<'a>,
    receipts: Vec<&'a Receipt>,
    /// Files in which a return stands.
    versions: BTreeMap<Key<'a>, usize>,
    /// Unit and form of what a 更正 was declared for.
    corrected: BTreeSet<(&'a str, &'a str)>,
    by_name: BTreeMap<&'a str, &'a FileReceipt>,
    /// Of files of the same content the first.
    by_content: BTreeMap<&'a str, &'a FileReceipt>,
}

impl<'a> Ledger<'a> {
    fn new(reviewed: &'a Reviewed<'a>) -> Self {
        let here = |folder: &Period| folder == reviewed.folder;
        let collected = reviewed.collected;
        let files: Vec<_> = collected.files.iter().filter(|file| here(&file.folder)).collect();
        let mut versions = BTreeMap::new();
        for (unit, form, period) in files.iter().flat_map(|file| &file.returns) {
            *versions.entry((unit.as_str(), form.as_str(), period)).or_default() += 1;
        }
        let corrections = collected.declarations.corrections.iter().filter(|c| here(&c.folder));
        let receipts = reviewed.validated.receipts.iter().filter(|r| here(&r.folder));
        let content = |file: &&'a FileReceipt| (file.sha256.as_str(), *file);
        Self {
            reviewed,
            receipts: receipts.collect(),
            versions,
            corrected: corrections.map(|c| (c.unit.as_str(), c.form.as_str())).collect(),
            by_name: files.iter().map(|file| (file.name(), *file)).collect(),
            by_content: files.iter().rev().map(content).collect(),
        }
    }

    /// 已报, 迟报, 未报, 退回, 更正.
    fn state(&self, receipt: &Receipt) -> &'static str {
        let corrected = || self.corrected.contains(&(&*receipt.unit, &*receipt.form));
        match receipt.state {
            ReturnState::Missing => "未报",
            ReturnState::Rejected => "退回",
            _ if corrected() => "更正",
            _ if receipt.timeliness == Timeliness::Late => "迟报",
            _ => "已报",
        }
    }

    fn versions(&self, receipt: &Receipt) -> usize {
        let key = (receipt.unit.as_str(), receipt.form.as_str(), &receipt.period);
        self.versions.get(&key).copied().unwrap_or(0)
    }

    fn title(&self) -> String {
        let Self { reviewed: Reviewed { definition, folder, .. }, .. } = self;
        let period = text::period(definition, folder);
        format!("{}{period}收报台账", definition.settings.county_name)
    }

    /// What has become of something that arrived.
    fn now(&self, arrival: &Arrival) -> String {
        let named = self.by_name.contains_key(arrival.name.as_str());
        match self.by_content.get(arrival.content.as_str()) {
            Some(file) if file.name() == arrival.name => "在".to_owned(),
            Some(file) => format!("在，改名为 {}", file.name()),
            None if named && arrival.content.is_empty() => "在".to_owned(),
            None if named => "内容已被新的替换".to_owned(),
            None => "不在".to_owned(),
        }
    }
}

pub fn ledger(reviewed: &Reviewed) -> anyhow::Result<Vec<u8>> {
    let ledger = Ledger::new(reviewed);
    let mut workbook = new_workbook()?;
    let about: DocProperties =
        properties(reviewed.definition, reviewed.folder)?.set_title(ledger.title());
    workbook.set_properties(&about);
    workbook.push_worksheet(returns(&ledger)?);
    workbook.push_worksheet(overview(&ledger)?);
    workbook.push_worksheet(arrivals(&ledger)?);
    Ok(workbook.save_to_buffer()?)
}

const TITLES: [&str; 14] = [
    "序号",
    "组别",
    "单位",
    "报表",
    "报告期",
    "状态",
    "收到日期",
    "期限",
    "早晚（天）",
    "版本",
    "强制",
    "待核实",
    "已说明",
    "文件",
];
const LAST: u16 = 13;
const WIDTHS: [f64; 14] =
    [5.5, 10.0, 16.0, 30.0, 13.0, 8.0, 12.0, 12.0, 9.0, 6.0, 6.0, 7.5, 7.5, 40.0];

fn returns(ledger: &Ledger) -> anyhow::Result<Worksheet> {
    let definition = ledger.reviewed.definition;
    let mut sheet = Sheet::new("收报台账", Paper::Landscape, &WIDTHS)?;
    sheet.line(&ledger.title(), LAST, LineLook::Heading)?;
    sheet.line(
        "收到日期取自 收件.csv，没有登记的取表上的填报日期；早晚为收到日期减期限，正数为迟。",
        LAST,
        LineLook::Note,
    )?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for (number, receipt) in (1..).zip(&ledger.receipts) {
        let at = sheet.row;
        let day = |day: Option<i32>| day.map_or_else(|| text::NONE.to_owned(), date_text);
        let group = definition.units.get(&receipt.unit).map_or("", |u| u.group.as_str());
        sheet.ordinal((at, 0), number)?;
        sheet.center((at, 1), group, false)?;
        sheet.text((at, 2), definition.units.name(&receipt.unit), false)?;
        sheet.text((at, 3), &text::form_title(definition, &receipt.form), false)?;
        sheet.center((at, 4), &text::period(definition, &receipt.period), false)?;
        let owed = if receipt.owed { "" } else { "（不应报）" };
        sheet.center((at, 5), &format!("{}{owed}", ledger.state(receipt)), false)?;
        sheet.center((at, 6), &day(receipt.received_on), false)?;
        sheet.center((at, 7), &day(receipt.deadline), false)?;
        let days = receipt.received_on.zip(receipt.deadline).map(|(on, due)| on - due);
        let days = days.map_or_else(|| text::NONE.to_owned(), |days| format!("{days:+}"));
        sheet.center((at, 8), if days == "+0" { "0" } else { &days }, false)?;
        let counts = [ledger.versions(receipt), receipt.errors, receipt.queries, receipt.explained];
        for (column, count) in (9..).zip(counts) {
            sheet.count((at, column), count, false)?;
        }
        sheet.text((at, LAST), &receipt.file, false)?;
        sheet.row += 1;
    }
    if sheet.row > header + 1 {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 4)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.finish(LAST)
}

/// Each unit against each form that is due.
fn overview(ledger: &Ledger) -> anyhow::Result<Worksheet> {
    let definition = ledger.reviewed.definition;
    let mut cells: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
    let due: BTreeSet<&str> = ledger.receipts.iter().map(|receipt| &*receipt.form).collect();
    let forms = definition.forms.iter().map(|form| &*form.id);
    let forms: Vec<&str> = forms.filter(|id| due.contains(id)).collect();
    for receipt in &ledger.receipts {
        let queries = match receipt.queries {
            open if open > 0 && receipt.state.accepted() => format!("，待核实{open}"),
            _ => String::new(),
        };
        let order = definition.units.order(&receipt.unit);
        let word = format!("{}{queries}", ledger.state(receipt));
        cells.entry((order, &receipt.form)).or_default().push(word);
    }
    let last = u16::try_from(forms.len())?;
    let mut sheet = Sheet::new("一览", Paper::Landscape, &[16.0])?;
    for (column, _) in (1u16..).zip(&forms) {
        sheet.widen(column, 11.0);
    }
    sheet.line(&ledger.title(), last.max(3), LineLook::Heading)?;
    let header = sheet.row;
    let titles = forms.iter().map(|form| text::form_title(definition, form));
    let titles: Vec<String> = std::iter::once("单位".to_owned()).chain(titles).collect();
    sheet.header_row(&titles.iter().map(String::as_str).collect::<Vec<_>>())?;
    sheet.height(header, 58.0);
    let units: BTreeSet<usize> = cells.keys().map(|(order, _)| *order).collect();
    for order in units {
        let name = definition.units.all().get(order).map_or("", |unit| unit.name.as_str());
        sheet.text((sheet.row, 0), name, false)?;
        for (column, form) in (1..).zip(&forms) {
            let words = cells.get(&(order, *form)).map(|words| words.join("；"));
            sheet.center((sheet.row, column), &words.unwrap_or_default(), false)?;
        }
        sheet.row += 1;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 1)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.finish(last.max(3))
}

const RECORDED: [&str; 5] = ["序号", "文件", "收到日期", "内容指纹", "现在"];

/// What arrived, also what was replaced or taken away since.
fn arrivals(ledger: &Ledger) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new("收件记录", Paper::Landscape, &[5.5, 56.0, 12.0, 22.0, 22.0])?;
    let last = 4;
    sheet.line(&ledger.title(), last, LineLook::Heading)?;
    sheet.line("收件.csv 里登记过的每一份内容，改过、移走的也在内。", last, LineLook::Note)?;
    let header = sheet.row;
    sheet.header_row(&RECORDED)?;
    let Reviewed { collected, folder, .. } = ledger.reviewed;
    let own = collected.declarations.arrivals.iter().filter(|a| a.folder == **folder);
    for (number, arrival) in (1..).zip(own) {
        let at = sheet.row;
        sheet.ordinal((at, 0), number)?;
        sheet.text((at, 1), &arrival.name, false)?;
        sheet.center((at, 2), &date_text(arrival.day), false)?;
        let mark: String = arrival.content.chars().take(12).collect();
        sheet.center((at, 3), if mark.is_empty() { text::NONE } else { &mark }, false)?;
        sheet.center((at, 4), &ledger.now(arrival), false)?;
        sheet.row += 1;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 0)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.finish(last)
}
