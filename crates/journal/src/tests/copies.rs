//! Backup and restore: the copy holds exactly the records asked for, and nothing is overwritten.

use nacre_model::Seq;

use super::*;
use crate::backup::MANIFEST_NAME;
use crate::{OsDisk, backup, restore, verify_backup};

#[test]
fn any_prefix_can_be_backed_up_and_restored() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    for n in 0..30 {
        append(&mut journal, 1 + n % 9).unwrap();
    }
    let (reader, last) = (journal.reader(), journal.reader().durable());
    for upto in (0..=last.0).step_by(5).map(Seq).chain([last]) {
        let (copy, back) = (format!("/copy{upto}"), format!("/back{upto}"));
        let (copy, back) = (Path::new(&copy), Path::new(&back));
        let manifest = backup(&reader, &sim, copy, Some(upto)).unwrap();
        assert_eq!(manifest.last, upto);
        assert_eq!(verify_backup(disk(&sim), copy).unwrap(), manifest);
        let half = Seq(upto.0 / 2);
        restore(disk(&sim), copy, back, Some(half)).unwrap();
        let (mut restored, recovery) =
            Journal::open(disk(&sim), back, small(), &tenant(), Some(half)).unwrap();
        assert_eq!((recovery.last, recovery.torn), (half, None));
        assert_holds(&restored.reader(), half);
        let last = append(&mut restored, 40).unwrap();
        drop(restored);
        let (restored, _) = Journal::open(disk(&sim), back, small(), &tenant(), None).unwrap();
        assert_holds(&restored.reader(), last);
        assert!(crate::scrub(&sim, back, None).unwrap().findings.is_empty());
    }
    let error = backup(&reader, &sim, Path::new("/no"), Some(last.next())).unwrap_err();
    assert_eq!(error.code(), "journal_no_such_seq");
}

#[test]
fn a_backup_beside_a_running_writer() {
    let real = tempfile::tempdir().unwrap();
    let (live, copy, back) = (real.path().join("live"), real.path().join("copy"), real.path().join("back"));
    let (journal, _) = Journal::open(Arc::new(OsDisk), &live, small(), &tenant(), None).unwrap();
    let (mut appender, reader) = journal.split();
    appender.append(&batch(Seq::ZERO, 20)).unwrap();
    let manifest = std::thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..200 {
                appender.append(&batch(appender.durable(), 3)).unwrap();
            }
        });
        backup(&reader, &OsDisk, &copy, None).unwrap()
    });
    restore(Arc::new(OsDisk), &copy, &back, None).unwrap();
    assert_holds(&Reader::open(Arc::new(OsDisk), &back, Some(&tenant())).unwrap(), manifest.last);
    assert_eq!(restore(Arc::new(OsDisk), &copy, &back, None).unwrap_err().code(), "journal_target_not_empty");
    assert_eq!(backup(&reader, &OsDisk, &copy, None).unwrap_err().code(), "journal_target_not_empty");
}

#[test]
fn a_changed_or_incomplete_backup_is_refused() {
    let sim = SimDisk::new(1);
    let (mut journal, _) = open(&sim).unwrap();
    for n in 0..30 {
        append(&mut journal, 1 + n % 9).unwrap();
    }
    let copy = Path::new("/copy");
    let manifest = backup(&journal.reader(), &sim, copy, None).unwrap();
    let refused = || {
        let error = restore(disk(&sim), copy, Path::new("/back"), None).unwrap_err();
        assert_eq!(error.code(), "journal_manifest", "{error}");
        assert!(sim.list(Path::new("/back")).is_err(), "nothing may be written");
    };
    let file = copy.join(&manifest.files[1].name);
    sim.flip(&file, 300, 1);
    refused();
    sim.flip(&file, 300, 1);
    verify_backup(disk(&sim), copy).unwrap();
    let manifest_path = copy.join(MANIFEST_NAME);
    sim.flip(&manifest_path, 60, 1);
    refused();
    sim.flip(&manifest_path, 60, 1);
    sim.remove(&file).unwrap();
    refused();
    sim.remove(&manifest_path).unwrap();
    refused();
}
