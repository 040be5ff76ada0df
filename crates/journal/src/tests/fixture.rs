//! The kept journal of format 1 (`testing/formats/journal-1`): today's program must read it, and still writes the
//! same bytes. The fixture is never changed; a new format gets a folder of its own. It was written by
//! `write_fixture` (an ignored test, which refuses to overwrite).

use std::path::PathBuf;

use nacre_model::Seq;

use super::*;
use crate::OsDisk;
use crate::segment::SegmentHeader;

const LAST: u64 = 60;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testing/formats/journal-1")
}

fn write(dir: &Path) {
    let options = Options { segment_bytes: 4096, salt: 0x004E_6163_7265, ..small() };
    let (mut journal, _) = Journal::open(Arc::new(OsDisk), dir, options, &tenant(), None).unwrap();
    while journal.reader().durable().0 < LAST {
        let count = (1 + journal.reader().durable().0 % 7).min(LAST - journal.reader().durable().0);
        append(&mut journal, count).unwrap();
    }
}

#[test]
fn format_1_is_read() {
    let reader = Reader::open(Arc::new(OsDisk), &fixture(), Some(&tenant())).unwrap();
    assert_holds(&reader, Seq(LAST));
    let report = crate::scrub(&OsDisk, &fixture(), Some(&tenant())).unwrap();
    assert_eq!((report.records, report.findings.len()), (LAST, 0));
    assert!(report.segments > 2);
}

#[test]
fn format_1_is_still_written() {
    let real = tempfile::tempdir().unwrap();
    write(real.path());
    let mut names: Vec<String> = OsDisk.list(&fixture()).unwrap();
    names.retain(|name| SegmentHeader::parse_file_name(name).is_some());
    for name in names {
        let [kept, new] =
            [fixture().join(&name), real.path().join(&name)].map(|path| std::fs::read(path).unwrap());
        assert!(kept == new, "{name} is written with other bytes than before");
    }
}

#[test]
#[ignore = "writes the fixture; run once for a new format"]
fn write_fixture() {
    assert!(!fixture().exists(), "a fixture is never changed");
    write(&fixture());
    std::fs::remove_file(fixture().join(crate::writer::LOCK_NAME)).unwrap();
}
