//! Random accidents against the simplest model: how many records were acknowledged. After every crash the journal
//! holds exactly these, or these and all of the one append that was under way.

use nacre_model::Seq;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Append(u64),
    Crash,
    Restart,
    FailSync(u32),
    FailWrite(u32, bool),
    Fill(u64),
    Free,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (1u64..20).prop_map(Step::Append),
        3 => Just(Step::Crash),
        2 => Just(Step::Restart),
        1 => (0u32..6).prop_map(Step::FailSync),
        1 => (0u32..6, any::<bool>()).prop_map(|(after, short)| Step::FailWrite(after, short)),
        1 => (0u64..20_000).prop_map(Step::Fill),
        1 => Just(Step::Free),
    ]
}

/// Runs the steps; after each opening the journal must hold what the model allows.
fn run(seed: u64, steps: &[Step]) {
    let sim = SimDisk::new(seed);
    let (mut acked, mut in_flight) = (Seq::ZERO, 0u64);
    let mut journal: Option<Journal> = None;
    for step in steps {
        if journal.is_none() {
            match Journal::open(disk(&sim), dir(), small(), &tenant(), Some(acked)) {
                Ok((opened, recovery)) => {
                    let allowed = [acked, Seq(acked.0 + in_flight)];
                    assert!(allowed.contains(&recovery.last), "{recovery:?}, allowed {allowed:?}");
                    assert_holds(&opened.reader(), recovery.last);
                    (acked, in_flight) = (recovery.last, 0);
                    journal = Some(opened);
                }
                // An injected failure or the full disk hit the opening; what is stored must not have suffered.
                Err(JournalError::Io { .. } | JournalError::Full) => sim.set_bytes_left(None),
                Err(error) => panic!("{error} ({})", error.code()),
            }
        }
        match step {
            Step::Append(count) => {
                let Some(open) = journal.as_mut() else { continue };
                match append(open, *count) {
                    Ok(last) => {
                        assert_eq!(last.0, acked.0 + count);
                        acked = last;
                    }
                    Err(JournalError::Full) => assert_eq!(open.reader().durable(), acked),
                    Err(JournalError::Stopped { .. }) => {
                        // Only the first failure may have left something.
                        in_flight = if in_flight == 0 { *count } else { in_flight };
                        assert_eq!(open.append(&[b"x"]).unwrap_err().code(), "journal_stopped");
                        assert_eq!(open.reader().durable(), acked);
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Step::Crash => {
                sim.crash();
                journal = None;
            }
            Step::Restart => journal = None,
            Step::FailSync(after) => sim.fail_sync(*after),
            Step::FailWrite(after, short) => sim.fail_write(*after, *short),
            Step::Fill(bytes) => sim.set_bytes_left(Some(*bytes)),
            Step::Free => sim.set_bytes_left(None),
        }
    }
    drop(journal);
    sim.crash();
    sim.set_bytes_left(None);
    let (journal, recovery) = Journal::open(disk(&sim), dir(), small(), &tenant(), Some(acked)).unwrap();
    assert!([acked, Seq(acked.0 + in_flight)].contains(&recovery.last));
    assert_holds(&journal.reader(), recovery.last);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_acknowledged_is_lost(seed: u64, steps in proptest::collection::vec(step(), 1..60)) {
        run(seed, &steps);
    }

    /// A flipped bit anywhere is refused or costs nothing, and scrub sees what opening refuses.
    #[test]
    fn no_flipped_bit_is_accepted(seed: u64, counts in proptest::collection::vec(1u64..20, 1..20), at: proptest::sample::Index, bit in 0u8..8) {
        let sim = SimDisk::new(seed);
        let (mut journal, _) = open(&sim).unwrap();
        let mut last = Seq::ZERO;
        for count in counts {
            last = append(&mut journal, count).unwrap();
        }
        drop(journal);
        let files = crate::inspect::list(&sim, dir()).unwrap();
        let (_, path) = &files[at.index(files.len())];
        let bytes = sim.contents(path).unwrap().len();
        sim.flip(path, at.index(bytes) as u64, bit);
        let report = crate::scrub(&sim, dir(), Some(&tenant())).unwrap();
        match open(&sim) {
            Ok((journal, recovery)) => {
                prop_assert_eq!(recovery.last, last);
                assert_holds(&journal.reader(), last);
                prop_assert!(report.is_sound());
            }
            Err(error) => {
                prop_assert!(["journal_damaged"].contains(&error.code()), "{}", error);
                prop_assert!(!report.is_sound());
            }
        }
    }
}

#[test]
fn a_failed_sync_stops_the_writer_and_names_the_cause() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    append(&mut journal, 3).unwrap();
    sim.fail_sync(0);
    let error = append(&mut journal, 1).unwrap_err();
    assert_eq!(error.code(), "journal_stopped");
    assert!(error.to_string().contains("injected sync error"), "{error}");
    assert_eq!(append(&mut journal, 1).unwrap_err().to_string(), error.to_string());
    assert_holds(&journal.reader(), Seq(3));
}

#[test]
fn what_the_page_cache_shows_after_a_failed_sync_is_written_again() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    append(&mut journal, 3).unwrap();
    sim.fail_sync(0);
    append(&mut journal, 1).unwrap_err();
    drop(journal);
    // The process restarts without a crash of the machine: the frame is seen, and from now on counts.
    let (journal, recovery) = open(&sim).unwrap();
    assert_eq!(recovery.last, Seq(4));
    drop(journal);
    for _ in 0..8 {
        sim.crash();
        assert_holds(&open(&sim).unwrap().0.reader(), Seq(4));
    }
}

#[test]
fn an_interrupted_repair_of_a_tear_leaves_a_tear() {
    for seed in 0..400 {
        let sim = SimDisk::new(seed);
        let (mut journal, _) = open(&sim).unwrap();
        append(&mut journal, 3).unwrap();
        sim.fail_write(0, true);
        append(&mut journal, 1 + seed % 5).unwrap_err();
        drop(journal);
        for after in 0..3 {
            sim.fail_write(after, true);
            match open(&sim) {
                Ok((_, recovery)) => assert_eq!(recovery.last, Seq(3)),
                Err(error) => assert_eq!(error.code(), "journal_io", "seed {seed}: {error}"),
            }
        }
        sim.crash();
        assert_holds(&open(&sim).unwrap().0.reader(), Seq(3));
    }
}

#[test]
fn a_full_disk_loses_nothing_and_can_be_retried() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    sim.set_bytes_left(Some(10_000));
    let error = loop {
        if let Err(error) = append(&mut journal, 10) {
            break error;
        }
    };
    assert!(error.is_full());
    let last = journal.reader().durable();
    assert_holds(&journal.reader(), last);
    sim.set_bytes_left(None);
    let last = append(&mut journal, 10).unwrap();
    drop(journal);
    assert_holds(&open(&sim).unwrap().0.reader(), last);
}

