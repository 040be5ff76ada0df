//! The machine's own limits: raw fdatasync, and the journal's segment append without a kernel.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nacre_journal::disk::OsDisk;
use nacre_journal::{Journal, Options};
use nacre_model::TenantId;

use crate::stats::{self, Latencies, row};

/// What was measured, a second.
pub struct Disk {
    /// 4 KiB writes with fdatasync into a preallocated, zero-filled file.
    pub fdatasync: f64,
    latency: (f64, f64),
    /// Appends of records of 250 bytes.
    pub append: Vec<Append>,
}

/// Batch, records a second, latency.
pub type Append = (usize, f64, (f64, f64));

const RUN: Duration = Duration::from_secs(2);

/// Measures in a temporary folder of the present one (the temporary folder of the system is often memory).
pub fn disk() -> Result<Disk, Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir_in(".")?;
    let (fdatasync, latency) = fdatasync(dir.path())?;
    let append =
        [1, 10, 100, 1000].iter().map(|batch| append(dir.path(), *batch)).collect::<Result<_, _>>()?;
    Ok(Disk { fdatasync, latency, append })
}

fn fdatasync(dir: &Path) -> io::Result<(f64, (f64, f64))> {
    let file = File::create(dir.join("raw"))?;
    let zeros = vec![0; 1 << 20];
    for i in 0..64 {
        file.write_all_at(&zeros, i << 20)?;
    }
    file.sync_all()?;
    let block = [7; 4096];
    let (began, mut latencies) = (Instant::now(), Latencies::default());
    for i in 0u64.. {
        let start = Instant::now();
        file.write_all_at(&block, i % 16_384 * 4096)?;
        file.sync_data()?;
        latencies.add(start.elapsed());
        if began.elapsed() > RUN {
            break;
        }
    }
    Ok((latencies.count() as f64 / began.elapsed().as_secs_f64(), latencies.summary()))
}

fn append(dir: &Path, batch: usize) -> Result<Append, Box<dyn std::error::Error>> {
    let dir = dir.join(format!("append-{batch}"));
    let tenant = TenantId::default_tenant();
    let (mut journal, _) = Journal::open(Arc::new(OsDisk), &dir, Options::default(), &tenant, None)?;
    let records = vec![[5u8; 250]; batch];
    let (began, mut latencies) = (Instant::now(), Latencies::default());
    while began.elapsed() < RUN {
        let start = Instant::now();
        journal.append(&records)?;
        latencies.add(start.elapsed());
    }
    let rate = (latencies.count() * batch) as f64 / began.elapsed().as_secs_f64();
    Ok((batch, rate, latencies.summary()))
}

/// Prints them.
pub fn print(disk: &Disk) {
    stats::line(format_args!("machine: disk"));
    row("fdatasync of 4 KiB", disk.fdatasync, Some(disk.latency), None);
    for (batch, rate, latency) in &disk.append {
        row(&format!("segment append, batches of {batch}"), *rate, Some(*latency), None);
    }
}
