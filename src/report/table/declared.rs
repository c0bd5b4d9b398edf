//! The tables that a programme declares: 合计 first, then a row a unit or category, with the base
//! beside every rate; and the matrices of its transitions. On paper a table that is too wide
//! goes on below itself, its labels repeated; the page scrolls.

use std::rc::Rc;

use super::columns::{Classified, ColumnBlock, DeclaredRow};
use super::{Align, Body, Cell, Link, List, Medium, Table, Target};
use crate::definition::{GROUP_DIMENSION, Indicator, Programme, TableSpec};
use crate::model::Class;
use crate::report::index::{FigureRow, Index};
use crate::report::{layout, text};

/// ColumnBlock of figures that fit beside the labels on a sheet of paper.
const COLUMNS_A_PAGE: usize = 18;

/// The columns before the figures: the same in all tables of a programme, which share a sheet.
#[derive(Clone, Copy)]
pub(in crate::report) struct Labels {
    /// Width of the column of groups, in which other tables name their breakdown; none without.
    group: Option<f64>,
    /// Width of the column of names.
    name: f64,
}

impl Labels {
    pub(in crate::report) fn of(index: &Index, programme: &Programme) -> Self {
        let definition = index.inputs.definition;
        let (mut grouped, mut widest, mut name) = (false, 10.0_f64, 10.0_f64);
        for table in &programme.tables {
            let (mut indicators, matrices) = layout::indicators(definition, table);
            indicators.extend(matrices);
            for row in index.rows(&indicators, &table.by) {
                grouped |= !row.group.is_empty();
                name = name.max(text::columns(&row.title(index.county())) as f64 * 1.08 + 2.0);
                if row.group.is_empty() {
                    let title = layout::dimension_title(definition, &indicators, &row.dimension);
                    widest = widest.max(text::columns(title) as f64 * 1.08 + 2.0);
                }
            }
        }
        Self { group: grouped.then_some(widest.min(18.0)), name: name.min(24.0) }
    }

    /// In characters.
    pub(in crate::report) fn widths(self) -> Vec<f64> {
        let labels = [Some(5.5), self.group, Some(self.name)];
        labels.into_iter().flatten().collect()
    }
}

/// What one declared table is made from.
#[derive(Clone, Copy)]
struct Making<'a, 'b> {
    index: &'a Index<'a>,
    medium: Medium,
    programme: &'b Programme,
    spec: &'b TableSpec,
    labels: Labels,
}

/// A declared table: its common part in as many pieces as it needs, then its matrices.
pub(in crate::report) fn tables<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    (programme, spec): (&Programme, &TableSpec),
    labels: Labels,
) -> Vec<Table<'a>> {
    let making = Making { index, medium, programme, spec, labels };
    let (common, matrices) = layout::indicators(index.inputs.definition, spec);
    let mut tables = Vec::new();
    if !common.is_empty() || matrices.is_empty() {
        tables.extend(making.common(&common));
    }
    tables.extend(matrices.into_iter().flat_map(|indicator| making.matrix(indicator)));
    tables
}

