//! What a report is made of: cover fields, sections with blocks, annexes, a page of differences.
//!
//! Everything is plain text; nothing in it is markup of any output. A part added here is added in all three outputs
//! (`template.typ`, `html.rs`, `docx/`) and in the walk of `limits.rs`.
//!
//! Anchors are free names that are unique in a document: a section, a table row and a chart can be linked to. A link to
//! an anchor that is not there is written as plain text.

use serde::{Deserialize, Serialize};

/// A whole report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Title on the cover, and of the file.
    pub title: String,
    /// Second line of the cover; empty when there is none.
    pub subtitle: String,
    /// Who issues the report (编制单位).
    pub issuer: String,
    /// Date as it is printed, `2026年11月23日`.
    pub date: String,
    /// Which version this is, in one line.
    pub version_line: String,
    /// Code under which the report is found again.
    pub verification_code: String,
    /// State printed on the cover and in the head of every page, `草稿`; empty on an issued report.
    pub state_label: String,
    /// Digest of the content, as it is printed.
    pub digest: String,
    /// The freeze record the figures were taken from; a draft over live data has none.
    pub freeze: Option<Freeze>,
    /// How to verify the report offline; a line feed begins a new line.
    pub verify_hint: String,
    /// The body.
    pub sections: Vec<Section>,
    /// Annexes (附件): sources of figures, open conflicts of definitions.
    pub annexes: Vec<Section>,
    /// What differs from the version before (与上一版差异).
    pub differences: Option<Section>,
}

/// The record in the ledger under which the figures were frozen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Freeze {
    /// Sequence number of the record.
    pub seq: u64,
    /// Instant of the freeze, RFC 3339. Its day becomes the creation date in the files' metadata.
    pub at: String,
    /// Root of the ledger over that record, in hexadecimal.
    pub root: String,
}

/// A heading with what stands under it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Section {
    /// Number as it is printed: `一、`, `（一）`, `1.`; or empty.
    pub number: String,
    /// Level of the heading, 1 to 3; other values are taken to the nearest, a skipped level is closed up.
    pub level: u8,
    /// Text of the heading.
    pub title: String,
    /// Content in order.
    pub blocks: Vec<Block>,
    /// Name to link to; empty when nothing links here.
    pub anchor: String,
}

/// One piece of content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph, its first line indented by two characters.
    Paragraph(Vec<Inline>),
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
    /// A list; one entry a paragraph, marked by a dot.
    List(Vec<Vec<Inline>>),
    /// A remark in smaller type.
    Note(String),
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Emphasised text.
    Strong(String),
    /// A figure that has a row in the annex of sources.
    Figure {
        /// The figure as it is printed, with its unit.
        text: String,
        /// Anchor of its row.
        anchor: String,
        /// What the reader sees on pointing at it (HTML, Word).
        title: String,
    },
}

/// A table; its header row repeats on every page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    /// Caption above the table.
    pub caption: String,
    /// Columns, left to right. A table without columns is written as its caption and note alone.
    pub columns: Vec<Column>,
    /// Rows; a short row is filled with empty cells, cells beyond the columns are dropped.
    pub rows: Vec<Vec<Cell>>,
    /// Anchors of the rows, in step with `rows`; may be shorter.
    pub row_anchors: Vec<Option<String>>,
    /// Remark under the table.
    pub note: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Text of the header cell.
    pub title: String,
    /// Alignment of the cells.
    pub align: Align,
    /// Share of the width, relative to the other columns; at least 1.
    pub width: u16,
}

impl Default for Column {
    fn default() -> Self {
        Column { title: String::new(), align: Align::Left, width: 1 }
    }
}

/// Alignment of the cells of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Short words and codes.
    Center,
    /// Numbers.
    Right,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// Content.
    pub inlines: Vec<Inline>,
    /// Shown bold on a light ground.
    pub emphasis: bool,
}

/// A chart. All values are on one axis that includes zero.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chart {
    /// Caption below the chart.
    pub caption: String,
    /// What the chart shows, in words, for those who cannot see it.
    pub alt: String,
    /// Unit of the axis.
    pub unit: String,
    /// Form.
    pub kind: ChartKind,
    /// Name of the chart to link to; empty when nothing links here.
    pub anchor: String,
    /// Labels of the categories: years, places, indicators.
    pub categories: Vec<String>,
    /// Series; at most six are drawn apart by ink and pattern.
    pub series: Vec<Series>,
    /// Remark below the chart.
    pub note: String,
}

/// Form of a chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Upright bars, one group a category; a target is a line across.
    #[default]
    Bars,
    /// Lines over the categories; a missing value breaks the line.
    Lines,
    /// One lying bar a category, the target a stroke across it.
    Bullet,
}

/// One row of values of a chart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// How it is drawn.
    pub style: SeriesStyle,
    /// Values in step with the categories; `None`, a missing value or one that is not finite is shown as 无数据.
    pub values: Vec<Option<f64>>,
}

/// What kind of figures a series holds, and so how it is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesStyle {
    /// Measured figures.
    #[default]
    Solid,
    /// Estimates: dashed outline, no filling.
    Dashed,
    /// A target to compare with: a line, never a bar.
    Target,
    /// A series that nobody has returned: named in the legend as 无数据, nothing drawn.
    Missing,
}

/// Text as a run.
impl From<&str> for Inline {
    fn from(text: &str) -> Self {
        Inline::Text(text.to_owned())
    }
}

/// Text as a cell.
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell { inlines: vec![text.into()], emphasis: false }
    }
}
