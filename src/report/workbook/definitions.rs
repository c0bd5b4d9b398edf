//! 方法与口径: how figures are made and read, which prints; then every indicator as defined,
//! to look up.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::definition::Indicator;
use crate::report::text;

const TITLES: [&str; 10] = [
    "编号",
    "指标",
    "专题",
    "计量单位",
    "方向",
    "目标",
    "口径（分母）",
    "定义",
    "口径变化",
    "说明",
];
const LAST: u16 = 9;
const WIDTHS: [f64; 10] = [22.0, 20.0, 18.0, 9.0, 10.0, 9.0, 24.0, 60.0, 12.0, 24.0];

/// The method is as wide as a page, not as the table below.
const METHOD_LAST: u16 = 6;

const METHOD: [&str; 8] = [
    "一、数据。数字全部由各单位报表算出，不改、不猜、不丢：退回和未报的不计入，有关指标标为“不完整”并列出单位；待核实的计入并注明。缺报不作零；指标所需的格空白的，该指标不计该单位，分子、分母都不含，标为“缺项”；空白另有含义的，写在下列定义里。",
    "二、比率和平均数。各级均为分子之和除以分母之和，不对各单位的比率再平均；按准确数计算，最后一次四舍五入。分母为零的为“—”。",
    "三、比较。环比为比紧前一期，同比为比上年同期，比年初为比上年末；按轮次报送的与上一轮比，不称环比，缺轮的不比。期末数三种都比；本期发生数不比年初；本年累计数只同比，与上期之差是本期新增，年初重新起算不算口径变化。占比相减为百分点，用印出的数相减；本期或对比期有应报未报、退回或缺数的（数据不全），口径变化前后的，不比较，走势在变化处断开。组内有单位缺数的那一期，不列名次升降。",
    "四、排名。在组内按未舍入的数排，同数同名次，其后顺延（1、2、2、4）；分母低于规定值的标为小基数。组内中位数为组内各单位未舍入数的中间数，双数时取中间两数的平均。",
    "五、红黑榜。好于本单位的不足规定个数的列红榜，差于本单位的不足规定个数的列黑榜，两者都是的不列。",
    "六、变化的贡献。个数、总数：c＝本期数－上期数。比率、平均数 R＝s×N÷D（占比 s＝100）：c＝s×〔(n₁－n₀)－(N₀÷D₀)×(d₁－d₀)〕÷D₁，n、d 为单位的分子、分母，N、D 为县的分子、分母，0 为上期，1 为本期。各单位 c 之和正好等于 R₁－R₀；不能归到单位的列“未分到单位”，舍入产生的差列“舍入差”。",
    "七、溯源。表中数字链接到“溯源”表的一行，写明分子、分母取自哪个文件、工作表、单元格；全部单元格用命令“dangtong audit trace”查看。",
    "八、个人信息不进入本报告。颜色只重复文字，不单独表意。",
];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Portrait, &WIDTHS)?;
    sheet.line("方法与口径", METHOD_LAST, Line::Heading)?;
    for line in METHOD {
        sheet.line(line, METHOD_LAST, Line::Note)?;
    }
    let line = "九、下列各指标的定义供查阅、筛选，不随报告打印；口径、目标和说明已印在各专题表下。";
    sheet.line(line, METHOD_LAST, Line::Note)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for indicator in &context.inputs.definition.indicators {
        row(context, &mut sheet, indicator)?;
    }
    if sheet.row > header + 1 {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 2)?;
    sheet.finish_reference(header, METHOD_LAST)
}

fn row(context: &Context, sheet: &mut Sheet, indicator: &Indicator) -> anyhow::Result<()> {
    let definition = context.inputs.definition;
    let programme = definition.programme(&indicator.programme);
    let mut notes = Vec::new();
    notes.extend((!indicator.note.is_empty()).then(|| indicator.note.clone()));
    if !indicator.is_collectable() {
        notes.push(format!("无法收集：{}", indicator.reason));
    }
    let at = sheet.row;
    let texts = [
        indicator.id.as_str(),
        &indicator.title,
        programme.map_or("", |p| p.title.as_str()),
        indicator.measure(),
        indicator.better.title(),
        &indicator.target,
        text::base(indicator),
        &text::definition_text(definition, indicator),
        &indicator.breaks_in_words(),
        &notes.join("；"),
    ];
    for (column, value) in (0..).zip(texts) {
        sheet.text((at, column), value, false)?;
    }
    sheet.row += 1;
    Ok(())
}