impl<'a> Making<'a, '_> {
    fn common(&self, indicators: &[&'a Indicator]) -> Vec<Table<'a>> {
        let index = self.index;
        let most = if self.medium == Medium::Workbook { COLUMNS_A_PAGE } else { usize::MAX };
        let (rows, all, left_out) = self.with_data(indicators);
        let all: Vec<ColumnBlock> = all.into_iter().flat_map(|own| own.divided(most)).collect();
        if all.is_empty() {
            let title = self.title(&self.spec.title);
            let notes = left_out.into_iter().collect();
            return vec![Table { title, empty: "本期无数据。", notes, ..Table::default() }];
        }
        let mut tables = Vec::new();
        for (i, own) in pieces(&all, most).into_iter().enumerate() {
            let mut list = List::new(self.medium);
            self.label(&mut list, indicators.to_vec());
            own.iter().for_each(|columns| columns.add_to(&mut list, index));
            let county = index.county_row();
            let all = std::iter::once(&county).chain(&rows).cloned();
            remark(&mut list, index, all, own.to_vec());
            let total = list.total(&DeclaredRow::new(county, true));
            let mut bodies = vec![Body { heading: None, rows: vec![total] }];
            for group in rows.chunk_by(|a, b| a.group == b.group) {
                let units = group.iter().map(|row| list.row(&DeclaredRow::new(row.clone(), false)));
                let mut rows: Vec<_> = units.collect();
                let subtotal = self.subtotal(group, own);
                rows.extend(subtotal.map(|row| list.total(&DeclaredRow::new(row, true))));
                bodies.push(Body { heading: heading(group), rows });
            }
            let continued = if i > 0 { "（续）" } else { "" };
            let mut table =
                list.of_bodies(self.title(&format!("{}{continued}", self.spec.title)), bodies);
            table.measure = layout::measures(own);
            tables.push(table);
        }
        self.end(&mut tables, &all);
        if let Some(last) = tables.last_mut() {
            last.notes.extend(left_out);
        }
        tables
    }

    /// The row of a group's units together, where an indicator is broken down by groups.
    fn subtotal(&self, group: &[FigureRow], own: &[ColumnBlock<'a>]) -> Option<FigureRow> {
        let first = group.first().filter(|row| row.category.is_empty() && !row.group.is_empty())?;
        let row = FigureRow {
            group: first.group.clone(),
            dimension: GROUP_DIMENSION.to_owned(),
            category: first.group.clone(),
            ..self.index.county_row()
        };
        let is_there = own.iter().any(|columns| !columns.figures(self.index, &row).is_empty());
        is_there.then_some(row)
    }

    /// Rows and columns that say something, and a note that names the others.
    fn with_data(
        &self,
        indicators: &[&'a Indicator],
    ) -> (Vec<FigureRow>, Vec<ColumnBlock<'a>>, Option<String>) {
        let index = self.index;
        let rows = index.rows(indicators, &self.spec.by);
        let mut columns: Vec<ColumnBlock> = Vec::new();
        let mut no_data: Vec<String> = Vec::new();
        let judged: Vec<FigureRow> = rows.iter().cloned().chain([index.county_row()]).collect();
        for indicator in indicators {
            let (kept, empty) = ColumnBlock::new(index, indicator).with_data(index, &judged);
            columns.extend(kept);
            no_data.extend(empty);
        }
        // Of a unit a zero is a fact, of a category that nothing belongs to it.
        let units = matches!(self.spec.by.as_str(), "" | "unit");
        let told =
            |row: &FigureRow| columns.iter().any(|own| own.says_something(index, row, !units));
        let (rows, silent): (Vec<FigureRow>, Vec<FigureRow>) = rows.into_iter().partition(told);
        let mut notes = Vec::new();
        if !no_data.is_empty() {
            notes.push(format!("没有数据或全为 0 的栏未列：{}", no_data.join("、")));
        }
        if !silent.is_empty() && !columns.is_empty() {
            let names: Vec<String> = silent.iter().map(|row| row.title(index.county())).collect();
            notes.push(format!("没有数据的行未列：{}", names.join("、")));
        }
        let note = (!notes.is_empty()).then(|| format!("{}。", notes.join("；")));
        (rows, columns, note)
    }

    /// A programme's sheet may be read alone; on the page the programme stands above.
    fn title(&self, title: &str) -> String {
        match self.medium {
            Medium::Workbook => text::numbered(self.programme, title),
            Medium::Page | Medium::UnitPage | Medium::Circular => title.to_owned(),
        }
    }

    /// What the rows are, and what they belong to.
    fn names(&self) -> [&'static str; 2] {
        match self.spec.by.as_str() {
            "" | "unit" => ["组别", "单位"],
            by if by.contains('*') => ["组别", "单位、类别"],
            _ => ["分类", "类别"],
        }
    }

    /// 序号, 组别, 单位
    fn label(&self, list: &mut List<'a, DeclaredRow<'a>>, indicators: Vec<&'a Indicator>) {
        let index = self.index;
        let [group, name] = self.names();
        let widths = self.labels.widths();
        list.serial().sheet(widths[0]);
        if let Some(width) = self.labels.group {
            list.center(group, move |e| match e.row.group.as_str() {
                "" => {
                    let definition = index.inputs.definition;
                    let dimension = &e.row.dimension;
                    Cell::words(layout::dimension_title(definition, &indicators, dimension))
                }
                group => Cell::words(group.to_owned()),
            })
            .sheet(width);
        }
        let width = widths[widths.len() - 1];
        list.column(Align::Name, name, move |e| named(index, e)).sheet(width).page();
    }

    /// The county's matrix: a line a code then, a pair of columns a code now. The page has the
    /// units' below it; on paper they have one line each with the numbers only.
    fn matrix(&self, indicator: &'a Indicator) -> Vec<Table<'a>> {
        let index = self.index;
        let classes = index.classes(&indicator.id);
        let lines = layout::by_code_then(&classes);
        let title = match self.spec.indicators.as_slice() {
            [_] => self.spec.title.clone(),
            _ => format!("{}：{}", self.spec.title, indicator.title),
        };
        let title = self.title(&title);
        let rows = index.rows(&[indicator], &self.spec.by);
        let units = if self.medium.is_page() { rows.as_slice() } else { &[] };
        let mut tables = vec![self.moves(indicator, &title, &lines, units)];
        let codes = lines.first().map_or(1, |(_, line)| line.len().max(1));
        if self.medium == Medium::Workbook && !rows.is_empty() {
            let pieces = lines.chunks((COLUMNS_A_PAGE / codes).max(1));
            tables.extend(pieces.map(|own| self.counts(indicator, &title, own, &rows)));
        }
        self.end(&mut tables, &[ColumnBlock::Classes(indicator, classes.into())]);
        tables
    }

    fn moves(
        &self,
        indicator: &'a Indicator,
        title: &str,
        lines: &[FromCode<'a>],
        units: &[FigureRow],
    ) -> Table<'a> {
        let index = self.index;
        let mut list = List::new(self.medium);
        self.label(&mut list, vec![indicator]);
        list.center("原为", |e| Cell::words(e.then)).sheet_free().page();
        let own = Classified { index, indicator, classes: None };
        own.base(&mut list, "原有数", "");
        for (at, (now, _)) in lines.first().map_or(&[][..], |(_, line)| line).iter().enumerate() {
            let now = format!("现为{now}");
            match self.medium {
                Medium::Workbook => own.pair(&mut list, at, [&now, "数", "占比"]),
                Medium::Page | Medium::UnitPage | Medium::Circular => {
                    own.pair(&mut list, at, ["", &now, ""])
                }
            }
        }
        let classes = lines.iter().flat_map(|(_, line)| line.iter().map(|(_, class)| *class));
        let own = ColumnBlock::Classes(indicator, classes.collect());
        let all = std::iter::once(index.county_row()).chain(units.iter().cloned());
        remark(&mut list, index, all, [own.clone()]);
        let mut bodies = Vec::new();
        for (number, row) in std::iter::once(&index.county_row()).chain(units).enumerate() {
            let entries = lines.iter().map(|(then, line)| DeclaredRow {
                then,
                classes: line.iter().map(|(_, class)| *class).collect(),
                ..DeclaredRow::new(row.clone(), number == 0)
            });
            let rows = entries.map(|e| if e.total { list.total(&e) } else { list.row(&e) });
            bodies.push(Body { heading: None, rows: rows.collect() });
        }
        let mut table = list.of_bodies(title, bodies);
        table.measure = layout::measures(&[own]);
        table
    }

    fn counts(
        &self,
        indicator: &'a Indicator,
        title: &str,
        lines: &[FromCode<'a>],
        rows: &[FigureRow],
    ) -> Table<'a> {
        let index = self.index;
        let mut list = List::new(self.medium);
        self.label(&mut list, vec![indicator]);
        let moves = lines.iter().flat_map(|(then, line)| {
            line.iter().map(move |(now, class)| (format!("原为{then}"), now, *class))
        });
        let classes: Rc<[&Class]> = moves.clone().map(|(.., class)| class).collect();
        let own = Classified { index, indicator, classes: Some(classes.clone()) };
        for (at, (then, now, _)) in moves.enumerate() {
            own.count(&mut list, at, [&then, &format!("现为{now}")]);
        }
        let all = std::iter::once(index.county_row()).chain(rows.iter().cloned());
        remark(&mut list, index, all, [ColumnBlock::Classes(indicator, classes)]);
        let total = list.total(&DeclaredRow::new(index.county_row(), true));
        let units: Vec<_> =
            rows.iter().map(|row| list.row(&DeclaredRow::new(row.clone(), false))).collect();
        let bodies =
            vec![Body { heading: None, rows: vec![total] }, Body { heading: None, rows: units }];
        let [_, name] = self.names();
        let mut table = list.of_bodies(format!("{title}：分{name}"), bodies);
        table.measure = "数字为原为某等次、现为某等次的个数".to_owned();
        table
    }

    /// 注 below the last piece: base, target, period and completeness of its indicators.
    fn end(&self, tables: &mut [Table<'a>], columns: &[ColumnBlock<'a>]) {
        let Some(last) = tables.last_mut() else { return };
        let mut lines = layout::notes(self.index.inputs.definition, self.index, self.spec, columns);
        match self.medium {
            // Its marks are explained, its lines numbered.
            Medium::Page | Medium::UnitPage => {
                let targeted = columns.iter().any(|own| !own.indicator().target.is_empty());
                let marks =
                    if targeted { "✓ 为达到目标，✗ 为未达到目标。" } else { "" };
                lines.insert(0, format!("注：{marks}"));
            }
            Medium::Workbook | Medium::Circular => {
                if let Some(first) = lines.first_mut() {
                    first.insert_str(0, "注：");
                }
            }
        }
        last.notes = lines;
    }
}

/// The classes from one code: each with the code that it leads to.
type FromCode<'a> = (&'a str, Vec<(&'a str, &'a Class)>);

/// 备注, where one of these rows has something to say.
fn remark<'a>(
    list: &mut List<'a, DeclaredRow<'a>>,
    index: &'a Index<'a>,
    rows: impl IntoIterator<Item = FigureRow>,
    own: impl Into<Rc<[ColumnBlock<'a>]>>,
) {
    let own = own.into();
    let remarks = move |row: &FigureRow| layout::row_remarks(index, row, &own);
    if rows.into_iter().any(|row| !remarks(&row).is_empty()) {
        let column = list.column(Align::Remark, "备注", move |e| Cell::words(remarks(&e.row)));
        column.sheet_free().page();
    }
}

fn named<'a>(index: &Index<'a>, entry: &DeclaredRow) -> Cell<'a> {
    if entry.total {
        return match entry.row.category.as_str() {
            "" => Cell::words("合计"),
            group => Cell::words(format!("{group}小计")),
        };
    }
    let unit = index.inputs.definition.units.get(&entry.row.unit);
    let words = Cell::words(entry.row.title(index.county()));
    match unit.filter(|_| entry.row.category.is_empty()) {
        Some(unit) => words.to(Target::Unit(&unit.code)),
        None => words,
    }
}

/// `乡镇（9 个）`
fn heading<'a>(rows: &[FigureRow]) -> Option<Link<'a>> {
    let group = rows.first().map_or("", |row| &row.group);
    let units = rows.chunk_by(|a, b| a.unit == b.unit).count();
    (!group.is_empty()).then(|| Link::plain(format!("{group}（{units} 个）")))
}

/// ColumnBlock that stand side by side; at least one piece, also without columns.
fn pieces<'b, 'a>(all: &'b [ColumnBlock<'a>], most: usize) -> Vec<&'b [ColumnBlock<'a>]> {
    let total: usize = all.iter().map(ColumnBlock::width).sum();
    let even = total.div_ceil(total.div_ceil(most).max(1));
    let mut pieces = Vec::new();
    let (mut from, mut width) = (0, 0);
    for (i, columns) in all.iter().enumerate() {
        let full = width >= even || width + columns.width() > most;
        if i > from && full {
            pieces.push(&all[from..i]);
            (from, width) = (i, 0);
        }
        width += columns.width();
    }
    pieces.push(&all[from..]);
    pieces
}
