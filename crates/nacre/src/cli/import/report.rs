//! What was refused: told on standard error, and written as a CSV that spreadsheets open.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::Refused;
use crate::cli::exit::Failure;
use crate::cli::output::say;

/// How many are told when a report holds them all.
const TOLD_MAX: usize = 20;

/// Tells every refused row, `file:line`; only the first ones when there is a report.
pub fn tell(file: &Path, refused: &[Refused], report: Option<&Path>) {
    let most = if report.is_some() { TOLD_MAX } else { usize::MAX };
    for r in refused.iter().take(most) {
        let (file, line, problem) = (file.display(), r.line, &r.problem);
        let column = if problem.column.is_empty() { String::new() } else { format!("{}: ", problem.column) };
        say(format_args!("{file}:{line}: {column}{} ({})", problem.reason, problem.code));
    }
    if let Some(report) = report.filter(|_| refused.len() > most) {
        say(format_args!("… and {} more, all in {}", refused.len() - most, report.display()));
    }
}

/// For programs.
pub fn to_json(refused: &[Refused]) -> Json {
    let one = |r: &Refused| json!({"line": r.line, "column": r.problem.column, "code": r.problem.code, "reason": r.problem.reason});
    refused.iter().map(one).collect()
}

/// Writes every refused row.
pub fn write(path: &Path, file: &Path, refused: &[Refused]) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::failed(format!("{}: {e}", path.display()));
    let mut out = File::create(path).map_err(|e| failed(&e))?;
    // Spreadsheets take the file for UTF-8 only with a byte order mark.
    out.write_all("\u{feff}".as_bytes()).map_err(|e| failed(&e))?;
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["file", "line", "column", "code", "reason"]).map_err(|e| failed(&e))?;
    let file = file.display().to_string();
    for r in refused {
        let line = r.line.to_string();
        let cells = [&file, &line, &r.problem.column, &r.problem.code, &r.problem.reason];
        out.write_record(cells.map(|cell| harmless(cell))).map_err(|e| failed(&e))?;
    }
    out.flush().map_err(|e| failed(&e))
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
