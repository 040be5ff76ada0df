//! Entry bundles (C2SP tlog-tiles, "log entries"): up to 256 entries, each with its length before it as a
//! big-endian u16. An entry therefore has at most 65,535 bytes; what is longer must be committed to by a hash.

use thiserror::Error;

/// Longest entry in bytes.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// Why a bundle cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    /// An entry is longer than the limit.
    #[error("entry {index} of the bundle has {bytes} bytes, more than the {ENTRY_BYTES_MAX} allowed")]
    TooLong {
        /// Which entry, counted from 0.
        index: usize,
        /// Its length.
        bytes: usize,
    },
    /// The bundle ends inside an entry or has more than 256 of them.
    #[error("the bundle is cut off or overlong after {whole} whole entries")]
    Malformed {
        /// Entries read before.
        whole: usize,
    },
}

impl BundleError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            BundleError::TooLong { .. } => "bundle_entry_too_long",
            BundleError::Malformed { .. } => "bundle_malformed",
        }
    }
}

/// Encodes entries as a bundle.
pub fn encode_bundle(entries: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, BundleError> {
    let mut out = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let length =
            u16::try_from(entry.len()).map_err(|_| BundleError::TooLong { index, bytes: entry.len() })?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// The entries of a bundle.
pub fn decode_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let malformed = BundleError::Malformed { whole: entries.len() };
        let Some((length, rest)) = bytes.split_first_chunk() else { return Err(malformed) };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((entry, rest)) = rest.split_at_checked(length) else { return Err(malformed) };
        if entries.len() as u64 == crate::tile::TILE_WIDTH {
            return Err(malformed);
        }
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_limits() {
        let entries: [&[u8]; 3] = [b"a", b"", b"bcd"];
        let bundle = encode_bundle(&entries).unwrap();
        assert_eq!(bundle, b"\x00\x01a\x00\x00\x00\x03bcd");
        assert_eq!(decode_bundle(&bundle).unwrap(), entries);
        assert_eq!(decode_bundle(&bundle[..bundle.len() - 1]), Err(BundleError::Malformed { whole: 2 }));
        assert_eq!(encode_bundle(&[vec![0; 65_536]]).unwrap_err().code(), "bundle_entry_too_long");
        assert_eq!(decode_bundle(&[0; 2 * 257]), Err(BundleError::Malformed { whole: 256 }));
    }
}
