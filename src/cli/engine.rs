//! Reaching an engine elsewhere.

use std::time::Duration;

use super::arguments::EngineTuning;
use super::reader;
use crate::engine::{EngineSettings, Remote};

pub(super) fn open(url: &str, tuning: &EngineTuning) -> anyhow::Result<Remote> {
    let mut programs = reader()?;
    programs.pop();
    Remote::open(&EngineSettings {
        url: url.to_owned(),
        files: tuning.engine_files.clone(),
        patience: Duration::from_secs(tuning.engine_timeout),
        programs,
    })
}
