//! Native Excel charts of the same data as the drawn ones.

use rust_xlsxwriter::{
    Chart as Native, ChartDataLabel, ChartDataLabelPosition, ChartEmptyCells, ChartFont,
    ChartFormat, ChartLegendPosition, ChartLine, ChartMarker, ChartMarkerType, ChartSolidFill,
    ChartType,
};

use super::chart_data::{Block, NAME};
use super::sheet::Sheet;
use crate::report::chart::{Chart, Data, palette};

/// Height of a sheet row that holds nothing, in pixels.
const ROW: u32 = 20;
const NARROWEST: u32 = 640;
const WIDEST: u32 = 1000;

/// Puts a chart at the next free row, as wide as the table above.
pub(super) fn insert(
    sheet: &mut Sheet,
    chart: &Chart,
    block: &Block,
    last: u16,
) -> anyhow::Result<()> {
    let width = sheet.width_in_pixels(last).clamp(NARROWEST, WIDEST);
    let (mut native, height) = match &chart.data {
        Data::Bars(_) => (bars(block), 90 + 24 * block.rows.len() as u32),
        Data::Stacked(data) => (stacked(block, data.palette), 130 + 26 * block.rows.len() as u32),
        Data::Trend(_) => (trend(block), 360),
        Data::Funnel(_) => (funnel(block), 90 + 46 * block.rows.len() as u32),
    };
    native.set_name(chart.id).set_alt_text(cut(&chart.alt)).set_width(width).set_height(height);
    native.title().set_name(&*cut_title(&chart.headline)).set_overlay(false).set_font(&font(12));
    native.title().set_font(font(12).set_bold());
    sheet.worksheet.insert_chart_with_offset(sheet.row, 0, &native, 4, 4)?;
    sheet.row += height.div_ceil(ROW) + 2;
    Ok(())
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

/// Horizontal bars read from the top: the category axis is reversed.
fn horizontal(native: &mut Native) {
    native.x_axis().set_reverse();
    native.y_axis().set_hidden(true);
}

fn bars(block: &Block) -> Native {
    let mut native = base(ChartType::Bar);
    horizontal(&mut native);
    native.y_axis().set_min(0);
    native.legend().set_hidden();
    let labels = labels(block, 0, ChartDataLabelPosition::OutsideEnd);
    add_series(&mut native, block, 0)
        .set_format(&mut fill(0x0000_72B2))
        .set_gap(40)
        .set_data_label(ChartDataLabel::new().show_value().set_font(&font(9)))
        .set_custom_data_labels(&labels);
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

fn trend(block: &Block) -> Native {
    let mut native = base(ChartType::Line);
    native.show_empty_cells_as(ChartEmptyCells::Gaps);
    native
        .y_axis()
        .set_major_gridlines(true)
        .set_major_gridlines_line(ChartLine::new().set_color(0x00D5_D5D5));
    if block.titles.len() > 1 {
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
    let colors = palette(&[], block.titles.len());
    for (i, color) in (0u16..).zip(colors) {
        let labels = labels(block, usize::from(i), ChartDataLabelPosition::Above);
        let mut line = ChartFormat::new();
        line.set_line(ChartLine::new().set_color(color.code()).set_width(2));
        let mut marker = ChartMarker::new();
        marker
            .set_type(shapes[usize::from(i) % shapes.len()])
            .set_size(6)
            .set_format(&mut fill(color.code()));
        let series = add_series(&mut native, block, i).set_format(&mut line).set_marker(&marker);
        if block.titles.len() <= 2 {
            series
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
fn cut(text: &str) -> String {
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
