//! The manifest of what a county hands up: who, which period, by which definitions, from which files,
//! and the hash of every file of it.

use serde::{Deserialize, Serialize};

use crate::model::{FileReceipt, Period};

/// Its name in the folder.
pub const HANDUP_MANIFEST: &str = "manifest.json";

/// The format that this program writes and reads.
pub(super) const SCHEMA: u32 = 1;

/// No clock and no place in it: the same returns give the same bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandupManifest {
    pub schema: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Code and name of who hands up.
    pub county: String,
    pub county_name: String,
    /// The hand-in folder that was reported.
    pub period: Period,
    /// All hand-in folders in it, oldest first.
    pub folders: Vec<Period>,
    /// Of what says which form, check and indicator means what.
    pub programmes: String,
    /// Are personal columns in it as they are?
    pub personal: bool,
    /// What was read, with the hash of the bytes that were parsed.
    pub sources: Vec<FileReceipt>,
    pub files: Vec<Sealed>,
}

/// A file as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Relative to the manifest, with `/`.
    pub path: String,
    pub sha256: String,
    pub size: u64,
}
