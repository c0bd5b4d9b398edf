//! Reaching an engine elsewhere.

use std::time::Duration;

use super::arguments::EngineTuning;
use super::reader;
use crate::engine::{Remote, Settings};

pub(super) fn open(url: &str, tuning: &EngineTuning) -> anyhow::Result<Remote> {
    let mut programs = reader()?;
    programs.pop();
    Remote::open(&Settings {
        url: url.to_owned(),
        files: tuning.engine_files.clone(),
        patience: Duration::from_secs(tuning.engine_timeout),
        programs,
    })
}
