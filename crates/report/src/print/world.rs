//! The world that typst sees: the fonts that travel with the product, the templates, one file of data. There are no
//! other files, no packages, no network and no clock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;

use crate::error::ReportError;

static FONTS: [&[u8]; 4] = [
    include_bytes!("../../../../assets/fonts/NotoSerifSC_400Regular.ttf"),
    include_bytes!("../../../../assets/fonts/NotoSerifSC_700Bold.ttf"),
    include_bytes!("../../../../assets/fonts/NotoSansSC_500Medium.ttf"),
    include_bytes!("../../../../assets/fonts/NacreKai-Regular.ttf"),
];

/// Results that typst remembers are dropped once they were not used in this many runs, so that a server does not grow.
const MEMORY_RUNS: usize = 4;

/// What is to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// The whole report.
    Report,
    /// One chart.
    Picture,
}

/// What is the same for all documents.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    report: Source,
    picture: Source,
    chart: Source,
    data: FileId,
}

static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONTS.iter().flat_map(|bytes| Font::iter(Bytes::new(*bytes))).collect();
    let source = |name, text: &str| Some(Source::new(file(name)?, text.to_owned()));
    (fonts.len() == FONTS.len()).then_some(())?;
    Some(Shared {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        report: source("report.typ", include_str!("report.typ"))?,
        picture: source("picture.typ", include_str!("picture.typ"))?,
        chart: source("chart.typ", include_str!("chart.typ"))?,
        data: file("data.json")?,
    })
});

fn file(name: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).ok()?).intern())
}

fn shared() -> Result<&'static Shared, ReportError> {
    SHARED.as_ref().ok_or(ReportError::Fonts)
}

/// Whether some font has a glyph for a character.
pub(crate) fn has_glyph(c: char) -> bool {
    SHARED.as_ref().is_some_and(|s| s.fonts.iter().any(|f| f.info().coverage.contains(u32::from(c))))
}

struct Run {
    shared: &'static Shared,
    template: Template,
    data: Bytes,
}

impl Run {
    fn source_of(&self, id: FileId) -> Option<&Source> {
        let shared = self.shared;
        [&shared.report, &shared.picture, &shared.chart].into_iter().find(|source| source.id() == id)
    }
}

impl World for Run {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        match self.template {
            Template::Report => self.shared.report.id(),
            Template::Picture => self.shared.picture.id(),
        }
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.source_of(id).cloned().ok_or(FileError::AccessDenied)
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

/// The typesetter's words as our error.
pub(crate) fn refused(errors: impl IntoIterator<Item = SourceDiagnostic>) -> ReportError {
    let mut messages: Vec<String> = errors.into_iter().map(|e| e.message.to_string()).collect();
    messages.truncate(3);
    ReportError::Typeset { message: messages.join("; ") }
}

/// Runs a step of the typesetter. It is a large library fed with texts from outside: should it panic all the same, one
/// report fails and the server goes on. Nothing of ours is shared with the step but what is immutable.
pub(crate) fn guarded<T>(step: impl FnOnce() -> Result<T, ReportError>) -> Result<T, ReportError> {
    catch_unwind(AssertUnwindSafe(step))
        .unwrap_or_else(|_| Err(ReportError::Typeset { message: "the typesetter broke off".to_owned() }))
}

/// Sets data with a template.
pub(crate) fn set(template: Template, data: &impl serde::Serialize) -> Result<PagedDocument, ReportError> {
    let shared = shared()?;
    let bytes = serde_json::to_vec(data).map_err(|e| ReportError::Typeset { message: e.to_string() })?;
    let run = Run { shared, template, data: Bytes::new(bytes) };
    let result = guarded(|| typst::compile::<PagedDocument>(&run).output.map_err(refused));
    typst::comemo::evict(MEMORY_RUNS);
    result
}
