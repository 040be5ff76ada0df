//! Tests of the journal as a whole, on the simulated disk and on real files.
//!
//! What a record must contain follows from its number ([`content`]), so that every test can check what it reads.

mod accidents;
mod copies;
mod damage;
mod fixture;
mod reading;

use std::path::Path;
use std::sync::Arc;

use nacre_model::{Seq, TenantId};

use crate::sim::SimDisk;
use crate::{Disk, Journal, JournalError, Options, Reader, Recovery};

const DIR: &str = "/j";

fn dir() -> &'static Path {
    Path::new(DIR)
}

fn tenant() -> TenantId {
    TenantId::new("haizhu").unwrap()
}

fn small() -> Options {
    Options {
        segment_bytes: 8192,
        frame_bytes_max: 16_384,
        prepare_in_background: false,
        salt: 7,
        ..Options::default()
    }
}

fn disk(sim: &SimDisk) -> Arc<dyn Disk> {
    Arc::new(sim.clone())
}

fn open(sim: &SimDisk) -> Result<(Journal, Recovery), JournalError> {
    Journal::open(disk(sim), dir(), small(), &tenant(), None)
}

/// The record with this number: dense bytes of a length that varies.
fn content(seq: u64) -> Vec<u8> {
    let bytes = 1 + (seq * 7919) % 400;
    (0..bytes).map(|n| (seq * 31 + n * 17) as u8 | 1).collect()
}

/// The next `count` records.
fn batch(last: Seq, count: u64) -> Vec<Vec<u8>> {
    (last.0 + 1..=last.0 + count).map(content).collect()
}

fn append(journal: &mut Journal, count: u64) -> Result<Seq, JournalError> {
    let records = batch(journal.reader().durable(), count);
    journal.append(&records).map(|durable| durable.last)
}

/// Asserts that the journal has exactly the records up to `last`, in order and by number.
fn assert_holds(reader: &Reader, last: Seq) {
    assert_eq!(reader.durable(), last);
    let mut expected = 1;
    for record in reader.iter(Seq(1)) {
        let (seq, bytes) = record.unwrap();
        assert_eq!((seq.0, &bytes[..]), (expected, &content(expected)[..]));
        expected += 1;
    }
    assert_eq!(expected, last.0 + 1);
    for seq in (1..=last.0).step_by(3) {
        assert_eq!(reader.get(Seq(seq)).unwrap().unwrap(), content(seq));
    }
    assert_eq!(reader.get(last.next()).unwrap(), None);
}
