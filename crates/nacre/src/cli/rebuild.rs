//! `nacre rebuild`.

use std::path::PathBuf;
use std::time::Instant;

use nacre_access::OpenDoor;
use nacre_kernel::open::{Folders, forget_views};
use nacre_kernel::{Kernel, Options};

use super::DataArg;
use super::exit::Failure;
use super::output::{data, say};

/// Delete the views and make them again from the journal.
///
/// For a data directory that is not being served. Nothing of the journal is touched; delivery cursors are kept. Prints
/// `tenant records milliseconds` a line.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: DataArg,
    /// District whose packs declare the indexes; the same as with `serve`
    #[arg(long, env = "NACRE_DISTRICT", value_name = "DIR", default_value = "districts/haizhu")]
    district: PathBuf,
    /// Folder of the packs
    #[arg(long, env = "NACRE_PACKS", value_name = "DIR", default_value = "packs")]
    packs: PathBuf,
    /// No declared indexes
    #[arg(long)]
    no_district: bool,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let (root, tenants) = args.data.existing()?;
    let failed = |e: &dyn std::fmt::Display| Failure::failed(e.to_string());
    let mut options = Options::new(std::sync::Arc::new(OpenDoor));
    if !args.no_district {
        let district = nacre_server::seed::load(&args.district, &args.packs).map_err(|e| failed(&e))?;
        options.indexes = nacre_server::seed::indexes(&district);
    }
    for tenant in &tenants {
        // A running server holds the journal's lock; taking it for a moment makes sure that none runs.
        let folders = Folders::of(root, tenant);
        let lock = std::fs::OpenOptions::new().write(true).open(folders.journal.join("journal.lock"));
        if let Ok(lock) = lock
            && lock.try_lock().is_err()
        {
            return Err(Failure::usage(format!("{} is being served; stop the server first", root.display())));
        }
        forget_views(&folders, &options).map_err(|e| failed(&e))?;
    }
    let began = Instant::now();
    say(format_args!("reading the journals…"));
    let kernel = Kernel::open(root, options).map_err(|e| failed(&e))?;
    let took_ms = began.elapsed().as_millis();
    for tenant in kernel.tenants() {
        data(format_args!("{} {} {took_ms}", tenant.id(), tenant.status().applied));
    }
    kernel.close();
    Ok(())
}
