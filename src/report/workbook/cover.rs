//! 封面: title, period, who issues it, who has reported, what the letters mean.

use std::collections::BTreeMap;

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::model::{Receipt, ReturnState, Status};
use crate::report::{chart, text};

const TITLES: [&str; 9] =
    ["序号", "组别", "单位", "应报", "已收", "其中待核实", "退回", "未报", "迟报"];
const LAST: u16 = 8;
const WIDTHS: [f64; 9] = [6.0, 10.0, 26.0, 8.0, 8.0, 12.0, 8.0, 8.0, 8.0];

#[derive(Default)]
struct Counts {
    owed: usize,
    accepted: usize,
    queried: usize,
    rejected: usize,
    missing: usize,
    late: usize,
}

impl Counts {
    fn add(&mut self, receipt: &Receipt) {
        self.owed += usize::from(receipt.owed);
        self.accepted += usize::from(receipt.state.accepted());
        self.queried += usize::from(receipt.state == ReturnState::Queried);
        self.rejected += usize::from(receipt.state == ReturnState::Rejected);
        self.missing += usize::from(receipt.state == ReturnState::Missing);
        self.late += usize::from(receipt.on_time == Some(false));
    }

    fn columns(&self) -> [usize; 6] {
        [self.owed, self.accepted, self.queried, self.rejected, self.missing, self.late]
    }
}

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let inputs = context.inputs;
    let settings = &inputs.definition.settings;
    let mut sheet = Sheet::new(name, Paper::Portrait, &WIDTHS)?;
    sheet.row = 1;
    sheet.line(&settings.report.title, LAST, Line::Title)?;
    sheet.line(&text::period(inputs.definition, inputs.folder), LAST, Line::Subtitle)?;
    sheet.line(&settings.report.organisation, LAST, Line::Subtitle)?;
    if !settings.report.notice.is_empty() {
        sheet.line(&settings.report.notice, LAST, Line::Notice)?;
    }
    sheet.row += 1;

    let mut units: BTreeMap<(usize, &str), Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for receipt in inputs.receipts() {
        let order = inputs.definition.units.order(&receipt.unit);
        units.entry((order, &receipt.unit)).or_default().add(receipt);
        all.add(receipt);
    }
    sheet.line("收报情况", LAST, Line::Heading)?;
    let summary = format!("{}退回和未报的不计入统计，有关指标标为“不完整”。", summary(context));
    sheet.line(&summary, LAST, Line::Note)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    counts_row(&mut sheet, ["", "", "合计"], &all, true)?;
    for (i, ((_, code), counts)) in units.iter().enumerate() {
        let unit = inputs.definition.units.get(code);
        let group = unit.map_or("", |u| u.group.as_str());
        let name = inputs.definition.units.name(code);
        counts_row(&mut sheet, [&(i + 1).to_string(), group, name], counts, false)?;
    }
    let absent = absent_line(context);
    if !absent.is_empty() {
        sheet.line(&absent, LAST, Line::Note)?;
    }
    sheet.row += 1;
    legend(&mut sheet)?;
    let missing = chart::missing_characters(context.charts);
    if !missing.is_empty() {
        let list: Vec<String> = missing.iter().map(char::to_string).collect();
        let line = format!("图中字库没有的字以“〓”代替：{}", list.join(" "));
        sheet.line(&line, LAST, Line::Note)?;
    }
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.finish(LAST)
}

/// The report's returns in one sentence.
pub(super) fn summary(context: &Context) -> String {
    summary_of(context.inputs.receipts())
}

pub(super) fn summary_of<'r>(receipts: impl Iterator<Item = &'r Receipt>) -> String {
    let mut counts = Counts::default();
    receipts.for_each(|r| counts.add(r));
    format!(
        "应报 {} 份，已收 {} 份（其中待核实 {} 份），退回 {} 份，未报 {} 份，迟报 {} 份。",
        counts.owed, counts.accepted, counts.queried, counts.rejected, counts.missing, counts.late
    )
}

/// What is not in order about a return; `None` when it came in time and counts.
pub(super) fn disorder(receipt: &Receipt) -> Option<String> {
    let state = match receipt.state {
        ReturnState::Clean | ReturnState::Explained => None,
        state => Some(state.title()),
    };
    let late = (receipt.on_time == Some(false)).then_some("迟报");
    let uncalled = (!receipt.owed).then_some("不应报");
    let words: Vec<&str> = state.into_iter().chain(late).chain(uncalled).collect();
    (!words.is_empty()).then(|| words.join("、"))
}

fn counts_row(
    sheet: &mut Sheet,
    labels: [&str; 3],
    counts: &Counts,
    total: bool,
) -> anyhow::Result<()> {
    let row = sheet.row;
    sheet.center((row, 0), labels[0], total)?;
    sheet.center((row, 1), labels[1], total)?;
    sheet.text((row, 2), labels[2], total)?;
    for (column, count) in (3..).zip(counts.columns()) {
        sheet.count((row, column), count, total)?;
    }
    sheet.row += 1;
    Ok(())
}

/// Who is missing or sent back, by name and form.
fn absent_line(context: &Context) -> String {
    let definition = context.inputs.definition;
    let part = |state: ReturnState| {
        let names: Vec<String> = context
            .inputs
            .receipts()
            .filter(|r| r.state == state)
            .map(|r| {
                let form = definition.form(&r.form).map_or(r.form.as_str(), |f| f.title.as_str());
                format!("{}《{form}》", definition.units.name(&r.unit))
            })
            .collect();
        (!names.is_empty()).then(|| format!("{}：{}。", state.title(), names.join("、")))
    };
    [ReturnState::Missing, ReturnState::Rejected].into_iter().filter_map(part).collect()
}

fn legend(sheet: &mut Sheet) -> anyhow::Result<()> {
    let letters: Vec<String> =
        [Status::Normal, Status::Provisional, Status::Incomplete, Status::Break, Status::Missing]
            .iter()
            .map(|s| format!("{} {}", s.code(), s.title()))
            .collect();
    let lines = [
        format!("数字状态：{}。", letters.join("，")),
        "审核级别：强制——不改正不接收，退回填报单位；核实——须书面说明，说明前数字为待核实；提示——供参考。".to_owned(),
        "占比按四舍五入，百分点为印出的占比之差；“—”为无基数，不作零计。每个数字的出处见“溯源”表。".to_owned(),
    ];
    for line in lines {
        sheet.line(&line, LAST, Line::Note)?;
    }
    Ok(())
}
