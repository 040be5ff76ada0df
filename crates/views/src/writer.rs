//! Turns a batch of records into one atomic batch of keys.
//!
//! For each record and entity one history row; for each entity the last state of the batch, and the difference of
//! index entries and counters between the state before the batch and after it. So an entity written a hundred times
//! in a batch costs one state and a hundred small rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nacre_journal::codec::write::Writer as Bytes;
use nacre_journal::codec::{change as change_codec, entity as entity_codec, read, value as value_codec};
use nacre_model::{Change, DeleteReach, Entity, EntityId, Instant, Iri, Record, Seq};

use crate::index::{self, CounterChanges, IndexPlan};
use crate::keys;
use crate::reader::{HistoryRow, RowState};
use crate::store::{Batch, Space, Store, ViewError};

/// Format of the views. Another format is rebuilt from the journal, never converted.
pub const FORMAT: u64 = 1;
/// After so many revisions a history row carries the full state, so that time travel reads few rows.
pub const REVISIONS_PER_STATE: u64 = 64;

/// What a record did to one entity.
#[derive(Debug, Clone)]
pub struct Touched {
    /// Which.
    pub id: EntityId,
    /// Its state before the record.
    pub before: Option<Arc<Entity>>,
    /// Its state after it.
    pub after: Option<Arc<Entity>>,
}

/// A record with what it did.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The record.
    pub record: Arc<Record>,
    /// Entities it touched, each once, in the order first touched.
    pub touched: Vec<Touched>,
}

/// The one writer of a tenant's views.
pub struct Writer {
    store: Arc<dyn Store>,
    plan: IndexPlan,
    applied: Seq,
    counters: BTreeMap<Vec<u8>, i64>,
}

impl Writer {
    /// Continues where the views stand. With other declared indexes than last time, or another format, the views are
    /// unusable and [`ViewError::Format`] says so: the caller makes new ones.
    pub fn open(store: Arc<dyn Store>, plan: IndexPlan) -> Result<Writer, ViewError> {
        let applied = match store.get(Space::Meta, keys::MARKER)? {
            None => {
                let mut batch = Batch::default();
                batch.put(Space::Meta, keys::MARKER.to_vec(), marker(Seq::ZERO));
                batch.put(Space::Meta, keys::PLAN.to_vec(), plan.fingerprint());
                store.write(batch)?;
                Seq::ZERO
            }
            Some(bytes) => read_marker(&bytes)?,
        };
        if store.get(Space::Meta, keys::PLAN)?.unwrap_or_default() != plan.fingerprint() {
            return Err(ViewError::Format { found: 0, expected: FORMAT });
        }
        let (from, to) = keys::counters();
        let mut counters = BTreeMap::new();
        for pair in store.snapshot().scan(Space::Meta, &from, &to) {
            let (key, value) = pair?;
            counters.insert(key, read_number(&value) as i64);
        }
        Ok(Writer { store, plan, applied, counters })
    }

    /// The last record applied.
    pub fn applied(&self) -> Seq {
        self.applied
    }

    /// The state of an entity as the views have it.
    pub fn entity(&self, id: &EntityId) -> Result<Option<Arc<Entity>>, ViewError> {
        load_entity(&*self.store, id)
    }

    /// Applies records that follow the last one applied; earlier ones are skipped.
    pub fn apply(&mut self, batch: &[Applied]) -> Result<(), ViewError> {
        let fresh: Vec<&Applied> = batch.iter().filter(|a| a.record.seq > self.applied).collect();
        let Some(last) = fresh.last() else { return Ok(()) };
        let reached = last.record.seq;
        let mut out = Batch::default();
        let mut ends: HashMap<&EntityId, (&Touched, &Touched)> = HashMap::new();
        for applied in &fresh {
            self.write_history(&mut out, applied)?;
            self.write_documents(&mut out, &applied.record);
            for touched in &applied.touched {
                ends.entry(&touched.id).and_modify(|e| e.1 = touched).or_insert((touched, touched));
            }
        }
        let mut changes = CounterChanges::default();
        for (id, (first, last)) in ends {
            self.write_entity(&mut out, &mut changes, id, first.before.as_deref(), last.after.as_deref());
        }
        self.write_counters(&mut out, changes);
        out.put(Space::Meta, keys::MARKER.to_vec(), marker(reached));
        self.store.write(out)?;
        self.applied = reached;
        Ok(())
    }

