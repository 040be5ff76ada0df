//! A sound pack with one file replaced by any bytes: it loads or says why, and can be explained.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use libfuzzer_sys::fuzz_target;
use nacre_pack::load;

const FILES: [&str; 8] = [
    "pack.yaml",
    "access.yaml",
    "types/example-thing.yaml",
    "codes/thing-state.yaml",
    "views/things.yaml",
    "scenarios/example-thing.yaml",
    "sample/example-thing.csv",
    "sample/example-thing.more.ndjson",
];

fuzz_target!(|input: (u8, &[u8])| {
    static RUN: AtomicU64 = AtomicU64::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed);
    let root = std::env::temp_dir().join(format!("nacre-fuzz-pack-{}-{run}", std::process::id()));
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
    for pack in ["_common", "_template"] {
        copy(&packs.join(pack), &root.join(pack));
    }
    let changed = FILES[usize::from(input.0) % FILES.len()];
    fs::write(root.join("_template").join(changed), input.1).expect("writes");
    let loaded = load(&root.join("_template"));
    assert!(loaded.pack.is_some() || !loaded.findings.is_empty());
    if let Some(pack) = loaded.pack {
        nacre_pack::explain::pack(&pack, &[]);
        pack.rows.iter().for_each(|row| drop(row.json()));
    }
    fs::remove_dir_all(&root).expect("removes");
});

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copies");
        }
    }
}
