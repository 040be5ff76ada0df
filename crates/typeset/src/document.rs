//! What a report is made of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Blocks of one document.
pub const BLOCKS_MAX: usize = 20_000;
/// Cells of all its tables.
pub const CELLS_MAX: usize = 200_000;
/// Characters of all its words.
pub const CHARACTERS_MAX: usize = 4_000_000;
/// Charts of one document.
pub const CHARTS_MAX: usize = 200;

/// Why a document cannot be typeset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportError {
    /// It is larger than is typeset.
    #[error("the report has {count} {what}; at most {limit} are typeset")]
    TooLarge {
        /// Of what there are too many.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The typesetter refused.
    #[error("the report cannot be typeset: {0}")]
    Typesetting(String),
}

impl ReportError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ReportError::TooLarge { .. } => "report_too_large",
            ReportError::Typesetting(_) => "report_typesetting",
        }
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    /// Title.
    pub title: String,
    /// A line below it.
    pub subtitle: String,
    /// Who issues it.
    pub issuer: String,
    /// Day, as it is written: 2026年11月23日.
    pub date: String,
    /// Version, in words.
    pub version: String,
    /// State, in words; shown while it is no published report.
    pub state: String,
    /// Verification code 校验码.
    pub code: String,
    /// Digest of the figures.
    pub digest: String,
    /// From what data, in words.
    pub freeze: String,
    /// How to verify it, a line each.
    pub verify: Vec<String>,
    /// Sections.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Section {
    /// 一、 (一) 1. or nothing.
    pub number: String,
    /// 1 to 3.
    pub level: u8,
    /// Title.
    pub title: String,
    /// It begins on a new page.
    pub new_page: bool,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "block", content = "of", rename_all = "lowercase")]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
    /// A remark in small type.
    Note(String),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inline {
    /// The words.
    pub text: String,
    /// They stand out.
    #[serde(default)]
    pub strong: bool,
    /// They lead to the row with this anchor.
    #[serde(default)]
    pub link: Option<String>,
}

impl From<&str> for Inline {
    fn from(text: &str) -> Inline {
        Inline { text: text.to_owned(), strong: false, link: None }
    }
}

impl From<String> for Inline {
    fn from(text: String) -> Inline {
        Inline { text, strong: false, link: None }
    }
}

impl Inline {
    /// Words that lead to a row; plain words without an anchor.
    pub fn linked(text: impl Into<String>, anchor: Option<String>) -> Inline {
        Inline { text: text.into(), strong: false, link: anchor }
    }
}

/// A table; its head is repeated on each page.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// Share of the width.
    pub weight: f64,
    /// Numbers stand at the right.
    pub right: bool,
}

impl Column {
    /// A column of words.
    pub fn words(title: &str, weight: f64) -> Column {
        Column { title: title.to_owned(), weight, right: false }
    }

    /// A column of numbers.
    pub fn numbers(title: &str, weight: f64) -> Column {
        Column { title: title.to_owned(), weight, right: true }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Row {
    /// Where links lead.
    pub anchor: Option<String>,
    /// One a column.
    pub cells: Vec<Cell>,
}

/// What stands in a cell.
pub type Cell = Vec<Inline>;

/// A chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub caption: String,
    /// The same for who cannot see it, with the numbers.
    pub alt: String,
    /// Unit of the axis.
    pub unit: String,
    /// Its form.
    pub kind: ChartKind,
    /// Along the axis.
    pub categories: Vec<String>,
    /// Values.
    pub series: Vec<Series>,
}

/// Forms of chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ChartKind {
    Bars,
    Lines,
}

/// How a series is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// An actual.
    Solid,
    /// An estimate, or what was interpolated.
    Dashed,
    /// A target: a line.
    Target,
}

/// Values of a chart; what is missing is a gap with the word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Name.
    pub name: String,
    /// How it is drawn.
    pub style: Style,
    /// One a category.
    pub values: Vec<Option<f64>>,
}

/// A document ready for the template: bounded, without control characters, links only where they lead somewhere.
pub(crate) fn prepared(document: &Document) -> Result<Document, ReportError> {
    let mut made = document.clone();
    let blocks: usize = made.sections.iter().map(|s| s.blocks.len() + 1).sum();
    let limit = |what, count: usize, limit| match count > limit {
        true => Err(ReportError::TooLarge { what, count, limit }),
        false => Ok(()),
    };
    limit("blocks", blocks, BLOCKS_MAX)?;
    let of_blocks = || document.sections.iter().flat_map(|s| &s.blocks);
    let cells: usize = of_blocks().map(|b| if let Block::Table(t) = b { t.columns.len() * (t.rows.len() + 1) } else { 0 }).sum();
    limit("cells", cells, CELLS_MAX)?;
    limit("charts", of_blocks().filter(|b| matches!(b, Block::Chart(_))).count(), CHARTS_MAX)?;
    let mut anchors = BTreeSet::new();
    let mut characters = 0;
    let mut clean = |text: &mut String| {
        text.retain(|c| !c.is_control() || c == '\n');
        characters += text.chars().count();
    };
    for text in [
        &mut made.title,
        &mut made.subtitle,
        &mut made.issuer,
        &mut made.date,
        &mut made.version,
        &mut made.state,
        &mut made.code,
        &mut made.digest,
        &mut made.freeze,
    ] {
        clean(text);
    }
    made.verify.iter_mut().for_each(&mut clean);
    for section in &mut made.sections {
        section.level = section.level.clamp(1, 3);
        clean(&mut section.number);
        clean(&mut section.title);
        for block in &mut section.blocks {
            match block {
                Block::Paragraph(parts) => parts.iter_mut().for_each(|p| clean(&mut p.text)),
                Block::Note(text) => clean(text),
                Block::Chart(chart) => {
                    clean(&mut chart.caption);
                    clean(&mut chart.alt);
                    clean(&mut chart.unit);
                    chart.categories.truncate(60);
                    chart.categories.iter_mut().for_each(&mut clean);
                    let count = chart.categories.len();
                    for series in &mut chart.series {
                        clean(&mut series.name);
                        series.values.resize(count, None);
                        series.values.iter_mut().for_each(|v| *v = v.filter(|v| v.is_finite()));
                    }
                }
                Block::Table(table) => {
                    clean(&mut table.caption);
                    for column in &mut table.columns {
                        clean(&mut column.title);
                        let usual = column.weight.is_finite() && (0.05..=100.0).contains(&column.weight);
                        column.weight = if usual { column.weight } else { 1.0 };
                    }
                    for row in &mut table.rows {
                        row.cells.resize(table.columns.len(), Vec::new());
                        row.cells.iter_mut().flatten().for_each(|p| clean(&mut p.text));
                        // An anchor that stands twice would be ambiguous: the first counts.
                        row.anchor = row.anchor.take().filter(|a| !a.is_empty() && anchors.insert(a.clone()));
                    }
                }
            }
        }
    }
    limit("characters", characters, CHARACTERS_MAX)?;
    let known = |part: &mut Inline| part.link = part.link.take().filter(|l| anchors.contains(l));
    for block in made.sections.iter_mut().flat_map(|s| &mut s.blocks) {
        match block {
            Block::Paragraph(parts) => parts.iter_mut().for_each(known),
            Block::Table(table) => table.rows.iter_mut().flat_map(|r| r.cells.iter_mut().flatten()).for_each(known),
            Block::Chart(_) | Block::Note(_) => {}
        }
    }
    Ok(made)
}
