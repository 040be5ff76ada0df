//! Walking a segment and deciding how it ends: clean, torn or damaged. Pure functions over bytes.
//!
//! At most one frame is ever being written: the next write starts only after the sync of the one before. So of
//! all frames on the disk only the very last can be unacknowledged, and only that one may be *torn*. Everything
//! else that does not check out is *damage*, and damage is never repaired by cutting.
//!
//! How a frame that does not check out is judged, in this order:
//!
//! 1. A valid frame header exists behind it: **damage**. It was acknowledged before that one was begun.
//! 2. Its header is valid. The header lies within one sector, so it says truly what was to be written:
//!    - its last byte is zero (a frame's last byte never is): the end did not arrive, **torn**;
//!    - it has more all-zero sectors than its header counted: a sector did not arrive (the place held zeros
//!      before), **torn**;
//!    - otherwise all of it arrived, then changed: **damage**.
//! 3. Its header is all zero:
//!    - everything behind it is zero too: the **clean** end;
//!    - something is there: sectors arrive in any order, and the one with the header did not: **torn**.
//! 4. Its header is neither valid nor zero. A sector is written whole, so it is no half-arrived header:
//!    - there is data behind it: **damage**;
//!    - all behind it is zero: the file was cut within the header and reads as zeros from there: **torn**.
//!
//! Limit: a change that looks exactly like a sector that never arrived (all of it zero, in the last frame) is taken for
//! a tear. Only somebody who remembers what was acknowledged can tell; that is what `known_durable` is for.

use nacre_model::Seq;

use crate::error::Damage;
use crate::frame::{FRAME_ALIGN, FrameHeader, HEADER_BYTES, is_zero, zero_sectors};
use crate::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};

/// How the frames of a segment end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Behind the last frame everything is zero.
    Clean,
    /// Behind the last frame there is what is left of one that was never acknowledged.
    Torn,
    /// A frame is damaged.
    Damaged(Damage),
    /// A frame is valid but does not continue the one before it.
    BrokenChain,
}

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Last record of the last whole frame; the one before the segment's first if it has no frame.
    pub last: Seq,
    /// Checksum of the last whole frame.
    pub checksum: u32,
    /// Where the next frame goes, or where the bad one is.
    pub end: u64,
    /// Where the last whole frame begins.
    pub last_frame: Option<u64>,
    /// How it ends.
    pub ending: Ending,
}

/// Walks all frames of a segment. `image` is the file at its full length: what the file lacks must be zeros.
/// `on_frame` sees every whole frame: its offset, its header and its bytes.
pub fn walk<'i>(
    image: &'i [u8],
    segment: &SegmentHeader,
    on_frame: impl FnMut(u64, &FrameHeader, &'i [u8]),
) -> Walk {
    walk_from(image, segment, SEGMENT_HEADER_BYTES as u64, on_frame)
}

/// The same, from a frame in the middle on; the segment's first record and checksum are then those before it.
pub(crate) fn walk_from<'i>(
    image: &'i [u8],
    segment: &SegmentHeader,
    offset: u64,
    mut on_frame: impl FnMut(u64, &FrameHeader, &'i [u8]),
) -> Walk {
    let mut walk = Walk {
        last: Seq(segment.first.0.saturating_sub(1)),
        checksum: segment.previous,
        end: offset,
        last_frame: None,
        ending: Ending::Clean,
    };
    loop {
        let rest = image.get(walk.end as usize..).unwrap_or_default();
        let Some(header) = FrameHeader::parse(rest, segment.salt) else {
            walk.ending = judge_without_header(rest, segment.salt, walk.last);
            return walk;
        };
        if header.first != walk.last.next() || header.previous != walk.checksum {
            walk.ending = Ending::BrokenChain;
            return walk;
        }
        let frame = usize::try_from(header.frame_bytes()).ok().and_then(|bytes| rest.get(..bytes));
        match frame {
            Some(frame) if header.checks_out(frame) => {
                on_frame(walk.end, &header, frame);
                walk.last_frame = Some(walk.end);
                walk.end += frame.len() as u64;
                walk.last = header.last();
                walk.checksum = header.checksum;
            }
            Some(frame) => {
                walk.ending = judge_with_header(&header, frame, &rest[frame.len()..], walk.end);
                return walk;
            }
            // The writer never begins a frame that does not fit.
            None => {
                walk.ending = Ending::Damaged(Damage::FrameBody);
                return walk;
            }
        }
    }
}