    fn write_entity(
        &self,
        out: &mut Batch,
        changes: &mut CounterChanges,
        id: &EntityId,
        before: Option<&Entity>,
        after: Option<&Entity>,
    ) {
        let key = id.as_str().as_bytes().to_vec();
        match after {
            Some(entity) => out.put(Space::Entities, key, entity_codec::encode(entity)),
            None => out.remove(Space::Entities, key),
        }
        if let (Some(before), Some(after)) = (before, after)
            && index::same_entries(before, after, &self.plan)
        {
            return;
        }
        changes.note(before, after);
        let old = before.map(|e| index::entries(e, &self.plan)).unwrap_or_default();
        let new = after.map(|e| index::entries(e, &self.plan)).unwrap_or_default();
        for key in old.difference(&new) {
            out.remove(Space::Index, key.clone());
        }
        for key in new.difference(&old) {
            out.put(Space::Index, key.clone(), Vec::new());
        }
    }

    fn write_counters(&mut self, out: &mut Batch, changes: CounterChanges) {
        for (key, by) in changes.0.into_iter().filter(|(_, by)| *by != 0) {
            let count = self.counters.entry(key.clone()).or_default();
            *count += by;
            if *count <= 0 {
                self.counters.remove(&key);
                out.remove(Space::Meta, key);
            } else {
                out.put(Space::Meta, key, number(*count as u64));
            }
        }
    }

    fn write_documents(&self, out: &mut Batch, record: &Record) {
        for change in &record.changes {
            match change {
                Change::PutDocument { key, value } => {
                    let mut w = Bytes::default();
                    value_codec::write(&mut w, value);
                    out.put(Space::Meta, keys::document(key), w.bytes);
                }
                Change::DeleteDocument { key } => out.remove(Space::Meta, keys::document(key)),
                _ => {}
            }
        }
        if let Some((key, digest)) = &record.idempotency {
            let mut w = Bytes::default();
            w.varint(record.seq.0);
            w.raw(&digest.to_le_bytes());
            w.signed(record.at.0);
            out.put(Space::Meta, keys::idempotency(key), w.bytes);
        }
    }

    fn write_history(&self, out: &mut Batch, applied: &Applied) -> Result<(), ViewError> {
        let record = &applied.record;
        for touched in &applied.touched {
            // An entity that comes and goes within one batch leaves no other trace in the indexes.
            if let Some(after) = &touched.after
                && touched.before.as_ref().is_none_or(|before| before.types != after.types)
            {
                for t in &after.types {
                    out.put(Space::Index, keys::entry(keys::TYPE_EVER, t.as_str(), &touched.id), Vec::new());
                }
            }
            let changes: Vec<&Change> =
                record.changes.iter().filter(|c| c.entity() == Some(&touched.id)).collect();
            for change in &changes {
                if let Change::EraseHistory { name, instance, .. } = change {
                    self.hide(out, &touched.id, name.as_ref(), *instance)?;
                }
            }
            let state = match &touched.after {
                None => RowState::Gone,
                Some(after) if after.revision % REVISIONS_PER_STATE == 0 => {
                    RowState::Full(Box::new((**after).clone()))
                }
                Some(_) => RowState::Unsaid,
            };
            let row = encode_row(record.at, &record.command, &state, &[], &touched.id, &changes);
            out.put(Space::History, keys::history(&touched.id, record.seq), row);
        }
        Ok(())
    }

    /// Marks instances of history as withdrawn. Rows that wait in the same batch are read from it.
    fn hide(
        &self,
        out: &mut Batch,
        id: &EntityId,
        name: Option<&Iri>,
        instance: Option<(Seq, u32)>,
    ) -> Result<(), ViewError> {
        let prefix = keys::history_prefix(id);
        let end = keys::after(&prefix);
        let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        match instance {
            Some((seq, _)) => {
                let key = keys::history(id, seq);
                if let Some(bytes) = self.store.get(Space::History, &key)? {
                    rows.insert(key, bytes);
                }
            }
            None => {
                for pair in self.store.snapshot().scan(Space::History, &prefix, &end) {
                    let (key, bytes) = pair?;
                    rows.insert(key, bytes);
                }
            }
        }
        for (space, key, value) in &out.writes {
            if *space == Space::History && key.starts_with(&prefix) {
                match (value, instance) {
                    (Some(bytes), None) => drop(rows.insert(key.clone(), bytes.clone())),
                    (Some(bytes), Some((seq, _))) if keys::history_seq(key) == Some(seq) => {
                        rows.insert(key.clone(), bytes.clone());
                    }
                    _ => {}
                }
            }
        }
        for (key, bytes) in rows {
            let mut row = HistoryRow::decode(id, &key, &bytes)?;
            for (index, change) in row.changes.iter().enumerate() {
                let index = index as u32;
                let named = name.is_none() || change.attribute_name() == name;
                let meant = instance.is_none_or(|(_, wanted)| wanted == index);
                let stated = matches!(
                    change,
                    Change::SetAttribute { .. } | Change::AddHistory { .. } | Change::DeleteAttribute { .. }
                );
                if named && meant && stated && !row.hidden.contains(&index) {
                    row.hidden.push(index);
                }
            }
            let changes: Vec<&Change> = row.changes.iter().collect();
            out.put(
                Space::History,
                key,
                encode_row(row.at, &row.command, &row.state, &row.hidden, id, &changes),
            );
        }
        Ok(())
    }
}

