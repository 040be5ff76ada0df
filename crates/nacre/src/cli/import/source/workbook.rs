//! XLSX: the cells of one sheet, read in a stream, so that a cell far away costs no more than a near one.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx};
use serde_json::Value as Json;

use super::{ROWS_MAX, Reading, Row, cells, columns};
use crate::cli::import::Problem;

/// Furthest column that is read.
const COLUMN_MAX: u32 = 2_000;

/// The rows under the header.
#[derive(Debug)]
pub struct Sheet(Vec<(u32, Vec<Data>)>);

/// Opens a sheet: the one named, else the first.
pub fn open(bytes: Vec<u8>, reading: &Reading) -> Result<(Vec<String>, Sheet), String> {
    let wrong = |e: calamine::XlsxError| format!("not a workbook that can be read: {e}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let names = book.sheet_names();
    let name = match &reading.sheet {
        Some(sheet) if names.contains(sheet) => sheet.clone(),
        Some(sheet) => return Err(format!("there is no sheet `{sheet}`; there are: {}", names.join(", "))),
        None => names.first().cloned().ok_or("the workbook has no sheet")?,
    };
    let mut rows: Vec<(u32, Vec<Data>)> = Vec::new();
    let mut reader = book.worksheet_cells_reader(&name).map_err(wrong)?;
    while let Some(cell) = reader.next_cell().map_err(wrong)? {
        let (row, column) = cell.get_position();
        let empty = match cell.get_value() {
            DataRef::Empty => true,
            DataRef::String(text) => text.trim().is_empty(),
            DataRef::SharedString(text) => text.trim().is_empty(),
            _ => false,
        };
        if empty {
            continue;
        }
        if column >= COLUMN_MAX {
            return Err(format!(
                "line {} has a cell in column {}: too far to the right",
                row + 1,
                column + 1
            ));
        }
        if rows.last().is_none_or(|(last, _)| *last != row) {
            if rows.len() > ROWS_MAX {
                return Err(format!("more than {ROWS_MAX} rows: split the sheet"));
            }
            rows.push((row, Vec::new()));
        }
        if let Some((_, cells)) = rows.last_mut() {
            let column = column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, Data::Empty);
            }
            cells[column] = cell.get_value().clone().into();
        }
    }
    let first = match reading.header {
        Some(line) => rows.iter().position(|(row, _)| *row as usize + 1 == line),
        None => (!rows.is_empty()).then_some(0),
    };
    let Some(first) = first else {
        return Err(match reading.header {
            Some(line) => format!("line {line} of sheet `{name}` is empty, and should be the header"),
            None => format!("sheet `{name}` is empty; there are: {}", names.join(", ")),
        });
    };
    let columns = columns(rows[first].1.iter().map(ToString::to_string))?;
    rows.drain(..=first);
    Ok((columns, Sheet(rows)))
}

impl Sheet {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows.
    pub fn rows<'a>(&'a self, columns: &'a [String]) -> impl Iterator<Item = Row> + 'a {
        self.0.iter().map(move |(row, written)| {
            let values: Result<Vec<Json>, Problem> =
                written.iter().enumerate().map(|(i, cell)| value(columns, i, cell)).collect();
            Row { line: *row as usize + 1, content: values.and_then(|values| cells(columns, values)) }
        })
    }
}

fn value(columns: &[String], index: usize, cell: &Data) -> Result<Json, Problem> {
    Ok(match cell {
        Data::Empty => Json::Null,
        Data::Int(n) => (*n).into(),
        Data::Float(n) => number(*n),
        Data::Bool(b) => (*b).into(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second, milli) {
                (0, 0, 0, 0) => date.into(),
                _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}").into(),
            }
        }
        Data::DateTime(duration) => number(duration.as_f64()),
        Data::Error(e) => {
            let column = columns.get(index).map_or("", String::as_str);
            let reason = format!("the cell holds the error {e}; correct its formula");
            return Err(Problem::new(column, "cell-error", reason));
        }
        text => match text.to_string().trim() {
            "" => Json::Null,
            text => text.into(),
        },
    })
}

/// Spreadsheets hold whole numbers as broken ones.
fn number(n: f64) -> Json {
    if n.fract() == 0.0 && n.abs() < 9e15 { (n as i64).into() } else { n.into() }
}
