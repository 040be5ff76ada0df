//! From the cells of a table (CSV or a sheet) to rows. Columns are found by their titles, in any order; unknown ones
//! are said and left.

use super::{Finding, ROWS_MAX, ReturnRow, RowKind, Severity};
use crate::Words;

/// Columns of the template: name in JSON, 中文 title, English title.
pub const COLUMNS: [(&str, &str, &str); 11] = [
    ("indicator", "指标代码", "indicator"),
    ("indicatorTitle", "指标名称", "name"),
    ("subject", "对象", "subject"),
    ("period", "时期", "period"),
    ("definition", "口径", "definition"),
    ("value", "数值", "value"),
    ("unit", "单位", "unit"),
    ("kind", "性质", "kind"),
    ("sourceDocument", "来源文件", "source document"),
    ("sourceSentence", "来源原句", "source sentence"),
    ("note", "说明", "note"),
];

/// Columns without which a table is none.
const NEEDED: [&str; 4] = ["indicator", "period", "value", "unit"];

/// Reads a table whose first row that is not empty holds the titles. Rows without a value, words or source are those
/// of the template that nobody filled in: they are left out.
pub fn read(cells: &[Vec<String>]) -> (Vec<ReturnRow>, Vec<Finding>) {
    let mut findings = Vec::new();
    let filled = |row: &Vec<String>| row.iter().any(|c| !c.trim().is_empty());
    let Some(head) = cells.iter().position(filled) else {
        findings.push(finding("empty_table", Severity::Error, None, None, "表是空的", "the table is empty"));
        return (Vec::new(), findings);
    };
    let titles: Vec<Option<&str>> = cells[head].iter().map(|c| column(c)).collect();
    for (title, known) in cells[head].iter().zip(&titles) {
        if known.is_none() && !title.trim().is_empty() {
            let (zh, en) =
                (format!("不认识的列“{title}”，已忽略"), format!("unknown column “{title}” was left out"));
            findings.push(finding("unknown_column", Severity::Warning, None, None, &zh, &en));
        }
    }
    for needed in NEEDED {
        if !titles.contains(&Some(needed)) {
            let title = COLUMNS.iter().find(|c| c.0 == needed).map_or(needed, |c| c.1);
            let (zh, en) = (format!("缺少“{title}”列"), format!("the column “{needed}” is missing"));
            findings.push(finding("missing_column", Severity::Error, None, Some(needed), &zh, &en));
        }
    }
    if findings.iter().any(|f| f.severity == Severity::Error) {
        return (Vec::new(), findings);
    }
    let mut rows = Vec::new();
    for (i, cells) in cells.iter().enumerate().skip(head + 1).filter(|(_, row)| filled(row)) {
        let number = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let cell = |name: &str| {
            let place = titles.iter().position(|t| *t == Some(name));
            place.and_then(|p| cells.get(p)).map(|c| c.trim().to_owned()).unwrap_or_default()
        };
        let told = ["value", "note", "sourceDocument", "sourceSentence"].iter().any(|n| !cell(n).is_empty());
        if !told {
            continue;
        }
        if rows.len() == ROWS_MAX {
            let (zh, en) = (
                format!("超过 {ROWS_MAX} 行，其余未读"),
                format!("more than {ROWS_MAX} rows; the rest was not read"),
            );
            findings.push(finding("too_many_rows", Severity::Error, Some(number), None, &zh, &en));
            break;
        }
        let mut row = ReturnRow {
            row: number,
            indicator: cell("indicator"),
            indicator_title: cell("indicatorTitle"),
            subject: cell("subject"),
            period: cell("period"),
            definition: Some(cell("definition")).filter(|d| !d.is_empty()),
            unit: cell("unit"),
            source_document: cell("sourceDocument"),
            source_sentence: cell("sourceSentence"),
            note: cell("note"),
            ..ReturnRow::default()
        };
        match cell("kind").as_str() {
            "" | "actual" | "实际" | "实际值" => {}
            "estimate" | "估计" | "估计值" => row.kind = RowKind::Estimate,
            other => {
                let (zh, en) = (
                    format!("性质“{other}”不对：填“实际”或“估计”"),
                    format!("kind “{other}”: write actual or estimate"),
                );
                findings.push(finding("bad_kind", Severity::Error, Some(number), Some("kind"), &zh, &en));
            }
        }
        match parse_number(&cell("value")) {
            Ok(value) => row.value = value,
            Err(text) => {
                let (zh, en) = (format!("“{text}”不是数"), format!("“{text}” is no number"));
                findings.push(finding("bad_number", Severity::Error, Some(number), Some("value"), &zh, &en));
            }
        }
        rows.push(row);
    }
    if rows.is_empty() && findings.is_empty() {
        let (zh, en) = ("表中没有填了数的行", "no row of the table is filled in");
        findings.push(finding("empty_table", Severity::Error, None, None, zh, en));
    }
    (rows, findings)
}

/// The column a title means.
fn column(title: &str) -> Option<&'static str> {
    let title = title.trim().trim_start_matches('\u{feff}').trim_end_matches('*');
    let plain = title.split(['（', '(', '\n', '/']).next().unwrap_or(title).trim();
    COLUMNS
        .iter()
        .find(|(name, zh, en)| {
            [title, plain]
                .iter()
                .any(|t| t == zh || t.eq_ignore_ascii_case(name) || t.eq_ignore_ascii_case(en))
        })
        .map(|c| c.0)
}

/// A number as people type it: blanks, thousands separators and full-width digits are understood.
fn parse_number(text: &str) -> Result<Option<f64>, String> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，'))
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + u8::try_from(c as u32 - '０' as u32).unwrap_or(0)),
            '．' | '。' => '.',
            '－' | '−' => '-',
            c => c,
        })
        .collect();
    if plain.is_empty() {
        return Ok(None);
    }
    let decimal = plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    match plain.parse::<f64>() {
        Ok(n) if decimal && n.is_finite() => Ok(Some(n)),
        _ => Err(text.to_owned()),
    }
}

/// A finding.
pub(crate) fn finding(
    code: &str,
    severity: Severity,
    row: Option<u32>,
    field: Option<&str>,
    zh: &str,
    en: &str,
) -> Finding {
    Finding { code: code.into(), severity, row, field: field.map(str::to_owned), message: Words::new(zh, en) }
}
