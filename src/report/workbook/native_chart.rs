//! Charts on a sheet: native Excel charts of the same data as the drawn ones, and the drawn
//! pictures where Excel has no such kind.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Chart as Native, ChartDataLabel, ChartDataLabelPosition, ChartEmptyCells, ChartFont,
    ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker, ChartMarkerType,
    ChartPoint, ChartSolidFill, ChartType, Image,
};

use super::chart_data::{DataBlock, NAME};
use super::picture;
use super::sheet::{ChartHeight, Sheet};
use crate::report::chart::{Bar, Bars, Chart, Data, ValueAxis, png_file};
use crate::report::color::{self, BAD, Color, PLAIN};
use crate::report::text;

const NARROWEST: u32 = 640;
/// A chart beside a table is at least so wide, and so far from it.
const NARROW: u32 = 400;
/// A picture keeps its shape and is narrower instead.
const TALLEST: u32 = 600;
const BESIDE: u32 = 16;
/// The letters of a picture shrink with it, and those below many upright bars have no room.
const TWO: usize = 2;
const MANY_COLUMNS: usize = 7;
const THREE: usize = 3;
/// More rows than this need the whole width.
const MANY_ROWS: usize = 12;

/// A chart ready to be put on a sheet.
struct Ready {
    body: Body,
    /// Charts that share the width of the page with it at most, itself counted.
    share: usize,
}

enum Body {
    Native { native: Box<Native>, needs: Needs },
    Picture(Box<Image>),
}

/// What a native chart needs below each other, in pixels.
#[derive(Clone, Copy)]
struct Needs {
    /// Columns of text of its title, and of its legend with the keys; no legend without.
    title: usize,
    legend: usize,
    /// Height of the plot, and the least of it: its labels would stand over each other.
    plot: u32,
    least: u32,
}

impl Needs {
    /// Bars that lie below each other.
    fn rows(rows: u32) -> Self {
        Self { plot: ROW * rows, least: ROW * rows, ..Self::default() }
    }

    /// Lines that `columns` of text take, whose letters are so wide.
    fn lines(columns: usize, letter: u32, width: u32) -> u32 {
        (columns as u32 * letter).div_ceil((width * 4 / 5).max(1))
    }

    /// What stands above the plot, and the margins.
    fn above(self, width: u32) -> u32 {
        let title = Self::lines(self.title, 9, width);
        32 + TITLE_LINE * title + LEGEND_LINE * Self::lines(self.legend, 7, width)
    }
}

impl Default for Needs {
    fn default() -> Self {
        Self { title: 0, legend: 0, plot: 200, least: 140 }
    }
}

/// A bar with its name: lower, programs leave out names.
const ROW: u32 = 18;
const TITLE_LINE: u32 = 20;
const LEGEND_LINE: u32 = 20;
/// Upright bars have room for names on a slant below them.
const UPRIGHT: Needs = Needs { title: 0, legend: 0, plot: 220, least: 170 };
/// Columns that the key of a legend takes.
const KEY: usize = 5;

impl Ready {
    /// So many pixels from the left edge and below the top of a row.
    fn insert(
        &self,
        sheet: &mut Sheet,
        row: u32,
        (left, below): (u32, u32),
        (width, height): (u32, u32),
    ) -> anyhow::Result<()> {
        sheet.write(|worksheet, _| match &self.body {
            Body::Native { native, .. } => {
                let mut native = native.clone();
                native.set_width(width).set_height(height);
                worksheet.insert_chart_with_offset(row, 0, &native, left, below).map(drop)
            }
            Body::Picture(image) => {
                let image = image.as_ref().clone().set_scale_to_size(width, height, true);
                worksheet.insert_image_with_offset(row, 0, &image, left, below).map(drop)
            }
        })
    }

    fn height(&self, width: u32) -> u32 {
        match &self.body {
            Body::Native { needs, .. } => needs.above(width) + needs.plot,
            Body::Picture(image) => picture::height(image, width).min(TALLEST),
        }
    }

