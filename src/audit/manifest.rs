//! The manifest: an in-toto Statement v1 that names every output and everything it was made
//! from, with SHA-256. No time, host, user or thread count.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::MANIFEST;
use crate::definition::Reviewed;
use crate::model::{FileReceipt, Stage, sha256};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "urn:dangtong:provenance:1";

/// The libraries that read and compute, as in `Cargo.lock` (held by a test).
const COMPONENTS: &[(&str, &str)] = &[("calamine", "0.38.0"), ("polars", "0.55.2")];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(rename = "_type")]
    pub kind: String,
    pub subject: Vec<OutputFile>,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub predicate: Predicate,
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Relative to the report folder, with `/`.
    pub name: String,
    pub digest: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Predicate {
    pub build_definition: BuildDefinition,
    pub run_details: RunDetails,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildDefinition {
    pub build_type: String,
    pub external_parameters: Parameters,
    pub resolved_dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    pub pipeline: String,
    /// Code of the county, or of the level, that reports.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub county: String,
    pub period: String,
    /// The hand-in folders read, oldest first.
    pub folders: Vec<String>,
    /// What its covers say.
    #[serde(default)]
    pub stage: Stage,
}

/// A raw return or a definition file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// `returns/<path>` or `pipeline/<path>`.
    pub name: String,
    pub digest: Digest,
    pub annotations: Annotations,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotations {
    pub size: u64,
    /// `unit form period` of each return recognised in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDetails {
    pub builder: Builder,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Builder {
    pub id: String,
    pub version: BTreeMap<String, String>,
}

impl Manifest {
    pub fn program_version(&self) -> &str {
        self.predicate.run_details.builder.version.get("dangtong").map_or("", String::as_str)
    }

    pub(super) fn to_json(&self) -> anyhow::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

pub(super) fn build(
    reviewed: &Reviewed,
    stage: &Stage,
    outputs: &BTreeMap<String, Vec<u8>>,
) -> Manifest {
    let digest = |sha256: String| Digest { sha256 };
    let subject = outputs
        .iter()
        .map(|(name, bytes)| OutputFile { name: name.clone(), digest: digest(sha256(bytes)) })
        .collect();
    // What collecting read, and nothing else: these very bytes were parsed.
    let mut files: Vec<&FileReceipt> = reviewed.collected.files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let raw = files.iter().map(|file| Dependency {
        name: format!("returns/{}", file.path),
        digest: digest(file.sha256.clone()),
        annotations: Annotations {
            size: file.size,
            returns: file.returns.iter().map(|(u, f, p)| format!("{u} {f} {p}")).collect(),
        },
    });
    let definitions = reviewed.definition.files.iter().map(|file| Dependency {
        name: format!("pipeline/{}", file.path),
        digest: digest(file.sha256.clone()),
        annotations: Annotations { size: file.size, returns: Vec::new() },
    });
    let mut folders: Vec<String> =
        reviewed.collected.files.iter().map(|file| file.folder.to_string()).collect();
    folders.dedup();
    let mut version: BTreeMap<String, String> =
        COMPONENTS.iter().map(|(name, v)| ((*name).to_owned(), (*v).to_owned())).collect();
    version.insert("dangtong".into(), env!("CARGO_PKG_VERSION").into());
    Manifest {
        kind: STATEMENT.into(),
        subject,
        predicate_type: PREDICATE.into(),
        predicate: Predicate {
            build_definition: BuildDefinition {
                build_type: "urn:dangtong:report:1".into(),
                external_parameters: Parameters {
                    pipeline: reviewed.definition.settings.id.clone(),
                    county: reviewed.definition.settings.county_code.clone(),
                    period: reviewed.folder.to_string(),
                    folders,
                    stage: stage.clone(),
                },
                resolved_dependencies: definitions.chain(raw).collect(),
            },
            run_details: RunDetails { builder: Builder { id: "urn:dangtong".into(), version } },
        },
    }
}

/// Reads the manifest of a report folder.
pub fn read(report: &Path) -> anyhow::Result<Manifest> {
    let path = report.join(MANIFEST);
    let bytes = std::fs::read(&path).with_context(|| {
        format!("{} 不能读取，不是 dangtong 的报告目录，或清单已丢失", path.display())
    })?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} 不是有效的清单", path.display()))?;
    anyhow::ensure!(
        manifest.predicate_type == PREDICATE,
        "{} 的格式是 {}，本程序能读的是 {PREDICATE}",
        path.display(),
        manifest.predicate_type
    );
    Ok(manifest)
}
