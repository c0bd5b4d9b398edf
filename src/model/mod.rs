//! Values that travel between the stages: periods, units, cells, facts, findings, figures.
//!
//! Nothing here reads files, evaluates expressions or prints.

pub mod arrivals;
mod blank;
mod catalogue;
mod certificate;
pub(crate) mod codes;
mod column;
mod columns;
mod date;
mod digest;
mod facts;
mod figure;
mod finding;
mod grid;
pub mod handout;
mod number;
mod period;
pub(crate) mod personal;
mod place;
pub(crate) mod placeholders;
mod problem;
mod receipt;
mod rows_of;
pub(crate) mod shared_text;
mod stage;
pub(crate) mod text;
mod unit;
mod validated;
mod validity;

pub use blank::{Blanks, IndicatorBlanks, ReturnBlanks};
pub use catalogue::{AMENDED, Builtin, FAMILIES, builtin, builtins, head_of};
pub use certificate::{Agreement, CERTIFICATE, Certificate};
pub use column::{Column, ColumnBuilder, ColumnType, Value};
pub use columns::{Columns, StoredTables};
pub use date::{
    date_of, date_text, day_number, one_or_two, parse_date, plausible_year, split_date,
};
pub use digest::{HashedContent, hexadecimal, sha256};
pub use facts::{
    FactTable, ROW_NUMBER, ReturnFacts, ReturnSentence, TotalRow, in_unit_order, lay_together,
};
pub use figure::{
    Absent, AbsentReason, Change, Class, Contribution, Figure, GroupPlace, Nature, Obstacle,
    Origins, Point, Series, Status, adds_up, difference_measure,
};
pub use finding::{CheckHead, Finding, Level, Outcome, Scope, Wording};
pub use grid::{
    ADDED_HEADER, AddedPage, AddedRow, GridSheet, GridValue, HEAD_GROUND, Mark, Markup, ground,
};
pub use number::{Decimal, Rational, round_half_away};
pub use period::{Frequency, Period};
pub use personal::PERSONAL;
pub use place::{CellRef, Location, MOST_COLUMNS, MOST_ROWS, column_letters};
pub use problem::{DiagnosedProblem, Evidence};
pub use receipt::{
    Amendment, Arrival, Collected, CorrectionNote, Declarations, Explanation, FileReceipt,
    Lateness, Receipt, ReturnCounts, ReturnState, Timeliness, Unjudged,
};
pub use rows_of::RowsOf;
pub use stage::{Exception, Stage};
pub use unit::{Unit, Units};
pub use validated::{CheckTally, Facts, Validated};
pub use validity::Validity;
