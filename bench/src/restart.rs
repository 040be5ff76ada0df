//! Restart after a kill: how long until the server answers again, with nothing lost.

use std::time::{Duration, Instant};

use crate::client::{ask, load, request};
use crate::entity;
use crate::http::fill;
use crate::server::Server;
use crate::stats::line;

#[derive(clap::Args)]
pub struct Args {
    /// Entities
    #[arg(long, default_value_t = 1_000_000)]
    entities: usize,
    /// How many kills
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

pub fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir_in(".")?;
    let mut server = Server::nacre(dir.path())?;
    line(format_args!("restart: {} entities, killed under a load of updates", args.entities));
    fill(&server, args.entities)?;
    for round in 1..=args.rounds {
        let entities = args.entities as u64;
        load(
            &server.address,
            32,
            Duration::from_secs(3),
            std::sync::Arc::new(move |n| {
                let id = entity::id((n.wrapping_mul(0x9E37_79B9) % entities) as usize);
                request("PATCH", &format!("/ngsi-ld/v1/entities/{id}/attrs"), &entity::patch(n))
            }),
        )?;
        server.kill()?;
        let began = Instant::now();
        server = Server::nacre(dir.path())?;
        let (status, _) =
            ask(&server.address, &request("GET", &format!("/ngsi-ld/v1/entities/{}", entity::id(7)), ""))?;
        let answered = began.elapsed();
        let (_, count) = ask(&server.address, &request("GET", "/api/status", ""))?;
        let count: serde_json::Value = serde_json::from_slice(&count)?;
        let entities = count["tenants"][0]["entities"].as_object().and_then(|m| m.values().next().cloned());
        line(format_args!(
            "round {round}: first answer ({status}) {:.2} s after the start, {} entities, {:.0} MB resident",
            answered.as_secs_f64(),
            entities.unwrap_or_default(),
            server.resident_bytes() as f64 / 1e6
        ));
    }
    Ok(())
}