/// Reads an entity's current state.
pub fn load_entity(store: &dyn Store, id: &EntityId) -> Result<Option<Arc<Entity>>, ViewError> {
    let Some(bytes) = store.get(Space::Entities, id.as_str().as_bytes())? else { return Ok(None) };
    decode_entity(id.clone(), &bytes).map(|e| Some(Arc::new(e)))
}

pub(crate) fn decode_entity(id: EntityId, bytes: &[u8]) -> Result<Entity, ViewError> {
    entity_codec::decode(id, bytes).map_err(|e| ViewError::Damaged { space: "entities", why: e.to_string() })
}

const STATE_UNSAID: u8 = 0;
const STATE_GONE: u8 = 1;
const STATE_FULL: u8 = 2;

fn encode_row(
    at: Instant,
    command: &str,
    state: &RowState,
    hidden: &[u32],
    id: &EntityId,
    changes: &[&Change],
) -> Vec<u8> {
    let mut w = Bytes::with_capacity(128);
    w.signed(at.0);
    w.text(command);
    match state {
        RowState::Unsaid => w.u8(STATE_UNSAID),
        RowState::Gone => w.u8(STATE_GONE),
        RowState::Full(entity) => {
            w.u8(STATE_FULL);
            w.blob(&entity_codec::encode(entity));
        }
    }
    w.list(hidden, |w, n| w.varint(u64::from(*n)));
    change_codec::write_for(&mut w, id, changes.iter().copied());
    w.bytes
}

impl HistoryRow {
    /// Reads a row as [`Writer`] wrote it.
    pub(crate) fn decode(id: &EntityId, key: &[u8], bytes: &[u8]) -> Result<HistoryRow, ViewError> {
        let damaged = |why: String| ViewError::Damaged { space: "history", why };
        let seq = keys::history_seq(key).ok_or_else(|| damaged("a key without sequence number".into()))?;
        let mut r = read::Reader::new(bytes);
        let mut parse = || {
            let at = Instant(r.signed()?);
            let command = r.text()?.into();
            let state = match r.u8()? {
                STATE_UNSAID => RowState::Unsaid,
                STATE_GONE => RowState::Gone,
                STATE_FULL => RowState::Full(Box::new(entity_codec::decode(id.clone(), r.blob()?)?)),
                _ => return Err(r.malformed("an unknown state of a row")),
            };
            let hidden = r.list(|r| Ok(r.varint()? as u32))?;
            let changes = change_codec::read_for(&mut r, id)?;
            Ok(HistoryRow { seq, at, command, state, hidden, changes })
        };
        parse().map_err(|e| damaged(e.to_string()))
    }
}

/// The attribute instances a row's delete change took away, for tombstones in history.
pub fn reaches(reach: &DeleteReach, dataset: Option<&Iri>) -> bool {
    match reach {
        DeleteReach::All => true,
        DeleteReach::Dataset(id) => id.as_ref() == dataset,
    }
}

fn number(n: u64) -> Vec<u8> {
    n.to_be_bytes().to_vec()
}

pub(crate) fn read_number(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b))
}

fn marker(seq: Seq) -> Vec<u8> {
    let mut bytes = number(FORMAT);
    bytes.extend_from_slice(&seq.0.to_be_bytes());
    bytes
}

fn read_marker(bytes: &[u8]) -> Result<Seq, ViewError> {
    let found = read_number(bytes);
    if found != FORMAT {
        return Err(ViewError::Format { found, expected: FORMAT });
    }
    Ok(Seq(read_number(bytes.get(8..).unwrap_or_default())))
}

/// The sequence a store's views have reached, without opening them for writing.
pub fn applied_in(store: &dyn Store) -> Result<Seq, ViewError> {
    store.get(Space::Meta, keys::MARKER)?.map_or(Ok(Seq::ZERO), |bytes| read_marker(&bytes))
}
