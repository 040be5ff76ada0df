//! Lists of changes. A change to the same entity as the one before it does not repeat the id.

use nacre_model::{Change, DeleteReach, DocumentKey, EntityId, Instant, Scope, Seq};

use super::read::Reader;
use super::write::Writer;
use super::{CodecError, attribute, iri, value};

const CREATE_ENTITY: u8 = 1;
const DELETE_ENTITY: u8 = 2;
const SET_TYPES: u8 = 3;
const SET_SCOPES: u8 = 4;
const SET_EXPIRY: u8 = 5;
const SET_ATTRIBUTE: u8 = 6;
const DELETE_ATTRIBUTE: u8 = 7;
const ADD_HISTORY: u8 = 8;
const ERASE_HISTORY: u8 = 9;
const PUT_DOCUMENT: u8 = 10;
const DELETE_DOCUMENT: u8 = 11;

/// Writes changes in order.
pub fn write_all<'a>(w: &mut Writer, changes: impl ExactSizeIterator<Item = &'a Change>) {
    w.varint(changes.len() as u64);
    let mut last: Option<&EntityId> = None;
    for change in changes {
        w.u8(tag(change));
        if let Some(id) = change.entity() {
            if last == Some(id) {
                w.u8(0);
            } else {
                w.u8(1);
                iri::write(w, id.as_str());
                last = Some(id);
            }
        }
        write_body(w, change);
    }
}

fn tag(change: &Change) -> u8 {
    match change {
        Change::CreateEntity { .. } => CREATE_ENTITY,
        Change::DeleteEntity { .. } => DELETE_ENTITY,
        Change::SetTypes { .. } => SET_TYPES,
        Change::SetScopes { .. } => SET_SCOPES,
        Change::SetExpiry { .. } => SET_EXPIRY,
        Change::SetAttribute { .. } => SET_ATTRIBUTE,
        Change::DeleteAttribute { .. } => DELETE_ATTRIBUTE,
        Change::AddHistory { .. } => ADD_HISTORY,
        Change::EraseHistory { .. } => ERASE_HISTORY,
        Change::PutDocument { .. } => PUT_DOCUMENT,
        Change::DeleteDocument { .. } => DELETE_DOCUMENT,
    }
}

fn write_body(w: &mut Writer, change: &Change) {
    let expiry = |w: &mut Writer, at: &Option<Instant>| w.option(*at, |w, at| w.signed(at.0));
    let scopes = |w: &mut Writer, all: &[Scope]| w.list(all, |w, s| w.text(s.as_str()));
    match change {
        Change::CreateEntity { types, scopes: all, expires_at, .. } => {
            w.list(types, |w, t| iri::write(w, t.as_str()));
            scopes(w, all);
            expiry(w, expires_at);
        }
        Change::DeleteEntity { .. } => {}
        Change::SetTypes { types, .. } => w.list(types, |w, t| iri::write(w, t.as_str())),
        Change::SetScopes { scopes: all, .. } => scopes(w, all),
        Change::SetExpiry { expires_at, .. } => expiry(w, expires_at),
        Change::SetAttribute { name, attribute: a, .. } | Change::AddHistory { name, attribute: a, .. } => {
            iri::write(w, name.as_str());
            attribute::write(w, a);
        }
        Change::DeleteAttribute { name, reach, .. } => {
            iri::write(w, name.as_str());
            match reach {
                DeleteReach::All => w.u8(2),
                DeleteReach::Dataset(id) => w.option(id.as_ref(), |w, id| iri::write(w, id.as_str())),
            }
        }
        Change::EraseHistory { name, instance, .. } => {
            w.option(name.as_ref(), |w, name| iri::write(w, name.as_str()));
            w.option(*instance, |w, (seq, index)| {
                w.varint(seq.0);
                w.varint(u64::from(index));
            });
        }
        Change::PutDocument { key, value: v } => {
            write_key(w, key);
            value::write(w, v);
        }
        Change::DeleteDocument { key } => write_key(w, key),
    }
}

