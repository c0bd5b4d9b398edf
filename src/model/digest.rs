//! What stands for the content of a file: its SHA-256 as it is in manifests, lower-case hexadecimal,
//! and a digest that is published nowhere.

use sha2::{Digest, Sha256};

/// The digest of a file's whole content.
pub fn sha256(bytes: &[u8]) -> String {
    HashedContent::new(bytes).sha256()
}

/// A content, hashed once.
#[derive(Debug, Clone)]
pub struct HashedContent(Sha256);

impl HashedContent {
    pub fn new(bytes: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(bytes))
    }

    /// As manifests have it.
    pub fn sha256(&self) -> String {
        hexadecimal(&self.0.clone().finalize())
    }

    /// Can be made by nobody who does not have the content: not from its SHA-256 either, because what is
    /// hashed after the content is not how SHA-256 itself would go on.
    pub fn secret(&self) -> [u8; 32] {
        self.0.clone().chain_update("only with the content").finalize().into()
    }
}

pub fn hexadecimal(digest: &[u8]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_content_is_its_own_and_the_digest_is_sha_256() {
        let content = HashedContent::new(b"abc");
        // The example of FIPS 180-4.
        let standard = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(content.sha256(), standard);
        assert_ne!(hexadecimal(&content.secret()), standard);
        assert_ne!(content.secret(), HashedContent::new(b"abd").secret());
    }
}
