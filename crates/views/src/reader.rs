//! A snapshot of the views that answers: entities, time travel, history rows, candidates by index, counters,
//! documents, cursors.

use std::sync::Arc;

use nacre_journal::codec::{read, value as value_codec};
use nacre_model::change::apply;
use nacre_model::{AttributeKind, Bounds, Change, DocumentKey, Entity, EntityId, Instant, Iri, Seq, Value};

use crate::cells;
use crate::index::ordered;
use crate::keys;
use crate::store::{Batch, Snapshot, Space, Store, ViewError};
use crate::writer::{applied_in, decode_entity, read_number};

/// What a history row says of the state after it.
#[derive(Debug, Clone, PartialEq)]
pub enum RowState {
    /// Nothing: apply its changes to the state before it.
    Unsaid,
    /// The entity did not exist any more.
    Gone,
    /// The whole state.
    Full(Box<Entity>),
}

/// What one record did to one entity.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// The record.
    pub seq: Seq,
    /// When.
    pub at: Instant,
    /// By which command.
    pub command: Arc<str>,
    /// The state after it, where kept.
    pub state: RowState,
    /// Places in `changes` that were withdrawn from history.
    pub hidden: Vec<u32>,
    /// Its changes to the entity.
    pub changes: Vec<Change>,
}

/// Up to which record a state is wanted.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// Up to this record.
    Seq(Seq),
    /// Up to the last record not later than this.
    Instant(Instant),
}

/// See the module.
pub struct Reader {
    snapshot: Box<dyn Snapshot>,
}

/// A counter of discovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeCount {
    /// The type.
    pub type_name: Iri,
    /// An attribute that entities of the type have, with its kind; none: the type itself.
    pub attribute: Option<(Iri, AttributeKind)>,
    /// How many entities.
    pub count: u64,
}

impl Reader {
    /// Holds the present state of a store still.
    pub fn new(store: &dyn Store) -> Reader {
        Reader { snapshot: store.snapshot() }
    }

    /// An entity's current state.
    pub fn entity(&self, id: &EntityId) -> Result<Option<Entity>, ViewError> {
        let bytes = self.snapshot.get(Space::Entities, id.as_str().as_bytes())?;
        bytes.map(|bytes| decode_entity(id.clone(), &bytes)).transpose()
    }

    /// An entity's state at a moment of the past.
    pub fn entity_as_of(&self, id: &EntityId, bound: Bound) -> Result<Option<Entity>, ViewError> {
        let prefix = keys::history_prefix(id);
        let end = match bound {
            Bound::Seq(seq) => keys::history(id, seq.next()),
            Bound::Instant(_) => keys::after(&prefix),
        };
        let mut rows = Vec::new();
        let mut state = None;
        for pair in self.snapshot.scan_back(Space::History, &prefix, &end) {
            let (key, bytes) = pair?;
            let row = HistoryRow::decode(id, &key, &bytes)?;
            if matches!(bound, Bound::Instant(at) if row.at > at) {
                continue;
            }
            match row.state {
                RowState::Full(entity) => {
                    state = Some(*entity);
                    break;
                }
                RowState::Gone => break,
                RowState::Unsaid => rows.push(row),
            }
        }
        for row in rows.iter().rev() {
            state = apply(state, &row.changes, row.seq, row.at);
        }
        Ok(state)
    }

