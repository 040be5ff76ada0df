//! The `@context` engine: short names to IRIs and back (CIM 009 §4.4, §5.5.7; JSON-LD 1.1).
//!
//! Rules: the core `@context` is always there and always wins, wherever a client puts its URL; the context
//! of the request expands and compacts, never a stored one; a name nothing defines lies in the default
//! vocabulary; an IRI nothing names is sent in full. Since the core stands last, its `@vocab` is the one
//! that counts for documents; an `@vocab` of a user context completes that context's own definitions only.
//!
//! Fetching is not done here: [`resolve`] says which documents it needs, the caller gets them and asks
//! again. Not supported, and refused by name: scoped contexts, `@import`, `@reverse`.

mod build;
mod core_terms;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use nacre_model::Iri;
use nacre_model::id::is_uri;
use serde_json::Value as Json;

pub use build::{ContextSource, Resolution, resolve};
pub use core_terms::{CORE_URL, DEFAULT_VOCABULARY, GEOJSON, NGSI_LD, is_core_url};

use crate::errors::NgsiError;
use core_terms::core;

/// How the values of a term are to be understood (`@type`, `@container`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coercion {
    /// `@type: @id`: an IRI.
    Id,
    /// `@type: @vocab`: a term.
    Vocab,
    /// `@type: DateTime` of NGSI-LD or XML Schema.
    DateTime,
    /// `@type: Date`.
    Date,
    /// `@type: Time`.
    Time,
    /// `@type: @json`.
    Json,
    /// `@container: @list`.
    List,
    /// `@container: @set`.
    Set,
    /// `@container: @language`.
    Language,
    /// `@container: @index`.
    Index,
    /// Another datatype, kept as text.
    Other,
}

/// One term of user contexts.
#[derive(Debug, Clone)]
struct Term {
    mapping: Mapping,
    coercion: Option<Coercion>,
    /// May stand before a colon.
    prefix: bool,
}

#[derive(Debug, Clone)]
enum Mapping {
    Iri(Iri),
    /// An alias of this keyword.
    Keyword(Box<str>),
    /// Mapped to nothing, for this reason.
    Nothing(&'static str),
}

/// Terms of user contexts, both ways.
#[derive(Debug, Default)]
struct Table {
    terms: HashMap<Box<str>, Term>,
    /// IRI to the preferred term: the shortest, then the first in order.
    names: HashMap<Iri, Box<str>>,
    /// IRI to the prefix that stands for it.
    prefixes: HashMap<Iri, Box<str>>,
    /// Longest and shortest of `prefixes`, so that looking is short.
    prefix_bytes: (usize, usize),
}

/// An `@context` ready for use. Immutable and cheap to share.
#[derive(Debug, Clone)]
pub struct Context {
    table: Option<Arc<Table>>,
    document: Arc<Json>,
    link: Arc<str>,
}

impl Context {
    /// The core alone: what counts when a client says nothing.
    pub fn core() -> Arc<Context> {
        static CORE: LazyLock<Arc<Context>> = LazyLock::new(|| Arc::new(Context::of_core_url(CORE_URL)));
        CORE.clone()
    }

    fn of_core_url(url: &str) -> Context {
        Context { table: None, document: Arc::new(Json::from(url)), link: url.into() }
    }

    /// The IRI of a type, an attribute, a vocabulary term: a term of the context, a compact or full IRI, or
    /// a name in the default vocabulary.
    pub fn expand(&self, term: &str) -> Result<Iri, NgsiError> {
        if let Some(known) = core().terms.get(term) {
            return Ok(known.iri.clone());
        }
        if let Some(known) = self.table.as_ref().and_then(|t| t.terms.get(term)) {
            return match &known.mapping {
                Mapping::Iri(iri) => Ok(iri.clone()),
                Mapping::Keyword(keyword) => Err(NgsiError::bad(format!(
                    "the @context makes `{term}` an alias of `{keyword}`; write `{}` instead",
                    keyword.trim_start_matches('@')
                ))),
                Mapping::Nothing(why) => {
                    Err(NgsiError::bad(format!("the @context gives `{term}` no usable IRI: {why}")))
                }
            };
        }
        if matches!(term, "id" | "type") || term.starts_with('@') || term.is_empty() {
            return Err(NgsiError::bad(format!("`{term}` names no type and no attribute")));
        }
        let Some((prefix, rest)) = term.split_once(':') else {
            return Iri::new(&format!("{DEFAULT_VOCABULARY}{term}"))
                .map_err(|e| NgsiError::bad(e.to_string()));
        };
        match self.prefix(prefix).filter(|_| !rest.starts_with("//")) {
            Some(base) => Iri::new(&format!("{base}{rest}")),
            None => Iri::new(term),
        }
        .map_err(|e| NgsiError::bad(e.to_string()))
    }

