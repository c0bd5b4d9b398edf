//! Charts for which Excel has no kind: the drawn picture.

use rust_xlsxwriter::Image;

/// Height at this width.
pub(super) fn height(image: &Image, width: u32) -> u32 {
    (f64::from(width) * image.height() / image.width().max(1.0)) as u32
}

/// Around a picture, in pixels.
pub(super) const MARGIN: u32 = 4;
