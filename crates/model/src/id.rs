//! Identifiers as newtypes, so that a tenant can never be passed where an entity is meant.
//!
//! All text ids are shared (`Arc<str>`): a clone costs a counter, and the same attribute name is not
//! stored a million times. What is checked here is what every later crate may rely on.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// Longest entity id in bytes. Longer ones would not fit the keys of the views.
pub const ENTITY_ID_BYTES_MAX: usize = 1024;
/// Longest IRI (attribute name, type, dataset id) in bytes.
pub const IRI_BYTES_MAX: usize = 2048;
/// Longest tenant name in bytes; a tenant is a folder of the data directory.
pub const TENANT_BYTES_MAX: usize = 50;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// The text is empty.
    #[error("{what} is empty")]
    Empty {
        /// Which id was meant.
        what: &'static str,
    },
    /// The text is longer than the limit.
    #[error("{what} has {bytes} bytes, more than the {bytes_max} allowed")]
    TooLong {
        /// Which id was meant.
        what: &'static str,
        /// Length found.
        bytes: usize,
        /// Length allowed.
        bytes_max: usize,
    },
    /// The text is not of the form the id needs.
    #[error("`{text}` is no {what}: {why}")]
    Malformed {
        /// Which id was meant.
        what: &'static str,
        /// The text as given, shortened.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Cuts a text for an error message, at a character boundary.
fn shorten(text: &str) -> String {
    text.chars().take(120).collect()
}

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

/// Position of a record in its tenant's journal. The first record is 1; 0 means "before everything".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// Before the first record.
    pub const ZERO: Seq = Seq(0);

    /// The sequence number after this one. The largest number, which no journal reaches but a client may name, stays.
    #[must_use]
    pub fn next(self) -> Seq {
        Seq(self.0.saturating_add(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A tenant: one journal, one total order. Letters, digits, `_`, `-` and `.`, beginning with a letter or digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);
text_id!(TenantId);

impl TenantId {
    /// The tenant of requests that name none.
    pub fn default_tenant() -> TenantId {
        TenantId("default".into())
    }

    /// Checks and makes a tenant id.
    pub fn new(text: &str) -> Result<TenantId, IdError> {
        let what = "tenant";
        if text.is_empty() {
            return Err(IdError::Empty { what });
        }
        if text.len() > TENANT_BYTES_MAX {
            return Err(IdError::TooLong { what, bytes: text.len(), bytes_max: TENANT_BYTES_MAX });
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if !text.bytes().all(plain) || !text.as_bytes()[0].is_ascii_alphanumeric() {
            let why = "letters, digits, `_`, `-` and `.` only, beginning with a letter or digit";
            return Err(IdError::Malformed { what, text: shorten(text), why });
        }
        Ok(TenantId(text.into()))
    }
}

/// An entity: an absolute URI (CIM 009 §4.5.1).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(Arc<str>);
text_id!(EntityId);

impl EntityId {
    /// Checks and makes an entity id.
    pub fn new(text: &str) -> Result<EntityId, IdError> {
        check_uri("entity id", text, ENTITY_ID_BYTES_MAX)?;
        Ok(EntityId(text.into()))
    }
}

/// An absolute IRI: the expanded name of a type, an attribute, a dataset.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iri(Arc<str>);
text_id!(Iri);

impl Iri {
    /// Checks and makes an IRI.
    pub fn new(text: &str) -> Result<Iri, IdError> {
        check_uri("IRI", text, IRI_BYTES_MAX)?;
        Ok(Iri(text.into()))
    }

    /// Makes an IRI from a text that is known to be one: a constant, or bytes that were checked when written.
    pub fn trusted(text: &str) -> Iri {
        Iri(text.into())
    }
}

/// True when a text has the form of an absolute URI (RFC 3986 §3: scheme, colon, something) and no blank,
/// control character or character that a URI may never hold.
pub fn is_uri(text: &str) -> bool {
    let Some(colon) = text.find(':') else { return false };
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let scheme_ok = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let char_ok = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !invisible(c)
            && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
    };
    scheme_ok && !rest.is_empty() && rest.chars().all(char_ok)
}

/// Characters that cannot be seen, or that change how their neighbours are: two ids must not look the same and differ.
/// (RFC 3987 §4.1 and §7.5; noncharacters and fillers after Unicode 15.)
fn invisible(c: char) -> bool {
    let n = u32::from(c);
    n & 0xfffe == 0xfffe
        || matches!(n,
            0x00ad | 0x034f | 0x061c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f | 0xfeff
            | 0xffa0 | 0xfff0..=0xfffb | 0xe0000..=0xe0fff)
}

fn check_uri(what: &'static str, text: &str, bytes_max: usize) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { what });
    }
    if text.len() > bytes_max {
        return Err(IdError::TooLong { what, bytes: text.len(), bytes_max });
    }
    if !is_uri(text) {
        let why = "an absolute URI is needed, such as `urn:ngsi-ld:Street:440105013`";
        return Err(IdError::Malformed { what, text: shorten(text), why });
    }
    Ok(())
}

/// A scope: a path such as `/海珠区/江海街道` (CIM 009 §4.18).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Arc<str>);
text_id!(Scope);

impl Scope {
    /// Checks and makes a scope; a missing first slash is added.
    pub fn new(text: &str) -> Result<Scope, IdError> {
        let what = "scope";
        let path = text.strip_prefix('/').unwrap_or(text);
        if path.is_empty() {
            return Err(IdError::Empty { what });
        }
        if text.len() > IRI_BYTES_MAX {
            return Err(IdError::TooLong { what, bytes: text.len(), bytes_max: IRI_BYTES_MAX });
        }
        // CIM 009 §4.18: a letter, then letters, digits and underscores; letters of any script.
        let level_ok = |l: &str| {
            l.chars().next().is_some_and(char::is_alphabetic)
                && l.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if !path.split('/').all(level_ok) {
            let why = "levels that begin with a letter and hold letters, digits and `_`, separated by single slashes, are needed";
            return Err(IdError::Malformed { what, text: shorten(text), why });
        }
        Ok(Scope(format!("/{path}").into()))
    }
}

/// Who caused a record: a person, a device, a service, or the platform itself (`system:…`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(Arc<str>);
text_id!(Actor);

impl Actor {
    /// Makes an actor from a principal's name; control characters are not kept.
    pub fn new(text: &str) -> Actor {
        let clean: String = text.chars().filter(|c| !c.is_control()).take(256).collect();
        Actor(clean.into())
    }
}

/// Where a document lies that is no entity: a subscription, a hosted `@context`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentKey {
    /// What kind of document, in lower case with dashes: `subscription`, `context`.
    pub collection: Arc<str>,
    /// Its id inside the collection.
    pub id: Arc<str>,
}

impl DocumentKey {
    /// Makes a key.
    pub fn new(collection: &str, id: &str) -> DocumentKey {
        DocumentKey { collection: collection.into(), id: id.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_is_a_safe_folder_name() {
        assert!(TenantId::new("haizhu-1").is_ok());
        for bad in ["", "../x", ".hidden", "a/b", "中文", &"x".repeat(51)] {
            assert!(TenantId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn entity_id_is_an_absolute_uri() {
        assert!(EntityId::new("urn:ngsi-ld:Street:440105013").is_ok());
        assert!(EntityId::new("urn:ngsi-ld:河涌:石榴岗河").is_ok());
        for bad in
            ["", "noscheme", "urn:", "urn:with blank", "1urn:x", "urn:a<b", "urn:a\u{200b}b", "urn:\u{202e}x"]
        {
            assert!(EntityId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn scope_gains_its_first_slash() {
        assert_eq!(Scope::new("海珠区/琶洲").map(|s| s.to_string()).as_deref(), Ok("/海珠区/琶洲"));
        for bad in ["/a//b", "/1a", "/a-b", "", "/"] {
            assert!(Scope::new(bad).is_err(), "{bad}");
        }
    }
}
