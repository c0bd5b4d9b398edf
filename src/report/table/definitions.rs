//! 方法与口径: how figures are made and read, then every indicator as defined.

use super::{Align, Body, Cell, Link, List, Medium, Table, Target};
use crate::definition::Indicator;
use crate::model::{AMENDED, Status};
use crate::report::index::Index;
use crate::report::text;

/// How figures are made and read.
pub(in crate::report) fn method(index: &Index, medium: Medium) -> Vec<String> {
    let lineage = match medium {
        Medium::Page | Medium::UnitPage => {
            "七、溯源。点击任一数字，可看口径、历史、名次、每个出处单元格和未计入的单位。"
        }
        _ => {
            "七、溯源。表中数字链接到“溯源”表的一行，写明分子、分母取自哪个文件、工作表、单元格；全部单元格用命令“dangtong audit trace”查看。"
        }
    };
    let last = ["八、个人信息不进入本报告。颜色只重复文字，不单独表意。"];
    let general = METHOD.into_iter().chain([lineage]).chain(last).map(str::to_owned);
    general.chain(amended(index)).collect()
}

/// What the county itself changed, cell by cell: it is part of how these figures were made.
fn amended(index: &Index) -> Vec<String> {
    let inputs = &index.inputs;
    let cells: Vec<String> = inputs
        .findings()
        .filter(|finding| finding.code == AMENDED)
        .map(|finding| {
            let unit = inputs.definition.units.name(&finding.unit);
            let form = inputs.definition.form(&finding.form).map_or("", |form| &form.title);
            format!("{unit}《{form}》{}　{}", finding.location.cells_text(), finding.message)
        })
        .collect();
    if cells.is_empty() {
        return cells;
    }
    let count = format!("本期有 {} 格由县里订正，按新值计算，报表原件不动：", cells.len());
    std::iter::once(count).chain(cells).collect()
}

const METHOD: [&str; 6] = [
    "一、数据。数字全部由各单位报表算出，不改、不猜、不丢：退回和未报的不计入，有关指标标为“不完整”并列出单位；待核实的计入并注明。缺报不作零；指标所需的格空白的，该指标不计该单位，分子、分母都不含，标为“缺项”；空白另有含义的，写在下列定义里。",
    "二、比率和平均数。各级均为分子之和除以分母之和，不对各单位的比率再平均；按准确数计算，最后一次四舍五入。分母为零的为“—”。",
    "三、比较。环比为比紧前一期，同比为比上年同期，比年初为比上年末；按轮次报送的与上一轮比，不称环比，缺轮的不比。期末数三种都比；本期发生数不比年初；本年累计数只同比，与上期之差是本期新增，年初重新起算不算口径变化。占比相减为百分点，用印出的数相减；本期或对比期有应报未报、退回或缺数的（数据不全），口径变化前后的，不比较，走势在变化处断开。组内有单位缺数的那一期，不列名次升降。",
    "四、排名。在组内按未舍入的数排，同数同名次，其后顺延（1、2、2、4）；分母低于规定值的标为小基数。组内中位数为组内各单位未舍入数的中间数，双数时取中间两数的平均。",
    "五、红黑榜。好于本单位的不足规定个数的列红榜，差于本单位的不足规定个数的列黑榜，两者都是的不列。",
    "六、变化的贡献。个数、总数：c＝本期数－上期数。比率、平均数 R＝s×N÷D（占比 s＝100）：c＝s×〔(n₁－n₀)－(N₀÷D₀)×(d₁－d₀)〕÷D₁，n、d 为单位的分子、分母，N、D 为县的分子、分母，0 为上期，1 为本期。各单位 c 之和正好等于 R₁－R₀；不能归到单位的列“未分到单位”，舍入产生的差列“舍入差”。",
];

/// What the letters and the levels of findings mean.
pub(in crate::report) fn legend() -> [String; 3] {
    let states =
        [Status::Normal, Status::Provisional, Status::Incomplete, Status::Break, Status::Missing];
    let letters = states.map(|status| format!("{} {}", status.code(), status.title()));
    [
        format!("数字状态：{}。", letters.join("，")),
        format!("审核级别：{LEVELS}"),
        "占比按四舍五入，百分点为印出的占比之差；“—”为无基数，不作零计。".to_owned(),
    ]
}

/// What a finding of each level asks for.
pub(in crate::report) const LEVELS: &str =
    "强制——不改正不接收，退回填报单位；核实——须书面说明，说明前数字为待核实；提示——供参考。";

/// Every indicator, programme by programme.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = List::<&Indicator>::new(medium);
    list.column(Align::Name, "指标", |i| Cell::words(&i.title).to(Target::DefinitionOf(&i.id)))
        .sheet(20.0)
        .page();
    list.left("编号", |i| Cell::words(&i.id)).sheet(22.0);
    list.left("专题", |i| Cell::words(definition.programme_title(&i.programme))).sheet(18.0);
    list.center("计量单位", |i| Cell::words(i.measure())).sheet(9.0).page();
    list.center("方向", |i| Cell::words(i.better.title())).sheet(10.0).page();
    list.center("目标", |i| Cell::words(&i.target)).sheet(9.0).page();
    list.left("口径（分母）", |i| Cell::words(text::base(i))).sheet(24.0);
    list.left("定义", |i| Cell::words(definition.in_words(i))).sheet(60.0).page();
    list.left("口径变化", |i| Cell::words(i.breaks_in_words())).sheet(12.0).page();
    list.left("说明", |i| Cell::words(notes(i))).sheet(24.0).page();
    list.left("技术口径", |i| Cell::words(text::technical(i))).sheet(40.0);
    let own = |indicators: &[&'a Indicator], list: &mut List<'a, &'a Indicator>| {
        let programme = indicators.first().and_then(|i| definition.programme(&i.programme));
        let heading =
            programme.map(|p| Link::new(text::programme_title(p), Target::Programme(&p.id)));
        Body { heading, rows: indicators.iter().map(|indicator| list.row(indicator)).collect() }
    };
    // A unit is told of what it has figures of.
    let told = |i: &&Indicator| medium != Medium::UnitPage || !index.of(&i.id).is_empty();
    let all: Vec<&Indicator> = definition.indicators.iter().filter(told).collect();
    let programmes = all.chunk_by(|a, b| a.programme == b.programme);
    let bodies = programmes.map(|indicators| own(indicators, &mut list)).collect();
    list.of_bodies("各指标的定义", bodies)
}

fn notes(indicator: &Indicator) -> String {
    let mut notes = Vec::new();
    notes.extend((!indicator.note.is_empty()).then(|| indicator.note.clone()));
    if !indicator.is_collectable() {
        notes.push(format!("无法收集：{}", indicator.reason()));
    }
    notes.join("；")
}
