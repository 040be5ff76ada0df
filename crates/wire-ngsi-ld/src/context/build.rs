//! From `@context` values to a table: arrays, URLs, objects; limits and cycles.
//!
//! Limits: [`DOCUMENTS_MAX`] documents in one context, [`DEPTH_MAX`] of them inside one another,
//! [`TERMS_MAX`] terms.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    CORE_URL, Coercion, Context, DEFAULT_VOCABULARY, Mapping, Table, Term, core_terms, is_core_url, usable,
};
use crate::errors::{ErrorKind, NgsiError};

/// Most documents one context may draw in.
pub(super) const DOCUMENTS_MAX: usize = 32;
/// How deep documents may name each other.
pub(super) const DEPTH_MAX: usize = 8;
/// Most terms in one context.
pub(super) const TERMS_MAX: usize = 50_000;

/// Where `@context` documents that were fetched, or are hosted here, can be had without waiting.
pub trait ContextSource {
    /// The document at a URL: the whole JSON, with its `@context` member.
    fn get(&self, url: &str) -> Option<Arc<Json>>;
}

/// What came of [`resolve`].
#[derive(Debug)]
pub enum Resolution {
    /// Ready for use.
    Ready(Arc<Context>),
    /// These documents are needed; get them and ask again. There may then be more.
    Missing(Vec<String>),
}

/// Makes a context of the value of an `@context` member or of a Link header's URL.
pub fn resolve(value: &Json, source: &dyn ContextSource) -> Result<Resolution, NgsiError> {
    let user = without_core(value)?;
    let document = match user.as_slice() {
        [] => return Ok(Resolution::Ready(core_as_given(value))),
        [one] => (*one).clone(),
        more => Json::Array(more.iter().map(|v| (*v).clone()).collect()),
    };
    let mut builder =
        Builder { source, table: HashMap::new(), missing: Vec::new(), open: Vec::new(), documents: 0 };
    for item in &user {
        builder.add(item, None)?;
    }
    if !builder.missing.is_empty() {
        return Ok(Resolution::Missing(builder.missing));
    }
    let link = document.as_str().unwrap_or(CORE_URL).into();
    let table = Some(Arc::new(builder.finish()));
    Ok(Resolution::Ready(Arc::new(Context { table, document: Arc::new(document), link })))
}

/// The items of an `@context` that are not the core: §5.5.7 gives its place no meaning.
fn without_core(value: &Json) -> Result<Vec<&Json>, NgsiError> {
    let items = match value {
        Json::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    if items.len() > DOCUMENTS_MAX {
        return Err(NgsiError::bad(format!("an @context of more than {DOCUMENTS_MAX} items")).at("/@context"));
    }
    let core = |item: &&Json| item.as_str().is_some_and(is_core_url);
    Ok(items.into_iter().filter(|i| !core(i)).collect())
}

/// The core under the URL the client used.
fn core_as_given(value: &Json) -> Arc<Context> {
    let given = value.as_str().or_else(|| value.as_array()?.first()?.as_str());
    match given {
        Some(url) if url != CORE_URL => Arc::new(Context::of_core_url(url)),
        _ => Context::core(),
    }
}

struct Builder<'a> {
    source: &'a dyn ContextSource,
    table: HashMap<Box<str>, Term>,
    missing: Vec<String>,
    /// URLs being read, outermost first.
    open: Vec<String>,
    documents: usize,
}

impl Builder<'_> {
    fn add(&mut self, value: &Json, base: Option<&str>) -> Result<(), NgsiError> {
        match value {
            Json::String(url) => self.add_url(url, base),
            Json::Object(terms) => self.add_object(terms, base),
            Json::Array(items) => items.iter().try_for_each(|item| self.add(item, base)),
            other => Err(refuse(base, format!("an @context is a URL, an object or an array, not `{other}`"))),
        }
    }

    fn add_url(&mut self, url: &str, base: Option<&str>) -> Result<(), NgsiError> {
        let url = absolute(url, base)?;
        if is_core_url(&url) {
            return Ok(());
        }
        if self.open.contains(&url) {
            return Err(refuse(
                base,
                format!("the @context `{url}` names itself, directly or through others"),
            ));
        }
        self.documents += 1;
        if self.documents > DOCUMENTS_MAX || self.open.len() >= DEPTH_MAX {
            let why = format!(
                "an @context of more than {DOCUMENTS_MAX} documents, or {DEPTH_MAX} inside one another"
            );
            return Err(refuse(base, why));
        }
        let Some(document) = self.source.get(&url) else {
            if !self.missing.contains(&url) {
                self.missing.push(url);
            }
            return Ok(());
        };
        let Some(inner) = document.get("@context") else {
            let why = format!("the document at `{url}` is no @context: it has no member `@context`");
            return Err(NgsiError::new(ErrorKind::LdContextNotAvailable, why));
        };
        self.open.push(url.clone());
        let added = self.add(inner, Some(&url));
        self.open.pop();
        added
    }

    fn add_object(&mut self, terms: &Map<String, Json>, base: Option<&str>) -> Result<(), NgsiError> {
        if terms.contains_key("@import") {
            return Err(refuse(base, "`@import` is not supported; name the documents in an array".into()));
        }
        let vocabulary = match terms.get("@vocab") {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) => Some(text.as_str()),
            Some(other) => return Err(refuse(base, format!("`@vocab` is an IRI, not `{other}`"))),
        };
        let mut local = Local { terms, vocabulary, base, doing: HashSet::new(), done: HashSet::new() };
        for name in terms.keys() {
            local.define(name, &mut self.table)?;
            if self.table.len() > TERMS_MAX {
                return Err(refuse(base, format!("an @context of more than {TERMS_MAX} terms")));
            }
        }
        Ok(())
    }

    fn finish(self) -> Table {
        let mut table = Table { terms: self.table, prefix_bytes: (usize::MAX, 0), ..Table::default() };
        let shorter = |new: &str, old: Option<&Box<str>>| old.is_none_or(|o| (new.len(), new) < (o.len(), o));
        for (name, term) in &table.terms {
            let Mapping::Iri(iri) = &term.mapping else { continue };
            if shorter(name, table.names.get(iri)) {
                table.names.insert(iri.clone(), name.clone());
            }
            if term.prefix && shorter(name, table.prefixes.get(iri)) {
                table.prefixes.insert(iri.clone(), name.clone());
                let bytes = iri.as_str().len();
                table.prefix_bytes = (table.prefix_bytes.0.min(bytes), table.prefix_bytes.1.max(bytes));
            }
        }
        table
    }
}

