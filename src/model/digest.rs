//! SHA-256 as it stands in manifests: lower-case hexadecimal.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The digest of a file's whole content.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
