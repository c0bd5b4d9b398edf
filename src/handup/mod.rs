//! What a county hands up (上交): its checked returns as Parquet, a file a form and period, with a
//! manifest; and the way back into what validating gives.
//!
//! What was decided at the county travels as it is: findings, states of returns, what is blank. So
//! nobody above has to see what the county looked at, and personal columns can stay there: texts of
//! them become numbers that only tell equal from unequal, everything else becomes blank.

mod lists;
mod manifest;
mod merge;
mod personal;
mod read;
mod records;
mod registers;
mod rows;
mod take;
mod write;

pub use manifest::{HANDUP_MANIFEST, HandupManifest};
pub use merge::merged;
pub use read::{HandUp, read_back};
pub use registers::definition_of;
pub use take::{Taken, absence, take};
pub use write::{HandedUp, files};
