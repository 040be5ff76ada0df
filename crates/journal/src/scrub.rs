//! Checking a whole journal and telling everything that is wrong with it, not only the first thing.
//!
//! Nothing is changed. After a bad frame the walk goes on at the next valid frame header, so that one bad spot does
//! not hide another. For each bad frame the records that can still be read are named: each record has its own
//! length and checksum.

use std::path::{Path, PathBuf};

use nacre_model::{Seq, TenantId};

use crate::disk::Disk;
use crate::error::{Damage, JournalError};
use crate::frame::{self, FRAME_ALIGN, FrameHeader, HEADER_BYTES};
use crate::inspect::{check_continues, check_tenant, list, open_segment};
use crate::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::table::{Index, Segment};
use crate::walk::{Ending, Walk, find_header, walk_from};

/// What a check of all segments found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScrubReport {
    /// Number of segment files.
    pub segments: usize,
    /// Number of whole frames.
    pub frames: u64,
    /// Number of records in them.
    pub records: u64,
    /// Last record of the last whole frame.
    pub last: Seq,
    /// What is wrong, in the order of the files.
    pub findings: Vec<Finding>,
}

impl ScrubReport {
    /// True when nothing is wrong; a torn tail is not wrong, opening removes it.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.what == FindingKind::TornTail)
    }
}

/// One thing that is wrong, or (a torn tail) worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The segment file.
    pub file: PathBuf,
    /// Where in it.
    pub offset: u64,
    /// First record concerned.
    pub first: Seq,
    /// Last record concerned, where known.
    pub last: Option<Seq>,
    /// What it is.
    pub what: FindingKind,
    /// Those of these records whose own checksums are right.
    pub readable: Vec<Seq>,
    /// The same in words.
    pub text: String,
}

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// The rest of a write that was never acknowledged.
    TornTail,
    /// A frame or a header does not check out.
    Damage(Damage),
    /// A frame or segment does not continue what is before it.
    Chain,
    /// Records between two segments are missing.
    SegmentMissing,
    /// The segment cannot be read as one: other tenant, newer version, an error of the disk.
    Unreadable,
}

impl FindingKind {
    /// The stable code of this kind.
    pub fn code(self) -> &'static str {
        match self {
            FindingKind::TornTail => "journal_torn_tail",
            FindingKind::Damage(_) => "journal_damaged",
            FindingKind::Chain => "journal_chain",
            FindingKind::SegmentMissing => "journal_segment_missing",
            FindingKind::Unreadable => "journal_unreadable",
        }
    }
}

/// Checks all segments of a directory.
pub fn scrub(disk: &dyn Disk, dir: &Path, tenant: Option<&TenantId>) -> Result<ScrubReport, JournalError> {
    let files = list(disk, dir)?;
    if files.is_empty() {
        return Err(JournalError::NotFound { dir: dir.to_owned() });
    }
    let mut report = ScrubReport { segments: files.len(), ..ScrubReport::default() };
    let mut tenant = tenant.cloned();
    let mut before: Option<Scrubbed> = None;
    for (n, (first, path)) in files.iter().enumerate() {
        if n == 0 && *first != Seq(1) {
            let text = format!("the journal begins with record {first}");
            report.add(
                path,
                0,
                (Seq(1), Some(Seq(first.0.saturating_sub(1)))),
                FindingKind::SegmentMissing,
                text,
            );
        }
        let newest = n + 1 == files.len();
        match scrub_segment(disk, path, newest, &mut tenant, before.as_ref(), &mut report) {
            Ok(scrubbed) => before = Some(scrubbed),
            Err(error) => {
                // The border to the next segment cannot be judged without this one.
                before = None;
                let last = files.get(n + 1).map(|(next, _)| Seq(next.0.saturating_sub(1)));
                report.add(path, 0, (*first, last), kind_of(&error), error.to_string());
            }
        }
    }
    Ok(report)
}

/// A segment that was walked.
struct Scrubbed {
    segment: Segment,
    walk: Walk,
    cut: bool,
}

impl ScrubReport {
    fn add(&mut self, file: &Path, offset: u64, seqs: (Seq, Option<Seq>), what: FindingKind, text: String) {
        let (file, (first, last)) = (file.to_owned(), seqs);
        self.findings.push(Finding { file, offset, first, last, what, readable: Vec::new(), text });
    }
}

fn kind_of(error: &JournalError) -> FindingKind {
    match error {
        JournalError::Damaged { what, .. } => FindingKind::Damage(*what),
        JournalError::Chain { .. } => FindingKind::Chain,
        JournalError::SegmentMissing { .. } => FindingKind::SegmentMissing,
        _ => FindingKind::Unreadable,
    }
}

