//! Analyse: indicators → figures, with comparisons, series, rankings, completeness, lineage.

use crate::definition::Definition;
use crate::model::{Figure, Period, Validated};

/// All figures of the report of one hand-in folder, in definition order.
pub fn analyse(
    _definition: &Definition,
    _validated: &Validated,
    _folder: &Period,
) -> anyhow::Result<Vec<Figure>> {
    Ok(Vec::new())
}