    /// What stands before a colon.
    fn prefix(&self, name: &str) -> Option<&str> {
        if let Some(base) = core_terms::prefix(name) {
            return Some(base);
        }
        match self.table.as_ref()?.terms.get(name)? {
            Term { mapping: Mapping::Iri(iri), prefix: true, .. } => Some(iri.as_str()),
            _ => None,
        }
    }

    /// The shortest name of an IRI under this context; the IRI itself when it has none.
    pub fn compact<'a>(&'a self, iri: &'a str) -> Cow<'a, str> {
        if let Some(name) = core().names.get(iri) {
            return Cow::Borrowed(name);
        }
        if let Some(name) = self.table.as_ref().and_then(|t| t.names.get(iri)) {
            return Cow::Borrowed(name);
        }
        // §5.5.7: a bare name only where it would be read as this IRI again; else the name with its prefix.
        if let Some(name) = iri.strip_prefix(DEFAULT_VOCABULARY)
            && !name.is_empty()
            && !name.contains(':')
            && !name.starts_with('@')
            && !self.defines(name)
        {
            return Cow::Borrowed(name);
        }
        self.with_prefix(iri).map_or(Cow::Borrowed(iri), Cow::Owned)
    }

    fn with_prefix(&self, iri: &str) -> Option<String> {
        let mut best: Option<String> = None;
        let mut offer = |prefix: &str, rest: &str| {
            if rest.is_empty() || rest.starts_with("//") {
                return;
            }
            let name = format!("{prefix}:{rest}");
            let better = best.as_ref().is_none_or(|b| (name.len(), &name) < (b.len(), b));
            if better && !self.defines(&name) {
                best = Some(name);
            }
        };
        for (prefix, base) in [("ngsi-ld", NGSI_LD), ("geojson", GEOJSON)] {
            if let Some(rest) = iri.strip_prefix(base) {
                offer(prefix, rest);
            }
        }
        if let Some(table) = self.table.as_ref().filter(|t| !t.prefixes.is_empty()) {
            let (shortest, longest) = table.prefix_bytes;
            for end in (shortest..=longest.min(iri.len())).filter(|end| iri.is_char_boundary(*end)) {
                if let Some(prefix) = table.prefixes.get(&iri[..end]) {
                    offer(prefix, &iri[end..]);
                }
            }
        }
        best
    }

    fn defines(&self, name: &str) -> bool {
        core_terms::is_core_name(name) || self.table.as_ref().is_some_and(|t| t.terms.contains_key(name))
    }

    /// True when no user term is defined.
    pub fn is_core_only(&self) -> bool {
        self.table.is_none()
    }

    /// The user's `@context` as it goes back in `application/ld+json`: without the core, a string when it is
    /// one URL; the core's URL when there is nothing else.
    pub fn document(&self) -> &Json {
        &self.document
    }

    /// The URL for a Link header: the user's, when it is one URL; the one set by [`Context::with_link`] for
    /// objects and arrays; else the core's.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// True when this context has no URL of its own, so that somebody has to host it before a Link header
    /// can name it.
    pub fn needs_link(&self) -> bool {
        !self.is_core_only() && is_core_url(&self.link)
    }

    /// The same context, hosted at `url`.
    #[must_use]
    pub fn with_link(&self, url: &str) -> Context {
        Context { link: url.into(), ..self.clone() }
    }

    /// How the values of a term are to be understood.
    pub fn coercion(&self, term: &str) -> Option<Coercion> {
        match core().terms.get(term) {
            Some(known) => known.coercion,
            None => self.table.as_ref()?.terms.get(term)?.coercion,
        }
    }
}

/// An IRI that may be named by a mapping.
fn usable(iri: &str) -> Option<Iri> {
    if iri.starts_with("_:") || !is_uri(iri) {
        return None;
    }
    Iri::new(iri).ok()
}

#[cfg(test)]
mod tests;
