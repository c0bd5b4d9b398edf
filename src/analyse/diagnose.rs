//! Diagnosis: rules over figures and findings → the problem list of each unit.

use crate::definition::Definition;
use crate::model::{DiagnosedProblem, Figure, Validated};

/// All problems that the pipeline's rules find in the report's period, in unit order.
pub fn diagnose(
    _definition: &Definition,
    _validated: &Validated,
    _figures: &[Figure],
) -> Vec<DiagnosedProblem> {
    Vec::new()
}
