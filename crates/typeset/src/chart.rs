//! One chart by itself, drawn by the template of the report: as SVG for the page, as PNG for DOCX.

use serde_json::json;
use typst_layout::PagedDocument;
use typst_render::RenderOptions;
use typst_svg::SvgOptions;

use crate::document::{Chart, ReportError};
use crate::world::set;

/// Pixels a point: sharp on paper at the width of a page.
const PIXELS_PER_POINT: f64 = 2.5;

fn drawn(chart: &Chart) -> Result<PagedDocument, ReportError> {
    set(&json!({"mode": "chart", "chart": chart}))
}

/// As SVG; letters are shapes, so that it looks the same everywhere.
pub(crate) fn svg(chart: &Chart) -> Result<String, ReportError> {
    let paged = drawn(chart)?;
    let page = paged.pages().first().ok_or_else(|| ReportError::Typesetting("a chart without page".into()))?;
    Ok(typst_svg::svg(page, &SvgOptions::default()))
}

/// As PNG with its size in pixels.
pub(crate) fn png(chart: &Chart) -> Result<(Vec<u8>, u32, u32), ReportError> {
    let paged = drawn(chart)?;
    let page = paged.pages().first().ok_or_else(|| ReportError::Typesetting("a chart without page".into()))?;
    let options = RenderOptions { pixel_per_pt: PIXELS_PER_POINT.into(), ..RenderOptions::default() };
    let picture = typst_render::render(page, &options);
    let bytes = picture.encode_png().map_err(|e| ReportError::Typesetting(e.to_string()))?;
    Ok((bytes, picture.width(), picture.height()))
}