    /// The least height that it can be read at: what is drawn in a picture shrinks with it.
    fn least(&self, width: u32) -> u32 {
        match &self.body {
            Body::Native { needs, .. } => needs.above(width) + needs.least,
            Body::Picture(_) => self.height(width) * 4 / 5,
        }
    }
}

/// A declared chart as Excel shows it, with the indicators that it shows.
pub(super) struct NativeChart<'a> {
    charts: Vec<Ready>,
    shows: Vec<&'a str>,
}

impl<'a> NativeChart<'a> {
    pub(super) fn new(
        (chart, block): (&Chart, &DataBlock),
        drawn: &BTreeMap<String, Vec<u8>>,
        shows: Vec<&'a str>,
    ) -> anyhow::Result<Self> {
        Ok(Self { charts: ready(chart, block, drawn)?, shows })
    }
}

/// Charts in rows that are not placed yet, each row with the indicators that it shows.
pub(super) struct Waiting<'a>(Vec<(Vec<&'a Ready>, Vec<&'a str>)>);

impl<'a> Waiting<'a> {
    /// Those that can do with less than the width share a row, at most so many.
    pub(super) fn new(all: &'a [NativeChart], most: usize) -> Self {
        let mut rows: Vec<(Vec<&Ready>, Vec<&str>)> = Vec::new();
        for NativeChart { charts, shows } in all {
            for ready in charts {
                let joins = |row: &[&Ready]| {
                    let share = row.iter().copied().chain([ready]).map(|chart| chart.share);
                    row.len() < share.min().unwrap_or(1).min(most)
                };
                match rows.last_mut().filter(|(row, _)| joins(row)) {
                    Some((row, shown)) => {
                        row.push(ready);
                        shown.extend(shows);
                    }
                    None => rows.push((vec![ready], shows.clone())),
                }
            }
        }
        Self(rows)
    }

    /// Places the rows that are wanted here and fit the rest of the page; gives the others.
    pub(super) fn place(
        self,
        sheet: &mut Sheet,
        last: u16,
        wanted: &dyn Fn(&[&str]) -> bool,
    ) -> anyhow::Result<Self> {
        let mut others = Vec::new();
        for (charts, shows) in self.0 {
            let (_, height) = measure(&charts, sheet, last);
            if wanted(&shows) && sheet.has_room_for(height.least, last) {
                row(sheet, &charts, last)?;
            } else {
                others.push((charts, shows));
            }
        }
        Ok(Self(others))
    }

    /// Places one chart that is wanted here beside a table that leaves room at its right: from this
    /// row and these pixels on.
    pub(super) fn place_beside(
        mut self,
        sheet: &mut Sheet,
        (from, left): (u32, u32),
        last: u16,
        wanted: &dyn Fn(&[&str]) -> bool,
    ) -> anyhow::Result<Self> {
        let (width, height) = (
            sheet.width_in_pixels(last).saturating_sub(left + BESIDE),
            sheet.pixels_since(from).saturating_sub(BESIDE),
        );
        if width < NARROW {
            return Ok(self);
        }
        let fits = |chart: &&Ready| chart.share > 1 && chart.least(width) <= height;
        let found = self.0.iter().enumerate().find_map(|(i, (charts, shows))| {
            let at = charts.iter().position(fits).filter(|_| wanted(shows))?;
            Some((i, at))
        });
        let Some((i, at)) = found else { return Ok(self) };
        let chart = self.0[i].0.remove(at);
        if self.0[i].0.is_empty() {
            self.0.remove(i);
        }
        let height = chart.height(width).min(height);
        chart.insert(sheet, from, (left + BESIDE, 2 * picture::MARGIN), (width, height))?;
        Ok(self)
    }

    pub(super) fn place_all(self, sheet: &mut Sheet, last: u16) -> anyhow::Result<()> {
        self.0.into_iter().try_for_each(|(charts, _)| row(sheet, &charts, last))
    }
}

