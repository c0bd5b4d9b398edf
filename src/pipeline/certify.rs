//! Certify: every row rule and every indicator of a month, computed here and by another engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;

use super::{Checked, Computed, Prepared, compute, records};
use crate::engine::{Compared, Engine};
use crate::model::{Certificate, sha256};

/// Computes a month on both. `version`: what the other engine calls itself.
pub fn certify(
    prepared: Prepared,
    other: Arc<dyn Engine>,
    version: &str,
) -> anyhow::Result<(Checked, Certificate)> {
    let compared = Arc::new(Compared::with(other));
    let computed = compute(prepared.on(compared.clone()))?;
    let sources = compared.noted();
    let Computed { checked, .. } = &computed;
    let certificate = Certificate {
        schema: Certificate::SCHEMA,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        period: checked.folder.to_string(),
        engine: version.to_owned(),
        figures: figures(&records(&computed)?)?,
        equal: sources.values().all(|agreement| agreement.differing == 0),
        sources,
    };
    Ok((computed.checked, certificate))
}

fn figures(records: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<String> {
    let bytes = records.get("figures.csv").context("程序内部错误：没有指标表")?;
    Ok(sha256(bytes))
}
