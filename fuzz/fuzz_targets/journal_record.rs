//! Any bytes as a record: no panic, and what is read prints as something that reads the same, with a commitment that holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nacre_journal::codec::record::{decode, encode, parts};

fuzz_target!(|bytes: &[u8]| {
    let header = parts(bytes);
    if let Ok(parts) = &header {
        let _ = (parts.leaf(), parts.bodies_match());
    }
    let Ok(record) = decode(bytes) else { return };
    let read = header.expect("a record that decodes has parts").record;
    assert_eq!((read.seq, read.at, &read.tenant), (record.seq, record.at, &record.tenant));
    let encoded = encode(&record);
    assert_eq!(decode(&encoded.bytes).expect("what is written can be read"), record);
    let again = parts_of(&encoded.bytes);
    assert!(again.bodies_match());
    assert_eq!(again.entry(), encoded.entry);
    assert_eq!(encode(&record), encoded, "the same record is the same bytes");
});

fn parts_of(bytes: &[u8]) -> nacre_journal::codec::record::Parts<'_> {
    parts(bytes).expect("what is written has parts")
}
