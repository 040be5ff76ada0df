//! Benchmarks that a stranger can run, each beside the machine's own limit measured in the same run.
//!
//! `make bench` runs them all; one alone: `cargo run --release -p nacre-bench -- kernel`. Figures are rates of this
//! machine at this moment; the ratios are what to compare.

mod client;
mod entity;
mod hello;
mod http;
mod kernel;
mod limits;
mod restart;
mod server;
mod stats;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "nacre-bench")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Raw disk: fdatasync and segment append
    Disk,
    /// The kernel in process: durable changes a second, their latency, and whether the views keep up
    Kernel(kernel::Args),
    /// Over HTTP with many entities: update, retrieve, query, batch upsert; memory
    Http(http::Args),
    /// Restart after a kill with many entities
    Restart(restart::Args),
    /// One kind of request against a server that runs already, for profiling
    Load(http::LoadArgs),
    /// (internal) a server that only says hello
    #[command(hide = true)]
    Hello {
        /// Address
        listen: String,
    },
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match Cli::parse().what {
        What::Disk => limits::print(&limits::disk()?),
        What::Kernel(args) => kernel::run(&args)?,
        What::Http(args) => http::run(&args)?,
        What::Restart(args) => restart::run(&args)?,
        What::Load(args) => http::load_one(&args)?,
        What::Hello { listen } => hello::serve(&listen)?,
    }
    Ok(())
}