fn write_key(w: &mut Writer, key: &DocumentKey) {
    w.text(&key.collection);
    w.text(&key.id);
}

/// Reads changes in order.
pub fn read_all(r: &mut Reader<'_>) -> Result<Vec<Change>, CodecError> {
    let mut last: Option<EntityId> = None;
    r.list(|r| read_one(r, &mut last))
}

fn read_one(r: &mut Reader<'_>, last: &mut Option<EntityId>) -> Result<Change, CodecError> {
    let tag = r.u8()?;
    if matches!(tag, PUT_DOCUMENT | DELETE_DOCUMENT) {
        let key = DocumentKey::new(r.text()?, r.text()?);
        return Ok(match tag {
            PUT_DOCUMENT => Change::PutDocument { key, value: value::read(r)? },
            _ => Change::DeleteDocument { key },
        });
    }
    let entity = match r.u8()? {
        0 => last.clone().ok_or_else(|| r.malformed("a change without entity"))?,
        1 => {
            let text = iri::read_uncached(r)?;
            EntityId::new(&text).map_err(|_| r.malformed("an entity id"))?
        }
        _ => return Err(r.malformed("a flag that is neither 0 nor 1")),
    };
    *last = Some(entity.clone());
    let expiry = |r: &mut Reader<'_>| r.option(|r| r.signed().map(Instant));
    let scopes = |r: &mut Reader<'_>| {
        r.list(|r| {
            let text = r.text()?;
            Scope::new(text).map_err(|_| r.malformed("a scope"))
        })
    };
    Ok(match tag {
        CREATE_ENTITY => Change::CreateEntity {
            entity,
            types: r.list(iri::read)?,
            scopes: scopes(r)?,
            expires_at: expiry(r)?,
        },
        DELETE_ENTITY => Change::DeleteEntity { entity },
        SET_TYPES => Change::SetTypes { entity, types: r.list(iri::read)? },
        SET_SCOPES => Change::SetScopes { entity, scopes: scopes(r)? },
        SET_EXPIRY => Change::SetExpiry { entity, expires_at: expiry(r)? },
        SET_ATTRIBUTE => Change::SetAttribute { entity, name: iri::read(r)?, attribute: attribute::read(r)? },
        ADD_HISTORY => Change::AddHistory { entity, name: iri::read(r)?, attribute: attribute::read(r)? },
        DELETE_ATTRIBUTE => {
            let name = iri::read(r)?;
            let reach = match r.u8()? {
                0 => DeleteReach::Dataset(None),
                1 => DeleteReach::Dataset(Some(iri::read(r)?)),
                2 => DeleteReach::All,
                _ => return Err(r.malformed("an unknown reach")),
            };
            Change::DeleteAttribute { entity, name, reach }
        }
        ERASE_HISTORY => {
            let name = r.option(iri::read)?;
            let instance = r.option(|r| {
                let seq = Seq(r.varint()?);
                let index = u32::try_from(r.varint()?).map_err(|_| r.malformed("an index over 32 bits"))?;
                Ok((seq, index))
            })?;
            Change::EraseHistory { entity, name, instance }
        }
        _ => return Err(r.malformed("an unknown kind of change")),
    })
}

/// Writes changes of one entity whose id the reader knows.
pub fn write_for<'a>(w: &mut Writer, id: &EntityId, changes: impl ExactSizeIterator<Item = &'a Change>) {
    w.varint(changes.len() as u64);
    for change in changes {
        debug_assert_eq!(change.entity(), Some(id));
        w.u8(tag(change));
        w.u8(0);
        write_body(w, change);
    }
}

/// Reads what [`write_for`] wrote.
pub fn read_for(r: &mut Reader<'_>, id: &EntityId) -> Result<Vec<Change>, CodecError> {
    let mut last = Some(id.clone());
    r.list(|r| read_one(r, &mut last))
}
