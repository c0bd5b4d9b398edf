//! A unit's figures against group median and target, with its place, change of place and trend;
//! around them its returns and its problems. In the workbook 一委一单, a page a unit.

use super::{Align, Body, Cell, Link, List, Medium, Table, Target, Tone};
use crate::definition::Indicator;
use crate::model::{
    DiagnosedProblem, Figure, GroupPlace, Level, Outcome, Receipt, ReturnCounts, ReturnState, Unit,
    date_text,
};
use crate::report::index::Index;
use crate::report::returns;
use crate::report::selection::{self, ShownFigure};
use crate::report::{judgement, layout, text};

/// Rows with ranked key figures, in group order, each with its page.
pub(in crate::report) fn pages<'a>(index: &'a Index<'a>) -> Vec<(&'a Unit, Table<'a>)> {
    let ranked = selection::ranked_key(index);
    let groups = selection::groups(index);
    let units = index.inputs.definition.units.rows_in(index.inputs.folder);
    let mut pages: Vec<(&Unit, Vec<ShownFigure>)> = units
        .filter(|unit| groups.contains(&unit.group))
        .map(|unit| (unit, own(index, unit, &ranked)))
        .filter(|(_, figures)| figures.iter().any(|(_, figure)| figure.place.is_some()))
        .collect();
    // Stable: units of a group stay in register order.
    pages.sort_by_key(|(unit, _)| groups.iter().position(|g| *g == unit.group));
    let mut pages: Vec<(&Unit, Table)> =
        pages.into_iter().map(|(unit, figures)| (unit, page(index, unit, figures))).collect();
    if let Some((_, last)) = pages.last_mut() {
        last.notes.push(NOTE.to_owned());
    }
    pages
}

fn own<'a>(index: &Index<'a>, unit: &Unit, indicators: &[&'a Indicator]) -> Vec<ShownFigure<'a>> {
    let figure = |&i: &&'a Indicator| Some((i, index.of_unit(&i.id, &unit.code)?));
    indicators.iter().filter_map(figure).collect()
}

fn page<'a>(index: &'a Index<'a>, unit: &'a Unit, figures: Vec<ShownFigure<'a>>) -> Table<'a> {
    let period = text::period(index.inputs.definition, index.inputs.folder);
    let (shown, sound): (Vec<ShownFigure>, Vec<ShownFigure>) =
        figures.into_iter().partition(|(indicator, figure)| is_telling(indicator, figure));
    let mut table =
        list(index, Medium::Workbook).table(format!("{}（{period}）", unit.name), shown);
    let receipts = index.receipts_of(&unit.code).iter().copied();
    table.lead.push(format!("组别：{}。{}", unit.group, ReturnCounts::of(receipts).summary()));
    table.lead.extend(diagnosed(index, unit));
    table.lead.extend(findings(index, unit));
    table.lead.extend(returns(index, unit));
    table.empty = "没有未达到目标、居后或比上期变差的主要指标。";
    if !sound.is_empty() {
        let titles: Vec<&str> = sound.iter().map(|(i, _)| i.title.as_str()).collect();
        table
            .notes
            .push(format!("未列（达到目标或居前居中，且没有变差）：{}。", titles.join("、")));
    }
    table
}

/// Below the last page.
const NOTE: &str = "注：只列分组排名的主要指标中未达到目标的、名次在组内后三分之一的、比上期变差的，其余见各专题表；组内中位数按未舍入的数取；△为小基数，名次仅供参考；比上期为增减，占比为百分点，本年累计数的是本期新增，按轮次报送的与上一轮比；升降为比上期的位次。";

/// Is it behind its target, in the last third of its group, worse than before, or not there?
fn is_telling(indicator: &Indicator, figure: &Figure) -> bool {
    let rear = figure.place.as_ref().is_some_and(|p| p.of >= 3 && 3 * p.place > 2 * p.of);
    let met = indicator.meets_target(figure);
    let change = (&text::previous_period(figure), figure.previous.as_ref());
    let worse = Cell::change(indicator, figure, (change.0, change.1)).tone == Tone::Bad;
    figure.all_absent().is_some() || met == Some(false) || worse || (rear && met != Some(true))
}

/// What its returns failed or leave open, with the cell.
fn findings(index: &Index, unit: &Unit) -> Vec<String> {
    if is_level(index, unit) {
        return Vec::new();
    }
    let own = index.findings_of(&unit.code).iter();
    let telling = own.filter(|f| f.outcome != Outcome::NotEvaluated && f.level != Level::Hint);
    telling
        .map(|f| {
            let form = text::form_title(index.inputs.definition, &f.form);
            let (level, outcome) = (f.level.title(), f.outcome.title());
            let (title, message, at) = (&f.title, &f.message, &f.location);
            format!("审核（{level}，{outcome}）：《{form}》{title}：{message}，见 {at}")
        })
        .collect()
}

/// Its figures that are worth attention, and the others.
pub(in crate::report) fn telling_and_sound<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    unit: &'a Unit,
) -> (Table<'a>, Table<'a>) {
    let some = |title: &str, telling: bool| {
        let title = format!("{}{title}", unit.name);
        some_figures(index, medium, unit, title, |(i, f)| is_telling(i, f) == telling)
    };
    let mut telling = some("需要注意的指标", true);
    telling
        .notes
        .insert(0, "没有报齐的、未达到目标的、名次在组内后三分之一的、比上期变差的。".to_owned());
    (telling, some("其他指标", false))
}

