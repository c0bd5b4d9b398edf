//! 封面: title, period, who issues it, who has reported, what the letters mean.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::model::{Receipt, ReturnState, Status, Timeliness};
use crate::report::returns::{self, Count, Counts};
use crate::report::{chart, text};

const TITLES: [&str; 9] =
    ["序号", "组别", "单位", "应报", "已收", "其中待核实", "退回", "未报", "迟报"];
const LAST: u16 = 8;
const WIDTHS: [f64; 9] = [6.0, 10.0, 26.0, 8.0, 8.0, 12.0, 8.0, 8.0, 12.0];

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
    let draft = returns::draft(inputs);
    if !draft.is_empty() {
        sheet.line(&draft, LAST, Line::Notice)?;
    }
    sheet.row += 1;

    let all = Counts::of(inputs.receipts());
    sheet.line("收报情况", LAST, Line::Heading)?;
    let summary = format!("{}退回和未报的不计入统计，有关指标标为“不完整”。", all.summary());
    sheet.line(&summary, LAST, Line::Note)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    counts_row(&mut sheet, ["", "", "合计"], &all, true)?;
    for (i, (code, counts)) in returns::by_unit(inputs).into_iter().enumerate() {
        let unit = inputs.definition.units.get(code);
        let group = unit.map_or("", |u| u.group.as_str());
        let name = inputs.definition.units.name(code);
        counts_row(&mut sheet, [&(i + 1).to_string(), group, name], &counts, false)?;
    }
    let absent = returns::absent(inputs);
    if !absent.is_empty() {
        let line: String =
            absent.iter().map(|(state, names)| format!("{state}：{names}。")).collect();
        sheet.line(&line, LAST, Line::Note)?;
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

/// What is not in order about a return; `None` when it came in time and counts.
pub(super) fn disorder(receipt: &Receipt) -> Option<String> {
    let state = match receipt.state {
        ReturnState::Clean | ReturnState::Explained => None,
        state => Some(state.title()),
    };
    let late = match receipt.timeliness {
        late @ Timeliness::Late => Some(late.title()),
        Timeliness::Unjudged(_) => Some("无法判断是否迟报"),
        _ => None,
    };
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
    for (column, (_, count)) in (3..).zip(counts.columns()) {
        match count {
            Count::Number(count) => sheet.count((row, column), count, total)?,
            Count::Words(words) => sheet.center((row, column), &words, total)?,
        }
    }
    sheet.row += 1;
    Ok(())
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
