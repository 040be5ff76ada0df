//! Why no report was made. Codes are stable.

use thiserror::Error;

/// Why a document was not written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportError {
    /// More of something than the limit allows.
    #[error("the report has {found} {what}, more than the {max} allowed")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// An anchor stands twice: a link to it would be ambiguous.
    #[error("the anchor `{anchor}` stands twice in the report; needed: each once")]
    AnchorTwice {
        /// The anchor.
        anchor: String,
    },
    /// The embedded fonts cannot be read.
    #[error("the fonts of reports cannot be read")]
    Fonts,
    /// The typesetter refused the document.
    #[error("the report could not be typeset: {message}")]
    Typeset {
        /// The typesetter's words.
        message: String,
    },
    /// A file of the package could not be packed.
    #[error("the report could not be packed: {message}")]
    Pack {
        /// What was wrong.
        message: String,
    },
}

impl ReportError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            ReportError::TooLarge { .. } => "report_too_large",
            ReportError::AnchorTwice { .. } => "report_anchor_twice",
            ReportError::Fonts => "report_fonts",
            ReportError::Typeset { .. } => "report_typeset",
            ReportError::Pack { .. } => "report_pack",
        }
    }
}
