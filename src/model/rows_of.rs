//! What the rows behind a number are rows of, and the text by which lineage, engines and
//! certificates name it.

use std::fmt;

const REGISTER: &str = "register:";
const UNITS: &str = "units";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsOf<'a> {
    Form(&'a str),
    Register(&'a str),
    /// The units that owe a form.
    Units,
}

impl<'a> RowsOf<'a> {
    /// From its text.
    pub fn named(text: &'a str) -> Self {
        match text.strip_prefix(REGISTER) {
            Some(register) => Self::Register(register),
            None if text == UNITS => Self::Units,
            None => Self::Form(text),
        }
    }
}

impl fmt::Display for RowsOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(id) => f.write_str(id),
            Self::Register(name) => write!(f, "{REGISTER}{name}"),
            Self::Units => f.write_str(UNITS),
        }
    }
}
