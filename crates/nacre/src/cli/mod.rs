//! Subcommands, one file each: a clap struct whose doc comment is the manual, and a `run` that returns what went wrong
//! as [`Failure`].

mod backup;
mod config;
mod doctor;
pub mod exit;
mod http;
mod import;
mod output;
mod pack;
mod query;
mod rebuild;
mod restore;
mod serve;
mod simulate;
mod verify;
mod verify_report;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use exit::Failure;

/// Nacre 数智海珠: the operating system of a digital district.
#[derive(Debug, Parser)]
#[command(name = "nacre", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Without a subcommand: serve.
    #[command(flatten)]
    serve: serve::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a district over HTTP
    Serve(Box<serve::Args>),
    /// Import entities from CSV, XLSX, NDJSON or GeoJSON
    Import(import::Args),
    /// Ask a running server for entities
    Query(query::Args),
    /// Verify a data directory, a backup or a bundle, offline
    Verify(verify::Args),
    /// Copy the journals of a data directory, also while it is served
    Backup(backup::Args),
    /// Make a data directory from a backup
    Restore(restore::Args),
    /// Delete the views and make them again from the journal
    Rebuild(rebuild::Args),
    /// Look for damage and say what to do; changes nothing
    Doctor(doctor::Args),
    /// Write, check and try packs
    Pack(pack::Args),
    /// Simulate water stations: daily rhythm, faults, a pollution incident
    Simulate(simulate::Args),
    /// Show the configuration reference
    Config(config::Args),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        None => serve::run(cli.serve),
        Some(Command::Serve(args)) => serve::run(*args),
        Some(Command::Import(args)) => import::run(args),
        Some(Command::Query(args)) => query::run(args),
        Some(Command::Verify(args)) => verify::run(args),
        Some(Command::Backup(args)) => backup::run(args),
        Some(Command::Restore(args)) => restore::run(args),
        Some(Command::Rebuild(args)) => rebuild::run(args),
        Some(Command::Doctor(args)) => doctor::run(args),
        Some(Command::Pack(args)) => pack::run(args),
        Some(Command::Simulate(args)) => simulate::run(args),
        Some(Command::Config(args)) => config::run(args, Cli::command()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::say(format_args!("nacre: {failure}"));
            failure.exit_code()
        }
    }
}

/// The default data directory of commands that work on one.
#[derive(Debug, clap::Args)]
struct DataArg {
    /// Data directory
    #[arg(long, env = "NACRE_DATA", value_name = "DIR", default_value = "data")]
    data: std::path::PathBuf,
}

impl DataArg {
    /// The directory, if it holds tenants.
    fn existing(&self) -> Result<(&std::path::Path, Vec<nacre_model::TenantId>), Failure> {
        let tenants =
            nacre_kernel::kernel::tenants_in(&self.data).map_err(|e| Failure::failed(e.to_string()))?;
        if tenants.is_empty() {
            return Err(Failure::usage(format!("{} holds no data of Nacre", self.data.display())));
        }
        Ok((&self.data, tenants))
    }
}
