//! Rows of a file, whatever it is: a name and a value for each column.
//!
//! Limits: [`FILE_BYTES_MAX`], [`ROWS_MAX`] rows, [`COLUMNS_MAX`] columns.

use std::path::Path;

use calamine::{Data, Reader, open_workbook_auto};
use serde_json::Value as Json;

use super::Encoding;
use crate::cli::exit::Failure;

/// Largest file.
const FILE_BYTES_MAX: u64 = 200 << 20;
/// Most rows.
const ROWS_MAX: usize = 1_000_000;
/// Most columns.
const COLUMNS_MAX: usize = 500;

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Line of the file, from 1.
    pub line: usize,
    /// Column and value, in order; empty cells are left out.
    pub cells: Vec<(String, Json)>,
}

/// A file.
#[derive(Debug, Clone)]
pub struct Table {
    /// All columns, in order.
    pub columns: Vec<String>,
    /// All rows.
    pub rows: Vec<Row>,
    /// Rows are NGSI-LD entities already.
    pub entities: bool,
}

/// Reads a file by its ending.
pub fn read(path: &Path, sheet: Option<&str>, encoding: Option<Encoding>) -> Result<Table, Failure> {
    let shown = path.display();
    let failed = |e: &dyn std::fmt::Display| Failure::failed(format!("{shown}: {e}"));
    let length = std::fs::metadata(path).map_err(|e| failed(&e))?.len();
    if length > FILE_BYTES_MAX {
        return Err(Failure::usage(format!(
            "{shown} has {length} bytes, at most {FILE_BYTES_MAX} are taken: split it"
        )));
    }
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let table = match ending.as_str() {
        "csv" => csv(&text(&std::fs::read(path).map_err(|e| failed(&e))?, encoding).map_err(|e| failed(&e))?),
        "xlsx" | "xls" | "ods" => workbook(path, sheet),
        "ndjson" | "jsonl" => {
            ndjson(&text(&std::fs::read(path).map_err(|e| failed(&e))?, encoding).map_err(|e| failed(&e))?)
        }
        "geojson" | "json" => geojson(&std::fs::read(path).map_err(|e| failed(&e))?),
        other => Err(format!("`.{other}` is not known; needed: csv, xlsx, ndjson or geojson")),
    };
    let table = table.map_err(|e| failed(&e))?;
    if table.rows.len() > ROWS_MAX || table.columns.len() > COLUMNS_MAX {
        return Err(Failure::usage(format!(
            "{shown}: {} rows and {} columns; at most {ROWS_MAX} and {COLUMNS_MAX} are taken",
            table.rows.len(),
            table.columns.len()
        )));
    }
    Ok(table)
}

/// Text of bytes: UTF-8, else GB18030, which Chinese spreadsheets write.
fn text(bytes: &[u8], encoding: Option<Encoding>) -> Result<String, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match (encoding, std::str::from_utf8(bytes)) {
        (None | Some(Encoding::Utf8), Ok(text)) => Ok(text.to_owned()),
        (Some(Encoding::Utf8), Err(e)) => Err(format!("is not UTF-8 from byte {} on", e.valid_up_to())),
        (None | Some(Encoding::Gb18030), _) => {
            let (text, _, malformed) = encoding_rs::GB18030.decode(bytes);
            if malformed { Err("is neither UTF-8 nor GB18030".into()) } else { Ok(text.into_owned()) }
        }
    }
}

fn csv(text: &str) -> Result<Table, String> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| e.to_string())?.clone();
    let columns: Vec<String> = headers.iter().map(|h| h.trim().to_owned()).collect();
    check_columns(&columns)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        if record.len() > columns.len() {
            return Err(format!("line {line} has {} cells, the header {}", record.len(), columns.len()));
        }
        let cells = columns.iter().zip(record.iter()).filter(|(_, v)| !v.trim().is_empty());
        rows.push(Row {
            line,
            cells: cells.map(|(c, v)| (c.clone(), Json::String(v.trim().to_owned()))).collect(),
        });
    }
    Ok(Table { columns, rows, entities: false })
}

fn check_columns(columns: &[String]) -> Result<(), String> {
    for (i, column) in columns.iter().enumerate() {
        if column.is_empty() {
            return Err(format!("column {} has no name in the header", i + 1));
        }
        if columns[..i].contains(column) {
            return Err(format!("two columns are called `{column}`"));
        }
    }
    Ok(())
}

