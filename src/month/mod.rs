//! The statistician's month beside the report: when files arrived, whom to chase, what to do next.
//!
//! Everything here is a function of what collecting and validating gave; only [`arrivals`] looks at
//! the clock, once for each file, and what it writes down is from then on part of the returns.

pub mod arrivals;
pub mod findings;
pub mod freeze;
pub mod health;
pub mod reminders;
pub mod standing;
