//! Readers beside a writer, seeking, and real files.

use nacre_model::Seq;
use proptest::prelude::*;

use super::*;
use crate::OsDisk;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn from_any_record_on(counts in proptest::collection::vec(1u64..30, 1..40), from: proptest::sample::Index) {
        let sim = SimDisk::new(1);
        let (mut journal, _) = open(&sim).unwrap();
        for count in counts {
            append(&mut journal, count).unwrap();
        }
        let last = journal.reader().durable();
        let from = 1 + from.index(last.0 as usize) as u64;
        // One reader has the writer's index, the other builds its own.
        for reader in [journal.reader(), Reader::open(disk(&sim), dir(), None).unwrap()] {
            let read: Vec<_> = reader.iter(Seq(from)).map(|record| record.unwrap()).collect();
            prop_assert_eq!(read.len() as u64, last.0 - from + 1);
            for (expected, (seq, bytes)) in (from..).zip(read) {
                prop_assert_eq!((seq, &bytes[..]), (Seq(expected), &content(expected)[..]));
            }
            prop_assert_eq!(reader.get(Seq(from)).unwrap().unwrap(), content(from));
        }
    }
}

#[test]
fn an_iteration_goes_on_when_more_is_durable() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    let mut records = journal.reader().iter(Seq(1));
    let mut expected = 1;
    assert!(records.next().is_none());
    for count in 1..60 {
        append(&mut journal, 1 + count % 13).unwrap();
        for record in records.by_ref() {
            let (seq, bytes) = record.unwrap();
            assert_eq!((seq.0, &bytes[..]), (expected, &content(expected)[..]));
            expected += 1;
        }
        assert_eq!(records.position(), journal.reader().durable().next());
    }
}

#[test]
fn readers_of_real_files_follow_a_writer_in_another_thread() {
    let real = tempfile::tempdir().unwrap();
    let options = Options { prepare_in_background: true, ..small() };
    let (journal, _) =
        Journal::open(Arc::new(OsDisk), real.path(), options.clone(), &tenant(), None).unwrap();
    let (mut appender, reader) = journal.split();
    const LAST: u64 = 3000;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while appender.durable().0 < LAST {
                let count = (1 + appender.durable().0 % 17).min(LAST - appender.durable().0);
                let records = batch(appender.durable(), count);
                appender.append(&records).unwrap();
            }
        });
        for thread in 0..2 {
            let reader = reader.clone();
            scope.spawn(move || {
                let (mut records, mut expected) = (reader.iter(Seq(1)), 1);
                while expected <= LAST {
                    let Some(record) = records.next() else {
                        std::thread::yield_now();
                        continue;
                    };
                    let (seq, bytes) = record.unwrap();
                    assert_eq!((seq.0, &bytes[..]), (expected, &content(expected)[..]));
                    if expected % (7 + thread) == 0 {
                        let newest = reader.durable();
                        assert_eq!(reader.get(newest).unwrap().unwrap(), content(newest.0));
                    }
                    expected += 1;
                }
            });
        }
    });
    let (journal, recovery) = Journal::open(Arc::new(OsDisk), real.path(), options, &tenant(), None).unwrap();
    assert_eq!(recovery.torn, None);
    assert_holds(&journal.reader(), Seq(LAST));
    assert!(crate::scrub(&OsDisk, real.path(), None).unwrap().findings.is_empty());
}

#[test]
fn a_directory_without_a_journal() {
    let real = tempfile::tempdir().unwrap();
    let error = Reader::open(Arc::new(OsDisk), real.path(), None).unwrap_err();
    assert_eq!(error.code(), "journal_not_found");
    let error = Reader::open(Arc::new(OsDisk), &real.path().join("none"), None).unwrap_err();
    assert_eq!(error.code(), "journal_not_found");
    assert_eq!(crate::scrub(&OsDisk, real.path(), None).unwrap_err().code(), "journal_not_found");
}