/// All its key and ranked figures, programme by programme: a page has room for them.
pub(in crate::report) fn figures<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    unit: &'a Unit,
) -> Table<'a> {
    some_figures(index, medium, unit, format!("{}的指标", unit.name), |_| true)
}

fn some_figures<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    unit: &'a Unit,
    title: String,
    shows: impl Fn(&ShownFigure) -> bool,
) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = list(index, medium);
    let mut bodies = Vec::new();
    for programme in &definition.programmes {
        let indicators = definition.indicators.iter();
        let indicators: Vec<&Indicator> = indicators
            .filter(|i| i.programme == programme.id && (i.key || i.is_ranked()))
            .collect();
        let all = own(index, unit, &indicators);
        let rows: Vec<_> =
            all.iter().filter(|one| shows(one)).map(|shown| list.row(shown)).collect();
        let named = text::programme_title(programme);
        let heading = Some(Link::new(named, Target::Programme(&programme.id)));
        bodies.extend((!rows.is_empty()).then_some(Body { heading, rows }));
    }
    let mut table = list.of_bodies(title, bodies);
    let beside = match medium {
        Medium::UnitPage => "全县为各单位合计",
        _ => "组内中位数按未舍入的数取",
    };
    table.notes.push(format!("注：{beside}，有并列名次的其后顺延，△为小基数，名次仅供参考；本单位全部指标可用上方查找框输入单位名查看。"));
    table
}

fn list<'a>(index: &'a Index<'a>, medium: Medium) -> List<'a, ShownFigure<'a>> {
    let definition = index.inputs.definition;
    let mut list = List::<ShownFigure<'a>>::new(medium);
    list.center("专题", |(i, _)| Cell::words(text::programme_label(definition, i))).sheet(6.0);
    list.column(Align::Name, "指标", |(i, _)| Cell::words(&i.title)).sheet(27.0).page();
    list.number("分子", |(_, f)| Cell::optional(f.numerator)).sheet(7.5);
    list.number("分母", |(_, f)| Cell::optional(f.denominator)).sheet(7.5);
    list.number("本期", |(i, f)| Cell::value(f).ratio_of(2, 1, i.scale())).sheet(9.0).page();
    list.center("分子/分母", |(_, f)| Cell::base(f)).small();
    list.number("组内中位数", |(i, f)| match index.median(&i.id, &f.group) {
        Some(median) => Cell::number(median, &f.measure),
        None => Cell::none(),
    })
    .sheet(10.0)
    .whole_page();
    list.number("全县", |(i, _)| index.headline(&i.id).map_or_else(Cell::none, Cell::value))
        .unit_page();
    list.center("目标", |(i, f)| Cell::words(text::target_cell(i, f))).sheet(20.0).page();
    list.number("比上期", |(i, f)| {
        Cell::change(i, f, (&text::previous_period(f), f.previous.as_ref())).with_arrow()
    })
    .sheet(9.0)
    .page();
    list.center("组内名次", |(_, f)| placed(f, place)).sheet(10.5).page();
    list.center("升降", |(_, f)| placed(f, text::movement)).sheet(6.5).page();
    list.center("走势", |(_, f)| Cell::trend(f)).sheet(22.0).page();
    list.column(Align::Remark, "说明", |(_, f)| Cell::words(layout::remarks(&[f]))).page();
    list
}

