//! A unit's figures against group median and target, with its place, change of place and trend;
//! around them its returns and its problems. In the workbook 一委一单, a page a unit.

use super::{Align, Body, Cell, Link, List, Medium, Table, Target};
use crate::definition::Indicator;
use crate::model::{DiagnosedProblem, Figure, GroupPlace, Unit};
use crate::report::index::Index;
use crate::report::returns::{self, Counts};
use crate::report::selection::{self, Shown};
use crate::report::{layout, text};

/// Units with ranked key figures, in group order, each with its page.
pub(in crate::report) fn pages<'a>(index: &'a Index<'a>) -> Vec<(&'a Unit, Table<'a>)> {
    let ranked = selection::ranked_key(index);
    let groups = selection::groups(index);
    let units = index.inputs.definition.units.valid_in(index.inputs.folder);
    let mut pages: Vec<(&Unit, Vec<Shown>)> = units
        .filter(|unit| groups.contains(&unit.group))
        .map(|unit| (unit, own(index, unit, &ranked)))
        .filter(|(_, figures)| figures.iter().any(|(_, figure)| figure.place.is_some()))
        .collect();
    // Stable: units of a group stay in register order.
    pages.sort_by_key(|(unit, _)| groups.iter().position(|g| *g == unit.group));
    pages.into_iter().map(|(unit, figures)| (unit, page(index, unit, figures))).collect()
}

fn own<'a>(index: &Index<'a>, unit: &Unit, indicators: &[&'a Indicator]) -> Vec<Shown<'a>> {
    let figure = |&i: &&'a Indicator| Some((i, index.of_unit(&i.id, &unit.code)?));
    indicators.iter().filter_map(figure).collect()
}

fn page<'a>(index: &'a Index<'a>, unit: &'a Unit, figures: Vec<Shown<'a>>) -> Table<'a> {
    let period = text::period(index.inputs.definition, index.inputs.folder);
    let mut table =
        list(index, Medium::Workbook).table(format!("{}（{period}）", unit.name), figures);
    let receipts = index.receipts_of(&unit.code).iter().copied();
    table.lead.push(format!("组别：{}。{}", unit.group, Counts::of(receipts).summary()));
    table.notes.extend(problems(index, unit));
    table.notes.extend(returns(index, unit));
    table.notes.push("注：只列分组排名的主要指标，其余见各专题表；组内中位数按未舍入的数取；△为小基数，名次仅供参考；比上期为增减，占比为百分点，本年累计数的是本期新增，按轮次报送的与上一轮比；升降为比上期的位次。".to_owned());
    table
}

/// All its key and ranked figures, programme by programme: a page has room for them.
pub(in crate::report) fn figures<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    unit: &'a Unit,
) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = list(index, medium);
    let mut bodies = Vec::new();
    for programme in &definition.programmes {
        let indicators = definition.indicators.iter();
        let indicators: Vec<&Indicator> = indicators
            .filter(|i| i.programme == programme.id && (i.key || i.is_ranked()))
            .collect();
        let rows: Vec<_> =
            own(index, unit, &indicators).iter().map(|shown| list.row(shown)).collect();
        let title = text::programme_title(programme);
        let heading = Some(Link::new(title, Target::Programme(&programme.id)));
        bodies.extend((!rows.is_empty()).then_some(Body { heading, rows }));
    }
    let mut table = list.of_bodies(format!("{}的指标", unit.name), bodies);
    table.notes.push("注：组内中位数按未舍入的数取，有并列名次的其后顺延，△为小基数，名次仅供参考；本单位全部指标可用上方查找框输入单位名查看。".to_owned());
    table
}

fn list<'a>(index: &'a Index<'a>, medium: Medium) -> List<'a, Shown<'a>> {
    let definition = index.inputs.definition;
    let mut list = List::<Shown<'a>>::new(medium);
    list.center("专题", |(i, _)| Cell::words(text::programme_label(definition, i))).sheet(6.0);
    list.column(Align::Name, "指标", |(i, _)| Cell::words(&i.title)).sheet(22.0).page();
    list.number("分子", |(_, f)| Cell::optional(f.numerator)).sheet(7.5);
    list.number("分母", |(_, f)| Cell::optional(f.denominator)).sheet(7.5);
    list.number("本期", |(i, f)| Cell::value(f).ratio_of(2, 1, i.scale())).sheet(9.0).page();
    list.center("分子/分母", |(_, f)| Cell::base(f)).small();
    list.number("组内中位数", |(i, f)| match index.median(&i.id, &f.group) {
        Some(median) => Cell::number(median, &f.measure),
        None => Cell::none(),
    })
    .sheet(10.0)
    .page();
    list.center("目标", |(i, f)| Cell::words(text::target_cell(i, f))).sheet(12.5).page();
    list.number("比上期", |(i, f)| {
        Cell::change(i, f, (&text::previous_period(f), f.previous.as_ref())).with_arrow()
    })
    .sheet(9.0)
    .page();
    list.center("组内名次", |(_, f)| placed(f, place)).sheet(10.5).page();
    list.center("升降", |(_, f)| placed(f, text::movement)).sheet(6.5).page();
    list.center("走势", |(_, f)| Cell::trend(f)).sheet(12.0).page();
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

/// Its diagnosed problems, each a sentence; nothing without diagnosis.
fn problems(index: &Index, unit: &Unit) -> Vec<String> {
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

/// Returns that are not in order, and what was written on them.
fn returns(index: &Index, unit: &Unit) -> Vec<String> {
    let definition = index.inputs.definition;
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
