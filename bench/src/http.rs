//! Over HTTP: what a client sees, beside what the same server library does without work.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{ask, load, request};
use crate::entity;
use crate::limits;
use crate::server::Server;
use crate::stats::{line, row};

#[derive(clap::Args)]
pub struct Args {
    /// Entities
    #[arg(long, default_value_t = 1_000_000)]
    entities: usize,
    /// Connections
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds a run
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

pub fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let run = Duration::from_secs(args.seconds);
    let disk = limits::disk()?;
    limits::print(&disk);
    let (hello_get, hello_post) = hello(args, run)?;
    let dir = tempfile::tempdir_in(".")?;
    let server = Server::nacre(dir.path())?;
    line(format_args!("\nserver: {} entities, {} connections", args.entities, args.connections));
    fill(&server, args.entities)?;
    row_of(args, &server, run, "retrieve, all entities", Some(("hello GET", hello_get)), {
        let entities = args.entities as u64;
        Arc::new(move |n| {
            request("GET", &format!("/ngsi-ld/v1/entities/{}", entity::id(spread(n, entities))), "")
        })
    })?;
    row_of(args, &server, run, "retrieve, 10,000 hot entities", Some(("hello GET", hello_get)), {
        let hot = args.entities.min(10_000) as u64;
        Arc::new(move |n| request("GET", &format!("/ngsi-ld/v1/entities/{}", entity::id(spread(n, hot))), ""))
    })?;
    row_of(args, &server, run, "query by type, limit 20", Some(("hello GET", hello_get)), {
        Arc::new(move |n| {
            request(
                "GET",
                &format!("/ngsi-ld/v1/entities?type=Streetlight&limit=20&offset={}", n % 50 * 20),
                "",
            )
        })
    })?;
    row_of(args, &server, run, "query near a point, limit 20", Some(("hello GET", hello_get)), {
        Arc::new(move |n| {
            let longitude = 113.24 + (n % 1000) as f64 * 0.000_18;
            let path = format!(
                "/ngsi-ld/v1/entities?type=Streetlight&limit=20&georel=near%3BmaxDistance%3D%3D50&geometry=Point&coordinates=%5B{longitude:.5},23.07%5D"
            );
            request("GET", &path, "")
        })
    })?;
    row_of(args, &server, run, "update (PATCH), all entities", Some(("hello POST", hello_post)), {
        let entities = args.entities as u64;
        Arc::new(move |n| {
            request(
                "PATCH",
                &format!("/ngsi-ld/v1/entities/{}/attrs", entity::id(spread(n, entities))),
                &entity::patch(n),
            )
        })
    })?;
    settle(&server)?;
    row_of(args, &server, run, "update (PATCH), 10,000 hot", Some(("hello POST", hello_post)), {
        let hot = args.entities.min(10_000) as u64;
        Arc::new(move |n| {
            request(
                "PATCH",
                &format!("/ngsi-ld/v1/entities/{}/attrs", entity::id(spread(n, hot))),
                &entity::patch(n),
            )
        })
    })?;
    settle(&server)?;
    line(format_args!("memory at the end: {:.0} MB resident", server.resident_bytes() as f64 / 1e6));
    line(format_args!("data directory: {:.0} MB", folder_bytes(dir.path()) as f64 / 1e6));
    Ok(())
}

/// See [`load_one`].
#[derive(clap::Args)]
pub struct LoadArgs {
    /// Address of the server
    server: String,
    /// `fill`, `get` or `patch`
    what: String,
    /// Entities
    #[arg(long, default_value_t = 10_000)]
    entities: usize,
    /// Seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// One kind of request for a while.
pub fn load_one(args: &LoadArgs) -> Result<(), Box<dyn std::error::Error>> {
    let count = args.entities as u64;
    let make: crate::client::Maker = match args.what.as_str() {
        "fill" => {
            for first in (0..args.entities).step_by(1000) {
                let all: Vec<String> = (first..(first + 1000).min(args.entities)).map(entity::json).collect();
                let body = format!("[{}]", all.join(","));
                ask(&args.server, &request("POST", "/ngsi-ld/v1/entityOperations/upsert", &body))?;
            }
            return Ok(());
        }
        "get" => Arc::new(move |n| {
            request("GET", &format!("/ngsi-ld/v1/entities/{}", entity::id(spread(n, count))), "")
        }),
        "patch" => Arc::new(move |n| {
            let path = format!("/ngsi-ld/v1/entities/{}/attrs", entity::id(spread(n, count)));
            request("PATCH", &path, &entity::patch(n))
        }),
        other => return Err(format!("`{other}`: needed: fill, get or patch").into()),
    };
    let run = load(&args.server, 64, Duration::from_secs(args.seconds), make)?;
    row(&args.what, run.rate, Some({ run.latencies }.summary()), None);
    Ok(())
}

/// The ceilings.
fn hello(args: &Args, run: Duration) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    line(format_args!("\nmachine: HTTP, {} connections, hello world of the same library", args.connections));
    let server = Server::hello()?;
    let get = load(&server.address, args.connections, run, Arc::new(|_| request("GET", "/get", "")))?;
    row("hello GET", get.rate, Some({ get.latencies }.summary()), None);
    let post = load(
        &server.address,
        args.connections,
        run,
        Arc::new(|n| request("POST", "/post", &entity::patch(n))),
    )?;
    row("hello POST, body of an update", post.rate, Some({ post.latencies }.summary()), None);
    Ok((get.rate, post.rate))
}

fn row_of(
    args: &Args,
    server: &Server,
    run: Duration,
    what: &str,
    beside: Option<(&str, f64)>,
    make: crate::client::Maker,
) -> Result<(), Box<dyn std::error::Error>> {
    let run = load(&server.address, args.connections, run, make)?;
    row(what, run.rate, Some({ run.latencies }.summary()), beside);
    if run.refused > 0 {
        line(format_args!("{:<34} {:>10} refused (429 is back-pressure)", "", run.refused));
    }
    Ok(())
}

/// An even spread over `count` that does not walk in order.
fn spread(n: u64, count: u64) -> usize {
    let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    (mixed % count) as usize
}

/// Creates entities in batches of a thousand.
pub fn fill(server: &Server, entities: usize) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    for first in (0..entities).step_by(1000) {
        let all: Vec<String> = (first..(first + 1000).min(entities)).map(entity::json).collect();
        let body = format!("[{}]", all.join(","));
        let (status, answer) =
            ask(&server.address, &request("POST", "/ngsi-ld/v1/entityOperations/upsert", &body))?;
        if status >= 300 {
            return Err(format!("upsert answered {status}: {}", String::from_utf8_lossy(&answer)).into());
        }
    }
    row("batch upsert, batches of 1000", entities as f64 / began.elapsed().as_secs_f64(), None, None);
    settle(server)
}

/// Waits until the views have everything.
fn settle(server: &Server) -> Result<(), Box<dyn std::error::Error>> {
    let began = Instant::now();
    loop {
        let (_, body) = ask(&server.address, &request("GET", "/api/status", ""))?;
        let status: serde_json::Value = serde_json::from_slice(&body)?;
        let tenant = &status["tenants"][0];
        if tenant["applied"] == tenant["durable"] {
            if began.elapsed() > Duration::from_millis(50) {
                line(format_args!(
                    "{:<34} {:>10.1} s until the views had caught up",
                    "",
                    began.elapsed().as_secs_f64()
                ));
            }
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn folder_bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|e| match e.metadata() {
            Ok(m) if m.is_dir() => folder_bytes(&e.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}
