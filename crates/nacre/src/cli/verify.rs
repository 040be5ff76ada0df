//! `nacre verify`: recomputes everything, trusts nothing but the key.
//!
//! Of a data directory or a backup: every record's content against its commitment, every leaf against the log's tiles,
//! the root against every signed checkpoint. Of a bundle: content, commitment, inclusion proof, signature. The first
//! record that does not fit is named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use nacre_journal::Reader;
use nacre_journal::codec::record;
use nacre_journal::disk::OsDisk;
use nacre_journal::scrub::{Finding, FindingKind, scrub};
use nacre_kernel::open::Folders;
use nacre_ledger::{Checkpoint, Frontier, Hash, Note, TileStore, VerifierKey, verify_inclusion};
use nacre_model::{Seq, TenantId};
use nacre_views::tiles::LogTiles;
use serde::Deserialize;

use super::exit::Failure;
use super::output::{data, say};
use super::verify_report::Checked;

/// Verify a data directory, a backup or a bundle, offline.
///
/// Exit code 0: all fits. 3: something does not fit; the first record that does not is named. Changes nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A bundle (a file from /api/bundle), a data directory or a backup
    #[arg(env = "NACRE_DATA", default_value = "data", value_name = "PATH")]
    path: PathBuf,
    /// The key you trust, as /log/key prints it, or a file that holds it; else the one beside the data
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Of a report's bundle: a file of the report, to be held against the digests that were published
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The result as JSON
    #[arg(long)]
    json: bool,
}

/// What was verified.
struct Verdict {
    what: String,
    records: u64,
    checkpoints: usize,
    root: Option<Hash>,
    report: Option<Checked>,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let verdicts = if args.path.is_file() { vec![bundle(&args)?] } else { directory(&args)? };
    for v in verdicts {
        let root = v.root.map(|r| r.to_string());
        if args.json {
            let line = serde_json::json!({
                "verified": v.what, "records": v.records, "checkpoints": v.checkpoints, "root": root,
                "report": v.report.as_ref().map(|r| serde_json::json!({
                    "title": r.title, "figures": r.figures, "derived": r.derived, "files": r.files,
                })),
            });
            data(format_args!("{line}"));
        } else {
            let root = root.map(|r| format!(", root {r}")).unwrap_or_default();
            data(format_args!(
                "verified {}: {} records, {} checkpoints{root}",
                v.what, v.records, v.checkpoints
            ));
            if let Some(r) = &v.report {
                data(format_args!(
                    "report {}: {} figures found in their records, {} computed again, {} files published",
                    r.title,
                    r.figures,
                    r.derived,
                    r.files.len()
                ));
            }
        }
    }
    Ok(())
}

fn key(args: &Args, beside: Option<PathBuf>) -> Result<Option<VerifierKey>, Failure> {
    let text = match (&args.key, beside) {
        (Some(key), _) if Path::new(key).is_file() => std::fs::read_to_string(key).ok(),
        (Some(key), _) => Some(key.clone()),
        (None, Some(path)) => std::fs::read_to_string(path).ok(),
        (None, None) => None,
    };
    let Some(text) = text else { return Ok(None) };
    VerifierKey::parse(text.trim())
        .map(Some)
        .map_err(|e| Failure::usage(format!("`{}` is no key: {e}", text.trim())))
}

fn misfit(seq: Seq, why: impl std::fmt::Display) -> Failure {
    Failure::findings(format!("record {seq} does not fit: {why}"))
}

fn directory(args: &Args) -> Result<Vec<Verdict>, Failure> {
    let tenants = nacre_kernel::kernel::tenants_in(&args.path).map_err(|e| Failure::failed(e.to_string()))?;
    if tenants.is_empty() {
        return Err(Failure::usage(format!("{} holds no data of Nacre", args.path.display())));
    }
    let key = key(args, Some(args.path.join("keys/log.pub")))?;
    if key.is_none() {
        say(format_args!("no key: checkpoints are not verified; give one with --key"));
    }
    tenants.iter().map(|tenant| tenant_of(args, tenant, key.as_ref())).collect()
}

