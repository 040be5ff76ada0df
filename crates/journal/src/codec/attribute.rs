//! Attribute instances.
//!
//! One byte says which optional members follow, in the order of its bits.

use nacre_model::{Attribute, Content, Instant, Iri};

use super::CodecError;
use super::read::Reader;
use super::write::Writer;
use super::{iri, value};

const PROPERTY: u8 = 0;
const RELATIONSHIP: u8 = 1;
const RELATIONSHIP_MANY: u8 = 2;
const GEO: u8 = 3;
const LANGUAGE: u8 = 4;
const VOCAB: u8 = 5;
const VOCAB_MANY: u8 = 6;
const JSON: u8 = 7;
const LIST: u8 = 8;
const LIST_RELATIONSHIP: u8 = 9;

const HAS_DATASET: u8 = 1;
const HAS_OBSERVED: u8 = 2;
const HAS_UNIT: u8 = 4;
const HAS_EXPIRY: u8 = 8;
const HAS_SUB: u8 = 16;

fn write_iris(w: &mut Writer, iris: &[Iri]) {
    w.list(iris, |w, i| iri::write(w, i.as_str()));
}

fn read_iris(r: &mut Reader<'_>) -> Result<Vec<Iri>, CodecError> {
    r.list(iri::read)
}

/// Writes an attribute instance.
pub fn write(w: &mut Writer, a: &Attribute) {
    write_content(w, &a.content);
    let flag = |there: bool, bit: u8| if there { bit } else { 0 };
    w.u8(flag(a.dataset_id.is_some(), HAS_DATASET)
        | flag(a.observed_at.is_some(), HAS_OBSERVED)
        | flag(a.unit_code.is_some(), HAS_UNIT)
        | flag(a.expires_at.is_some(), HAS_EXPIRY)
        | flag(!a.attributes.is_empty(), HAS_SUB));
    if let Some(id) = &a.dataset_id {
        iri::write(w, id.as_str());
    }
    if let Some(at) = a.observed_at {
        w.signed(at.0);
    }
    if let Some(unit) = &a.unit_code {
        w.text(unit);
    }
    if let Some(at) = a.expires_at {
        w.signed(at.0);
    }
    if !a.attributes.is_empty() {
        w.list(&a.attributes, |w, (name, all)| {
            iri::write(w, name.as_str());
            w.list(all, write);
        });
    }
}

/// Reads an attribute instance.
pub fn read(r: &mut Reader<'_>) -> Result<Attribute, CodecError> {
    r.nested(|r| {
        let content = read_content(r)?;
        let flags = r.u8()?;
        if flags >= HAS_SUB << 1 {
            return Err(r.malformed("unknown members of an attribute"));
        }
        let has = |bit: u8| flags & bit != 0;
        Ok(Attribute {
            content,
            dataset_id: if has(HAS_DATASET) { Some(iri::read(r)?) } else { None },
            observed_at: if has(HAS_OBSERVED) { Some(Instant(r.signed()?)) } else { None },
            unit_code: if has(HAS_UNIT) { Some(r.text()?.into()) } else { None },
            expires_at: if has(HAS_EXPIRY) { Some(Instant(r.signed()?)) } else { None },
            attributes: if has(HAS_SUB) {
                r.list(|r| Ok((iri::read(r)?, r.list(read)?)))?
            } else {
                Vec::new()
            },
        })
    })
}

fn write_content(w: &mut Writer, content: &Content) {
    match content {
        Content::Property(v) => {
            w.u8(PROPERTY);
            value::write(w, v);
        }
        Content::Relationship { objects, many, object_types } => {
            w.u8(if *many { RELATIONSHIP_MANY } else { RELATIONSHIP });
            write_iris(w, objects);
            write_iris(w, object_types);
        }
        Content::Geo(g) => {
            w.u8(GEO);
            value::write_geometry(w, g);
        }
        Content::Language(map) => {
            w.u8(LANGUAGE);
            w.list(map, |w, (tag, text)| {
                w.text(tag);
                value::write(w, text);
            });
        }
        Content::Vocab { terms, many } => {
            w.u8(if *many { VOCAB_MANY } else { VOCAB });
            write_iris(w, terms);
        }
        Content::Json(v) => {
            w.u8(JSON);
            value::write(w, v);
        }
        Content::List(items) => {
            w.u8(LIST);
            w.list(items, value::write);
        }
        Content::ListRelationship { objects, object_types } => {
            w.u8(LIST_RELATIONSHIP);
            write_iris(w, objects);
            write_iris(w, object_types);
        }
    }
}

fn read_content(r: &mut Reader<'_>) -> Result<Content, CodecError> {
    Ok(match r.u8()? {
        PROPERTY => Content::Property(value::read(r)?),
        tag @ (RELATIONSHIP | RELATIONSHIP_MANY) => Content::Relationship {
            objects: read_iris(r)?,
            many: tag == RELATIONSHIP_MANY,
            object_types: read_iris(r)?,
        },
        GEO => Content::Geo(value::read_geometry(r)?),
        LANGUAGE => Content::Language(r.list(|r| Ok((r.text()?.into(), value::read(r)?)))?),
        tag @ (VOCAB | VOCAB_MANY) => Content::Vocab { terms: read_iris(r)?, many: tag == VOCAB_MANY },
        JSON => Content::Json(value::read(r)?),
        LIST => Content::List(r.list(value::read)?),
        LIST_RELATIONSHIP => {
            Content::ListRelationship { objects: read_iris(r)?, object_types: read_iris(r)? }
        }
        _ => return Err(r.malformed("an unknown kind of attribute")),
    })
}
