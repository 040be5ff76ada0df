//! What lies under which key. Ids and names are URIs and hold no zero byte, so a zero byte ends them.
//!
//! ```text
//! Entities  id                                → entity
//! History   id 00 seq(8)                      → row
//! Index     01 type 00 id                     → entities that have the type now
//!           02 type 00 id                     → entities that ever had it
//!           03 attribute 00 level cell(8) id  → geometries (see `cells`)
//!           04 target 00 attribute 00 id      → relationships, backwards
//!           05 attribute 00 value 00 01 id    → declared attributes, values in order
//!           06 instant(8) id                  → when the entity or an attribute of it expires next
//! Meta      00                                → marker: format, applied sequence
//!           01 collection 00 id               → document
//!           02 key                            → idempotency key: record, digest
//!           03 type 00 [attribute 00 kind]    → how many entities have it; no type: how many will expire
//!           04                                → declared indexes these views were made with
//! Cursors   name                              → sequence
//! ```

use nacre_model::{AttributeKind, DocumentKey, EntityId, Instant, Seq};

/// Tags of index entries.
pub const TYPE: u8 = 1;
/// See the module.
pub const TYPE_EVER: u8 = 2;
/// See the module.
pub const GEO: u8 = 3;
/// See the module.
pub const RELATION: u8 = 4;
/// See the module.
pub const VALUE: u8 = 5;

/// See the module.
pub const EXPIRY: u8 = 6;

/// The marker's key.
pub const MARKER: &[u8] = &[0];
/// Key of the declared indexes.
pub const PLAN: &[u8] = &[4];
const DOCUMENT: u8 = 1;
const IDEMPOTENCY: u8 = 2;
const COUNTER: u8 = 3;

/// `tag text 00`
pub fn prefix(tag: u8, text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() + 64);
    key.push(tag);
    key.extend_from_slice(text.as_bytes());
    key.push(0);
    key
}

/// The first key after all that begin with `prefix`.
pub fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; 16]
}

/// `tag text 00 id`
pub fn entry(tag: u8, text: &str, id: &EntityId) -> Vec<u8> {
    let mut key = prefix(tag, text);
    key.extend_from_slice(id.as_str().as_bytes());
    key
}

/// `04 target 00 attribute 00 id`
pub fn relation(target: &str, attribute: &str, id: &EntityId) -> Vec<u8> {
    let mut key = prefix(RELATION, target);
    key.extend_from_slice(attribute.as_bytes());
    key.push(0);
    key.extend_from_slice(id.as_str().as_bytes());
    key
}

/// `06 instant id`
pub fn expiry(at: Instant, id: Option<&EntityId>) -> Vec<u8> {
    let mut key = vec![EXPIRY];
    key.extend_from_slice(&(at.0 as u64 ^ (1 << 63)).to_be_bytes());
    key.extend_from_slice(id.map_or(&[][..], |id| id.as_str().as_bytes()));
    key
}

/// Where the history of an entity begins.
pub fn history_prefix(id: &EntityId) -> Vec<u8> {
    let mut key = Vec::with_capacity(id.as_str().len() + 9);
    key.extend_from_slice(id.as_str().as_bytes());
    key.push(0);
    key
}

/// `id 00 seq`
pub fn history(id: &EntityId, seq: Seq) -> Vec<u8> {
    let mut key = history_prefix(id);
    key.extend_from_slice(&seq.0.to_be_bytes());
    key
}

/// The sequence number at the end of a history key.
pub fn history_seq(key: &[u8]) -> Option<Seq> {
    let bytes = key.last_chunk::<8>()?;
    Some(Seq(u64::from_be_bytes(*bytes)))
}

/// Key of a document.
pub fn document(key: &DocumentKey) -> Vec<u8> {
    let mut out = prefix(DOCUMENT, &key.collection);
    out.extend_from_slice(key.id.as_bytes());
    out
}

/// All documents.
pub fn documents() -> (Vec<u8>, Vec<u8>) {
    (vec![DOCUMENT], vec![DOCUMENT + 1])
}

/// The document a key stands for.
pub fn document_of(key: &[u8]) -> Option<DocumentKey> {
    let text = std::str::from_utf8(key.get(1..)?).ok()?;
    let (collection, id) = text.split_once('\0')?;
    Some(DocumentKey::new(collection, id))
}

/// Key of an idempotency key.
pub fn idempotency(key: &str) -> Vec<u8> {
    let mut out = vec![IDEMPOTENCY];
    out.extend_from_slice(key.as_bytes());
    out
}

/// All idempotency keys.
pub fn idempotencies() -> (Vec<u8>, Vec<u8>) {
    (vec![IDEMPOTENCY], vec![IDEMPOTENCY + 1])
}

/// Counter of entities of a type, or of those that have an attribute of a kind.
pub fn counter(type_name: &str, attribute: Option<(&str, AttributeKind)>) -> Vec<u8> {
    let mut key = prefix(COUNTER, type_name);
    if let Some((name, kind)) = attribute {
        key.extend_from_slice(name.as_bytes());
        key.push(0);
        key.push(kind as u8);
    }
    key
}

/// All counters.
pub fn counters() -> (Vec<u8>, Vec<u8>) {
    (vec![COUNTER], vec![COUNTER + 1])
}

/// Takes a counter's key apart: type, and attribute with kind.
pub fn counter_of(key: &[u8]) -> Option<(&str, Option<(&str, AttributeKind)>)> {
    let rest = key.strip_prefix(&[COUNTER])?;
    let end = rest.iter().position(|b| *b == 0)?;
    let type_name = std::str::from_utf8(&rest[..end]).ok()?;
    let rest = &rest[end + 1..];
    if rest.is_empty() {
        return Some((type_name, None));
    }
    let end = rest.iter().position(|b| *b == 0)?;
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    let kind = *KINDS.get(usize::from(*rest.get(end + 1)?))?;
    Some((type_name, Some((name, kind))))
}

const KINDS: [AttributeKind; 8] = [
    AttributeKind::Property,
    AttributeKind::Relationship,
    AttributeKind::GeoProperty,
    AttributeKind::LanguageProperty,
    AttributeKind::VocabProperty,
    AttributeKind::JsonProperty,
    AttributeKind::ListProperty,
    AttributeKind::ListRelationship,
];
