//! 图表数据: what the charts draw, each chart a block of plain numbers.

use rust_xlsxwriter::Worksheet;

use super::WorkbookContext;
use super::page::Paper;
use super::sheet::Sheet;
use super::style::LineLook;
use crate::model::{Decimal, Figure, Point};
use crate::report::chart::{
    Bar, Bars, Chart, Data, Funnel, Heatmap, Matrix, Slope, Stacked, TrendLine, funnel_label,
    short_period,
};
use crate::report::text;

pub(super) const NAME: &str = "图表数据";

/// Where a chart's data stand, and what they are.
pub(super) struct DataBlock {
    /// Row of the column titles; the data begin below.
    pub(super) header: u32,
    pub(super) titles: Vec<String>,
    pub(super) rows: Vec<DataRow>,
    /// Series (numbers of titles) that share an axis, with the measure of that axis.
    pub(super) panels: Vec<(String, Vec<u16>)>,
    /// Which line of the chart a series belongs to: its colour.
    pub(super) line_of: Vec<usize>,
}

pub(super) struct DataRow {
    pub(super) name: String,
    /// One a series; `None` is an empty cell.
    pub(super) values: Vec<Option<Decimal>>,
    /// Data labels, one a series; empty for none.
    pub(super) labels: Vec<String>,
}

/// More bars than this lie down, without a line.
const COLUMNS_A_CHART: usize = 24;

impl DataBlock {
    /// Bars: does a series of the target follow?
    pub(super) fn has_target(&self) -> bool {
        self.titles.len() > 1
    }

    pub(super) fn first(&self) -> u32 {
        self.header + 1
    }

    pub(super) fn last(&self) -> u32 {
        self.header + self.rows.len() as u32
    }
}

/// The row after all blocks, and one more.
pub(super) fn end(blocks: &[DataBlock]) -> u32 {
    blocks.last().map_or(2, |block| block.last() + 3)
}

pub(super) fn layout(charts: &[Chart]) -> Vec<DataBlock> {
    // Row 0 is the sheet's heading; each block has its own heading and a blank row after.
    let mut next = 2;
    charts
        .iter()
        .map(|chart| {
            let (titles, rows) = match &chart.data {
                Data::Bars(bars) => bar_rows(bars),
                Data::Stacked(stacked) => stacked_rows(stacked),
                Data::Trend(trend) => trend_rows(&trend.lines),
                Data::Funnel(funnel) => funnel_rows(funnel),
                Data::Heatmap(heatmap) => heatmap_rows(heatmap),
                Data::Slope(slope) => slope_rows(slope),
                Data::Matrix(matrix) => matrix_rows(matrix),
            };
            let (panels, line_of) = match &chart.data {
                Data::Trend(trend) => trend_panels(&trend.lines),
                _ => {
                    let series = titles.len();
                    let all = (0..series).filter_map(|i| u16::try_from(i).ok()).collect();
                    (vec![(String::new(), all)], (0..series).collect())
                }
            };
            let block = DataBlock { header: next + 1, titles, rows, panels, line_of };
            next = block.last() + 2;
            block
        })
        .collect()
}

/// With a target the bars stand upright and a line crosses them. The base stands with the name: beside
/// the value some programs break it over the next bar.
fn bar_rows(bars: &Bars) -> (Vec<String>, Vec<DataRow>) {
    let count: usize = bars.groups.iter().map(|(_, bars)| bars.len()).sum();
    let target = bars.target().filter(|_| count <= COLUMNS_A_CHART);
    let mut rows = Vec::new();
    for (group, bars) in &bars.groups {
        if !group.is_empty() {
            rows.push(DataRow {
                name: format!("【{group}】"),
                values: vec![None],
                labels: vec![String::new()],
            });
        }
        let between = if target.is_some() { "\n" } else { " " };
        rows.extend(bars.iter().map(|bar| bar_row(bar, between)));
    }
    let mut titles = vec![bars.indicator.title.clone()];
    if target.is_some() {
        titles.push(text::target(bars.indicator));
        for row in &mut rows {
            row.values.push(target);
            row.labels.push(String::new());
        }
    }
    (titles, rows)
}

fn bar_row(bar: &Bar, between: &str) -> DataRow {
    let (place, words, value) = (bar.place(), bar.label(), bar.value());
    let base = words.strip_prefix(&value).unwrap_or_default().trim();
    let name = format!("{place} {}{between}{base}", bar.name).trim().to_owned();
    DataRow { name, values: vec![bar.figure.value], labels: vec![value] }
}

fn stacked_rows(stacked: &Stacked) -> (Vec<String>, Vec<DataRow>) {
    let titles = stacked.classes.iter().map(|c| c.title.clone()).collect();
    let rows = stacked.rows.iter().map(|row| DataRow {
        name: row.name.clone(),
        values: row.figures.iter().map(|f| f.and_then(|f| f.numerator)).collect(),
        labels: row
            .figures
            .iter()
            .map(|f| match f {
                Some(f) if f.numerator.is_some_and(|n| !n.is_zero()) => text::value(f),
                _ => String::new(),
            })
            .collect(),
    });
    (titles, rows.collect())
}

