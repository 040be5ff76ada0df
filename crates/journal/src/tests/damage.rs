//! Each kind of refusal at opening, with the code and the place it must name; and what scrub says of it.

use nacre_model::Seq;

use super::*;
use crate::segment::SegmentHeader;
use crate::{Damage, FindingKind, scrub};

/// A journal of several segments; returns its last record.
fn filled(sim: &SimDisk, appends: u64) -> Seq {
    let (mut journal, _) = open(sim).unwrap();
    (0..appends).map(|n| append(&mut journal, 1 + n % 9).unwrap()).last().unwrap()
}

fn files(sim: &SimDisk) -> Vec<(Seq, std::path::PathBuf)> {
    crate::inspect::list(sim, dir()).unwrap()
}

/// Offsets of the frames of a file.
fn frames(sim: &SimDisk, path: &Path) -> Vec<(u64, crate::frame::FrameHeader)> {
    let image = sim.contents(path).unwrap();
    let header = SegmentHeader::parse(&image, path).unwrap();
    let mut frames = Vec::new();
    crate::walk::walk(&image, &header, |offset, frame, _| frames.push((offset, *frame)));
    frames
}

/// Opening must fail with this code and change nothing.
fn refused(sim: &SimDisk, code: &str) -> JournalError {
    let before: Vec<_> = files(sim).iter().map(|(_, path)| sim.contents(path)).collect();
    let error = open(sim).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    let after: Vec<_> = files(sim).iter().map(|(_, path)| sim.contents(path)).collect();
    assert!(before == after, "a refused journal was changed");
    error
}

#[test]
fn a_damaged_middle_names_file_offset_and_record() {
    let sim = SimDisk::new(1);
    filled(&sim, 40);
    let files = files(&sim);
    assert!(files.len() > 3);
    let (offset, frame) = frames(&sim, &files[1].1)[2];
    sim.flip(&files[1].1, offset + 80, 3);
    let JournalError::Damaged { place, what } = refused(&sim, "journal_damaged") else { panic!() };
    assert_eq!((place.file, place.offset, place.seq), (files[1].1.clone(), offset, frame.first));
    assert_eq!(what, Damage::BeforeLaterFrames);
}

#[test]
fn scrub_names_all_bad_frames_and_the_records_that_can_be_read() {
    let sim = SimDisk::new(1);
    let last = filled(&sim, 40);
    assert!(scrub(&sim, dir(), None).unwrap().is_sound());
    let files = files(&sim);
    let (first, second) = (&files[0].1, &files[2].1);
    let (body_at, body_frame) = frames(&sim, first)[4];
    let (header_at, header_frame) = frames(&sim, second)[1];
    assert_eq!(body_frame.records, 5);
    // The first record of one frame, and the header of another.
    sim.flip(first, body_at + 64 + 8, 0);
    sim.flip(second, header_at + 20, 0);
    let report = scrub(&sim, dir(), Some(&tenant())).unwrap();
    assert_eq!(report.findings.len(), 2, "{report:#?}");
    assert_eq!(report.last, last);
    let [body, header] = &report.findings[..] else { panic!() };
    assert_eq!((body.offset, body.first, body.last), (body_at, body_frame.first, Some(body_frame.last())));
    let readable: Vec<Seq> = (body_frame.first.0 + 1..=body_frame.last().0).map(Seq).collect();
    assert_eq!(body.readable, readable);
    assert_eq!((header.offset, header.first), (header_at, header_frame.first));
    assert_eq!(header.last, Some(header_frame.last()));
    assert_eq!(header.readable.len(), header_frame.records as usize);
    assert!(!report.is_sound());
}

#[test]
fn a_torn_tail_is_cut_and_told() {
    let sim = SimDisk::new(1);
    let last = filled(&sim, 5);
    let (_, path) = &files(&sim)[0];
    let frames = frames(&sim, path);
    let (offset, frame) = frames[frames.len() - 1];
    let cut = offset + 70;
    sim.edit(path, |bytes| bytes.truncate(cut as usize));
    let report = scrub(&sim, dir(), None).unwrap();
    assert_eq!(report.findings[0].what, FindingKind::TornTail);
    assert!(report.is_sound());
    let reader = Reader::open(disk(&sim), dir(), None).unwrap();
    assert_holds(&reader, Seq(frame.first.0 - 1));
    let (mut journal, recovery) = open(&sim).unwrap();
    let torn = recovery.torn.unwrap();
    assert_eq!((torn.offset, recovery.last), (offset, Seq(frame.first.0 - 1)));
    assert!((1..=70).contains(&torn.bytes));
    assert_eq!(append(&mut journal, u64::from(frame.records)).unwrap(), last);
    drop(journal);
    let (journal, recovery) = open(&sim).unwrap();
    assert_eq!(recovery.torn, None);
    assert_holds(&journal.reader(), last);
}

