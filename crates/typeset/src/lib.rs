//! Typesets reports of government in Chinese: one [`Document`] becomes a PDF after GB/T 9704-2012 as far as free fonts allow
//! (typst), a DOCX that offices edit on, and a page that needs nothing but itself.
//!
//! Reading order: [`document`] (what a report is made of) → `world` (typst with embedded fonts and no files) → [`pdf()`],
//! [`html()`], [`docx()`]. The same document gives the same PDF and page, byte for byte.
//!
//! Words of a document are data to the template, never markup: nothing a user writes can become code. Sizes are bounded.

mod chart;
pub mod document;
mod docx;
mod html;
mod pdf;
mod world;

pub use document::{
    Block, Cell, Chart, ChartKind, Column, Document, Inline, ReportError, Row, Section, Series, Style, Table,
};
pub use docx::docx;
pub use html::html;
pub use pdf::pdf;

#[cfg(test)]
mod tests;
