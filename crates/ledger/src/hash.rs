//! SHA-256 hashes of the log and the three hash functions of RFC 6962 §2.1.
//!
//! The leading byte separates the domains, so that no entry can be passed off as an inner node:
//! leaf = SHA-256(0x00 ‖ entry), node = SHA-256(0x01 ‖ left ‖ right), empty tree = SHA-256("").
//! Text form: 64 lower-case hexadecimal digits; nothing else is parsed.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; HASH_BYTES]);

/// Why a text or a slice is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HashError {
    /// The text is not 64 lower-case hexadecimal digits.
    #[error("a hash is 64 lower-case hexadecimal digits")]
    NotHex,
    /// The slice has another length than 32.
    #[error("a hash has 32 bytes, not {bytes}")]
    Length {
        /// Length found.
        bytes: usize,
    },
}

impl HashError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            HashError::NotHex => "hash_not_hex",
            HashError::Length { .. } => "hash_length",
        }
    }
}

impl Hash {
    /// The hash as bytes.
    pub fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// Takes a hash from exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Hash, HashError> {
        let array = bytes.try_into().map_err(|_| HashError::Length { bytes: bytes.len() })?;
        Ok(Hash(array))
    }

    /// Parses 64 lower-case hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Hash, HashError> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(HashError::NotHex),
        };
        if text.len() != 2 * HASH_BYTES {
            return Err(HashError::NotHex);
        }
        let mut out = [0; HASH_BYTES];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Hash(out))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Hash, HashError> {
        Hash::from_hex(text)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Hash of a log entry (RFC 6962 §2.1: `SHA-256(0x00 || d)`).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Hash(hasher.finalize().into())
}

/// Hash of an inner node (RFC 6962 §2.1: `SHA-256(0x01 || left || right)`).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    // One buffer and one call: this is the sequencer's hot path.
    let mut message = [0x01; 1 + 2 * HASH_BYTES];
    message[1..1 + HASH_BYTES].copy_from_slice(&left.0);
    message[1 + HASH_BYTES..].copy_from_slice(&right.0);
    Hash(Sha256::digest(message).into())
}

/// Root of the tree without entries: SHA-256 of the empty string.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_strict_and_round_trips() {
        let hash = empty_root();
        assert_eq!(hash.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Hash::from_hex(&hash.to_string()).unwrap(), hash);
        assert_eq!(Hash::from_hex(&hash.to_string().to_uppercase()), Err(HashError::NotHex));
        assert_eq!(Hash::from_hex("e3"), Err(HashError::NotHex));
        assert_eq!(Hash::from_slice(&[0; 31]), Err(HashError::Length { bytes: 31 }));
    }

    #[test]
    fn leaf_of_the_empty_entry_is_the_known_one() {
        let expected = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(leaf_hash(b"").to_string(), expected);
    }
}