/// Width of each chart of a row with its margins, and the height that the row wants.
fn measure(charts: &[&Ready], sheet: &Sheet, last: u16) -> (u32, ChartHeight) {
    let width = sheet.width_in_pixels(last).max(NARROWEST);
    // One alone would be larger than all that is around it.
    let reduced = charts.len() == 1 && charts.iter().all(|c| c.share > 1);
    let each = if reduced { width * 3 / 5 } else { width / charts.len().max(1) as u32 };
    let inner = each - 2 * picture::MARGIN;
    let wanted = charts.iter().map(|c| c.height(inner)).max().unwrap_or_default();
    let least = charts.iter().map(|c| c.least(inner)).max().unwrap_or_default();
    (each, ChartHeight { wanted, least })
}

/// The charts of one row, side by side.
fn row(sheet: &mut Sheet, charts: &[&Ready], last: u16) -> anyhow::Result<()> {
    let (each, wanted) = measure(charts, sheet, last);
    let inner = each - 2 * picture::MARGIN;
    let height = sheet.begin_chart(wanted, last);
    for (i, chart) in (0..).zip(charts) {
        let offset = (i * each + picture::MARGIN, picture::MARGIN);
        chart.insert(sheet, sheet.row, offset, (inner, height))?;
    }
    sheet.end_chart(height);
    Ok(())
}

/// A chart as Excel shows it: natively, else as the picture that is drawn already.
fn ready(
    chart: &Chart,
    block: &DataBlock,
    drawn: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<Vec<Ready>> {
    let share = match &chart.data {
        Data::Heatmap(data) if data.rows().count() > MANY_ROWS => 1,
        Data::Heatmap(_) | Data::Slope(_) | Data::Matrix(_) => TWO,
        _ => return Ok(natives(chart, block)),
    };
    let Some(bytes) = drawn.get(&png_file(chart.id)) else { return Ok(Vec::new()) };
    let image = Image::new_from_buffer(bytes)?.set_alt_text(cut(&chart.alt));
    Ok(vec![Ready { body: Body::Picture(Box::new(image)), share }])
}

/// The native charts of a drawn one: one a measure.
fn natives(chart: &Chart, block: &DataBlock) -> Vec<Ready> {
    let rows = block.rows.len() as u32;
    let is_bars = matches!(chart.data, Data::Bars(_));
    let mut all = Vec::new();
    for (i, (measure, series)) in block.panels.iter().enumerate() {
        let names = names(block, series);
        let legend = text::columns(&names) + KEY * series.len();
        let (mut native, needs) = match &chart.data {
            Data::Bars(bars) if block.has_target() => {
                (columns(block, bars), Needs { legend, ..UPRIGHT })
            }
            Data::Bars(data) => (bars(block, data), Needs::rows(rows)),
            Data::Stacked(data) => {
                (stacked(block, &data.colors), Needs { legend, ..Needs::rows(rows) })
            }
            Data::Trend(_) if series.len() == 1 => (trend(block, series), Needs::default()),
            Data::Trend(_) => (trend(block, series), Needs { legend, ..Needs::default() }),
            Data::Funnel(_) => (funnel(block), Needs::rows(2 * rows)),
            // Excel has no such kind.
            Data::Heatmap(_) | Data::Slope(_) | Data::Matrix(_) => continue,
        };
        let title = if block.panels.len() > 1 && i > 0 {
            format!("{names}（{measure}）")
        } else {
            chart.headline.clone()
        };
        native
            .set_name(if i == 0 { chart.id.to_owned() } else { format!("{}_{}", chart.id, i + 1) })
            .set_alt_text(cut(&chart.alt));
        native.title().set_name(&*cut_title(&title)).set_overlay(false);
        native.title().set_font(font(12).set_bold());
        let needs = Needs { title: text::columns(&title), ..needs };
        let share = match (block.has_target(), block.rows.len()) {
            (true, MANY_ROWS..) if is_bars => 1,
            (true, MANY_COLUMNS..) if is_bars => TWO,
            _ => THREE,
        };
        all.push(Ready { body: Body::Native { native: Box::new(native), needs }, share });
    }
    all
}

fn names(block: &DataBlock, series: &[u16]) -> String {
    let names = series.iter().filter_map(|&i| block.titles.get(usize::from(i)));
    names.map(String::as_str).collect::<Vec<_>>().join("、")
}

fn font(size: u8) -> ChartFont {
    let mut font = ChartFont::new();
    font.set_name("宋体").set_size(f64::from(size)).unset_bold();
    font
}

fn fill(color: u32) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(color));
    format
}

