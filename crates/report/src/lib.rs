//! Reports on paper and screen: PDF in the layout of Chinese official documents, Word, and one self-contained page.
//!
//! Reading order: [`model`] (what a report is made of) → [`limits`] (how large it may be) → `text` (what may stand in it) →
//! `links` → `proof` (the last page) → `chart` (laid out once for all outputs) → [`html()`].
//!
//! Invariants: no IO, no clock, no randomness: the same document gives the same bytes. Text is data in every output and
//! never markup. Any document gives a report or a [`ReportError`], never a panic.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test stops at the first surprise"))]

mod chart;
mod error;
mod html;
pub mod limits;
mod links;
pub mod model;
mod proof;
pub mod text;

pub use error::ReportError;
pub use html::html;
pub use model::{
    Align, Block, Cell, Chart, ChartKind, Column, Document, Freeze, Inline, Section, Series, SeriesStyle,
    Table,
};

/// Writes the report as PDF.
pub fn pdf(document: &Document) -> Result<Vec<u8>, ReportError> {
    limits::check(document)?;
    Err(ReportError::Typeset { message: "not there yet".to_owned() })
}

/// Writes the report for Word.
pub fn docx(document: &Document) -> Result<Vec<u8>, ReportError> {
    limits::check(document)?;
    Err(ReportError::Pack { message: "not there yet".to_owned() })
}