fn judge_with_header(header: &FrameHeader, frame: &[u8], behind: &[u8], offset: u64) -> Ending {
    if find_header(behind, header.salt, header.first).is_some() {
        return Ending::Damaged(Damage::BeforeLaterFrames);
    }
    let end_missing = frame.last() == Some(&0);
    let sector_missing = zero_sectors(frame, offset) > header.zero_sectors;
    if end_missing || sector_missing { Ending::Torn } else { Ending::Damaged(Damage::FrameBody) }
}

fn judge_without_header(rest: &[u8], salt: u64, last: Seq) -> Ending {
    if is_zero(rest) {
        return Ending::Clean;
    }
    let (header, behind) = rest.split_at(rest.len().min(HEADER_BYTES));
    if find_header(behind, salt, last).is_some() {
        Ending::Damaged(Damage::BeforeLaterFrames)
    } else if is_zero(header) || is_zero(behind) {
        Ending::Torn
    } else {
        Ending::Damaged(Damage::FrameHeader)
    }
}

/// Looks for a valid frame header with records after `last`. `bytes` begin where a frame could begin.
pub(crate) fn find_header(bytes: &[u8], salt: u64, last: Seq) -> Option<(usize, FrameHeader)> {
    bytes.chunks(FRAME_ALIGN as usize).enumerate().find_map(|(n, chunk)| {
        let header = FrameHeader::parse(chunk, salt).filter(|header| header.first > last)?;
        Some((n * FRAME_ALIGN as usize, header))
    })
}

#[cfg(test)]
mod tests {
    use nacre_model::TenantId;
    use proptest::prelude::*;

    use super::*;
    use crate::frame::{FramePlace, SECTOR_BYTES, encode};

    const SALT: u64 = 0x5a17;

    fn segment() -> SegmentHeader {
        let tenant = TenantId::default_tenant();
        SegmentHeader { tenant, first: Seq(1), previous: 0, salt: SALT, segment_bytes: 1 << 16 }
    }

    /// An image with these frames, and where each of them begins (and the end).
    fn image(frames: &[Vec<Vec<u8>>]) -> (Vec<u8>, Vec<usize>) {
        let mut image = segment().to_bytes().to_vec();
        let (mut first, mut previous, mut buffer) = (Seq(1), 0, Vec::new());
        let mut starts = vec![image.len()];
        for records in frames {
            let place = FramePlace { first, previous, salt: SALT, offset: image.len() as u64 };
            previous = encode(&mut buffer, place, records);
            first.0 += records.len() as u64;
            image.extend_from_slice(&buffer);
            starts.push(image.len());
        }
        image.resize(image.len().next_multiple_of(4096) + 8192, 0);
        (image, starts)
    }

    fn ending(image: &[u8]) -> (Seq, Ending) {
        let walk = walk(image, &segment(), |_, _, _| {});
        (walk.last, walk.ending)
    }

    fn record() -> impl Strategy<Value = Vec<u8>> {
        // Zero runs make sectors that are zero by themselves.
        let zeros = (0usize..2500).prop_map(|bytes| vec![0; bytes]);
        prop_oneof![3 => proptest::collection::vec(any::<u8>(), 0..1200), 1 => zeros]
    }

