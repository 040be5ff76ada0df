//! A frame: one group commit, one write, one sync.
//!
//! ```text
//! header, 64 bytes:  0 magic `NACREFRM`   8 salt u64          16 first sequence number u64
//!                   24 body bytes u32    28 records u32       32 checksum of the frame before u32
//!                   36 all-zero sectors u32                   40 CRC-32C of the body u32
//!                   44 zero, 16 bytes                         60 CRC-32C of bytes 0 to 60 u32
//! body:              per record: length u32, CRC-32C of the record u32, the record
//! padding:           zeros
//! trailer, 8 bytes:  CRC-32C of the header again u32, magic `NEND`; ends on a multiple of 64
//! ```
//!
//! All numbers are little-endian. Frames begin and end on multiples of 64 bytes, so neither header nor trailer ever
//! straddles a 512-byte sector, and the last byte of a frame is never zero. The *checksum of a frame* is that
//! of its header, which covers the body's. The salt is that of the segment: record contents that look like a
//! frame are not taken for one.
//!
//! Invariant: before a frame is written, its place holds zeros. So a sector of the frame that did not reach the disk is
//! zero, and the header says how many of its sectors are zero by themselves.

use nacre_model::Seq;

/// Frames begin and end on multiples of this.
pub const FRAME_ALIGN: u64 = 64;
/// What a disk writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;
/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 64;
/// Bytes of a frame's trailer.
pub const TRAILER_BYTES: usize = 8;
/// Bytes before each record: length and CRC-32C.
pub const RECORD_HEAD_BYTES: usize = 8;

const MAGIC: &[u8; 8] = b"NACREFRM";
// The last byte has more than one bit set: a flipped bit cannot make it zero, which would look like a tear.
const END_MAGIC: &[u8; 4] = b"NEND";

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Sequence number of the first record.
    pub first: Seq,
    /// Number of records, at least 1.
    pub records: u32,
    /// Bytes of the body.
    pub body_bytes: u32,
    /// Checksum of the frame before; 0 before the first.
    pub previous: u32,
    /// Sectors that are zero (within the frame) although they were written.
    pub zero_sectors: u32,
    /// CRC-32C of the body.
    pub body_crc: u32,
    /// The salt of the segment.
    pub salt: u64,
    /// CRC-32C of the header: the checksum of the frame.
    pub checksum: u32,
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// True when all bytes are zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<64>();
    chunks.iter().all(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0)
        && rest.iter().all(|byte| *byte == 0)
}

/// Whole bytes of a frame with a body of this length.
pub fn frame_bytes(body_bytes: u64) -> u64 {
    (HEADER_BYTES as u64 + body_bytes + TRAILER_BYTES as u64).next_multiple_of(FRAME_ALIGN)
}

/// Number of sectors whose part inside the frame is all zero. `offset` is the frame's place in its file.
pub(crate) fn zero_sectors(frame: &[u8], offset: u64) -> u32 {
    let first = (SECTOR_BYTES - (offset % SECTOR_BYTES as u64) as usize).min(frame.len());
    let (head, rest) = frame.split_at(first);
    std::iter::once(head).chain(rest.chunks(SECTOR_BYTES)).filter(|part| is_zero(part)).count() as u32
}

impl FrameHeader {
    /// Reads a header and checks its own checksum, nothing else.
    pub fn parse(bytes: &[u8], salt: u64) -> Option<FrameHeader> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        if !bytes.starts_with(MAGIC)
            || u64_at(bytes, 8) != salt
            || u32_at(bytes, 60) != crc32c::crc32c(&bytes[..60])
        {
            return None;
        }
        let header = FrameHeader {
            first: Seq(u64_at(bytes, 16)),
            body_bytes: u32_at(bytes, 24),
            records: u32_at(bytes, 28),
            previous: u32_at(bytes, 32),
            zero_sectors: u32_at(bytes, 36),
            body_crc: u32_at(bytes, 40),
            salt,
            checksum: u32_at(bytes, 60),
        };
        let body_bytes_min = u64::from(header.records) * RECORD_HEAD_BYTES as u64;
        let fits = header.records > 0 && u64::from(header.body_bytes) >= body_bytes_min;
        let seq_fits =
            header.first > Seq::ZERO && header.first.0.checked_add(header.records.into()).is_some();
        (fits && seq_fits && is_zero(&bytes[44..60])).then_some(header)
    }

    /// Whole bytes of the frame.
    pub fn frame_bytes(&self) -> u64 {
        frame_bytes(self.body_bytes.into())
    }

    /// Sequence number of the last record.
    pub fn last(&self) -> Seq {
        Seq(self.first.0 + u64::from(self.records) - 1)
    }

    /// True when the frame with this header is whole: body checksum, padding, trailer and record lengths.
    /// Also asserts what the writer must have kept.
    pub fn checks_out(&self, frame: &[u8]) -> bool {
        let body_end = HEADER_BYTES + self.body_bytes as usize;
        let Some(body) = frame.get(HEADER_BYTES..body_end) else { return false };
        let Some(trailer_at) = frame.len().checked_sub(TRAILER_BYTES) else { return false };
        let trailer = [&self.checksum.to_le_bytes()[..], END_MAGIC].concat();
        frame.len() as u64 == self.frame_bytes()
            && frame[trailer_at..] == trailer
            && is_zero(&frame[body_end..trailer_at])
            && crc32c::crc32c(body) == self.body_crc
            && Records::new(body).count() == self.records as usize
            && Records::new(body).bytes() == body.len()
    }

    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[..8].copy_from_slice(MAGIC);
        out[8..16].copy_from_slice(&self.salt.to_le_bytes());
        out[16..24].copy_from_slice(&self.first.0.to_le_bytes());
        let words = [self.body_bytes, self.records, self.previous, self.zero_sectors, self.body_crc];
        for (place, word) in out[24..44].chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let checksum = crc32c::crc32c(&out[..60]);
        out[60..].copy_from_slice(&checksum.to_le_bytes());
        out
    }
}

