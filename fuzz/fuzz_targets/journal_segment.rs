//! Any bytes as a segment: no panic, and the header that is accepted prints as the same bytes.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nacre_journal::Manifest;
use nacre_journal::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use nacre_journal::walk::walk;
use nacre_model::{Seq, TenantId};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = SegmentHeader::parse(bytes, Path::new("any")) {
        assert_eq!(header.to_bytes()[..], bytes[..SEGMENT_HEADER_BYTES]);
        walk(bytes, &header, |_, _, _| {});
    }
    let tenant = TenantId::default_tenant();
    let header = SegmentHeader { tenant, first: Seq(1), previous: 0, salt: 0, segment_bytes: 1 << 20 };
    walk(bytes, &header, |_, _, _| {});
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Manifest::from_text(text);
    }
});
