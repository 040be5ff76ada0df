//! A segment file: a header, then frames, then zeros up to its full length.
//!
//! ```text
//! header, 128 bytes: 0 magic `NACREJNL`   8 format version u32   12 checksum of the frame before u32
//!                   16 first sequence number u64                 24 salt u64
//!                   32 full length of the file u64               40 bytes of the tenant's name u8
//!                   41 zero, 7 bytes                             48 tenant's name, zero padded, 64 bytes
//!                  112 zero, 12 bytes                           124 CRC-32C of bytes 0 to 124 u32
//! ```
//!
//! The file is called `<first sequence number, 20 digits>.seg`. It gets this name only after its zeros and its
//! header are durable, so a segment without a valid header is damage, never a tear. Magic, version and the place
//! of the checksum stay the same in all future formats, so that an old program can tell *newer* from *damaged*.

use std::path::Path;

use nacre_model::{Seq, TenantId};

use crate::error::{Damage, JournalError, Place};
use crate::frame::{is_zero, u32_at, u64_at};

/// Newest format that this program reads, and the one it writes.
pub const FORMAT_VERSION: u32 = 1;
/// Bytes of a segment's header.
pub const SEGMENT_HEADER_BYTES: usize = 128;
/// Longest segment file.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;

const MAGIC: &[u8; 8] = b"NACREJNL";
const TENANT_AT: usize = 48;
const TENANT_BYTES: usize = 64;
const CRC_AT: usize = SEGMENT_HEADER_BYTES - 4;
const SUFFIX: &str = ".seg";

/// The header of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Whose journal this is.
    pub tenant: TenantId,
    /// Sequence number of the first record.
    pub first: Seq,
    /// Checksum of the last frame of the segment before; 0 in the first segment.
    pub previous: u32,
    /// A number that all frames of the segment carry and nobody outside knows.
    pub salt: u64,
    /// Full length of the file.
    pub segment_bytes: u64,
}

impl SegmentHeader {
    /// Name of the file.
    pub fn file_name(first: Seq) -> String {
        format!("{:020}{SUFFIX}", first.0)
    }

    /// The sequence number in a file name; none if it is no segment's name.
    pub fn parse_file_name(name: &str) -> Option<Seq> {
        let digits = name.strip_suffix(SUFFIX)?;
        let plain = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
        if plain { digits.parse().ok().map(Seq) } else { None }
    }

    /// The header as bytes.
    pub fn to_bytes(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let tenant = self.tenant.as_str().as_bytes();
        debug_assert!(tenant.len() <= TENANT_BYTES);
        let mut out = [0; SEGMENT_HEADER_BYTES];
        out[..8].copy_from_slice(MAGIC);
        out[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        out[12..16].copy_from_slice(&self.previous.to_le_bytes());
        out[16..24].copy_from_slice(&self.first.0.to_le_bytes());
        out[24..32].copy_from_slice(&self.salt.to_le_bytes());
        out[32..40].copy_from_slice(&self.segment_bytes.to_le_bytes());
        out[40] = tenant.len() as u8;
        out[TENANT_AT..TENANT_AT + tenant.len()].copy_from_slice(tenant);
        let crc = crc32c::crc32c(&out[..CRC_AT]);
        out[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads and checks the header of the file called `file`.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<SegmentHeader, JournalError> {
        let named = file.file_name().and_then(|name| name.to_str()).and_then(SegmentHeader::parse_file_name);
        let damaged = || JournalError::Damaged {
            place: Place { file: file.to_owned(), offset: 0, seq: named.unwrap_or_default() },
            what: Damage::SegmentHeader,
        };
        let bytes = bytes.get(..SEGMENT_HEADER_BYTES).ok_or_else(damaged)?;
        if !bytes.starts_with(MAGIC) || u32_at(bytes, CRC_AT) != crc32c::crc32c(&bytes[..CRC_AT]) {
            return Err(damaged());
        }
        let version = u32_at(bytes, 8);
        if version > FORMAT_VERSION {
            return Err(JournalError::Version { file: file.to_owned(), version });
        }
        let tenant_end = TENANT_AT + usize::from(bytes[40]).min(TENANT_BYTES);
        let tenant = std::str::from_utf8(&bytes[TENANT_AT..tenant_end]).ok();
        let header = SegmentHeader {
            tenant: tenant.and_then(|name| TenantId::new(name).ok()).ok_or_else(damaged)?,
            first: Seq(u64_at(bytes, 16)),
            previous: u32_at(bytes, 12),
            salt: u64_at(bytes, 24),
            segment_bytes: u64_at(bytes, 32),
        };
        let lengths = SEGMENT_HEADER_BYTES as u64..=SEGMENT_BYTES_MAX;
        let sound = version == FORMAT_VERSION
            && named.is_none_or(|named| named == header.first)
            && header.first > Seq::ZERO
            && lengths.contains(&header.segment_bytes)
            && is_zero(&bytes[tenant_end..CRC_AT])
            && is_zero(&bytes[41..TENANT_AT]);
        if sound { Ok(header) } else { Err(damaged()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_every_flipped_bit() {
        let tenant = TenantId::default_tenant();
        let header = SegmentHeader { tenant, first: Seq(17), previous: 5, salt: 6, segment_bytes: 4096 };
        let name = SegmentHeader::file_name(Seq(17));
        let bytes = header.to_bytes();
        assert_eq!(SegmentHeader::parse(&bytes, Path::new(&name)).unwrap(), header);
        let other = SegmentHeader::file_name(Seq(18));
        assert_eq!(SegmentHeader::parse(&bytes, Path::new(&other)).unwrap_err().code(), "journal_damaged");
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::parse(&bad, Path::new(&name)).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_newer_format_is_named() {
        let tenant = TenantId::default_tenant();
        let header = SegmentHeader { tenant, first: Seq(1), previous: 0, salt: 6, segment_bytes: 4096 };
        let mut bytes = header.to_bytes();
        bytes[8] = 2;
        let crc = crc32c::crc32c(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(SegmentHeader::parse(&bytes, Path::new("x")).unwrap_err().code(), "journal_version");
    }

    #[test]
    fn file_names_are_strict() {
        assert_eq!(SegmentHeader::parse_file_name("00000000000000000017.seg"), Some(Seq(17)));
        for name in ["17.seg", "+0000000000000000017.seg", "00000000000000000017", "99999999999999999999.seg"]
        {
            assert_eq!(SegmentHeader::parse_file_name(name), None, "{name}");
        }
    }
}