fn tenant_of(args: &Args, tenant: &TenantId, key: Option<&VerifierKey>) -> Result<Verdict, Failure> {
    let folders = Folders::of(&args.path, tenant);
    // A frame that does not check out is refused by the reader; scrub names the records in it.
    let scrubbed = scrub(&OsDisk, &folders.journal, Some(tenant));
    let report = scrubbed.map_err(|e| Failure::findings(e.to_string()))?;
    let damage = report.findings.iter().find(|f| f.what != FindingKind::TornTail);
    let notes = checkpoints(&args.path, tenant, key)?;
    // A backup has no tiles, and opening would make them.
    let tiles = folders.log.exists().then(|| LogTiles::open(&folders.log, u64::MAX).ok()).flatten();
    let tiles = tiles.filter(|t| t.size() > 0);
    let limit = damage.map(|f| f.first);
    let reader = Reader::open(Arc::new(OsDisk), &folders.journal, Some(tenant));
    let mut frontier = Frontier::new();
    let mut notes = notes.into_iter().peekable();
    let (mut signed, mut fitting) = (0, Seq::ZERO);
    let reader = match reader {
        Ok(reader) => Some(reader),
        Err(error) if damage.is_none() => return Err(Failure::findings(error.to_string())),
        Err(_) => None,
    };
    for item in reader.iter().flat_map(|r| r.iter(Seq(1))) {
        let seq = Seq(frontier.size() + 1);
        if limit.is_some_and(|l| seq >= l) {
            break;
        }
        let (_, bytes) = item.map_err(|e| misfit(seq, e))?;
        let parts = record::parts(&bytes).map_err(|e| misfit(seq, e))?;
        if parts.record.seq != seq || parts.record.tenant != *tenant {
            return Err(misfit(seq, "it says another number or tenant"));
        }
        if !parts.bodies_match() {
            return Err(misfit(seq, "its content is not the one it commits to"));
        }
        let leaf = parts.leaf();
        let mut hashes = Vec::new();
        frontier.append_with(leaf, |level, hash| hashes.push((level, hash)));
        if let Some(tiles) = tiles.as_ref().filter(|t| seq.0 <= t.size()) {
            for (level, hash) in hashes {
                // The first is the leaf; every 256 hashes of a level make one of the level above.
                let index = (seq.0 >> (8 * u32::from(level))) - 1;
                let stored = tiles.reader().read(level, index, 1).map_err(|e| misfit(seq, e))?;
                if stored.first() != Some(&hash) {
                    let what = if level == 0 { "leaf".to_owned() } else { format!("tile of level {level}") };
                    return Err(misfit(seq, format!("its {what} is not the one in the log")));
                }
            }
        }
        fitting = seq;
        while let Some((size, root, name)) = notes.next_if(|(size, ..)| *size == seq.0) {
            if root != frontier.root() {
                let why =
                    format!("the root over {size} records is not the one that checkpoint `{name}` signs");
                return Err(misfit(seq, why));
            }
            signed += 1;
        }
    }
    if let Some(finding) = damage {
        return Err(misfit(first_unreadable(finding, fitting), &finding.text));
    }
    if let Some((size, _, name)) = notes.next() {
        return Err(misfit(
            fitting.next(),
            format!("checkpoint `{name}` signs {size} records, the journal has {fitting}"),
        ));
    }
    Ok(Verdict {
        what: format!("tenant {tenant}"),
        records: fitting.0,
        checkpoints: signed,
        root: (fitting > Seq::ZERO).then(|| frontier.root()),
        report: None,
    })
}

/// The first record of a damaged frame that cannot be read, or does not match its own commitment.
fn first_unreadable(finding: &Finding, fitting: Seq) -> Seq {
    let mut seq = finding.first.max(fitting.next());
    while finding.readable.contains(&seq) && finding.last.is_none_or(|last| seq < last) {
        seq = seq.next();
    }
    seq
}

