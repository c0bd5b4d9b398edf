//! Engines besides the one in this program (Apache Spark, Sail): how they are asked, and whether
//! they answer alike.
//!
//! An engine gets a table as Parquet and a statement of the portable profile, and gives integers,
//! truths and texts back. What is made of them, and in what order, stays here.

mod compared;
mod link;
mod remote;

pub use crate::sql::{Embedded, Engine, on_query_threads};
pub use compared::Compared;
pub use link::EngineSettings;
pub use remote::Remote;
