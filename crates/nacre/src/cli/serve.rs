//! `nacre serve`.

use std::path::PathBuf;

use nacre_server::{ConfigError, Layer};

use super::exit::Failure;

/// Serve a district over HTTP.
///
/// An empty data directory is filled from the district, through the same commands a client uses.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Configuration file (TOML); the environment and flags win over it
    #[arg(long, env = "NACRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    layer: Layer,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let usage = |e: ConfigError| Failure::usage(e.to_string());
    let file = args.config.as_deref().map(Layer::from_file).transpose().map_err(usage)?;
    let config = args.layer.over(file.unwrap_or_default()).settle().map_err(usage)?;
    nacre_server::telemetry::start(&config);
    nacre_server::serve(&config).map_err(|e| Failure::failed(e.to_string()))
}
