//! `nacre doctor`.

use nacre_journal::disk::OsDisk;
use nacre_journal::{Reader, scrub};
use nacre_kernel::open::Folders;
use nacre_views::tiles::LogTiles;

use super::DataArg;
use super::exit::Failure;
use super::output::data;

/// Look for damage and say what to do; changes nothing.
///
/// Reads every byte of the journals. Exit code 3 when something is wrong.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: DataArg,
    /// One JSON object a finding
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let (root, tenants) = args.data.existing()?;
    let mut wrong = 0;
    for tenant in tenants {
        let folders = Folders::of(root, &tenant);
        let report = scrub::scrub(&OsDisk, &folders.journal, Some(&tenant))
            .map_err(|e| Failure::failed(e.to_string()))?;
        for finding in &report.findings {
            wrong += usize::from(!is_torn_tail(finding));
            let file = finding.file.display();
            if args.json {
                let line = serde_json::json!({
                    "tenant": tenant.as_str(), "code": finding.what.code(), "file": file.to_string(),
                    "offset": finding.offset, "first": finding.first.0, "last": finding.last.map(|s| s.0),
                    "readable": finding.readable.iter().map(|s| s.0).collect::<Vec<_>>(), "text": finding.text,
                });
                data(format_args!("{line}"));
            } else {
                let last = finding.last.map_or("?".to_owned(), |s| s.to_string());
                data(format_args!(
                    "{} {file}:{} records {} to {last}: {}",
                    finding.what.code(),
                    finding.offset,
                    finding.first,
                    finding.text
                ));
            }
        }
        if !args.json {
            data(format_args!(
                "tenant {tenant}: {} records in {} segments, the last is {}",
                report.records, report.segments, report.last
            ));
        }
        wrong += views(&folders, &report)?;
    }
    if wrong == 0 {
        if !args.json {
            data(format_args!("sound"));
        }
        return Ok(());
    }
    Err(Failure::findings(format!(
        "{wrong} finding(s); nothing was changed. Keep a copy of the data directory as it is. Damage in the journal: \
         restore from a backup (`nacre restore`) up to the record before it. Damage in views or log: `nacre rebuild`."
    )))
}

/// A write that was never acknowledged is removed at the next start and nothing to worry about.
fn is_torn_tail(finding: &scrub::Finding) -> bool {
    finding.what == scrub::FindingKind::TornTail
}

/// The log's tiles must not be longer than the journal.
fn views(folders: &Folders, report: &scrub::ScrubReport) -> Result<usize, Failure> {
    if !folders.log.exists() || Reader::open(std::sync::Arc::new(OsDisk), &folders.journal, None).is_err() {
        return Ok(0);
    }
    let tiles = LogTiles::open(&folders.log, u64::MAX).map_err(|e| Failure::failed(e.to_string()))?;
    if tiles.size() > report.last.0 {
        data(format_args!(
            "journal_short: the log knew {} records, the journal has {}: acknowledged records are missing",
            tiles.size(),
            report.last
        ));
        return Ok(1);
    }
    Ok(0)
}