fn scrub_segment(
    disk: &dyn Disk,
    path: &Path,
    newest: bool,
    tenant: &mut Option<TenantId>,
    before: Option<&Scrubbed>,
    report: &mut ScrubReport,
) -> Result<Scrubbed, JournalError> {
    let (file, header) = open_segment(disk, path)?;
    check_tenant(&header, path, tenant.get_or_insert_with(|| header.tenant.clone()))?;
    if let Some(before) = before
        && let Err(error) = check_continues(&before.walk, before.cut, &before.segment, &header, path)
    {
        let seqs = (before.walk.last.next(), Some(Seq(header.first.0.saturating_sub(1))));
        report.add(path, 0, seqs, kind_of(&error), error.to_string());
    }
    let file_bytes = file.len().map_err(JournalError::io("measure", path))?;
    let segment = Segment::new(path.to_owned(), header.clone(), Index::new(header.first));
    if file_bytes > header.segment_bytes {
        let error = segment.damaged(header.segment_bytes, header.first, Damage::FileTooLong);
        report.add(path, header.segment_bytes, (header.first, None), kind_of(&error), error.to_string());
    }
    let image = segment.image(&*file)?;
    let walk = scrub_frames(&image, &segment, newest, report);
    Ok(Scrubbed { segment, walk, cut: file_bytes < header.segment_bytes })
}

/// Walks the frames; from a bad one on, from the next valid header.
fn scrub_frames(image: &[u8], segment: &Segment, newest: bool, report: &mut ScrubReport) -> Walk {
    let header = &segment.header;
    let mut walked = count_walk(image, header, 0, report);
    loop {
        let (offset, first) = (walked.end, walked.last.next());
        let what = match walked.ending {
            Ending::Clean => return walked,
            Ending::Torn if newest => FindingKind::TornTail,
            Ending::Torn => FindingKind::Damage(Damage::SegmentCutShort),
            Ending::Damaged(what) => FindingKind::Damage(what),
            Ending::BrokenChain => FindingKind::Chain,
        };
        // A frame that only does not continue the one before it is itself whole: the walk goes on with it.
        let from = if what == FindingKind::Chain { offset } else { offset + FRAME_ALIGN } as usize;
        let behind = image.get(from..).unwrap_or_default();
        let next = find_header(behind, header.salt, walked.last).map(|(at, next)| ((from + at) as u64, next));
        let bad =
            image.get(offset as usize..next.map_or(image.len(), |(at, _)| at as usize)).unwrap_or_default();
        let stated = FrameHeader::parse(bad, header.salt).filter(|stated| stated.first == first);
        let last = stated.map(|stated| stated.last());
        let last = last.or(next.map(|(_, next)| Seq(next.first.0.saturating_sub(1)).max(first)));
        let text = match what {
            FindingKind::TornTail => "the last write was not finished; opening removes it".to_owned(),
            FindingKind::Damage(what) => format!("{what}, {}", segment.place(offset, first)),
            _ => format!("{} does not continue what is before it", segment.place(offset, first)),
        };
        report.add(&segment.path, offset, (first, last), what, text);
        if let (FindingKind::Damage(_), Some(finding)) = (what, report.findings.last_mut()) {
            finding.readable = readable(bad, first, last);
        }
        let Some((at, next)) = next else {
            return Walk { ending: Ending::Clean, ..walked };
        };
        // Goes on as if the segment began with this frame.
        let resumed = SegmentHeader { first: next.first, previous: next.previous, ..header.clone() };
        walked = count_walk(image, &resumed, at - SEGMENT_HEADER_BYTES as u64, report);
    }
}

/// Walks `image` as if its frames began `skip` bytes later, and counts what is whole.
fn count_walk(image: &[u8], header: &SegmentHeader, skip: u64, report: &mut ScrubReport) -> Walk {
    let (mut frames, mut records) = (0, 0);
    let walked = walk_from(image, header, SEGMENT_HEADER_BYTES as u64 + skip, |_, frame, _| {
        frames += 1;
        records += u64::from(frame.records);
    });
    report.frames += frames;
    report.records += records;
    report.last = report.last.max(walked.last);
    walked
}

/// The records of a bad frame whose own checksums are right.
fn readable(frame: &[u8], first: Seq, last: Option<Seq>) -> Vec<Seq> {
    let body = frame.get(HEADER_BYTES..).unwrap_or_default();
    let count = last.map_or(u64::MAX, |last| last.0.saturating_sub(first.0).saturating_add(1));
    let records =
        (first.0..).zip(frame::Records::new(body)).take(usize::try_from(count).unwrap_or(usize::MAX));
    // Zeros read as empty records with the right checksum; no real record is empty.
    let sound = records.filter(|(_, record)| record.checks_out() && !record.bytes.is_empty());
    sound.map(|(seq, _)| Seq(seq)).collect()
}
