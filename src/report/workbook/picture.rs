//! Charts for which Excel has no kind: the drawn picture, and its numbers on 图表数据.

use rust_xlsxwriter::Image;

use super::chart_data::DataRow;
use super::native_chart::cut;
use super::sheet::{ROW_HEIGHT, Sheet};
use crate::model::Decimal;
use crate::report::chart::{Chart, Heatmap, Matrix, Slope, picture};

/// Puts the picture at the next free row; one that does not fit the page begins a new one.
pub(super) fn insert(
    sheet: &mut Sheet,
    chart: &Chart,
    width: u32,
    (page, used, breaks): (u32, &mut u32, &mut Vec<u32>),
) -> anyhow::Result<()> {
    let (bytes, (across, down)) = picture(chart)?;
    let height = (f64::from(width) * f64::from(down) / f64::from(across)) as u32;
    let fits = f64::from(page) / f64::from(height.max(1));
    let (width, height) = match fits {
        // Higher than a page: smaller.
        fits if fits < 1.0 => ((f64::from(width) * fits) as u32, page),
        _ => (width, height),
    };
    if *used > 0 && *used + height > page {
        breaks.push(sheet.row);
        *used = 0;
    }
    let image = Image::new_from_buffer(&bytes)?
        .set_alt_text(cut(&chart.alt))
        .set_scale_to_size(width, height, true);
    sheet.worksheet.insert_image_with_offset(sheet.row, 0, &image, 4, 4)?;
    let taken = height.div_ceil(Sheet::row_in_pixels()) + 1;
    for row in sheet.row..sheet.row + taken {
        // Said row by row: not every program heeds the default, and the picture would shrink.
        sheet.worksheet.set_row_height(row, ROW_HEIGHT)?;
    }
    sheet.row += taken;
    *used += taken * Sheet::row_in_pixels();
    Ok(())
}

/// Column titles and rows.
type Block = (Vec<String>, Vec<DataRow>);

fn row(name: &str, values: Vec<Option<Decimal>>) -> DataRow {
    let labels = vec![String::new(); values.len()];
    DataRow { name: name.to_owned(), values, labels }
}

pub(super) fn heatmap_rows(heatmap: &Heatmap) -> Block {
    let titles = heatmap.columns.iter().map(|c| c.title.to_owned()).collect();
    let values = |figures: &[Option<&crate::model::Figure>]| {
        figures.iter().map(|f| f.and_then(|f| f.value)).collect()
    };
    (titles, heatmap.rows().map(|r| row(&r.name, values(&r.figures))).collect())
}

pub(super) fn slope_rows(slope: &Slope) -> Block {
    let titles = vec![slope.then.title(), slope.now.title()];
    (titles, slope.lines().map(|l| row(&l.name, vec![Some(l.then), Some(l.now)])).collect())
}

pub(super) fn matrix_rows(matrix: &Matrix) -> Block {
    let titles = matrix.codes.iter().map(|code| format!("本次{code}")).collect();
    let rows = matrix.codes.iter().zip(&matrix.lines);
    let rows = rows.map(|(code, line)| {
        row(&format!("上次{code}"), line.iter().map(|f| f.numerator).collect())
    });
    (titles, rows.collect())
}