/// Bytes of the body that these records need.
pub(crate) fn body_bytes<R: AsRef<[u8]>>(records: &[R]) -> u64 {
    records.iter().map(|record| (RECORD_HEAD_BYTES + record.as_ref().len()) as u64).sum()
}

/// Where a frame goes and what it continues.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FramePlace {
    pub(crate) first: Seq,
    pub(crate) previous: u32,
    pub(crate) salt: u64,
    /// Byte offset in the segment file.
    pub(crate) offset: u64,
}

/// Encodes a frame into `out` (which is cleared) and returns its checksum. The caller has checked the size.
pub(crate) fn encode<R: AsRef<[u8]>>(out: &mut Vec<u8>, place: FramePlace, records: &[R]) -> u32 {
    debug_assert!(!records.is_empty() && place.offset.is_multiple_of(FRAME_ALIGN));
    out.clear();
    out.resize(HEADER_BYTES, 0);
    for record in records {
        let record = record.as_ref();
        out.extend_from_slice(&(record.len() as u32).to_le_bytes());
        out.extend_from_slice(&crc32c::crc32c(record).to_le_bytes());
        out.extend_from_slice(record);
    }
    let body_bytes = out.len() - HEADER_BYTES;
    let body_crc = crc32c::crc32c(&out[HEADER_BYTES..]);
    out.resize(frame_bytes(body_bytes as u64) as usize, 0);
    let trailer_at = out.len() - TRAILER_BYTES;
    // Placed before the sectors are counted, because they count as written; their values do not matter for it.
    out[0] = MAGIC[0];
    out[trailer_at + 4..].copy_from_slice(END_MAGIC);
    let header = FrameHeader {
        first: place.first,
        records: records.len() as u32,
        body_bytes: body_bytes as u32,
        previous: place.previous,
        zero_sectors: zero_sectors(out, place.offset),
        body_crc,
        salt: place.salt,
        checksum: 0,
    };
    let header = header.to_bytes();
    out[..HEADER_BYTES].copy_from_slice(&header);
    out[trailer_at..trailer_at + 4].copy_from_slice(&header[60..]);
    u32_at(&header, 60)
}

/// Walks the records of a body; ends at the first length that does not fit.
#[derive(Debug, Clone)]
pub(crate) struct Records<'b> {
    body: &'b [u8],
    at: usize,
}

/// One record of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawRecord<'b> {
    /// Where its bytes begin in the body.
    pub(crate) start: usize,
    pub(crate) bytes: &'b [u8],
    pub(crate) crc: u32,
}

impl RawRecord<'_> {
    pub(crate) fn checks_out(&self) -> bool {
        crc32c::crc32c(self.bytes) == self.crc
    }
}

impl<'b> Records<'b> {
    pub(crate) fn new(body: &'b [u8]) -> Records<'b> {
        Records { body, at: 0 }
    }

    /// Bytes of the body that hold whole records.
    fn bytes(mut self) -> usize {
        while self.next().is_some() {}
        self.at
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = RawRecord<'b>;

    fn next(&mut self) -> Option<RawRecord<'b>> {
        let head = self.body.get(self.at..self.at + RECORD_HEAD_BYTES)?;
        let start = self.at + RECORD_HEAD_BYTES;
        let end = start.checked_add(u32_at(head, 0) as usize)?;
        let bytes = self.body.get(start..end)?;
        self.at = end;
        Some(RawRecord { start, bytes, crc: u32_at(head, 4) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(records: &[&[u8]], offset: u64) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&mut out, FramePlace { first: Seq(5), previous: 7, salt: 9, offset }, records);
        out
    }

    #[test]
    fn encode_and_check() {
        let out = frame(&[b"one", b"", b"three"], 128);
        assert_eq!(out.len() % 64, 0);
        let header = FrameHeader::parse(&out, 9).unwrap();
        assert_eq!((header.first, header.last(), header.previous), (Seq(5), Seq(7), 7));
        assert!(header.checks_out(&out));
        assert_eq!(FrameHeader::parse(&out, 8), None);
        let records: Vec<&[u8]> =
            Records::new(&out[64..64 + header.body_bytes as usize]).map(|record| record.bytes).collect();
        assert_eq!(records, [&b"one"[..], b"", b"three"]);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let out = frame(&[&[0; 600], b"x"], 128);
        for bit in 0..out.len() * 8 {
            let mut bad = out.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(!FrameHeader::parse(&bad, 9).is_some_and(|header| header.checks_out(&bad)), "bit {bit}");
            assert_ne!(bad.last(), Some(&0));
        }
    }

    #[test]
    fn zero_sectors_are_those_of_the_file() {
        // Frame from 448: sectors 448-512 (header), 512-1024, 1024-1536, and so on.
        let out = frame(&[&[0; 2000]], 448);
        let header = FrameHeader::parse(&out, 9).unwrap();
        // 64 + 8 + 2000 + 8 = 2080 bytes in 2112: the first full sector holds the record's head.
        assert_eq!(out.len(), 2112);
        assert_eq!(header.zero_sectors, 2);
        assert_eq!(zero_sectors(&out, 448), 2);
        assert_eq!(zero_sectors(&[0; 100], 500), 2);
    }
}