fn placed<'a>(figure: &Figure, words: impl Fn(&GroupPlace) -> String) -> Cell<'a> {
    figure.place.as_ref().map_or_else(Cell::none, |place| Cell::words(words(place)))
}

/// `3/9 并列△`
fn place(place: &GroupPlace) -> String {
    let tied = if place.tied { " 并列" } else { "" };
    let small = if place.small_base { "△" } else { "" };
    format!("{}/{}{tied}{small}", place.place, place.of)
}

/// What is asked of the unit, a line a kind: returns to send, to put right, to explain, problems to
/// mend; each with its forms and deadlines.
pub(in crate::report) fn asked(index: &Index, unit: &Unit) -> Vec<(&'static str, String)> {
    let receipts = index.receipts_of(&unit.code);
    let of_state = |state: ReturnState, said: &dyn Fn(&Receipt) -> String| {
        let own = receipts.iter().filter(|receipt| receipt.owed && receipt.state == state);
        let forms: Vec<String> = own
            .map(|receipt| {
                let title = text::form_title(index.inputs.definition, &receipt.form);
                format!("《{title}》{}", said(receipt))
            })
            .collect();
        (!forms.is_empty()).then(|| forms.join("、"))
    };
    let by = |receipt: &Receipt| {
        receipt.deadline.map_or_else(String::new, |day| format!("（期限 {}）", date_text(day)))
    };
    let lines = [
        ("补报", of_state(ReturnState::Missing, &by)),
        (
            "改正后重报",
            of_state(ReturnState::Rejected, &|receipt| format!("（强制 {} 项）", receipt.errors)),
        ),
        (
            "书面说明",
            of_state(ReturnState::Queried, &|receipt| format!("（核实 {} 项）", receipt.queries)),
        ),
        ("整改", to_mend(index, unit)),
    ];
    lines.into_iter().filter_map(|(what, line)| Some((what, line?))).collect()
}

/// `问题 3 条，责任人党委书记，12月20日前`; nothing without problems.
fn to_mend(index: &Index, unit: &Unit) -> Option<String> {
    let problems = index.problems_of(&unit.code).len();
    let mut parts = vec![format!("问题 {problems} 条")];
    let (owner, deadline) = (judgement::owner(index), judgement::deadline(index));
    parts.extend((!owner.is_empty()).then(|| format!("责任人{owner}")));
    parts.extend((!deadline.is_empty()).then_some(deadline));
    (problems > 0).then(|| parts.join("，"))
}

/// Its diagnosed problems, each a sentence; nothing without diagnosis.
fn diagnosed(index: &Index, unit: &Unit) -> Vec<String> {
    if index.inputs.definition.diagnoses.is_empty() {
        return Vec::new();
    }
    let own = index.problems_of(&unit.code);
    if own.is_empty() {
        return vec!["问题：本期未诊断出问题。".to_owned()];
    }
    let sentence = |(number, problem): (usize, &&DiagnosedProblem)| {
        format!("问题 {number}（{}）：{}", problem.disease, problem.text)
    };
    (1..).zip(own).map(sentence).collect()
}

/// Do its returns come from units below it?
fn is_level(index: &Index, unit: &Unit) -> bool {
    let units = &index.inputs.definition.units;
    units.is_level(units.order(&unit.code))
}

/// Returns that are not in order, and what was written on them.
fn returns(index: &Index, unit: &Unit) -> Vec<String> {
    let definition = index.inputs.definition;
    if is_level(index, unit) {
        let own = text::report_of(unit, index.inputs.folder);
        return vec![format!("它的各单位、各份报表的情况，见它自己的报告：{own}")];
    }
    let disorder = |form: &str, state: String| {
        let title = definition.form(form).map_or(form, |form| form.title.as_str());
        format!("《{title}》{state}")
    };
    let receipts = index.receipts_of(&unit.code).iter();
    let returns: Vec<String> = receipts
        .filter_map(|receipt| Some(disorder(&receipt.form, returns::disorder(receipt)?)))
        .collect();
    let mut lines = Vec::new();
    lines.extend((!returns.is_empty()).then(|| format!("报表：{}。", returns.join("，"))));
    for (facts, sentence) in index.inputs.sentences() {
        if facts.unit == unit.code {
            let title = text::form_title(definition, &facts.form);
            lines.push(format!("《{title}》表上文字：{}", sentence.text));
        }
    }
    lines
}
