//! `nacre restore`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nacre_journal::backup;
use nacre_journal::disk::OsDisk;
use nacre_kernel::open::Folders;
use nacre_model::Seq;

use super::exit::Failure;
use super::output::{data, say};

/// Make a data directory from a backup.
///
/// The backup is checked first; the target must be empty or not exist. Prints `tenant last-record` a line.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The backup
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The new data directory
    #[arg(long, env = "NACRE_DATA", value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Only up to this record
    #[arg(long, value_name = "SEQ")]
    upto: Option<u64>,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::failed(e.to_string());
    let tenants = nacre_kernel::kernel::tenants_in(&args.from).map_err(|e| failed(&e))?;
    if tenants.is_empty() {
        return Err(Failure::usage(format!("{} holds no backup of Nacre", args.from.display())));
    }
    if args.data.exists() && std::fs::read_dir(&args.data).map_err(|e| failed(&e))?.next().is_some() {
        return Err(Failure::usage(format!("{} is not empty; nothing was restored", args.data.display())));
    }
    for tenant in &tenants {
        let source = Folders::of(&args.from, tenant).journal;
        backup::verify_backup(Arc::new(OsDisk), &source).map_err(|e| failed(&e))?;
    }
    for tenant in tenants {
        let (source, target) =
            (Folders::of(&args.from, &tenant).journal, Folders::of(&args.data, &tenant).journal);
        std::fs::create_dir_all(&target).map_err(|e| failed(&e))?;
        let manifest = backup::restore(Arc::new(OsDisk), &source, &target, args.upto.map(Seq))
            .map_err(|e| failed(&e))?;
        // Checkpoints of a longer log would accuse the restored one of having lost records.
        if args.upto.is_none() {
            let checkpoints = nacre_server::notary::checkpoints_dir;
            copy_folder(&checkpoints(&args.from, &tenant), &checkpoints(&args.data, &tenant))?;
        }
        data(format_args!("{tenant} {}", manifest.last));
    }
    copy_folder(&args.from.join("keys"), &args.data.join("keys"))?;
    say(format_args!("restored to {}; the first start makes the views", args.data.display()));
    Ok(())
}

/// Copies the files of a folder, if it exists, with their permissions.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.exists() {
        return Ok(());
    }
    let failed = |e: std::io::Error| Failure::failed(format!("{}: {e}", from.display()));
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
        }
    }
    Ok(())
}