/// Literal labels: the printed value with its base, or nothing.
fn labels(
    block: &DataBlock,
    series: usize,
    position: ChartDataLabelPosition,
) -> Vec<ChartDataLabel> {
    block
        .rows
        .iter()
        .map(|row| {
            let text = row.labels.get(series).map_or("", String::as_str);
            let mut label = ChartDataLabel::new();
            if text.is_empty() {
                label.set_hidden();
            } else {
                label.set_value(text).set_position(position).set_font(&font(9));
            }
            label
        })
        .collect()
}

fn base(kind: ChartType) -> Native {
    let mut native = Native::new(kind);
    native.x_axis().set_font(&font(9));
    native.y_axis().set_font(&font(9)).set_major_gridlines(false);
    native
}

fn add_series<'n>(
    native: &'n mut Native,
    block: &DataBlock,
    series: u16,
) -> &'n mut rust_xlsxwriter::ChartSeries {
    let column = series + 1;
    native
        .add_series()
        .set_categories((NAME, block.first(), 0, block.last(), 0))
        .set_values((NAME, block.first(), column, block.last(), column))
        .set_name((NAME, block.header, column))
}

/// Horizontal bars read from the top. For bars the library's y axis is that of the categories.
fn horizontal(native: &mut Native) {
    native.y_axis().set_reverse().set_label_interval(1).set_font(&font(8));
    native.x_axis().set_hidden(true).set_major_gridlines(false).set_min(0);
}

fn bars(block: &DataBlock, data: &Bars) -> Native {
    let mut native = base(ChartType::Bar);
    horizontal(&mut native);
    native.legend().set_hidden();
    let labels = labels(block, 0, ChartDataLabelPosition::OutsideEnd);
    add_series(&mut native, block, 0)
        .set_points(&points(data))
        .set_gap(40)
        .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
        .set_custom_data_labels(&labels);
    native
}

/// One a row of the block: a group's title has none.
fn points(data: &Bars) -> Vec<ChartPoint> {
    let mut points = Vec::new();
    for (group, bars) in &data.groups {
        if !group.is_empty() {
            points.push(ChartPoint::new());
        }
        let of = |bar: &Bar| ChartPoint::new().set_format(&mut fill(bar.color().code()));
        points.extend(bars.iter().map(of));
    }
    points
}

/// Upright bars, so that the target is a line across them.
fn columns(block: &DataBlock, data: &Bars) -> Native {
    let mut native = base(ChartType::Column);
    native.y_axis().set_hidden(true).set_min(0);
    native.x_axis().set_label_interval(1);
    native.legend().set_position(ChartLegendPosition::Top).set_font(&font(9));
    let labels = labels(block, 0, ChartDataLabelPosition::OutsideEnd);
    add_series(&mut native, block, 0)
        .set_points(&points(data))
        .set_gap(60)
        .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
        .set_custom_data_labels(&labels);
    let mut target = Native::new(ChartType::Line);
    let mut line = ChartFormat::new();
    line.set_line(
        ChartLine::new().set_color(BAD.code()).set_width(2).set_dash_type(ChartLineDashType::Dash),
    );
    let mut none = ChartMarker::new();
    none.set_none();
    add_series(&mut target, block, 1).set_format(&mut line).set_marker(&none);
    native.combine(&target);
    native
}

