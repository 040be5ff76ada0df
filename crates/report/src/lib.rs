//! Reports on paper and screen: PDF in the layout of Chinese official documents, Word, and one self-contained page.
//!
//! Reading order: [`model`] (what a report is made of) → [`limits`] (how large it may be) → `text` (what may stand in it) →
//! `links` → `proof` (the last page) → `chart` (laid out once for all outputs) → [`html()`], [`pdf()`] in `print`, [`docx()`].
//!
//! Invariants: no IO, no clock, no randomness: the same document gives the same bytes. Text is data in every output and
//! never markup. Any document gives a report or a [`ReportError`], never a panic.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test stops at the first surprise"))]

mod chart;
mod docx;
mod error;
mod html;
pub mod limits;
mod links;
pub mod model;
mod print;
mod proof;
pub mod text;

pub use docx::docx;
pub use error::ReportError;
pub use html::html;
pub use model::{
    Align, Block, Cell, Chart, ChartKind, Column, Document, Freeze, Inline, Section, Series, SeriesStyle,
    Table,
};
pub use print::{can_print, pdf};
