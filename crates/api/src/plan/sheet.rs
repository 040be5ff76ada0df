//! Tables in and out: CSV (with a byte order mark, so that Excel reads Chinese) and XLSX.

use std::io::Cursor;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use calamine::{Data, Reader};
use rust_xlsxwriter::{Format, Workbook};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::internal;
use crate::problem::Problem;

/// Most cells read from an uploaded table.
const CELLS_MAX: usize = 500_000;
/// Most bytes of an uploaded table.
pub const BYTES_MAX: usize = 8 << 20;

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SheetFormat {
    #[default]
    Csv,
    Xlsx,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, exactly.
    Number(f64),
    /// Nothing.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Cell {
        number.map_or(Cell::Empty, Cell::Number)
    }
}

/// A table as a download.
pub fn download(
    name: &str,
    format: SheetFormat,
    head: &[&str],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<Response, Problem> {
    let (bytes, kind, extension) = match format {
        SheetFormat::Csv => (csv(head, rows)?, "text/csv; charset=utf-8", "csv"),
        SheetFormat::Xlsx => (
            xlsx(name, head, rows).map_err(internal)?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    Ok(attachment(bytes, kind, &format!("{name}.{extension}")))
}

/// Bytes as a file to save.
pub fn attachment(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded.replace('+', "%20"));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn csv(head: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(head).map_err(internal)?;
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => harmless(text),
            Cell::Number(n) => n.to_string(),
            Cell::Empty => String::new(),
        });
        writer.write_record(cells).map_err(internal)?;
    }
    writer.into_inner().map_err(internal)
}

/// Spreadsheets run a text that begins like a formula; a quote before it keeps it a text.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

fn xlsx(
    name: &str,
    head: &[&str],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let title: String =
        name.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\')).take(31).collect();
    sheet.set_name(title)?;
    let bold = Format::new().set_bold();
    for (column, title) in (0u16..).zip(head) {
        sheet.write_with_format(0, column, *title, &bold)?;
        sheet.set_column_width(column, 16)?;
    }
    for (line, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            match cell {
                Cell::Text(text) => {
                    // A cell holds at most 32,767 characters.
                    let text: String = text.chars().take(32_000).collect();
                    sheet.write(line, column, text)?;
                }
                Cell::Number(n) => {
                    sheet.write(line, column, n)?;
                }
                Cell::Empty => {}
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}

/// The cells of an uploaded CSV or XLSX file, told apart by their first bytes.
pub fn cells(bytes: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    if bytes.len() > BYTES_MAX {
        let detail = format!("the file has {} bytes; at most {BYTES_MAX} are read", bytes.len());
        return Err(Problem::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", detail));
    }
    if bytes.starts_with(b"PK\x03\x04") { sheet_cells(bytes) } else { csv_cells(bytes) }
}

fn unreadable(why: impl std::fmt::Display) -> Problem {
    Problem::bad("unreadable_table", format!("the file is neither a CSV nor an XLSX table: {why}"))
}

fn sheet_cells(bytes: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let first = book.worksheet_range_at(0).ok_or_else(|| unreadable("no sheet"))?.map_err(unreadable)?;
    let (height, width) = first.get_size();
    if height.saturating_mul(width) > CELLS_MAX {
        return Err(unreadable(format!("{height} × {width} cells, at most {CELLS_MAX} are read")));
    }
    let text = |cell: &Data| match cell {
        Data::Empty => String::new(),
        Data::Float(n) => n.to_string(),
        Data::Int(n) => n.to_string(),
        other => other.to_string(),
    };
    // Rows above the first used one count, so that row numbers are those of the sheet.
    let skipped = first.start().map_or(0, |(row, _)| row as usize);
    let above = std::iter::repeat_n(Vec::new(), skipped.min(1_000));
    Ok(above.chain(first.rows().map(|row| row.iter().map(text).collect())).collect())
}

fn csv_cells(bytes: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    // Excel on Chinese Windows writes GB 18030.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let (text, _, wrong) = encoding_rs::GB18030.decode(bytes);
            if wrong {
                return Err(unreadable("it is neither UTF-8 nor GB 18030"));
            }
            text.into_owned()
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') {
        return Err(unreadable("it holds zero bytes"));
    }
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') && !first.contains(',') { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut count = 0;
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        // Empty lines are left out by the reader but count as lines.
        let line = record.position().map_or(0, |p| p.line() as usize);
        while rows.len() + 1 < line && rows.len() < 100_000 {
            rows.push(Vec::new());
        }
        count += record.len();
        if count > CELLS_MAX {
            return Err(unreadable(format!("more than {CELLS_MAX} cells")));
        }
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}