/// One object of terms being read. A definition may use terms that stand after it.
struct Local<'a> {
    terms: &'a Map<String, Json>,
    vocabulary: Option<&'a str>,
    base: Option<&'a str>,
    doing: HashSet<&'a str>,
    done: HashSet<&'a str>,
}

impl<'a> Local<'a> {
    fn define(&mut self, name: &'a str, table: &mut HashMap<Box<str>, Term>) -> Result<(), NgsiError> {
        // Keywords were read before; core names cannot be redefined and are passed over.
        if name.starts_with('@') || core_terms::is_core_name(name) || self.done.contains(name) {
            return Ok(());
        }
        if name.is_empty() {
            return Err(refuse(self.base, "a term without a name".into()));
        }
        if !self.doing.insert(name) {
            return Err(refuse(self.base, format!("the definition of `{name}` needs itself")));
        }
        let term = self.term(name, table)?;
        self.doing.remove(name);
        self.done.insert(name);
        table.insert(name.into(), term);
        Ok(())
    }

    fn term(&mut self, name: &'a str, table: &mut HashMap<Box<str>, Term>) -> Result<Term, NgsiError> {
        let nothing = |why| Term { mapping: Mapping::Nothing(why), coercion: None, prefix: false };
        match &self.terms[name] {
            Json::Null => Ok(nothing("it is mapped to null")),
            Json::String(id) => self.mapped(name, Some(id), None, table),
            Json::Object(definition) => {
                if definition.contains_key("@context") {
                    // §5.5.7: scoped contexts could reshape core elements.
                    let why =
                        format!("`{name}` has a scoped @context, which NGSI-LD does not allow; take it out");
                    return Err(refuse(self.base, why));
                }
                if definition.contains_key("@reverse") {
                    return Ok(nothing("it is a reverse property"));
                }
                let id = match definition.get("@id") {
                    None => None,
                    Some(Json::String(id)) => Some(id.as_str()),
                    Some(Json::Null) => return Ok(nothing("its `@id` is null")),
                    Some(other) => {
                        return Err(refuse(self.base, format!("`@id` of `{name}` is an IRI, not `{other}`")));
                    }
                };
                let prefix = definition.get("@prefix").and_then(Json::as_bool);
                let coercion = coercion(definition)
                    .map_err(|what| refuse(self.base, format!("`{name}` has {what} that is no text")))?;
                self.mapped(name, id, Some((coercion, prefix)), table)
            }
            other => {
                Err(refuse(self.base, format!("`{name}` is mapped to `{other}`; an IRI or object is needed")))
            }
        }
    }

    fn mapped(
        &mut self,
        name: &'a str,
        id: Option<&'a str>,
        definition: Option<(Option<Coercion>, Option<bool>)>,
        table: &mut HashMap<Box<str>, Term>,
    ) -> Result<Term, NgsiError> {
        let simple = definition.is_none();
        let (coercion, prefix) = definition.unwrap_or_default();
        let mapping = match id {
            Some(keyword) if keyword.starts_with('@') => Mapping::Keyword(keyword.into()),
            _ => {
                let text = self.iri(name, id, table)?;
                usable(&text)
                    .map_or(Mapping::Nothing("it is mapped to something that is no IRI"), Mapping::Iri)
            }
        };
        // JSON-LD 1.1 §4.1.5: a simple term may be a prefix when its IRI ends in a delimiter.
        let delimited = |text: &str| text.ends_with([':', '/', '?', '#', '[', ']', '@']);
        let prefix = match &mapping {
            Mapping::Iri(iri) => {
                !name.contains([':', '/']) && prefix.unwrap_or(simple && delimited(iri.as_str()))
            }
            _ => false,
        };
        Ok(Term { mapping, coercion, prefix })
    }

