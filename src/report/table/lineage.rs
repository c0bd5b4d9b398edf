//! 溯源: every figure with the cells of numerator and denominator, and the units that are not
//! in it.

use super::{Cell, List, Medium, PERIOD, Table};
use crate::model::{Contribution, Figure, Location, Period, RowsOf};
use crate::report::index::Index;
use crate::report::text;

pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = List::<&Figure>::new(medium);
    list.left("编号", |f| Cell::words(&f.id)).sheet(28.0);
    list.left("指标", |f| Cell::words(&f.title)).sheet(18.0);
    list.left("单位", |f| Cell::words(&f.unit)).sheet(14.0);
    list.left("类别", |f| Cell::words(category(f))).sheet(12.0);
    list.center("数据期", |f| Cell::words(text::period(definition, &f.period))).sheet(PERIOD);
    list.number("值", |f| Cell { to: None, ..Cell::value(f) }).sheet(10.0);
    list.number("分子", |f| Cell::optional(f.numerator)).sheet(8.0);
    list.number("分母", |f| Cell::optional(f.denominator)).sheet(8.0);
    list.left("分子出处", |f| Cell::words(numerator(index, f))).sheet(42.0);
    list.left("分母出处", |f| Cell::words(sources(index, &f.lineage.denominator))).sheet(42.0);
    list.left("未计入的单位", |f| Cell::words(text::absent_units(definition, f))).sheet(18.0);
    let mut table = list.table("每个数字的出处", index.inputs.figures);
    table.lead.push("本表供查阅，不随报告打印。出处写首个单元格和处数，指标的定义见“方法与口径”；全部单元格及原文用命令“dangtong audit trace 报告文件夹 编号”查看。".to_owned());
    table
}

fn category(figure: &Figure) -> String {
    let class = figure.class.as_ref().map_or("", |c| c.title.as_str());
    let parts = [figure.category.as_str(), class];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("·")
}

fn numerator(index: &Index, figure: &Figure) -> String {
    match figure.lineage.problems.as_slice() {
        [] => sources(index, &figure.lineage.numerator),
        ids => problems(ids),
    }
}

/// `returns-late@140722102 等 3 条问题`: each is a row of problems.csv.
fn problems(ids: &[String]) -> String {
    match ids {
        [] => String::new(),
        [only] => format!("问题 {only}"),
        [first, ..] => format!("{first} 等 {} 条问题", ids.len()),
    }
}

fn sources(index: &Index, contributions: &[Contribution]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in contributions.iter().map(|c| source(index, c)) {
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("；")
}

/// `石匣乡_2013-10.xlsx › 党代表工作室 ! M6 …（18 份报表，共 18 处）`
fn source(index: &Index, contribution: &Contribution) -> String {
    let rows = contribution.rows.len();
    let source = match RowsOf::named(&contribution.source) {
        RowsOf::Units => return format!("应报单位 {rows} 个（单位名录）"),
        RowsOf::Register(name) => return format!("名录 {name}（{rows} 行）"),
        RowsOf::Form(id) => id,
    };
    let definition = index.inputs.definition;
    let title = text::form_title(definition, source);
    let period = contribution.period.as_ref().map_or_else(String::new, Period::to_string);
    if contribution.unlisted > 0 {
        let rows = contribution.unlisted;
        return format!("《{title}》{period}（{rows} 行，行数太多，未逐行列出）");
    }
    if rows == 0 {
        return format!("《{title}》{period}（无符合的行）");
    }
    let table = contribution
        .period
        .as_ref()
        .and_then(|period| index.inputs.validated.facts.table(source, period));
    let (Some(form), Some(table)) = (definition.form(source), table) else {
        return format!("《{title}》{period}（{rows} 行）");
    };
    let fields: Vec<usize> =
        contribution.fields.iter().filter_map(|name| form.field_index(name)).collect();
    let mut cells = 0;
    let mut returns: Vec<usize> = Vec::new();
    let mut first: Option<Location> = None;
    for row in contribution.rows.iter().map(|&row| row as usize).filter(|&row| row < table.len()) {
        let (at, own) = table.place(row);
        let facts = &table.returns[at];
        cells += fields.iter().filter(|&&field| facts.cell(own, field).is_some()).count().max(1);
        // Rows stand in the order of the returns.
        if returns.last() != Some(&at) {
            returns.push(at);
        }
        first.get_or_insert_with(|| {
            let mut place = facts.location(own, &fields);
            place.cells.truncate(1);
            place
        });
    }
    match first {
        None => format!("《{title}》{period}（{rows} 行）"),
        Some(place) if cells == 1 => place.to_string(),
        Some(place) => format!("{place} …（{} 份报表，共 {cells} 处）", returns.len()),
    }
}
