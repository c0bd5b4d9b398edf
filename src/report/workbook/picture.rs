//! Charts for which Excel has no kind: the drawn picture, and its numbers on 图表数据.

use rust_xlsxwriter::Image;

use super::chart_data::DataRow;
use super::sheet::Sheet;
use crate::model::Decimal;
use crate::report::chart::{Heatmap, Matrix, Slope};

/// Height at this width.
pub(super) fn height(image: &Image, width: u32) -> u32 {
    (f64::from(width) * image.height() / image.width().max(1.0)) as u32
}

/// Puts a picture at the next free row, as large as the room allows without changing its shape.
pub(super) fn place(
    sheet: &mut Sheet,
    image: Image,
    left: u32,
    (width, height): (u32, u32),
) -> anyhow::Result<()> {
    let image = image.set_scale_to_size(width, height, true);
    sheet.worksheet.insert_image_with_offset(sheet.row, 0, &image, left, MARGIN)?;
    Ok(())
}

/// Around a picture, in pixels.
pub(super) const MARGIN: u32 = 4;

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
