//! CSV (RFC 4180): separated by commas, semicolons or tabs; notes that begin with `#` may stand before the header, and
//! nowhere else, since a cell may well begin with that sign.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value as Json;

use super::{Row, cells, columns};
use crate::cli::import::Problem;

/// A text from its first row on.
#[derive(Debug)]
pub struct Csv {
    text: String,
    /// Where the rows begin.
    start: usize,
    /// Line on which they begin.
    line: usize,
    separator: u8,
}

/// Reads the header.
pub fn open(text: String, header: Option<usize>) -> Result<(Vec<String>, Csv), String> {
    let (mut start, mut line) = (0, 1);
    for whole in text.split_inclusive('\n') {
        let skipped = match header {
            Some(wanted) => line < wanted,
            None => whole.starts_with('#') || whole.trim().is_empty(),
        };
        if !skipped {
            break;
        }
        start += whole.len();
        line += 1;
    }
    let first = text[start..].lines().next().unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    let separator = [',', '\t', ';'].into_iter().rev().max_by_key(|c| count(*c)).unwrap_or(',');
    let mut csv = Csv { text, start, line, separator: separator as u8 };
    let mut record = StringRecord::new();
    let mut reader = csv.reader();
    let read = reader.read_record(&mut record).map_err(|e| e.to_string())?;
    let length = usize::try_from(reader.position().byte()).unwrap_or(0);
    if !read {
        return Err("the file is empty; its first line must name the columns".into());
    }
    let columns = columns(record.iter().map(str::to_owned))?;
    csv.line += csv.text[csv.start..csv.start + length].matches('\n').count();
    csv.start += length;
    Ok((columns, csv))
}

impl Csv {
    fn reader(&self) -> csv::Reader<&[u8]> {
        let mut builder = ReaderBuilder::new();
        builder.flexible(true).has_headers(false).delimiter(self.separator);
        builder.from_reader(&self.text.as_bytes()[self.start..])
    }

    /// Lines that are left.
    pub fn rows_about(&self) -> usize {
        self.text[self.start..].lines().count()
    }

    /// The rows. One that is empty is passed over, as spreadsheets write many of them.
    pub fn rows<'a>(&'a self, columns: &'a [String]) -> impl Iterator<Item = Row> + 'a {
        let rest = &self.text[self.start..];
        let mut reader = self.reader();
        let mut record = StringRecord::new();
        let (mut at, mut line) = (0, self.line);
        std::iter::from_fn(move || {
            loop {
                // The reader passes over empty lines; a row begins after them.
                let blank = rest[at..].len() - rest[at..].trim_start_matches(['\r', '\n']).len();
                line += rest[at..at + blank].matches('\n').count();
                at += blank;
                let begins = line;
                let read = reader.read_record(&mut record);
                let end = usize::try_from(reader.position().byte()).unwrap_or(rest.len());
                let written = &rest[at..end.max(at)];
                line += written.matches('\n').count();
                at = end.max(at);
                match read {
                    Ok(false) => return None,
                    Ok(true) if record.iter().all(|cell| cell.trim().is_empty()) => {}
                    Ok(true) => return Some(Row { line: begins, content: row(columns, &record, written) }),
                    Err(e) => {
                        let problem = Problem::new("", "cells", format!("the row cannot be read: {e}"));
                        return Some(Row { line: begins, content: Err(problem) });
                    }
                }
            }
        })
    }
}

fn row(columns: &[String], record: &StringRecord, written: &str) -> Result<super::Content, Problem> {
    // Without its end a quoted cell would swallow all rows that follow.
    if written.matches('"').count() % 2 == 1 {
        let reason = "a quotation mark is not closed; write one in a cell as \"\"";
        return Err(Problem::new("", "cells", reason.to_owned()));
    }
    let values = record.iter().map(str::trim);
    if record.len() < columns.len() {
        let reason = format!("the row has {} cells, the header {}", record.len(), columns.len());
        return Err(Problem::new("", "cells", reason));
    }
    cells(columns, values.map(|v| if v.is_empty() { Json::Null } else { v.into() }).collect())
}