    /// What happened to an entity, oldest first (newest first with `back`), from `from` up to and with `to`.
    pub fn history<'a>(
        &'a self,
        id: &'a EntityId,
        from: Seq,
        to: Seq,
        back: bool,
    ) -> impl Iterator<Item = Result<HistoryRow, ViewError>> + 'a {
        let (from, to) = (keys::history(id, from), keys::history(id, to.next()));
        let pairs = if back {
            self.snapshot.scan_back(Space::History, &from, &to)
        } else {
            self.snapshot.scan(Space::History, &from, &to)
        };
        pairs.map(move |pair| pair.and_then(|(key, bytes)| HistoryRow::decode(id, &key, &bytes)))
    }

    /// One row of history.
    pub fn history_row(&self, id: &EntityId, seq: Seq) -> Result<Option<HistoryRow>, ViewError> {
        let key = keys::history(id, seq);
        self.snapshot.get(Space::History, &key)?.map(|bytes| HistoryRow::decode(id, &key, &bytes)).transpose()
    }

    /// Whether anything is known of an entity, now or in the past.
    pub fn has_history(&self, id: &EntityId) -> Result<bool, ViewError> {
        let prefix = keys::history_prefix(id);
        Ok(self.snapshot.scan(Space::History, &prefix, &keys::after(&prefix)).next().transpose()?.is_some())
    }

    /// Ids of all entities, in order, after `after`.
    pub fn all_ids<'a>(&'a self, after: Option<&EntityId>) -> Ids<'a> {
        let from = after.map_or_else(Vec::new, keys::history_prefix);
        self.ids(Space::Entities, &from, &[u8::MAX; 16], |key| key)
    }

    /// Ids of entities that ever existed: those that have history.
    pub fn all_ids_ever<'a>(&'a self) -> impl Iterator<Item = Result<EntityId, ViewError>> + 'a {
        let mut last: Option<EntityId> = None;
        self.ids(Space::History, &[], &[u8::MAX; 16], |key| {
            key.get(..key.len().saturating_sub(9)).unwrap_or_default()
        })
        .filter(move |id| match id {
            Ok(id) if last.as_ref() == Some(id) => false,
            Ok(id) => {
                last = Some(id.clone());
                true
            }
            Err(_) => true,
        })
    }

    /// Ids of entities of a type in order: now, or (with `ever`) at any time.
    pub fn ids_of_type<'a>(&'a self, type_name: &Iri, ever: bool) -> Ids<'a> {
        let tag = if ever { keys::TYPE_EVER } else { keys::TYPE };
        let prefix = keys::prefix(tag, type_name.as_str());
        self.ids_after_prefix(&prefix)
    }

    /// Ids of entities whose relationship `attribute` leads to `target`.
    pub fn ids_related<'a>(&'a self, target: &str, attribute: &Iri) -> Ids<'a> {
        let mut prefix = keys::prefix(keys::RELATION, target);
        prefix.extend_from_slice(attribute.as_str().as_bytes());
        prefix.push(0);
        self.ids_after_prefix(&prefix)
    }

    /// Ids of entities whose geometry `attribute` may touch the box; without order, each possibly several times.
    pub fn ids_in_box(&self, attribute: &Iri, bounds: &Bounds) -> Result<Vec<EntityId>, ViewError> {
        let prefix = keys::prefix(keys::GEO, attribute.as_str());
        let mut found = Vec::new();
        for level in 0..=cells::LEVEL_MAX {
            let mut at_level = prefix.clone();
            at_level.push(level);
            let empty = self.snapshot.scan(Space::Index, &at_level, &keys::after(&at_level)).next().is_none();
            if empty {
                continue;
            }
            for (first, last) in cells::ranges(bounds, level) {
                let mut from = at_level.clone();
                from.extend_from_slice(&first.to_be_bytes());
                let mut to = at_level.clone();
                to.extend_from_slice(&last.to_be_bytes());
                let to = keys::after(&to);
                let start = prefix.len() + 9;
                for id in self.ids(Space::Index, &from, &to, move |key| key.get(start..).unwrap_or_default())
                {
                    found.push(id?);
                }
            }
        }
        Ok(found)
    }

    /// Ids of entities whose declared attribute has a value from `low` to `high`, both included; in order of value.
    pub fn ids_by_value<'a>(&'a self, attribute: &Iri, low: Option<&Value>, high: Option<&Value>) -> Ids<'a> {
        let prefix = keys::prefix(keys::VALUE, attribute.as_str());
        let (mut from, mut to) = (prefix.clone(), prefix.clone());
        let class = low.or(high).map(|v| ordered(v)[0]);
        from.extend(low.map(ordered).or(class.map(|c| vec![c])).unwrap_or_default());
        match high {
            Some(high) => {
                to.extend(ordered(high));
                to = keys::after(&to);
            }
            None => {
                to.extend(class);
                to = keys::after(&to);
            }
        }
        let start = prefix.len();
        self.ids(Space::Index, &from, &to, move |key| {
            let rest = key.get(start..).unwrap_or_default();
            let end = rest.windows(2).position(|w| w == [0, 1]).map_or(rest.len(), |i| i + 2);
            &rest[end..]
        })
    }

    fn ids_after_prefix<'a>(&'a self, prefix: &[u8]) -> Ids<'a> {
        let start = prefix.len();
        self.ids(Space::Index, prefix, &keys::after(prefix), move |key| key.get(start..).unwrap_or_default())
    }

    fn ids<'a>(
        &'a self,
        space: Space,
        from: &[u8],
        to: &[u8],
        part: impl Fn(&[u8]) -> &[u8] + Send + 'a,
    ) -> Ids<'a> {
        Box::new(self.snapshot.scan(space, from, to).map(move |pair| {
            let (key, _) = pair?;
            let damaged =
                || ViewError::Damaged { space: space.name(), why: "a key without entity id".into() };
            let text = std::str::from_utf8(part(&key)).map_err(|_| damaged())?;
            EntityId::new(text).map_err(|_| damaged())
        }))
    }

    /// How many entities have a type now.
    pub fn count_of_type(&self, type_name: &Iri) -> Result<u64, ViewError> {
        let value = self.snapshot.get(Space::Meta, &keys::counter(type_name.as_str(), None))?;
        Ok(value.map_or(0, |v| read_number(&v)))
    }

    /// Whether any entity or attribute will expire.
    pub fn anything_expires(&self) -> Result<bool, ViewError> {
        Ok(self.snapshot.get(Space::Meta, &keys::counter("", None))?.is_some())
    }

    /// Ids of entities of which something expired at `now` or before.
    pub fn ids_expired<'a>(&'a self, now: Instant) -> Ids<'a> {
        let (from, to) = (vec![keys::EXPIRY], keys::expiry(now.plus_ms(1), None));
        self.ids(Space::Index, &from, &to, |key| key.get(9..).unwrap_or_default())
    }

    /// All counters of discovery.
    pub fn type_counts(&self) -> Result<Vec<TypeCount>, ViewError> {
        let (from, to) = keys::counters();
        let mut counts = Vec::new();
        for pair in self.snapshot.scan(Space::Meta, &from, &to) {
            let (key, value) = pair?;
            if let Some((type_name, attribute)) = keys::counter_of(&key).filter(|(t, _)| !t.is_empty()) {
                let attribute = attribute.map(|(name, kind)| (Iri::trusted(name), kind));
                counts.push(TypeCount {
                    type_name: Iri::trusted(type_name),
                    attribute,
                    count: read_number(&value),
                });
            }
        }
        Ok(counts)
    }

    /// The kinds an attribute has in any entity now.
    pub fn kinds_of(&self, name: &Iri) -> Result<Vec<AttributeKind>, ViewError> {
        let counts = self.type_counts()?;
        let of_name = counts.into_iter().filter_map(|c| c.attribute.filter(|(n, _)| n == name));
        Ok(of_name.map(|(_, kind)| kind).collect())
    }

    /// All documents.
    pub fn documents(&self) -> Result<Vec<(DocumentKey, Value)>, ViewError> {
        let (from, to) = keys::documents();
        let mut documents = Vec::new();
        for pair in self.snapshot.scan(Space::Meta, &from, &to) {
            let (key, bytes) = pair?;
            let damaged = |why: String| ViewError::Damaged { space: "documents", why };
            let key = keys::document_of(&key).ok_or_else(|| damaged("a key without collection".into()))?;
            let value =
                value_codec::read(&mut read::Reader::new(&bytes)).map_err(|e| damaged(e.to_string()))?;
            documents.push((key, value));
        }
        Ok(documents)
    }

    /// The last record these views contain.
    pub fn applied(&self) -> Result<Seq, ViewError> {
        let bytes = self.snapshot.get(Space::Meta, keys::MARKER)?;
        Ok(Seq(bytes.map_or(0, |b| read_number(b.get(8..).unwrap_or_default()))))
    }
}

