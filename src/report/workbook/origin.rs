//! Where figures lead to: their rows in the sheet 溯源.

use std::collections::BTreeMap;

use crate::model::Figure;

pub(super) const NAME: &str = "溯源";

/// Row of the column titles of 溯源; a row a figure follows, in the order of the figures.
pub(super) const HEADER: u32 = 2;

/// Id of a figure → its row.
pub(super) struct OriginRows<'a>(BTreeMap<&'a str, u32>);

impl<'a> OriginRows<'a> {
    /// Of as many figures as the sheet has.
    pub(super) fn new(figures: &'a [Figure], most: usize) -> Self {
        Self(figures.iter().take(most).map(|f| f.id.as_str()).zip(HEADER + 1..).collect())
    }

    /// Address of the figure's row, as hyperlinks have it.
    pub(super) fn target(&self, id: &str) -> Option<String> {
        let row = self.0.get(id)?;
        Some(format!("internal:'{NAME}'!A{}", row + 1))
    }
}
