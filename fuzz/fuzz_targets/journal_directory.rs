//! A small journal of two segments that is changed at random: opening, reading and scrub never panic, and what a
//! reader gives out is what was written.
#![no_main]

use std::path::Path;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use nacre_journal::sim::SimDisk;
use nacre_journal::{Journal, Options, Reader, scrub};
use nacre_model::{Seq, TenantId};

fn content(seq: u64) -> Vec<u8> {
    (0..100 + seq * 13 % 300).map(|n| (n + seq) as u8 | 1).collect()
}

fuzz_target!(|changes: Vec<(bool, u16, u8)>| {
    let (sim, dir, tenant) = (SimDisk::new(1), Path::new("/j"), TenantId::default_tenant());
    let options =
        Options { segment_bytes: 4096, prepare_in_background: false, salt: 1, ..Options::default() };
    let open = || Journal::open(Arc::new(sim.clone()), dir, options.clone(), &tenant, None);
    let mut journal = open().expect("a new journal opens").0;
    let mut second = Seq::ZERO;
    for n in 0..8 {
        let records: Vec<_> = (1 + 2 * n..=2 + 2 * n).map(content).collect();
        let first = journal.append(&records).expect("a sound disk takes it").first;
        if sim.contents(&dir.join(format!("{:020}.seg", first.0))).is_some() {
            second = first;
        }
    }
    drop(journal);
    for (in_second, offset, xor) in changes.into_iter().take(16) {
        let first = if in_second { second.0 } else { 1 };
        sim.edit(&dir.join(format!("{first:020}.seg")), |bytes| {
            if let Some(byte) = bytes.get_mut(usize::from(offset)) {
                *byte ^= xor;
            }
        });
    }
    let _ = scrub(&sim, dir, None);
    let read = |reader: Reader| {
        for record in reader.iter(Seq(1)) {
            let Ok((seq, bytes)) = record else { break };
            assert_eq!(bytes, content(seq.0));
        }
        for seq in 1..=16 {
            if let Ok(Some(bytes)) = reader.get(Seq(seq)) {
                assert_eq!(bytes, content(seq));
            }
        }
    };
    if let Ok(reader) = Reader::open(Arc::new(sim.clone()), dir, None) {
        read(reader);
    }
    if let Ok((journal, _)) = open() {
        read(journal.reader());
    }
});
