//! Values that travel between the stages: periods, units, cells, facts, findings, figures.
//!
//! Nothing here reads files, evaluates expressions or prints.

mod blank;
mod catalogue;
mod facts;
mod figure;
mod finding;
mod number;
mod period;
mod place;
mod problem;
mod receipt;
pub(crate) mod text;
mod unit;
mod validated;

pub use blank::{Blanks, IndicatorBlanks, ReturnBlanks};
pub use catalogue::{Builtin, builtin, builtins};
pub use facts::{Column, FactTable, ReturnFacts, RowOrigin, Sentence, TotalRow, Value};
pub use figure::{
    Absent, AbsentReason, Change, Class, Contribution, Figure, Lineage, Nature, Obstacle, Place,
    Point, Series, Status,
};
pub use finding::{Finding, Level, Outcome, Scope};
pub use number::{Decimal, Rational, round_half_away};
pub use period::{Frequency, Period};
pub use place::{CellRef, Location, column_letters};
pub use problem::{DiagnosedProblem, Evidence};
pub use receipt::{
    Collected, CorrectionNote, Declarations, Explanation, FileReceipt, Lateness, Receipt,
    ReturnState, Timeliness, Unjudged,
};
pub use unit::{Unit, Units};
pub use validated::{Facts, Tally, Validated};

/// A date as it is printed everywhere: `2013-10-25`. `days` counts from 1970-01-01.
pub fn date_text(days: i32) -> String {
    date_of(days).map_or_else(|| days.to_string(), |date| date.to_string())
}

/// The calendar date of a day number since 1970-01-01.
pub fn date_of(days: i32) -> Option<jiff::civil::Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// Days since 1970-01-01.
pub fn day_number(date: jiff::civil::Date) -> i32 {
    date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).map_or(0, |span| span.get_days())
}
