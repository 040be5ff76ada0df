//! How fast the journal appends, beside the limit of the disk measured in the same run: writes of the same
//! size into a preallocated, zero-filled file with a sync after each. Also reading in order and by number.
//!
//! `cargo run --release -p nacre-journal --example append_rate -- DIR` (an empty directory on the disk to measure).

#![allow(clippy::print_stdout, reason = "the rates are the output")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nacre_journal::{Disk, Journal, Options, OsDisk};
use nacre_model::{Seq, TenantId};

const RECORD_BYTES: usize = 250;
const RUN: Duration = Duration::from_secs(2);

fn raw(path: &Path, frame_bytes: usize) -> Result<f64, Box<dyn Error>> {
    const FILE_BYTES: usize = 256 << 20;
    let file = OsDisk.create(path)?;
    file.write_at(&vec![0; FILE_BYTES], 0)?;
    file.sync_data()?;
    let frame = vec![7; frame_bytes];
    let (start, mut writes) = (Instant::now(), 0usize);
    while start.elapsed() < RUN && (writes + 1) * frame_bytes <= FILE_BYTES {
        file.write_at(&frame, (writes * frame_bytes) as u64)?;
        file.sync_data()?;
        writes += 1;
    }
    let rate = writes as f64 / start.elapsed().as_secs_f64();
    OsDisk.remove(path)?;
    Ok(rate)
}

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("a directory is needed")?;
    let dir = Path::new(&dir);
    println!(
        "{:>6} {:>14} {:>12} {:>12} {:>6} {:>9} {:>9}",
        "batch", "records/s", "frames/s", "raw/s", "ratio", "p50 us", "p99 us"
    );
    for batch in [1usize, 10, 100, 1000] {
        let records = vec![vec![b'x'; RECORD_BYTES]; batch];
        let frame_bytes = (72 + batch * (RECORD_BYTES + 8)).next_multiple_of(64);
        let before = raw(&dir.join("raw"), frame_bytes)?;
        let target = dir.join(format!("batch{batch}"));
        let (journal, _) =
            Journal::open(Arc::new(OsDisk), &target, Options::default(), &TenantId::default_tenant(), None)?;
        let (mut appender, reader) = journal.split();
        let (start, mut micros) = (Instant::now(), Vec::new());
        while start.elapsed() < RUN {
            let begun = Instant::now();
            appender.append(&records)?;
            micros.push(begun.elapsed().as_micros());
        }
        let frames = micros.len() as f64 / start.elapsed().as_secs_f64();
        let limit = before.max(raw(&dir.join("raw"), frame_bytes)?);
        micros.sort_unstable();
        let (p50, p99) = (micros[micros.len() / 2], micros[micros.len() * 99 / 100]);
        let rate = frames * batch as f64;
        println!(
            "{batch:>6} {rate:>14.0} {frames:>12.0} {limit:>12.0} {:>6.2} {p50:>9} {p99:>9}",
            frames / limit
        );

        drop(appender);
        let (begun, last) = (Instant::now(), reader.durable());
        let read = reader.iter(Seq(1)).filter(Result::is_ok).count();
        let read_rate = read as f64 / begun.elapsed().as_secs_f64();
        let (begun, gets) = (Instant::now(), 5000u64);
        for n in 0..gets {
            reader
                .get(Seq(1 + n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % last.0))?
                .ok_or("a record is missing")?;
        }
        let get_rate = gets as f64 / begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        drop(Journal::open(
            Arc::new(OsDisk),
            &target,
            Options::default(),
            &TenantId::default_tenant(),
            Some(last),
        )?);
        println!(
            "       read in order {read_rate:.0}/s, by number {get_rate:.0}/s, reopen {:?}",
            begun.elapsed()
        );
    }
    Ok(())
}