fn workbook(path: &Path, sheet: Option<&str>) -> Result<Table, String> {
    let mut book = open_workbook_auto(path).map_err(|e| e.to_string())?;
    let names = book.sheet_names();
    let name = match sheet {
        Some(sheet) if names.iter().any(|n| n == sheet) => sheet.to_owned(),
        Some(sheet) => return Err(format!("there is no sheet `{sheet}`; there are: {}", names.join(", "))),
        None => names.first().cloned().ok_or("the workbook has no sheet")?,
    };
    let range = book.worksheet_range(&name).map_err(|e| e.to_string())?;
    let first_line = range.start().map_or(1, |(row, _)| row as usize + 1);
    let mut lines = range.rows();
    let header = lines.next().ok_or_else(|| format!("sheet `{name}` is empty"))?;
    let columns: Vec<String> = header.iter().map(|c| c.to_string().trim().to_owned()).collect();
    check_columns(&columns)?;
    let mut rows = Vec::new();
    for (i, line) in lines.enumerate() {
        let mut cells = Vec::new();
        for (column, cell) in columns.iter().zip(line) {
            let value = match cell {
                Data::Empty => continue,
                Data::Int(n) => Json::from(*n),
                Data::Float(n) => number(*n),
                Data::Bool(b) => Json::from(*b),
                Data::DateTime(at) => Json::from(local_time(at.as_f64())),
                Data::Error(e) => {
                    return Err(format!(
                        "line {}, column `{column}` holds the error {e}",
                        first_line + i + 1
                    ));
                }
                text => Json::from(text.to_string().trim().to_owned()),
            };
            if value.as_str() != Some("") {
                cells.push((column.clone(), value));
            }
        }
        if !cells.is_empty() {
            rows.push(Row { line: first_line + i + 1, cells });
        }
    }
    Ok(Table { columns, rows, entities: false })
}

/// A spreadsheet's time is days since 1899-12-30, without zone.
fn local_time(days: f64) -> String {
    const EPOCH_DAYS: f64 = 25_569.0;
    let ms = ((days - EPOCH_DAYS) * 86_400_000.0).round();
    let text = nacre_model::Instant::default().plus_ms(ms as i64).to_string();
    text.trim_end_matches('Z').trim_end_matches(".000").to_owned()
}

/// Spreadsheets hold whole numbers as broken ones.
fn number(n: f64) -> Json {
    if n.fract() == 0.0 && n.abs() < 9e15 { Json::from(n as i64) } else { Json::from(n) }
}

fn ndjson(text: &str) -> Result<Table, String> {
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let value: Json = serde_json::from_str(line).map_err(|e| format!("line {}: {e}", i + 1))?;
        let Json::Object(object) = value else { return Err(format!("line {} is no object", i + 1)) };
        rows.push(Row { line: i + 1, cells: object.into_iter().collect() });
    }
    Ok(Table { columns: Vec::new(), rows, entities: true })
}

fn geojson(bytes: &[u8]) -> Result<Table, String> {
    let value: Json = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let features =
        value.get("features").and_then(Json::as_array).ok_or("needed: a GeoJSON FeatureCollection")?;
    let (mut columns, mut rows): (Vec<String>, Vec<Row>) = (Vec::new(), Vec::new());
    for (i, feature) in features.iter().enumerate() {
        let mut cells: Vec<(String, Json)> = Vec::new();
        cells.extend(feature.get("id").filter(|v| !v.is_null()).map(|v| ("id".to_owned(), v.clone())));
        for (name, value) in feature.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if !value.is_null() && name != "id" {
                cells.push((name.clone(), value.clone()));
            }
        }
        cells.extend(
            feature.get("geometry").filter(|g| !g.is_null()).map(|g| ("geometry".to_owned(), g.clone())),
        );
        for (name, _) in &cells {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        rows.push(Row { line: i + 1, cells });
    }
    Ok(Table { columns, rows, entities: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_headers_come_in_utf_8_with_mark_and_in_gb18030() {
        let table = "编号,名称\n1,赤岗街道\n";
        let (gb, _, _) = encoding_rs::GB18030.encode(table);
        let marked = [b"\xef\xbb\xbf", table.as_bytes()].concat();
        for bytes in [table.as_bytes(), &gb, &marked] {
            let read = csv(&text(bytes, None).expect("text")).expect("table");
            assert_eq!(read.columns, ["编号", "名称"]);
            assert_eq!(read.rows[0].cells[1].1, "赤岗街道");
        }
    }

    #[test]
    fn a_spreadsheets_days_are_local_times() {
        assert_eq!(local_time(45_985.395_833_333_336), "2025-11-24T09:30:00");
    }

    #[test]
    fn a_header_with_the_same_name_twice_is_refused() {
        assert!(csv("a,a\n1,2\n").is_err());
        assert!(csv("a,\n1,2\n").is_err());
    }
}
