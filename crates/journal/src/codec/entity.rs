//! Entities as the views keep them. The id is not part of the bytes: it is the key they lie under.

use indexmap::IndexMap;
use nacre_model::{Entity, EntityId, Instance, Instant, Scope, Seq};

use super::read::Reader;
use super::write::Writer;
use super::{CodecError, FORMAT, attribute, iri};

/// Encodes an entity.
pub fn encode(e: &Entity) -> Vec<u8> {
    let mut w = Writer::with_capacity(512);
    w.u8(FORMAT);
    w.varint(e.seq.0);
    w.varint(e.revision);
    w.signed(e.created_at.0);
    w.signed(e.modified_at.0.wrapping_sub(e.created_at.0));
    w.option(e.expires_at, |w, at| w.signed(at.0));
    w.list(&e.types, |w, t| iri::write(w, t.as_str()));
    w.list(&e.scopes, |w, s| w.text(s.as_str()));
    w.varint(e.attributes.len() as u64);
    for (name, all) in &e.attributes {
        iri::write(&mut w, name.as_str());
        w.list(all, |w, i| {
            w.signed(i.created_at.0.wrapping_sub(e.created_at.0));
            w.signed(i.modified_at.0.wrapping_sub(e.modified_at.0));
            attribute::write(w, &i.attribute);
        });
    }
    w.bytes
}

/// Decodes the entity that lies under `id`.
pub fn decode(id: EntityId, bytes: &[u8]) -> Result<Entity, CodecError> {
    let mut r = Reader::new(bytes);
    match r.u8()? {
        FORMAT => {}
        newer => return Err(CodecError::NewerFormat(newer)),
    }
    let (seq, revision) = (Seq(r.varint()?), r.varint()?);
    let created_at = Instant(r.signed()?);
    let modified_at = Instant(r.signed()?.wrapping_add(created_at.0));
    let expires_at = r.option(|r| r.signed().map(Instant))?;
    let types = r.list(iri::read)?;
    let scopes = r.list(|r| {
        let text = r.text()?;
        Scope::new(text).map_err(|_| r.malformed("a scope"))
    })?;
    let count = r.count()?;
    let mut attributes = IndexMap::with_capacity(count.min(1024));
    for _ in 0..count {
        let name = iri::read(&mut r)?;
        let all = r.list(|r| {
            Ok(Instance {
                created_at: Instant(r.signed()?.wrapping_add(created_at.0)),
                modified_at: Instant(r.signed()?.wrapping_add(modified_at.0)),
                attribute: attribute::read(r)?,
            })
        })?;
        attributes.insert(name, all);
    }
    r.finish()?;
    Ok(Entity { id, types, scopes, attributes, created_at, modified_at, expires_at, seq, revision })
}
