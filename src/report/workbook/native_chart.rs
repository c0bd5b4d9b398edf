//! Native Excel charts of the same data as the drawn ones.

use rust_xlsxwriter::{
    Chart as Native, ChartDataLabel, ChartDataLabelPosition, ChartEmptyCells, ChartFont,
    ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker, ChartMarkerType,
    ChartSolidFill, ChartType,
};

use super::chart_data::{Block, NAME};
use super::picture;
use super::sheet::Sheet;
use crate::report::chart::{Chart, Data, palette};

const NARROWEST: u32 = 640;
const TARGET: u32 = 0x00D5_5E00;

/// A chart ready to be put on a sheet.
struct Drawn {
    native: Native,
    height: u32,
    /// Needs the whole width of the page.
    wide: bool,
}

/// Puts charts below each other from the next free row, as wide as the tables above; two that
/// can do with half the width share a row.
pub(super) fn insert(
    sheet: &mut Sheet,
    charts: &[(&Chart, &Block)],
    last: u16,
) -> anyhow::Result<()> {
    let width = sheet.width_in_pixels(last).max(NARROWEST);
    let mut waiting: Option<Drawn> = None;
    for (chart, block) in charts {
        if matches!(chart.data, Data::Heatmap(_) | Data::Slope(_) | Data::Matrix(_)) {
            if let Some(alone) = waiting.take() {
                row(sheet, vec![alone], width, last)?;
            }
            picture::insert(sheet, chart, width - 8, last)?;
            continue;
        }
        for drawn in drawn(chart, block) {
            match waiting.take() {
                Some(left) if !drawn.wide => row(sheet, vec![left, drawn], width, last)?,
                Some(alone) => {
                    row(sheet, vec![alone], width, last)?;
                    row(sheet, vec![drawn], width, last)?;
                }
                None if drawn.wide => row(sheet, vec![drawn], width, last)?,
                None => waiting = Some(drawn),
            }
        }
    }
    if let Some(alone) = waiting {
        row(sheet, vec![alone], width, last)?;
    }
    Ok(())
}

/// The charts of one row, side by side.
fn row(sheet: &mut Sheet, drawn: Vec<Drawn>, width: u32, last: u16) -> anyhow::Result<()> {
    sheet.keep_together();
    // A row of space is below each chart.
    let page = sheet.page_in_pixels(last) - 2 * Sheet::row_in_pixels();
    let height = drawn.iter().map(|d| d.height).max().unwrap_or_default().min(page);
    let each = width / drawn.len() as u32;
    for (i, mut drawn) in (0..).zip(drawn) {
        drawn.native.set_width(each - 8).set_height(height);
        let left = i * each + 4;
        sheet.worksheet.insert_chart_with_offset(sheet.row, 0, &drawn.native, left, 4)?;
    }
    sheet.row += height.div_ceil(Sheet::row_in_pixels()) + 1;
    Ok(())
}

/// The native charts of a drawn one: one a measure.
fn drawn(chart: &Chart, block: &Block) -> Vec<Drawn> {
    let rows = block.rows.len() as u32;
    let mut all = Vec::new();
    for (i, (measure, series)) in block.panels.iter().enumerate() {
        let (mut native, height, wide) = match &chart.data {
            Data::Bars(_) if block.has_target() => (columns(block), 340, true),
            Data::Bars(_) => (bars(block), 90 + 22 * rows, false),
            Data::Stacked(data) => (stacked(block, data.palette), 110 + 20 * rows, rows > 12),
            Data::Trend(_) => (trend(block, series), 320, false),
            Data::Funnel(_) => (funnel(block), 90 + 46 * rows, false),
            // Excel has no such kind: drawn as a picture.
            Data::Heatmap(_) | Data::Slope(_) | Data::Matrix(_) => continue,
        };
        let title = if block.panels.len() > 1 && i > 0 {
            format!("{}（{measure}）", names(block, series))
        } else {
            chart.headline.clone()
        };
        native
            .set_name(if i == 0 { chart.id.to_owned() } else { format!("{}_{}", chart.id, i + 1) })
            .set_alt_text(cut(&chart.alt));
        native.title().set_name(&*cut_title(&title)).set_overlay(false);
        native.title().set_font(font(12).set_bold());
        all.push(Drawn { native, height, wide });
    }
    all
}

fn names(block: &Block, series: &[u16]) -> String {
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
fn labels(block: &Block, series: usize, position: ChartDataLabelPosition) -> Vec<ChartDataLabel> {
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
    block: &Block,
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
    native.y_axis().set_reverse().set_label_interval(1);
    native.x_axis().set_hidden(true).set_major_gridlines(false);
}

fn bars(block: &Block) -> Native {
    let mut native = base(ChartType::Bar);
    horizontal(&mut native);
    native.legend().set_hidden();
    let labels = labels(block, 0, ChartDataLabelPosition::OutsideEnd);
    add_series(&mut native, block, 0)
        .set_format(&mut fill(0x0000_72B2))
        .set_gap(40)
        .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
        .set_custom_data_labels(&labels);
    native
}

/// Upright bars, so that the target is a line across them.
fn columns(block: &Block) -> Native {
    let mut native = base(ChartType::Column);
    native.y_axis().set_hidden(true).set_min(0);
    native.x_axis().set_label_interval(1);
    native.legend().set_position(ChartLegendPosition::Top).set_font(&font(9));
    let labels = labels(block, 0, ChartDataLabelPosition::OutsideEnd);
    add_series(&mut native, block, 0)
        .set_format(&mut fill(0x0000_72B2))
        .set_gap(60)
        .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
        .set_custom_data_labels(&labels);
    let mut target = Native::new(ChartType::Line);
    let mut line = ChartFormat::new();
    line.set_line(
        ChartLine::new().set_color(TARGET).set_width(2).set_dash_type(ChartLineDashType::Dash),
    );
    let mut none = ChartMarker::new();
    none.set_none();
    add_series(&mut target, block, 1).set_format(&mut line).set_marker(&none);
    native.combine(&target);
    native
}

fn stacked(block: &Block, configured: &[String]) -> Native {
    let mut native = base(ChartType::BarPercentStacked);
    horizontal(&mut native);
    native.legend().set_position(ChartLegendPosition::Top).set_font(&font(9));
    let colors = palette(configured, block.titles.len());
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

fn trend(block: &Block, series: &[u16]) -> Native {
    let mut native = base(ChartType::Line);
    native.show_empty_cells_as(ChartEmptyCells::Gaps);
    native
        .y_axis()
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
    let colors = palette(&[], block.line_of.iter().max().map_or(1, |most| most + 1));
    for &i in series {
        let which = block.line_of.get(usize::from(i)).copied().unwrap_or(0);
        let color = colors.get(which).map_or(0, |c| c.code());
        let labels = labels(block, usize::from(i), ChartDataLabelPosition::Above);
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

fn funnel(block: &Block) -> Native {
    let mut native = base(ChartType::BarStacked);
    horizontal(&mut native);
    native.legend().set_hidden();
    let mut invisible = ChartFormat::new();
    invisible.set_no_fill().set_no_border();
    add_series(&mut native, block, 0).set_format(&mut invisible).set_gap(30).set_overlap(100);
    let labels = labels(block, 1, ChartDataLabelPosition::Center);
    add_series(&mut native, block, 1)
        .set_format(&mut fill(0x0056_B4E9))
        .set_gap(30)
        .set_overlap(100)
        .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
        .set_custom_data_labels(&labels);
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
