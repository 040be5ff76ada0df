//! `nacre backup`.

use std::path::PathBuf;

use nacre_journal::disk::OsDisk;
use nacre_journal::{Reader, backup};
use nacre_kernel::open::Folders;
use nacre_model::Seq;

use super::DataArg;
use super::exit::Failure;
use super::output::{data, say};
use super::restore::{copy_checkpoints, copy_folder};

/// Copy the journals of a data directory, also while it is served.
///
/// What is copied is the truth: the journals, the keys of the log, its signed checkpoints and files of published reports.
/// Views are made again when the copy is opened. Prints `tenant last-record` a line.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: DataArg,
    /// Where to; must be empty or not exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Only up to this record
    #[arg(long, value_name = "SEQ")]
    upto: Option<u64>,
    /// One JSON object a tenant
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let (root, tenants) = args.data.existing()?;
    let failed = |e: &dyn std::fmt::Display| Failure::failed(e.to_string());
    if args.to.exists() && std::fs::read_dir(&args.to).map_err(|e| failed(&e))?.next().is_some() {
        return Err(Failure::usage(format!("{} is not empty; nothing was copied", args.to.display())));
    }
    for tenant in tenants {
        let reader =
            Reader::open(std::sync::Arc::new(OsDisk), &Folders::of(root, &tenant).journal, Some(&tenant));
        let reader = reader.map_err(|e| failed(&e))?;
        let target = Folders::of(&args.to, &tenant).journal;
        std::fs::create_dir_all(&target).map_err(|e| failed(&e))?;
        let upto = args.upto.map(Seq).map(|s| s.min(reader.durable()));
        let manifest = backup::backup(&reader, &OsDisk, &target, upto).map_err(|e| failed(&e))?;
        copy_checkpoints(root, &args.to, &tenant, manifest.last)?;
        if args.json {
            let line = serde_json::json!({"tenant": tenant.as_str(), "last": manifest.last.0, "files": manifest.files.len()});
            data(format_args!("{line}"));
        } else {
            data(format_args!("{tenant} {}", manifest.last));
        }
    }
    copy_folder(&root.join("keys"), &args.to.join("keys"))?;
    copy_folder(&root.join("files"), &args.to.join("files"))?;
    say(format_args!(
        "backed up to {}; the folder `keys` in it holds the log's private key",
        args.to.display()
    ));
    Ok(())
}
