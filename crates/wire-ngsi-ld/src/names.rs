//! Names of types, attributes and datasets as clients may write them (CIM 009 §4.6.2, §4.5.1).

use crate::context::{Context, DEFAULT_VOCABULARY};
use crate::errors::NgsiError;
use crate::json::shorten;
use nacre_model::Iri;
use nacre_model::id::is_uri;

/// How NGSI-LD writes "gone".
pub const NULL: &str = "urn:ngsi-ld:null";

/// Core terms that are members of attributes or entities, never names of attributes (§4.5.1).
const RESERVED: &[&str] = &[
    "createdAt",
    "datasetId",
    "deletedAt",
    "entity",
    "entityIdSealed",
    "entityList",
    "entityTypeSealed",
    "expiresAt",
    "instanceId",
    "json",
    "lang",
    "languageMap",
    "modifiedAt",
    "object",
    "objectList",
    "objectType",
    "observedAt",
    "previousJson",
    "previousLanguageMap",
    "previousObject",
    "previousObjectList",
    "previousValue",
    "previousValueList",
    "previousVocab",
    "scope",
    "unitCode",
    "value",
    "valueList",
    "valueType",
    "vocab",
];

/// Whether a text may name a type or attribute: letters, digits and `_` after a letter, with at most one prefix; or a
/// full IRI.
pub fn is_name(text: &str) -> bool {
    match text.contains(':') {
        true => is_uri(text) && text.starts_with(char::is_alphabetic),
        false => is_simple_name(text),
    }
}

/// Whether a text is a name without prefix.
pub fn is_simple_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_alphabetic)
        && chars.all(|c| c.is_alphabetic() || c.is_numeric() || c == '_')
}

/// Refuses what cannot name a type or attribute.
pub fn check(text: &str, what: &str) -> Result<(), NgsiError> {
    if is_name(text) {
        return Ok(());
    }
    Err(unfit(text, what))
}

fn unfit(text: &str, what: &str) -> NgsiError {
    NgsiError::bad(format!(
        "`{}` cannot name {what}: letters, digits and `_`, beginning with a letter, are needed; or a full IRI",
        shorten(text)
    ))
}

/// The IRI of a type or attribute. A full IRI in the default vocabulary is held to the grammar of short names, since
/// it comes back as one.
pub fn expand(text: &str, what: &str, context: &Context) -> Result<Iri, NgsiError> {
    check(text, what)?;
    let iri = context.expand(text)?;
    match iri.as_str().strip_prefix(DEFAULT_VOCABULARY) {
        Some(short) if !is_simple_name(short) => Err(unfit(short, what)),
        _ => Ok(iri),
    }
}

/// The IRI of an attribute; members of entities and attributes cannot be one, under whatever name.
pub fn expand_attribute(text: &str, context: &Context) -> Result<Iri, NgsiError> {
    let iri = expand(text, "an attribute", context)?;
    let core = Context::core();
    let short = core.compact(iri.as_str());
    if RESERVED.binary_search(&&*short).is_ok() {
        return Err(NgsiError::bad(format!(
            "`{short}` is a member of entities or attributes and cannot name one"
        )));
    }
    Ok(iri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_underscores() {
        for good in
            ["speed", "名称", "a_1", "ex:speed", "https://a.b/c#d-e", "ngsi-ld:default-context/x", "urn:a:b"]
        {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "a-b", "a.b", "a b", "1a", "_a", ":a", "a:", "ex:a b", "@a", "a/b"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn members_of_attributes_are_reserved() {
        assert!(RESERVED.is_sorted());
        let core = Context::core();
        let inside = format!("{DEFAULT_VOCABULARY}a,b");
        for bad in ["observedAt", "ngsi-ld:hasValue", "https://uri.etsi.org/ngsi-ld/scope", inside.as_str()] {
            assert!(expand_attribute(bad, &core).is_err(), "{bad}");
        }
        for good in ["description", "https://example.org/a,b", "ngsi-ld:default-context/a"] {
            assert!(expand_attribute(good, &core).is_ok(), "{good}");
        }
    }
}
