//! Rows of a file, whatever it is. A file is read into memory once; its rows are made one at a time, as often as needed.
//!
//! Limits: [`FILE_BYTES_MAX`], [`ROWS_MAX`], [`COLUMNS_MAX`].

mod csv_file;
mod encoding;
mod geojson;
mod ndjson;
mod workbook;

use std::path::Path;

use nacre_ledger::leaf_hash;
use serde_json::{Map, Value as Json};

use super::Problem;
use crate::cli::exit::Failure;

/// Largest file.
const FILE_BYTES_MAX: u64 = 200 << 20;
/// Most rows.
pub const ROWS_MAX: usize = 1_000_000;
/// Most columns.
const COLUMNS_MAX: usize = 500;

/// How a file is to be read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Encoding of a text, a name of the WHATWG registry.
    pub encoding: Option<String>,
    /// Line of the header, from 1.
    pub header: Option<usize>,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Line of the file or sheet, from 1.
    pub line: usize,
    /// What it holds, or why it cannot be read.
    pub content: Result<Content, Problem>,
}

/// What a row holds.
#[derive(Debug)]
pub enum Content {
    /// One value a column; null where the cell is empty.
    Cells(Vec<Json>),
    /// An entity in NGSI-LD.
    Entity(Map<String, Json>),
}

/// A file.
#[derive(Debug)]
pub struct Source {
    /// All columns, in order; one without a name must stay empty. None for a file of entities.
    pub columns: Vec<String>,
    /// About how many rows there are.
    pub rows_about: usize,
    /// Digest of the file.
    pub digest: String,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Csv(csv_file::Csv),
    Sheet(workbook::Sheet),
    Ndjson(String),
    Features(geojson::Features),
}

impl Source {
    /// Reads a file by its ending.
    pub fn open(path: &Path, reading: &Reading) -> Result<Source, Failure> {
        let shown = path.display();
        let failed = |e: String| Failure::failed(format!("{shown}: {e}"));
        let length = std::fs::metadata(path).map_err(|e| failed(e.to_string()))?.len();
        if length > FILE_BYTES_MAX {
            let (length, most) = (length >> 20, FILE_BYTES_MAX >> 20);
            return Err(Failure::usage(format!(
                "{shown}: {length} MiB, at most {most} MiB are taken: split the file"
            )));
        }
        let bytes = std::fs::read(path).map_err(|e| failed(e.to_string()))?;
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let source = Source::from_bytes(&ending, bytes, reading).map_err(failed)?;
        if source.columns.len() > COLUMNS_MAX {
            let count = source.columns.len();
            return Err(Failure::usage(format!(
                "{shown}: {count} columns, at most {COLUMNS_MAX} are taken: leave out what is not needed"
            )));
        }
        Ok(source)
    }

    /// Reads the content of a file with that ending.
    pub fn from_bytes(ending: &str, bytes: Vec<u8>, reading: &Reading) -> Result<Source, String> {
        let digest: String = leaf_hash(&bytes).0.iter().take(16).map(|b| format!("{b:02x}")).collect();
        let text = |bytes: Vec<u8>| encoding::text(bytes, reading.encoding.as_deref());
        let (columns, rows_about, body) = match ending {
            "csv" | "tsv" | "txt" => {
                let (columns, csv) = csv_file::open(text(bytes)?, reading.header)?;
                (columns, csv.rows_about(), Body::Csv(csv))
            }
            "xlsx" | "xlsm" => {
                let (columns, sheet) = workbook::open(bytes, reading)?;
                (columns, sheet.len(), Body::Sheet(sheet))
            }
            "ndjson" | "jsonl" => {
                let text = text(bytes)?;
                (Vec::new(), text.lines().count(), Body::Ndjson(text))
            }
            "geojson" | "json" => {
                let (columns, features) = geojson::open(text(bytes)?)?;
                (columns, features.len(), Body::Features(features))
            }
            "xls" | "et" | "ods" => {
                return Err(format!("`.{ending}` is not read; save it as .xlsx or as CSV and import that"));
            }
            other => {
                return Err(format!(
                    "the ending `.{other}` is not known; needed: .csv, .xlsx, .ndjson or .geojson"
                ));
            }
        };
        Ok(Source { columns, rows_about, digest, body })
    }

    /// Whether rows are entities already.
    pub fn holds_entities(&self) -> bool {
        matches!(self.body, Body::Ndjson(_))
    }

    /// All rows, from the first.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Row> + '_> {
        match &self.body {
            Body::Csv(csv) => Box::new(csv.rows(&self.columns)),
            Body::Sheet(sheet) => Box::new(sheet.rows(&self.columns)),
            Body::Ndjson(text) => Box::new(ndjson::rows(text)),
            Body::Features(features) => Box::new(features.rows(&self.columns)),
        }
    }
}

/// Names of columns as they are used: without blanks around them and line breaks in them, each once.
fn columns(written: impl Iterator<Item = String>) -> Result<Vec<String>, String> {
    let mut columns: Vec<String> = Vec::new();
    for name in written {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if !name.is_empty() && columns.contains(&name) {
            return Err(format!("two columns are called `{name}`; rename one of them"));
        }
        columns.push(name);
    }
    while columns.last().is_some_and(String::is_empty) {
        columns.pop();
    }
    if columns.is_empty() {
        return Err("the header is empty; name its line with --header, or give the columns names".into());
    }
    Ok(columns)
}

/// A row of cells under its columns: what stands beside the columns, or under none, is a mistake.
fn cells(columns: &[String], mut cells: Vec<Json>) -> Result<Content, Problem> {
    let stray = cells.iter().enumerate().find(|(i, cell)| {
        let named = columns.get(*i).is_some_and(|name| !name.is_empty());
        !named && !cell.is_null()
    });
    if let Some((i, _)) = stray {
        let reason = format!(
            "cell {} stands under no column name, the header has {}; look for a separator too many, or give the \
             column a name",
            i + 1,
            columns.len()
        );
        return Err(Problem::new("", "cells", reason));
    }
    cells.resize(columns.len(), Json::Null);
    Ok(Content::Cells(cells))
}
