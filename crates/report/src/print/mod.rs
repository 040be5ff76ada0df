//! Print: the report as PDF, and charts as pictures for Word. Set by typst with our own templates.
//!
//! `data` turns a document into data → `world` hands data and templates to typst → here the pages become bytes.
//!
//! The PDF is tagged and claims PDF/UA-1 and, where the document bears a date, PDF/A-2a; the exporter checks both as it writes.

mod data;
mod world;

use typst::foundations::Smart;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use typst_render::RenderOptions;

pub(crate) use self::data::day_of;
use self::world::{Template, guarded, refused, set};
use crate::error::ReportError;
use crate::limits;
use crate::model::{Chart, Document};

/// Pixels of a picture to a point: 216 to an inch, enough for print.
const PIXELS: f64 = 3.0;

/// Writes the report as PDF. The same document gives the same bytes.
pub fn pdf(document: &Document) -> Result<Vec<u8>, ReportError> {
    limits::check(document)?;
    let pages = set(Template::Report, &data::data(document))?;
    // PDF/A asks for a date of creation, and there is no clock here: a report without any date is not archived.
    let dated = data::day_of(document).is_some();
    let standards: &[PdfStandard] =
        if dated { &[PdfStandard::A_2a, PdfStandard::Ua_1] } else { &[PdfStandard::Ua_1] };
    let standards = PdfStandards::new(standards)
        .map_err(|e| ReportError::Typeset { message: e.message().to_string() })?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("{} {}", document.verification_code, document.digest)),
        creator: Smart::Custom(Some("Nacre".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    guarded(|| typst_pdf::pdf(&pages, &options).map_err(refused))
}

/// A chart as a PNG with its width and height in points.
pub(crate) fn picture(chart: &Chart) -> Result<(Vec<u8>, f64, f64), ReportError> {
    let drawing = data::drawing(chart);
    let (width, height) = (drawing.width, drawing.height);
    let pages = set(Template::Picture, &drawing)?;
    let page = pages.pages().first().ok_or_else(|| pack("a chart has no page"))?;
    let options = RenderOptions { pixel_per_pt: PIXELS.into(), ..RenderOptions::default() };
    let png =
        guarded(|| typst_render::render(page, &options).encode_png().map_err(|e| pack(&e.to_string())))?;
    Ok((png, width, height))
}

fn pack(message: &str) -> ReportError {
    ReportError::Pack { message: message.to_owned() }
}

/// Whether reports can print a character as itself.
pub fn can_print(c: char) -> bool {
    world::has_glyph(c)
}
