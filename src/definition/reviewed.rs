//! What is known of a hand-in folder when its returns have been checked, and before anything is
//! computed: what report, audit and those above the county are told.

use super::Definition;
use crate::model::{Collected, Period, Validated};

/// Returns that were collected and validated by a definition.
#[derive(Debug, Clone, Copy)]
pub struct Reviewed<'a> {
    pub definition: &'a Definition,
    /// The hand-in folder that is reported.
    pub folder: &'a Period,
    pub collected: &'a Collected,
    pub validated: &'a Validated,
}
