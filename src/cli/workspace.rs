//! The folder that a county works in: `pipeline/`, `returns/` and `reports/` side by side. Inside it,
//! also in its subfolders, commands need no paths. Elsewhere the defaults are the repository's.

use std::path::{Path, PathBuf};

/// From the current folder to the nearest one above that holds `pipeline/pipeline.toml`; empty when
/// that is the current one. Relative, so that messages are short and alike on every machine.
pub(super) fn root() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut way = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join("pipeline/pipeline.toml").is_file() {
            return Some(way);
        }
        way.push("..");
    }
    None
}

/// The pipeline that is meant when none is named.
pub(super) fn pipeline() -> PathBuf {
    root().map_or_else(|| "pipelines/zuoquan".into(), |root| root.join("pipeline"))
}

/// The same, of a report that says by which pipeline it was made.
pub(super) fn pipeline_of(id: &str) -> PathBuf {
    root().map_or_else(|| Path::new("pipelines").join(id), |root| root.join("pipeline"))
}

/// The returns of the workspace, if this is one.
pub(super) fn returns() -> Option<PathBuf> {
    Some(root()?.join("returns"))
}

/// A folder that is written: `reports`, `templates`.
pub(super) fn place(name: &str) -> PathBuf {
    root().unwrap_or_default().join(name)
}
