//! The limits of a document, and the walk that checks them before anything is typeset.
//!
//! A report of sixty pages has some hundred blocks; the limits are far above that and far below what would keep a
//! processor busy for minutes.

use std::collections::BTreeSet;

use crate::error::ReportError;
use crate::model::{Block, Document, Inline, Section};
use crate::text;

/// Most sections, annexes included.
pub const SECTIONS_MAX: usize = 2_000;
/// Most blocks in all sections.
pub const BLOCKS_MAX: usize = 20_000;
/// Most rows in all tables.
pub const ROWS_MAX: usize = 20_000;
/// Most columns of a table.
pub const COLUMNS_MAX: usize = 24;
/// Most charts.
pub const CHARTS_MAX: usize = 500;
/// Most categories of a chart.
pub const CATEGORIES_MAX: usize = 60;
/// Most series of a chart.
pub const SERIES_MAX: usize = 6;
/// Most bytes of text in all.
pub const TEXT_BYTES_MAX: usize = 2_000_000;

/// What was counted on the walk.
#[derive(Default)]
struct Counts {
    blocks: usize,
    rows: usize,
    charts: usize,
    bytes: usize,
    anchors: BTreeSet<String>,
}

/// Checks a document against the limits. [`crate::pdf`] and [`crate::docx`] call it first.
pub fn check(document: &Document) -> Result<(), ReportError> {
    let mut counts = Counts::default();
    let sections: Vec<&Section> = parts(document).collect();
    at_most("sections", sections.len(), SECTIONS_MAX)?;
    for field in [
        &document.title,
        &document.subtitle,
        &document.issuer,
        &document.date,
        &document.version_line,
        &document.verification_code,
        &document.state_label,
        &document.digest,
        &document.verify_hint,
    ] {
        counts.bytes += field.len();
    }
    if let Some(freeze) = &document.freeze {
        counts.bytes += freeze.at.len() + freeze.root.len();
    }
    for section in sections {
        counts.bytes += section.number.len() + section.title.len();
        counts.anchor(&section.anchor)?;
        counts.blocks += section.blocks.len();
        at_most("blocks", counts.blocks, BLOCKS_MAX)?;
        for block in &section.blocks {
            counts.block(block)?;
        }
    }
    at_most("bytes of text", counts.bytes, TEXT_BYTES_MAX)
}

/// All sections in the order of printing.
pub(crate) fn parts(document: &Document) -> impl Iterator<Item = &Section> {
    document.sections.iter().chain(&document.annexes).chain(&document.differences)
}

/// All sections with the level of their heading: 1 to 3, the first 1, none more than one below the heading before it
/// (PDF/UA and readers of headings ask for that). 0 is a section without a heading: its number and title are blank.
pub(crate) fn leveled(document: &Document) -> Vec<(&Section, u8)> {
    let mut before = 0;
    let mut level = |section: &Section| {
        if text::clean(&section.number).trim().is_empty() && text::clean(&section.title).trim().is_empty() {
            return 0;
        }
        before = section.level.clamp(1, 3).min(before + 1);
        before
    };
    parts(document).map(|section| (section, level(section))).collect()
}

fn at_most(what: &'static str, found: usize, max: usize) -> Result<(), ReportError> {
    if found > max { Err(ReportError::TooLarge { what, found, max }) } else { Ok(()) }
}

impl Counts {
    fn anchor(&mut self, anchor: &str) -> Result<(), ReportError> {
        self.bytes += anchor.len();
        if !anchor.is_empty() && !self.anchors.insert(anchor.to_owned()) {
            return Err(ReportError::AnchorTwice { anchor: anchor.to_owned() });
        }
        Ok(())
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            self.bytes += match inline {
                Inline::Text(text) | Inline::Strong(text) => text.len(),
                Inline::Figure { text, anchor, title } => text.len() + anchor.len() + title.len(),
            };
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), ReportError> {
        match block {
            Block::Paragraph(inlines) => self.inlines(inlines),
            Block::Note(text) => self.bytes += text.len(),
            Block::List(entries) => {
                self.blocks += entries.len();
                entries.iter().for_each(|entry| self.inlines(entry));
                at_most("blocks", self.blocks, BLOCKS_MAX)?;
            }
            Block::Table(table) => {
                at_most("columns in a table", table.columns.len(), COLUMNS_MAX)?;
                self.rows += table.rows.len();
                at_most("table rows", self.rows, ROWS_MAX)?;
                self.bytes += table.caption.len() + table.note.len();
                self.bytes += table.columns.iter().map(|column| column.title.len()).sum::<usize>();
                for cell in table.rows.iter().flatten() {
                    self.inlines(&cell.inlines);
                }
                for anchor in table.row_anchors.iter().take(table.rows.len()).flatten() {
                    self.anchor(anchor)?;
                }
            }
            Block::Chart(chart) => {
                self.charts += 1;
                at_most("charts", self.charts, CHARTS_MAX)?;
                at_most("categories in a chart", chart.categories.len(), CATEGORIES_MAX)?;
                at_most("series in a chart", chart.series.len(), SERIES_MAX)?;
                self.anchor(&chart.anchor)?;
                self.bytes += chart.caption.len() + chart.alt.len() + chart.unit.len() + chart.note.len();
                self.bytes += chart.categories.iter().map(String::len).sum::<usize>();
                self.bytes += chart.series.iter().map(|series| series.name.len()).sum::<usize>();
            }
        }
        at_most("bytes of text", self.bytes, TEXT_BYTES_MAX)
    }
}
