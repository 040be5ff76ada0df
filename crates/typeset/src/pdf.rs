//! PDF.

use serde_json::json;
use typst::foundations::Smart;
use typst_pdf::PdfOptions;

use crate::document::{Document, ReportError, prepared};
use crate::world::{said, set};

/// Typesets a document as PDF, tagged for readers that speak.
pub fn pdf(document: &Document) -> Result<Vec<u8>, ReportError> {
    let document = prepared(document)?;
    let ident = format!("{}:{}", document.code, document.digest);
    let paged = set(&json!({"mode": "report", "document": document}))?;
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Nacre 数智海珠".into())),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&paged, &options).map_err(said)
}