/// Size, root and name of each signed checkpoint, smallest first; the signature has been verified.
fn checkpoints(
    data: &Path,
    tenant: &TenantId,
    key: Option<&VerifierKey>,
) -> Result<Vec<(u64, Hash, String)>, Failure> {
    let Some(key) = key else { return Ok(Vec::new()) };
    let dir = nacre_server::notary::checkpoints_dir(data, tenant);
    let Ok(entries) = std::fs::read_dir(&dir) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for path in entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_none()) {
        let name = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(|e| Failure::failed(format!("{name}: {e}")))?;
        let checkpoint =
            open_note(&bytes, key).map_err(|why| Failure::findings(format!("checkpoint {name}: {why}")))?;
        found.push((checkpoint.size, checkpoint.root, name));
    }
    found.sort();
    Ok(found)
}

fn open_note(bytes: &[u8], key: &VerifierKey) -> Result<Checkpoint, String> {
    let note = Note::parse(bytes).map_err(|e| e.to_string())?;
    note.verify(std::slice::from_ref(key)).map_err(|e| e.to_string())?;
    Checkpoint::from_text(note.text()).map_err(|e| e.to_string())
}

#[derive(Deserialize)]
struct Bundle {
    format: String,
    key: String,
    checkpoint: String,
    records: Vec<Proved>,
    #[serde(default)]
    report: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Proved {
    seq: u64,
    bytes: String,
    proof: Vec<String>,
}

fn bundle(args: &Args) -> Result<Verdict, Failure> {
    let name = args.path.display();
    let bytes = std::fs::read(&args.path).map_err(|e| Failure::failed(format!("{name}: {e}")))?;
    let bundle: Bundle =
        serde_json::from_slice(&bytes).map_err(|e| Failure::findings(format!("{name} is no bundle: {e}")))?;
    if bundle.format != "nacre-bundle-1" {
        return Err(Failure::findings(format!(
            "{name} is of format `{}`, not `nacre-bundle-1`",
            bundle.format
        )));
    }
    let trusted = match key(args, None)? {
        Some(key) => key,
        None => {
            say(format_args!(
                "the key is the bundle's own ({}); compare it, or give the one you trust with --key",
                bundle.key
            ));
            VerifierKey::parse(&bundle.key)
                .map_err(|e| Failure::findings(format!("the bundle's key: {e}")))?
        }
    };
    let checkpoint = open_note(bundle.checkpoint.as_bytes(), &trusted)
        .map_err(|why| Failure::findings(format!("the bundle's checkpoint: {why}")))?;
    let mut records = Vec::new();
    for proved in &bundle.records {
        let seq = Seq(proved.seq);
        let bytes =
            base64::engine::general_purpose::STANDARD.decode(&proved.bytes).map_err(|e| misfit(seq, e))?;
        let parts = record::parts(&bytes).map_err(|e| misfit(seq, e))?;
        if parts.record.seq != seq {
            return Err(misfit(seq, format!("the record says it is number {}", parts.record.seq)));
        }
        if !parts.bodies_match() {
            return Err(misfit(seq, "its content is not the one it commits to"));
        }
        let proof = proved
            .proof
            .iter()
            .map(|h| h.parse())
            .collect::<Result<Vec<Hash>, _>>()
            .map_err(|e| misfit(seq, e))?;
        let index = seq.0.checked_sub(1).ok_or_else(|| misfit(seq, "records are numbered from 1"))?;
        verify_inclusion(&parts.leaf(), index, checkpoint.size, &proof, &checkpoint.root)
            .map_err(|e| misfit(seq, e))?;
        if bundle.report.is_some() {
            records.push(record::decode(&bytes).map_err(|e| misfit(seq, e))?);
        }
    }
    let report = match &bundle.report {
        Some(report) => Some(super::verify_report::check(report, &records, args.file.as_deref())?),
        None if args.file.is_some() => return Err(Failure::usage("--file needs the bundle of a report")),
        None => None,
    };
    Ok(Verdict {
        what: format!(
            "bundle {name} against the checkpoint of {} over {} records",
            checkpoint.origin, checkpoint.size
        ),
        records: bundle.records.len() as u64,
        checkpoints: 1,
        root: Some(checkpoint.root),
        report,
    })
}
