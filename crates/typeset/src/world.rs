//! Typst with the fonts that travel with the product, one template, one file of data, and nothing else: no files, no
//! packages, no network, no clock.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;

use crate::document::ReportError;

static FONTS: [&[u8]; 3] = [
    include_bytes!("../../../assets/fonts/NotoSerifSC_400Regular.ttf"),
    include_bytes!("../../../assets/fonts/NotoSerifSC_700Bold.ttf"),
    include_bytes!("../../../assets/fonts/NotoSansSC_500Medium.ttf"),
];
const TEMPLATE: &str = include_str!("template.typ");

struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: FileId,
    data: FileId,
    source: Source,
}

fn file_id(name: &str) -> Option<FileId> {
    Some(FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).ok()?)))
}

static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONTS.iter().flat_map(|bytes| Font::iter(Bytes::new(*bytes))).collect();
    let (template, data) = (file_id("template.typ")?, file_id("data.json")?);
    Some(Shared {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        template,
        data,
        source: Source::new(template, TEMPLATE.to_owned()),
    })
});

struct Page {
    shared: &'static Shared,
    data: Bytes,
}

impl World for Page {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.shared.template
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.shared.template { Ok(self.shared.source.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shared.data { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// What the typesetter said, in a line each.
pub(crate) fn said(errors: impl IntoIterator<Item = SourceDiagnostic>) -> ReportError {
    let lines: Vec<String> = errors.into_iter().map(|e| e.message.to_string()).collect();
    ReportError::Typesetting(lines.join("; "))
}

/// Sets data with the template.
pub(crate) fn set(data: &serde_json::Value) -> Result<PagedDocument, ReportError> {
    let shared = SHARED.as_ref().ok_or_else(|| ReportError::Typesetting("the template has no name".into()))?;
    let bytes = serde_json::to_vec(data).map_err(|e| ReportError::Typesetting(e.to_string()))?;
    let page = Page { shared, data: Bytes::new(bytes) };
    let result = typst::compile::<PagedDocument>(&page).output.map_err(said);
    // What was remembered of older documents goes, so that a long-lived server does not grow.
    typst::comemo::evict(10);
    result
}

/// Characters of a text that no font has.
#[cfg(test)]
pub(crate) fn without_glyph(text: &str) -> std::collections::BTreeSet<char> {
    let fonts = &SHARED.as_ref().expect("the fonts load").fonts;
    let has = |c: char| fonts.iter().any(|f| f.info().coverage.contains(c as u32));
    text.chars().filter(|c| !c.is_control() && !c.is_whitespace() && !has(*c)).collect()
}