/// Ids in key order.
pub type Ids<'a> = Box<dyn Iterator<Item = Result<EntityId, ViewError>> + Send + 'a>;

/// The record and request digest an idempotency key was used for.
pub fn idempotency(store: &dyn Store, key: &str) -> Result<Option<(Seq, u64, Instant)>, ViewError> {
    let Some(bytes) = store.get(Space::Meta, &keys::idempotency(key))? else { return Ok(None) };
    let mut r = read::Reader::new(&bytes);
    let mut parse = || Ok((Seq(r.varint()?), u64::from_le_bytes(r.array()?), Instant(r.signed()?)));
    parse().map(Some).map_err(|e: nacre_journal::codec::CodecError| ViewError::Damaged {
        space: "idempotency keys",
        why: e.to_string(),
    })
}

/// Where a durable cursor stands.
pub fn cursor(store: &dyn Store, name: &str) -> Result<Option<Seq>, ViewError> {
    Ok(store.get(Space::Cursors, name.as_bytes())?.map(|b| Seq(read_number(&b))))
}

/// Moves durable cursors; a cursor without position is removed.
pub fn set_cursors(store: &dyn Store, cursors: &[(String, Option<Seq>)]) -> Result<(), ViewError> {
    let mut batch = Batch::default();
    for (name, seq) in cursors {
        let key = name.as_bytes().to_vec();
        match seq {
            Some(seq) => batch.put(Space::Cursors, key, seq.0.to_be_bytes().to_vec()),
            None => batch.remove(Space::Cursors, key),
        }
    }
    store.write(batch)
}

/// All cursors, to be carried over a rebuild.
pub fn cursors(store: &dyn Store) -> Result<Vec<(String, Option<Seq>)>, ViewError> {
    let mut out = Vec::new();
    for pair in store.snapshot().scan(Space::Cursors, &[], &[u8::MAX; 16]) {
        let (key, value) = pair?;
        out.push((String::from_utf8_lossy(&key).into_owned(), Some(Seq(read_number(&value)))));
    }
    Ok(out)
}

/// The last record a store contains.
pub fn applied(store: &dyn Store) -> Result<Seq, ViewError> {
    applied_in(store)
}