    /// The text a term is mapped to, made absolute.
    fn iri(
        &mut self,
        name: &'a str,
        id: Option<&'a str>,
        table: &mut HashMap<Box<str>, Term>,
    ) -> Result<String, NgsiError> {
        let text = id.unwrap_or(name);
        if text != name
            && let Some((known, _)) = self.terms.get_key_value(text)
        {
            self.define(known, table)?;
        }
        if text != name {
            if let Some(core) = core_terms::core().terms.get(text) {
                return Ok(core.iri.as_str().to_owned());
            }
            if let Some(Term { mapping: Mapping::Iri(iri), .. }) = table.get(text) {
                return Ok(iri.as_str().to_owned());
            }
        }
        let Some((prefix, rest)) = text.split_once(':') else {
            let vocabulary = match self.vocabulary {
                Some(v) if v.contains(':') => self.iri_of_vocabulary(v),
                _ => DEFAULT_VOCABULARY.to_owned(),
            };
            return Ok(format!("{vocabulary}{text}"));
        };
        if rest.starts_with("//") {
            return Ok(text.to_owned());
        }
        if let Some(base) = core_terms::prefix(prefix) {
            return Ok(format!("{base}{rest}"));
        }
        if prefix != name
            && let Some((known, _)) = self.terms.get_key_value(prefix)
        {
            self.define(known, table)?;
        }
        // Inside a context any term may stand before the colon, as in JSON-LD 1.0: real contexts rely on it.
        match table.get(prefix) {
            Some(Term { mapping: Mapping::Iri(iri), .. }) => Ok(format!("{iri}{rest}")),
            _ => Ok(text.to_owned()),
        }
    }

    fn iri_of_vocabulary(&self, vocabulary: &str) -> String {
        match vocabulary.split_once(':') {
            Some((prefix, rest)) if !rest.starts_with("//") => {
                match self.terms.get(prefix).and_then(Json::as_str) {
                    Some(base) => format!("{base}{rest}"),
                    None => core_terms::prefix(prefix)
                        .map_or_else(|| vocabulary.to_owned(), |base| format!("{base}{rest}")),
                }
            }
            _ => vocabulary.to_owned(),
        }
    }
}

/// What `@type` and `@container` say.
fn coercion(definition: &Map<String, Json>) -> Result<Option<Coercion>, &'static str> {
    let container = match definition.get("@container") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(text.as_str()),
        Some(Json::Array(all)) => all.first().and_then(Json::as_str),
        Some(_) => return Err("an `@container`"),
    };
    let by_container = match container {
        Some("@list") => Some(Coercion::List),
        Some("@language") => Some(Coercion::Language),
        Some("@set") => Some(Coercion::Set),
        Some("@index") => Some(Coercion::Index),
        _ => None,
    };
    let by_type = match definition.get("@type") {
        None | Some(Json::Null) => None,
        Some(Json::String(text)) => Some(match text.as_str() {
            "@id" => Coercion::Id,
            "@vocab" => Coercion::Vocab,
            "@json" => Coercion::Json,
            text => {
                let local = text.rsplit(['#', '/', ':']).next().unwrap_or(text);
                match local {
                    "DateTime" | "dateTime" => Coercion::DateTime,
                    "Date" | "date" => Coercion::Date,
                    "Time" | "time" => Coercion::Time,
                    _ => Coercion::Other,
                }
            }
        }),
        Some(_) => return Err("a `@type`"),
    };
    Ok(by_type.or(by_container))
}

/// A URL that can be fetched; one in a document may be relative to it (RFC 3986 §5, without queries).
fn absolute(url: &str, base: Option<&str>) -> Result<String, NgsiError> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return match nacre_model::id::is_uri(url) {
            true => Ok(url.to_owned()),
            false => Err(refuse(base, format!("`{url}` is no URL"))),
        };
    }
    let has_scheme = nacre_model::id::is_uri(url);
    let Some((base, false)) = base.map(|b| (b, has_scheme || url.is_empty())) else {
        return Err(refuse(base, format!("`{url}` is no http or https URL of an @context")));
    };
    let host_end = base.find("://").map_or(0, |i| i + 3);
    let path_start = base[host_end..].find('/').map_or(base.len(), |i| host_end + i);
    if let Some(path) = url.strip_prefix('/') {
        return Ok(format!("{}/{path}", &base[..path_start]));
    }
    let mut folders: Vec<&str> = base[path_start..].split('/').skip(1).collect();
    folders.pop();
    for step in url.split('/') {
        match step {
            "." => {}
            ".." => drop(folders.pop()),
            _ => folders.push(step),
        }
    }
    Ok(format!("{}/{}", &base[..path_start], folders.join("/")))
}

fn refuse(base: Option<&str>, why: String) -> NgsiError {
    match base {
        Some(url) => NgsiError::bad(format!("{why} (in the @context at {url})")),
        None => NgsiError::bad(why).at("/@context"),
    }
}
