//! Charts for which Excel has no kind: the drawn picture.

use rust_xlsxwriter::Image;

use super::sheet::Sheet;

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
