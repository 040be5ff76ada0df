//! The kernel in process: commands pipelined by a few producers, each waiting for its window of answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nacre_kernel::{Command, Kernel, Options, Submission, Tenant};
use nacre_model::TenantId;

use crate::entity;
use crate::limits;
use crate::stats::{self, Latencies, row};

#[derive(clap::Args)]
pub struct Args {
    /// Entities
    #[arg(long, default_value_t = 100_000)]
    entities: usize,
    /// Seconds a run
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

pub fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let disk = limits::disk()?;
    limits::print(&disk);
    let dir = tempfile::tempdir_in(".")?;
    let kernel = Kernel::open(dir.path(), Options::new(Arc::new(nacre_access::OpenDoor)))?;
    let tenant = kernel.tenant(&TenantId::default_tenant())?;
    stats::line(format_args!("\nkernel: {} entities of five attributes", args.entities));
    let began = Instant::now();
    for chunk in (0..args.entities).collect::<Vec<_>>().chunks(1000) {
        let creates = chunk.iter().map(|n| submission(Command::CreateEntity(entity::draft(*n)))).collect();
        tenant.submit_blocking(creates);
    }
    wait(&tenant);
    row("create, batches of 1000, applied", args.entities as f64 / began.elapsed().as_secs_f64(), None, None);
    let run = Duration::from_secs(args.seconds);
    for (batch, window) in [(1, 1), (1, 64), (10, 64), (100, 32)] {
        let (rate, mut latencies, lag, applied) = updates(&tenant, args.entities, batch, window, run);
        let limit = disk.append.iter().find(|a| a.0 == if window == 1 { 1 } else { 100 }).map(|a| a.1);
        let name = if window == 1 { "segment append, 1" } else { "segment append, 100" };
        row(
            &format!("update, batch {batch}, window {window}"),
            rate,
            Some(latencies.summary()),
            limit.map(|l| (name, l)),
        );
        stats::line(format_args!(
            "{:<34} {applied:>10.0}/s applied by the views meanwhile, behind by {lag} at the end",
            ""
        ));
        wait(&tenant);
    }
    kernel.close();
    Ok(())
}

fn submission(command: Command) -> Submission {
    Submission::new(nacre_access::owner(), command)
}

fn wait(tenant: &Tenant) {
    while tenant.status().applied < tenant.status().durable {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Updates for a while from two threads. Durable changes a second, latencies of jobs, the views' lag at the end, and
/// what the views applied a second.
fn updates(
    tenant: &Tenant,
    entities: usize,
    batch: usize,
    window: usize,
    run: Duration,
) -> (f64, Latencies, u64, f64) {
    let stop = AtomicBool::new(false);
    let accepted = AtomicU64::new(0);
    let applied_before = tenant.status().applied.0;
    let began = Instant::now();
    let producers = if window == 1 { 1 } else { 2 };
    let mut latencies = Latencies::default();
    std::thread::scope(|scope| {
        let (stop, accepted) = (&stop, &accepted);
        let threads: Vec<_> = (0..producers)
            .map(|p| scope.spawn(move || produce(tenant, entities, batch, window, p as u64, stop, accepted)))
            .collect();
        std::thread::sleep(run);
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            latencies.join(thread.join().unwrap_or_default());
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let status = tenant.status();
    let applied = (status.applied.0 - applied_before) as f64 / seconds;
    (
        accepted.load(Ordering::Relaxed) as f64 / seconds,
        latencies,
        status.durable.0 - status.applied.0,
        applied,
    )
}

fn produce(
    tenant: &Tenant,
    entities: usize,
    batch: usize,
    window: usize,
    seed: u64,
    stop: &AtomicBool,
    accepted: &AtomicU64,
) -> Latencies {
    let mut latencies = Latencies::default();
    let mut waiting = VecDeque::new();
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    while !stop.load(Ordering::Relaxed) {
        let updates = (0..batch)
            .map(|_| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let draft = entity::update((random % entities as u64) as usize, random);
                submission(Command::AppendAttributes { draft, no_overwrite: false })
            })
            .collect();
        if let Ok(answer) = tenant.enqueue(updates) {
            waiting.push_back((Instant::now(), answer));
        }
        while waiting.len() >= window {
            let Some((start, answer)) = waiting.pop_front() else { break };
            let answers = answer.blocking_recv().unwrap_or_default();
            accepted.fetch_add(answers.iter().filter(|a| a.is_ok()).count() as u64, Ordering::Relaxed);
            latencies.add(start.elapsed());
        }
    }
    latencies
}