    fn frames() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
        proptest::collection::vec(proptest::collection::vec(record(), 1..5), 1..6)
    }

    proptest! {
        /// The last frame may reach the disk in any subset of its sectors: it is whole, or torn, or not there.
        #[test]
        fn a_torn_last_frame_is_torn(frames in frames(), arrived in proptest::collection::vec(any::<bool>(), 64)) {
            let (mut image, starts) = image(&frames);
            let (whole, start) = (image.clone(), starts[frames.len() - 1]);
            let end = starts[frames.len()];
            for sector in start / SECTOR_BYTES..=(end - 1) / SECTOR_BYTES {
                if !arrived[sector % arrived.len()] {
                    let from = start.max(sector * SECTOR_BYTES);
                    image[from..end.min((sector + 1) * SECTOR_BYTES)].fill(0);
                }
            }
            let records: usize = frames.iter().map(Vec::len).sum();
            let before = Seq((records - frames[frames.len() - 1].len()) as u64);
            let (last, ending) = ending(&image);
            if image == whole {
                prop_assert_eq!((last, ending), (Seq(records as u64), Ending::Clean));
            } else {
                prop_assert_eq!(last, before);
                prop_assert_ne!(ending, Ending::BrokenChain);
                prop_assert!(!matches!(ending, Ending::Damaged(_)), "{:?}", ending);
            }
        }

        /// The file may be cut anywhere in the last frame.
        #[test]
        fn a_cut_last_frame_is_torn(frames in frames(), cut: proptest::sample::Index) {
            let (mut image, starts) = image(&frames);
            let (start, end) = (starts[frames.len() - 1], starts[frames.len()]);
            let cut = start + cut.index(end - start);
            image[cut..].fill(0);
            let expected = if cut == start { Ending::Clean } else { Ending::Torn };
            prop_assert_eq!(ending(&image).1, expected);
        }

        /// A flipped bit in any frame is damage, also in the last; behind the last it costs nothing.
        #[test]
        fn a_flipped_bit_is_damage(frames in frames(), at: proptest::sample::Index, bit in 0u8..8) {
            let (mut image, starts) = image(&frames);
            let (first, end) = (starts[0], starts[frames.len()]);
            let at = first + at.index(image.len() - first);
            let sector = at / SECTOR_BYTES * SECTOR_BYTES;
            image[at] ^= 1 << bit;
            let records: usize = frames.iter().map(Vec::len).sum();
            let (last, ending) = ending(&image);
            if at >= end {
                prop_assert_eq!((last, ending), (Seq(records as u64), Ending::Torn));
            } else {
                // The stated limit: a sector with one bit set that becomes zero looks as if it had not arrived.
                prop_assume!(!is_zero(&image[sector.max(first)..(sector + SECTOR_BYTES).min(end)]));
                prop_assert!(matches!(ending, Ending::Damaged(_)), "{:?}", ending);
            }
        }

        /// A torn last frame does not hide damage before it.
        #[test]
        fn damage_before_a_tear_is_damage(frames in frames(), at: proptest::sample::Index, keep in 64usize..2000) {
            prop_assume!(frames.len() >= 2);
            let (mut image, starts) = image(&frames);
            let (first, last) = (starts[0], starts[frames.len() - 1]);
            image[first + at.index(last - first)] ^= 0x10;
            let keep_end = (last + keep).min(starts[frames.len()]);
            image[keep_end..].fill(0);
            prop_assert!(matches!(ending(&image).1, Ending::Damaged(Damage::BeforeLaterFrames)));
        }

        /// Any bytes: no panic, and no frame without a valid header.
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
            let mut image = segment().to_bytes().to_vec();
            image.extend_from_slice(&bytes);
            let walk = walk(&image, &segment(), |_, _, _| {});
            prop_assert_eq!(walk.last, Seq::ZERO);
        }
    }

    #[test]
    fn a_record_that_looks_like_a_frame_is_none() {
        // Somebody stores journal bytes as a record; the frame with it is torn at its header.
        let (inner, starts) = image(&[vec![b"stolen".to_vec()]]);
        let mut other = segment();
        other.salt = 1;
        let mut image = other.to_bytes().to_vec();
        image.extend_from_slice(&[0; 64]);
        image.extend_from_slice(&inner[starts[0]..]);
        assert_eq!(walk(&image, &other, |_, _, _| {}).ending, Ending::Torn);
        // With the segment's own salt it would be taken for a later frame.
        assert_ne!(walk(&image, &segment(), |_, _, _| {}).ending, Ending::Torn);
    }

    #[test]
    fn a_skipped_or_foreign_frame_breaks_the_chain() {
        let (image, starts) = image(&[vec![vec![1; 40]], vec![vec![2; 40]], vec![vec![3; 40]]]);
        let mut skipped = image.clone();
        skipped.drain(starts[1]..starts[2]);
        assert_eq!(ending(&skipped), (Seq(1), Ending::BrokenChain));
    }
}