fn stacked(block: &DataBlock, colors: &[Color]) -> Native {
    let mut native = base(ChartType::BarPercentStacked);
    horizontal(&mut native);
    native.legend().set_position(ChartLegendPosition::Top).set_font(&font(9));
    for (i, color) in (0u16..).zip(colors) {
        let mut labels = labels(block, usize::from(i), ChartDataLabelPosition::Center);
        for label in &mut labels {
            label.set_font(font(8).set_color(color.contrast().code()));
        }
        add_series(&mut native, block, i)
            .set_format(&mut fill(color.code()))
            .set_gap(40)
            .set_overlap(100)
            .set_data_label(ChartDataLabel::new().show_value().set_font(&font(8)))
            .set_custom_data_labels(&labels);
    }
    native
}

fn trend(block: &DataBlock, series: &[u16]) -> Native {
    let mut native = base(ChartType::Line);
    native.show_empty_cells_as(ChartEmptyCells::Gaps);
    let columns = series.iter().map(|&i| usize::from(i));
    let values =
        columns.flat_map(|i| block.rows.iter().filter_map(move |row| *row.values.get(i)?));
    let axis = ValueAxis::new(&values.collect::<Vec<_>>());
    native
        .y_axis()
        .set_min(axis.low)
        .set_max(axis.high)
        .set_major_gridlines(true)
        .set_major_gridlines_line(ChartLine::new().set_color(0x00D5_D5D5));
    if series.len() > 1 {
        native.legend().set_position(ChartLegendPosition::Top).set_font(&font(9));
    } else {
        native.legend().set_hidden();
    }
    let shapes = [
        ChartMarkerType::Circle,
        ChartMarkerType::Square,
        ChartMarkerType::Triangle,
        ChartMarkerType::Diamond,
    ];
    let colors = color::lines(block.line_of.iter().max().map_or(1, |most| most + 1));
    for &i in series {
        let which = block.line_of.get(usize::from(i)).copied().unwrap_or(0);
        let color = colors.get(which).map_or(0, |c| c.code());
        let labels = points_of_line(block, usize::from(i));
        let mut line = ChartFormat::new();
        line.set_line(ChartLine::new().set_color(color).set_width(2));
        let mut marker = ChartMarker::new();
        marker.set_type(shapes[which % shapes.len()]).set_size(6).set_format(&mut fill(color));
        let added = add_series(&mut native, block, i).set_format(&mut line).set_marker(&marker);
        if series.len() <= 3 {
            added
                .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
                .set_custom_data_labels(&labels);
        }
    }
    native
}

/// The labels of a line: above where no other is higher, below where none is lower; between two
/// others there is no room.
fn points_of_line(block: &DataBlock, series: usize) -> Vec<ChartDataLabel> {
    let mut all = labels(block, series, ChartDataLabelPosition::Above);
    for (label, row) in all.iter_mut().zip(&block.rows) {
        let mut order: Vec<_> =
            (0..row.values.len()).filter_map(|i| Some((row.values[i]?, i))).collect();
        order.sort_by(|(a, i), (b, j)| b.cmp(a).then(i.cmp(j)));
        match order.iter().position(|(_, i)| *i == series) {
            None | Some(0) => {}
            Some(at) if at + 1 == order.len() => {
                label.set_position(ChartDataLabelPosition::Below);
            }
            Some(_) => {
                label.set_hidden();
            }
        }
    }
    all
}

fn funnel(block: &DataBlock) -> Native {
    let mut native = base(ChartType::BarStacked);
    horizontal(&mut native);
    native.legend().set_hidden();
    let mut invisible = ChartFormat::new();
    invisible.set_no_fill().set_no_border();
    add_series(&mut native, block, 0).set_format(&mut invisible).set_gap(30).set_overlap(100);
    add_series(&mut native, block, 1)
        .set_format(&mut fill(PLAIN.code()))
        .set_gap(30)
        .set_overlap(100);
    native
}

/// Excel cuts alternative text and titles at 255 characters.
pub(super) fn cut(text: &str) -> String {
    if text.chars().count() <= 255 {
        return text.to_owned();
    }
    let kept: String = text.chars().take(254).collect();
    format!("{kept}…")
}

/// A title that begins with `=` would be read as a cell reference.
fn cut_title(text: &str) -> String {
    let text = cut(text);
    if text.starts_with('=') { format!(" {text}") } else { text }
}
