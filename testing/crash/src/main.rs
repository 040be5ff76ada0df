//! `nacre-crash`: the crash test as a program. Exit code 0: everything held. 1: something did not.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use nacre_crash::{rounds, server};

/// Kills a Nacre server at random moments under load and proves that it kept what it promised.
#[derive(Debug, Parser)]
struct Args {
    /// How often
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// The binary; without it the one beside this program
    #[arg(long, value_name = "PATH")]
    nacre: Option<PathBuf>,
    /// What is done and when the kill comes; the order of requests at the server is its own
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let began = Instant::now();
    let seed = args.seed.unwrap_or_else(rand::random);
    let result = args.nacre.map_or_else(server::binary, Ok).and_then(|nacre| {
        rounds::run(&nacre, args.rounds, seed, |totals| {
            if totals.rounds.is_multiple_of(10) {
                eprintln!("{} rounds, {:.0} s", totals.rounds, began.elapsed().as_secs_f64());
            }
        })
    });
    match result {
        Ok(t) => {
            eprintln!(
                "{} rounds held: {} starts (longest {} ms), {} acknowledged writes, {} unanswered requests done and {} \
                 not, {} events, {} proofs, {:.0} s",
                t.rounds,
                t.starts,
                t.start_max.as_millis(),
                t.acknowledged,
                t.done_unheard,
                t.undone,
                t.followed,
                t.proofs,
                began.elapsed().as_secs_f64()
            );
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("crash test failed: {why}");
            ExitCode::FAILURE
        }
    }
}
