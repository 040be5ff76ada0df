//! Numbers with a check digit: never a panic, and the stored form is stable.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nacre_pack::checks::{Check, citizen_id};

fuzz_target!(|text: &str| {
    for name in Check::NAMES {
        let check = Check::parse(name).expect("a known check");
        if let Ok(stored) = check.normalise(text) {
            assert_eq!(check.normalise(&stored), Ok(stored));
        }
    }
    assert_eq!(citizen_id::masked(text).chars().count(), text.chars().count());
});
