//! The conductor: the stages in order, from folders to a published report.
