//! `nacre restore`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nacre_journal::backup;
use nacre_journal::disk::OsDisk;
use nacre_kernel::open::Folders;
use nacre_ledger::{Checkpoint, Note};
use nacre_model::{Seq, TenantId};
use nacre_server::notary::checkpoints_dir;

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
        copy_checkpoints(&args.from, &args.data, &tenant, manifest.last)?;
        data(format_args!("{tenant} {}", manifest.last));
    }
    // A shorter log that went on under the same key would be a second history under one name.
    if args.upto.is_none() {
        copy_folder(&args.from.join("keys"), &args.data.join("keys"))?;
    } else {
        say(format_args!(
            "restored to an earlier record: the log's key was left behind, the next start makes a new one"
        ));
    }
    copy_folder(&args.from.join("files"), &args.data.join("files"))?;
    say(format_args!("restored to {}; the first start makes the views", args.data.display()));
    Ok(())
}

/// Copies the signed checkpoints of a tenant that do not go beyond a record: those of a longer log would accuse the copy
/// of having lost records.
pub fn copy_checkpoints(from: &Path, to: &Path, tenant: &TenantId, last: Seq) -> Result<(), Failure> {
    let (from, to) = (checkpoints_dir(from, tenant), checkpoints_dir(to, tenant));
    copy_files(&from, &to, |bytes| {
        let note = Note::parse(bytes).ok();
        // What cannot be read is copied as it is; `nacre verify` will say so.
        note.and_then(|n| Checkpoint::from_text(n.text()).ok()).is_none_or(|c| c.size <= last.0)
    })
}

/// Copies the files of a folder, if it exists, with their permissions.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    copy_files(from, to, |_| true)
}

fn copy_files(from: &Path, to: &Path, wanted: impl Fn(&[u8]) -> bool) -> Result<(), Failure> {
    if !from.exists() {
        return Ok(());
    }
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |e: std::io::Error| Failure::failed(format!("{path}: {e}"))
    };
    std::fs::create_dir_all(to).map_err(failed(to))?;
    for entry in std::fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        // A file that is being written has a name of its own until it is whole.
        let whole = path.is_file() && path.extension().is_none_or(|e| e != "new");
        let (true, Some(name)) = (whole, path.file_name()) else { continue };
        let bytes = std::fs::read(&path).map_err(failed(&path))?;
        if wanted(&bytes) {
            let target = to.join(name);
            let mut file = std::fs::File::create(&target).map_err(failed(&target))?;
            let permissions = std::fs::metadata(&path).map_err(failed(&path))?.permissions();
            file.set_permissions(permissions).map_err(failed(&target))?;
            file.write_all(&bytes).map_err(failed(&target))?;
            file.sync_all().map_err(failed(&target))?;
        }
    }
    Ok(())
}
