//! Rounds: start, prove, load, kill.

use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::http::Http;
use crate::load::Client;
use crate::prove::Outside;
use crate::server::{self, Site};
use crate::{Checked, ensure, follow};

/// Connections that write.
const CLIENTS: usize = 8;
/// Rounds that share a data directory; then a new one begins.
const ROUNDS_A_SITE: usize = 20;

/// What happened.
#[derive(Debug, Default)]
pub struct Totals {
    /// Rounds.
    pub rounds: usize,
    /// Starts, also those that were killed half-way.
    pub starts: usize,
    /// Writes that were acknowledged.
    pub acknowledged: u64,
    /// Requests that were not answered and were done.
    pub done_unheard: u64,
    /// Requests that were not answered and were not done.
    pub undone: u64,
    /// Events compared with records.
    pub followed: u64,
    /// Proofs verified.
    pub proofs: u64,
    /// Longest start.
    pub start_max: Duration,
}

/// Runs rounds. The error says which one failed and why; the folder with data and log is kept then.
pub fn run(nacre: &Path, rounds: usize, seed: u64, progress: impl Fn(&Totals)) -> Checked<Totals> {
    let folder = server::folder()?;
    let mut totals = Totals::default();
    let mut number = 0;
    while totals.rounds < rounds {
        let site = server::site(nacre, folder.path(), number)?;
        let count = ROUNDS_A_SITE.min(rounds - totals.rounds);
        let result = site_rounds(&site, count, seed.wrapping_add(number as u64), &mut totals, &progress);
        if let Err(why) = result {
            let words = site.last_words();
            let kept = folder.keep();
            return Err(format!(
                "round {}, seed {seed}: {why}\nthe server's last words:\n{words}\nkept: {}",
                totals.rounds,
                kept.display()
            ));
        }
        number += 1;
    }
    Ok(totals)
}

fn site_rounds(
    site: &Site,
    count: usize,
    seed: u64,
    totals: &mut Totals,
    progress: &impl Fn(&Totals),
) -> Checked {
    let mut random = StdRng::seed_from_u64(seed);
    let mut clients: Vec<Client> = (0..CLIENTS).map(|n| Client::new(n, seed)).collect();
    let mut outside = Outside::default();
    for _ in 0..count {
        if random.random_range(0..5) == 0 {
            // Killed while it starts.
            let half_way = site.spawn()?;
            std::thread::sleep(Duration::from_millis(random.random_range(0..40)));
            half_way.kill()?;
            totals.starts += 1;
        }
        round(site, &mut random, &mut clients, &mut outside, totals)?;
        totals.rounds += 1;
        progress(totals);
    }
    // The last kill is proven too.
    let (server, _) = site.start()?;
    prove(site, &mut random, &mut clients, &mut outside)?;
    server.terminate()?;
    site.verify_offline()?;
    for client in &clients {
        totals.acknowledged += client.acknowledged;
        totals.done_unheard += client.done_unheard;
        totals.undone += client.undone;
    }
    totals.followed += outside.followed;
    totals.proofs += outside.proofs;
    Ok(())
}

fn prove(site: &Site, random: &mut StdRng, clients: &mut [Client], outside: &mut Outside) -> Checked<u64> {
    let mut http = Http::connect(site.address).map_err(|e| e.to_string())?;
    // First what was there, then what retries do.
    let newest = outside.check_events(&mut http, site.address)?;
    outside.check_log(&mut http, random)?;
    for client in clients {
        client.check(&mut http)?;
    }
    Ok(newest)
}

fn round(
    site: &Site,
    random: &mut StdRng,
    clients: &mut [Client],
    outside: &mut Outside,
    totals: &mut Totals,
) -> Checked {
    let (mut server, took) = site.start()?;
    totals.starts += 1;
    totals.start_max = totals.start_max.max(took);
    let newest = prove(site, random, clients, outside)?;
    let load = Duration::from_millis(random.random_range(10..300));
    let gently = random.random_range(0..12) == 0;
    let cursor = outside.cursor();
    let (address, began) = (site.address, Instant::now());
    let killed = std::thread::scope(|scope| {
        // A server that is asked to stop waits for open streams; here it shall stop at once.
        let follower = scope.spawn(move || follow::read(address, cursor, |_| gently));
        let writers: Vec<_> = clients.iter_mut().map(|c| scope.spawn(move || c.write(address))).collect();
        std::thread::sleep(load.saturating_sub(began.elapsed()));
        let ran = server.runs();
        let killed = if gently { server.terminate() } else { server.kill() };
        for writer in writers {
            writer.join().map_err(|_| "a writer panicked".to_owned())??;
        }
        let events = follower.join().map_err(|_| "the follower panicked".to_owned())??;
        ensure!(ran, "the server ended by itself");
        outside.follow(events);
        killed
    });
    killed?;
    let records = site.verify_offline()?;
    ensure!(records >= newest, "{newest} records were there, nacre verify knows {records}");
    if totals.rounds.is_multiple_of(5) {
        site.consult_doctor()?;
    }
    Ok(())
}