/// A series that breaks becomes several, so that no line joins what cannot be compared.
fn trend_rows(lines: &[TrendLine]) -> (Vec<String>, Vec<DataRow>) {
    let mut periods: Vec<_> =
        lines.iter().flat_map(|l| l.points.iter().map(|p| p.period.clone())).collect();
    periods.sort();
    periods.dedup();
    let mut titles = Vec::new();
    let mut series: Vec<Vec<&Point>> = Vec::new();
    for line in lines {
        for (i, run) in runs(line.points).into_iter().enumerate() {
            titles.push(match run.first().filter(|_| i > 0) {
                None => line.title.clone(),
                Some(first) if first.break_before => format!("{}（口径变化后）", line.title),
                Some(first) => match first.period.year() {
                    Some(year) => format!("{}（{year}年）", line.title),
                    None => line.title.clone(),
                },
            });
            series.push(run.iter().collect());
        }
    }
    let mut year = None;
    let rows = periods.iter().map(|period| {
        // The year stands where it begins.
        let name = if period.year() == year { short_period(period) } else { period.title() };
        year = period.year();
        let values: Vec<Option<Decimal>> = series
            .iter()
            .map(|run| run.iter().find(|p| p.period == *period).and_then(|p| p.value))
            .collect();
        let labels = values.iter().map(|v| v.map(|v| v.to_string()).unwrap_or_default()).collect();
        DataRow { name, values, labels }
    });
    (titles, rows.collect())
}

/// Different measures never share an axis.
fn trend_panels(lines: &[TrendLine]) -> (Vec<(String, Vec<u16>)>, Vec<usize>) {
    let mut panels: Vec<(String, Vec<u16>)> = Vec::new();
    let mut line_of = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        for _ in runs(line.points) {
            let series = line_of.len() as u16;
            line_of.push(i);
            match panels.iter_mut().find(|(measure, _)| *measure == line.measure) {
                Some((_, members)) => members.push(series),
                None => panels.push((line.measure.to_owned(), vec![series])),
            }
        }
    }
    (panels, line_of)
}

/// Runs of points that may be joined: a new one begins where the 口径 changes, or a new year of a
/// year-to-date value.
fn runs(points: &[Point]) -> Vec<&[Point]> {
    let mut starts: Vec<usize> = vec![0];
    starts.extend((1..points.len()).filter(|&i| !points[i].joins()));
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([points.len()]).collect();
    starts.into_iter().zip(ends).map(|(from, to)| &points[from..to]).collect()
}

/// There is no native funnel: bars centred by an invisible padding of half the difference.
fn funnel_rows(funnel: &Funnel) -> (Vec<String>, Vec<DataRow>) {
    let most = funnel.steps.iter().filter_map(|f| f.numerator).max().unwrap_or(Decimal::ZERO);
    let rows = funnel.steps.iter().map(|figure| {
        let name = figure.class.as_ref().map_or_else(String::new, |c| c.title.clone());
        let padding = figure.numerator.map(|n| {
            let difference = most.minus(n);
            // Half, exactly: five tenths.
            Decimal::new(difference.units * 5, difference.places + 1)
        });
        row(&format!("{name} {}", funnel_label(figure)), vec![padding, figure.numerator])
    });
    (vec!["留白".to_owned(), "数".to_owned()], rows.collect())
}

fn row(name: &str, values: Vec<Option<Decimal>>) -> DataRow {
    let labels = vec![String::new(); values.len()];
    DataRow { name: name.to_owned(), values, labels }
}

fn heatmap_rows(heatmap: &Heatmap) -> (Vec<String>, Vec<DataRow>) {
    let titles = heatmap.columns.iter().map(|c| c.title.to_owned()).collect();
    let values =
        |figures: &[Option<&Figure>]| figures.iter().map(|f| f.and_then(|f| f.value)).collect();
    (titles, heatmap.rows().map(|r| row(&r.name, values(&r.figures))).collect())
}

fn slope_rows(slope: &Slope) -> (Vec<String>, Vec<DataRow>) {
    let titles = vec![slope.then.title(), slope.now.title()];
    (titles, slope.lines().map(|l| row(&l.name, vec![Some(l.then), Some(l.now)])).collect())
}

fn matrix_rows(matrix: &Matrix) -> (Vec<String>, Vec<DataRow>) {
    let titles = matrix.codes.iter().map(|code| format!("本次{code}")).collect();
    let rows = matrix.codes.iter().zip(&matrix.lines);
    let rows = rows.map(|(code, line)| {
        row(&format!("上次{code}"), line.iter().map(|f| f.numerator).collect())
    });
    (titles, rows.collect())
}

pub(super) fn sheet(context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Portrait, &[30.0])?;
    let columns = context.blocks.iter().map(|b| b.titles.len() * 2 + 1).max().unwrap_or(1);
    let last = (columns - 1).clamp(3, usize::from(u16::MAX)) as u16;
    sheet.line("各图所用数据（供查阅，不随报告打印）", last, LineLook::Heading)?;
    for (chart, block) in context.charts.iter().zip(&context.blocks) {
        let plain = &sheet.styles.plain.clone();
        let title = format!("{}：{}", chart.id, chart.headline);
        sheet.worksheet.write_string_with_format(block.header - 1, 0, title, plain)?;
        sheet.header((block.header, 0), "名称")?;
        let series = block.titles.len() as u16;
        for (column, title) in (1..).zip(&block.titles) {
            sheet.header((block.header, column), title)?;
            sheet.header((block.header, column + series), "标注")?;
        }
        sheet.height(block.header, 30.0);
        for (at, row) in (block.first()..).zip(&block.rows) {
            sheet.text((at, 0), &row.name, false)?;
            for ((column, value), label) in (1..).zip(&row.values).zip(&row.labels) {
                if let Some(value) = value {
                    sheet.number((at, column), *value, false)?;
                }
                if !label.is_empty() {
                    sheet.text((at, column + series), label, false)?;
                }
            }
        }
        sheet.row = block.last() + 1;
    }
    if !context.sparks.is_empty() {
        context.sparks.write(&mut sheet)?;
    }
    sheet.finish_unprinted(last)
}