#[test]
fn limits_are_checked_before_anything_is_written() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    assert!(journal.append(&[vec![1; 20_000]]).unwrap_err().is_too_large());
    assert_eq!(journal.append::<&[u8]>(&[]).unwrap_err().code(), "journal_empty_append");
    // A frame longer than a segment gets one of its own.
    assert_eq!(journal.append(&[vec![1; 12_000]]).unwrap().last, Seq(1));
    assert_eq!(journal.append(&[b"after"]).unwrap().last, Seq(2));
    drop(journal);
    let (journal, recovery) = open(&sim).unwrap();
    assert_eq!((recovery.last, recovery.segments), (Seq(2), 2));
    assert_eq!(journal.reader().get(Seq(1)).unwrap().unwrap(), vec![1; 12_000]);
}

#[test]
fn one_writer_at_a_time() {
    let sim = SimDisk::new(1);
    let (journal, _) = open(&sim).unwrap();
    assert_eq!(open(&sim).unwrap_err().code(), "journal_locked");
    drop(journal);
    open(&sim).unwrap();

    let real = tempfile::tempdir().unwrap();
    let open = || Journal::open(Arc::new(crate::OsDisk), real.path(), small(), &tenant(), None);
    let first = open().unwrap();
    assert_eq!(open().unwrap_err().code(), "journal_locked");
    drop(first);
    open().unwrap();
}