#[test]
fn a_missing_segment_and_a_cut_one() {
    let sim = SimDisk::new(1);
    filled(&sim, 40);
    let files = files(&sim);
    let saved = sim.contents(&files[1].1).unwrap();
    sim.remove(&files[1].1).unwrap();
    let error = refused(&sim, "journal_segment_missing");
    assert!(error.to_string().contains(&format!("record {} should come next", files[1].0)), "{error}");
    let report = scrub(&sim, dir(), None).unwrap();
    assert_eq!(report.findings[0].what, FindingKind::SegmentMissing);
    let missing = (files[1].0, Some(Seq(files[2].0.0 - 1)));
    assert_eq!((report.findings[0].first, report.findings[0].last), missing);
    sim.create(&files[1].1).unwrap().write_at(&saved, 0).unwrap();
    drop(open(&sim).unwrap());

    let (third, _) = frames(&sim, &files[1].1)[3];
    sim.edit(&files[1].1, |bytes| bytes.truncate(third as usize));
    let JournalError::Damaged { what, .. } = refused(&sim, "journal_damaged") else { panic!() };
    assert_eq!(what, Damage::SegmentCutShort);
}

#[test]
fn the_first_segment_may_not_be_missing() {
    let sim = SimDisk::new(1);
    filled(&sim, 40);
    sim.remove(&files(&sim)[0].1).unwrap();
    refused(&sim, "journal_segment_missing");
}

#[test]
fn a_foreign_tenant_a_newer_format_and_a_foreign_segment() {
    let sim = SimDisk::new(1);
    filled(&sim, 40);
    let files = files(&sim);
    let other = nacre_model::TenantId::new("other").unwrap();
    let error = Journal::open(disk(&sim), dir(), small(), &other, None).unwrap_err();
    assert_eq!(error.code(), "journal_tenant");

    // The same numbers from another history: valid frames that do not continue what is before them.
    let foreign = SimDisk::new(2);
    {
        let options = Options { salt: 8, ..small() };
        let (mut journal, _) = Journal::open(disk(&foreign), dir(), options, &tenant(), None).unwrap();
        (0..40).for_each(|n| {
            let records: Vec<_> = batch(journal.reader().durable(), 1 + n % 9);
            journal.append(&records).unwrap();
        });
    }
    let swapped = foreign.contents(&files[2].1).unwrap();
    let original = sim.contents(&files[2].1).unwrap();
    sim.edit(&files[2].1, |bytes| bytes.clone_from(&swapped));
    refused(&sim, "journal_chain");
    assert_eq!(scrub(&sim, dir(), None).unwrap().findings[0].what, FindingKind::Chain);
    sim.edit(&files[2].1, |bytes| bytes.clone_from(&original));
    drop(open(&sim).unwrap());

    sim.edit(&files[0].1, |bytes| {
        bytes[8] = 2;
        let crc = crc32c::crc32c(&bytes[..124]);
        bytes[124..128].copy_from_slice(&crc.to_le_bytes());
    });
    refused(&sim, "journal_version");
}

#[test]
fn a_journal_that_ends_before_what_was_acknowledged_is_refused() {
    let sim = SimDisk::new(1);
    let last = filled(&sim, 5);
    let ask = |known: Seq| Journal::open(disk(&sim), dir(), small(), &tenant(), Some(known)).map(drop);
    ask(last).unwrap();
    assert_eq!(ask(last.next()).unwrap_err().code(), "journal_short");
    let empty = SimDisk::new(2);
    let error = Journal::open(disk(&empty), dir(), small(), &tenant(), Some(Seq(1))).unwrap_err();
    assert_eq!(error.code(), "journal_short");
}

#[test]
fn older_segments_are_left_to_scrub_when_asked() {
    let sim = SimDisk::new(1);
    let last = filled(&sim, 40);
    let (offset, frame) = frames(&sim, &files(&sim)[0].1)[1];
    sim.flip(&files(&sim)[0].1, offset + 80, 3);
    let options = Options { verify_on_open_bytes: 0, ..small() };
    let (journal, recovery) = Journal::open(disk(&sim), dir(), options, &tenant(), None).unwrap();
    assert_eq!(recovery.last, last);
    // Readers check all the same: what is damaged is never given out.
    let reader = journal.reader();
    let failed = reader.iter(Seq(1)).find_map(Result::err).unwrap();
    assert_eq!(failed.code(), "journal_damaged");
    assert_eq!(reader.get(frame.first).unwrap_err().code(), "journal_damaged");
    assert_eq!(reader.get(last).unwrap().unwrap(), content(last.0));
    assert_eq!(scrub(&sim, dir(), None).unwrap().findings.len(), 1);
}
