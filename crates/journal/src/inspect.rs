//! Looking at the segments of a directory without changing anything: which there are, whether they follow
//! each other, where the last one ends. Opening for writing, reading and backup all begin here.
//!
//! The newest segments are walked frame by frame, up to a number of bytes; of older ones only the headers are read
//! (`scrub` walks all). What is found before the end of the journal is an error; how the last segment ends is
//! told to the caller.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nacre_model::{Seq, TenantId};

use crate::disk::{Disk, DiskFile};
use crate::error::{Damage, JournalError, Place};
use crate::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::table::{Index, Segment};
use crate::walk::{Ending, Walk, walk};

/// The newest segment as it lies there.
#[derive(Debug)]
pub(crate) struct Newest {
    pub(crate) segment: Arc<Segment>,
    pub(crate) image: Vec<u8>,
    pub(crate) walk: Walk,
    /// Length of the file, which may be less than that of the segment.
    pub(crate) file_bytes: u64,
}

/// What a directory holds.
#[derive(Debug)]
pub(crate) struct Inspected {
    /// All segments, in order.
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) newest: Newest,
    /// Bytes of frames that were walked.
    pub(crate) verified_bytes: u64,
}

/// The segment files of a directory, in order. No directory is no segments.
pub(crate) fn list(disk: &dyn Disk, dir: &Path) -> Result<Vec<(Seq, PathBuf)>, JournalError> {
    let names = match disk.list(dir) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(JournalError::io("list", dir)(error)),
    };
    let mut files: Vec<(Seq, PathBuf)> = names
        .iter()
        .filter_map(|name| Some((SegmentHeader::parse_file_name(name)?, dir.join(name))))
        .collect();
    files.sort();
    Ok(files)
}

/// Opens a segment file and reads its header.
pub(crate) fn open_segment(
    disk: &dyn Disk,
    path: &Path,
) -> Result<(Arc<dyn DiskFile>, SegmentHeader), JournalError> {
    let file = disk.open(path, false).map_err(JournalError::io("open", path))?;
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    let got = file.read_at(&mut bytes, 0).map_err(JournalError::io("read", path))?;
    let header = SegmentHeader::parse(&bytes[..got], path)?;
    Ok((file, header))
}

/// Checks that a segment belongs to the tenant.
pub(crate) fn check_tenant(
    header: &SegmentHeader,
    path: &Path,
    expected: &TenantId,
) -> Result<(), JournalError> {
    if header.tenant == *expected {
        return Ok(());
    }
    let (found, expected) = (header.tenant.to_string(), expected.clone());
    Err(JournalError::Tenant { file: path.to_owned(), found, expected })
}

/// Checks that `next` continues the segment that was walked.
pub(crate) fn check_continues(
    walked: &Walk,
    cut: bool,
    segment: &Segment,
    next: &SegmentHeader,
    next_path: &Path,
) -> Result<(), JournalError> {
    let place = Place { file: next_path.to_owned(), offset: 0, seq: next.first };
    let expected = walked.last.next();
    if next.first > expected {
        // A file shorter than its header says has probably lost the rest; else a whole file is gone.
        return Err(if cut {
            segment.damaged(walked.end, expected, Damage::SegmentCutShort)
        } else {
            JournalError::SegmentMissing { expected, place }
        });
    }
    if next.first < expected || next.previous != walked.checksum {
        return Err(JournalError::Chain { place });
    }
    Ok(())
}

/// Turns the ending of a walk that must have ended clean into an error.
pub(crate) fn check_clean(walked: &Walk, segment: &Segment) -> Result<(), JournalError> {
    let seq = walked.last.next();
    match walked.ending {
        Ending::Clean => Ok(()),
        Ending::Torn => Err(segment.damaged(walked.end, seq, Damage::BeforeLaterFrames)),
        Ending::Damaged(what) => Err(segment.damaged(walked.end, seq, what)),
        Ending::BrokenChain => Err(JournalError::Chain { place: segment.place(walked.end, seq) }),
    }
}

/// Looks at a directory. None if it holds no segment.
pub(crate) fn inspect(
    disk: &dyn Disk,
    dir: &Path,
    tenant: Option<&TenantId>,
    verify_bytes: u64,
) -> Result<Option<Inspected>, JournalError> {
    let mut opened = Vec::new();
    for (_, path) in list(disk, dir)? {
        let (_, header) = open_segment(disk, &path)?;
        opened.push((path, header));
    }
    let Some((first_path, first)) = opened.first() else { return Ok(None) };
    let tenant = tenant.unwrap_or(&first.tenant).clone();
    if first.first != Seq(1) {
        let place = Place { file: first_path.clone(), offset: 0, seq: first.first };
        return Err(JournalError::SegmentMissing { expected: Seq(1), place });
    }
    for (path, header) in &opened {
        check_tenant(header, path, &tenant)?;
    }
    let mut budget = verify_bytes;
    let in_budget = opened.iter().rev().take_while(|(_, header)| {
        let fits = budget >= header.segment_bytes;
        budget = budget.saturating_sub(header.segment_bytes);
        fits
    });
    let walk_from = opened.len() - in_budget.count().max(1);

    let mut segments = Vec::with_capacity(opened.len());
    let mut newest: Option<Newest> = None;
    let mut verified_bytes = 0;
    for (n, (path, header)) in opened.into_iter().enumerate() {
        let mut index = Index::new(header.first);
        if n < walk_from {
            segments.push(Arc::new(Segment::new(path, header, index)));
            continue;
        }
        if let Some(before) = &newest {
            check_clean(&before.walk, &before.segment)?;
            let cut = before.file_bytes < before.segment.header.segment_bytes;
            check_continues(&before.walk, cut, &before.segment, &header, &path)?;
        }
        let file = disk.open(&path, false).map_err(JournalError::io("open", &path))?;
        let file_bytes = file.len().map_err(JournalError::io("measure", &path))?;
        let probe = Segment::new(path.clone(), header.clone(), index.clone());
        if file_bytes > header.segment_bytes {
            return Err(probe.damaged(header.segment_bytes, header.first, Damage::FileTooLong));
        }
        let image = probe.image(&*file)?;
        let walked = walk(&image, &header, |_, frame, _| index.push(frame));
        verified_bytes += walked.end;
        let segment = Arc::new(Segment::new(path, header, index));
        segments.push(segment.clone());
        newest = Some(Newest { segment, image, walk: walked, file_bytes });
    }
    let Some(newest) = newest else { return Ok(None) };
    if newest.walk.ending != Ending::Torn {
        check_clean(&newest.walk, &newest.segment)?;
    }
    Ok(Some(Inspected { segments, newest, verified_bytes }))
}
