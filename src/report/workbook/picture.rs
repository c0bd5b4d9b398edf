//! Charts for which Excel has no kind, and small trend lines: the drawn picture.

use rust_xlsxwriter::Image;

use super::sheet::Sheet;

/// Height at this width.
pub(super) fn height(image: &Image, width: u32) -> u32 {
    (f64::from(width) * image.height() / image.width().max(1.0)) as u32
}

/// Puts a small picture into a cell, drawn at twice its size.
pub(super) fn in_cell(sheet: &mut Sheet, at: (u32, u16), drawn: &[u8]) -> anyhow::Result<()> {
    sheet.text(at, "", false)?;
    let image = Image::new_from_buffer(drawn)?;
    let (width, height) = (image.width() / 2.0, image.height() / 2.0);
    let image = image.set_scale_to_size(width as u32, height as u32, true).set_decorative(true);
    sheet.write(|worksheet, _| {
        worksheet.insert_image_with_offset(at.0, at.1, &image, MARGIN, MARGIN / 2).map(drop)
    })
}

/// Around a picture, in pixels.
pub(super) const MARGIN: u32 = 4;
