//! The model: what the kernel's commands mean, on maps in memory.
//!
//! It is written from the documentation of the commands, shares no code with the kernel, and knows nothing of disks.

use std::collections::BTreeMap;

/// One instance of an attribute: a number and, perhaps, when it was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The value; every command writes its own, so that a mixture shows.
    pub value: i64,
    /// Time of observation.
    pub observed: Option<i64>,
}

/// Which attribute: name and dataset.
pub type Place = (&'static str, Option<u8>);

/// An entity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Thing {
    /// In the order in which they were added.
    pub types: Vec<&'static str>,
    /// Instances.
    pub cells: BTreeMap<Place, Cell>,
}

/// An entity as a client states it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Which entity.
    pub id: u8,
    /// At least one.
    pub types: Vec<&'static str>,
    /// At least one.
    pub cells: BTreeMap<Place, Cell>,
}

/// What a client asks.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Action {
    Create(Draft),
    Upsert { draft: Draft, update: bool },
    Append { draft: Draft, no_overwrite: bool },
    Replace(Draft),
    Update { id: u8, writes: BTreeMap<Place, Option<Cell>> },
    Merge { id: u8, patches: BTreeMap<Place, Option<Cell>> },
    Delete { id: u8 },
    PatchAttribute { id: u8, place: Place, cell: Cell },
    ReplaceAttribute { id: u8, place: Place, cell: Cell },
    DeleteAttribute { id: u8, place: Place, all: bool },
    PutDocument { id: u8, value: i64, mode: Mode },
    DeleteDocument { id: u8 },
}

/// Which existing state of a document is acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Mode {
    Create,
    Update,
    Either,
}

/// An action with its key, if it has one.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Idempotency key and digest.
    pub key: Option<(String, u64)>,
    /// What.
    pub action: Action,
}

/// What a client hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Accepted: the record's number and the kind of result.
    Accepted(u64, String),
    /// Refused, with the code.
    Refused(&'static str),
}

/// Everything after some record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct World {
    /// The record.
    pub seq: u64,
    /// Entities.
    pub things: BTreeMap<u8, Thing>,
    /// Documents.
    pub documents: BTreeMap<u8, i64>,
    /// Keys: record and digest.
    pub keys: BTreeMap<String, (u64, u64)>,
}

const DONE: &str = "done";
const CREATED: &str = "created";
const UPDATED: &str = "updated";
/// What a retry hears.
pub const REPEATED: &str = "repeated";

/// How a result with a list of attributes is written.
pub fn attributes(mut updated: Vec<&str>, mut left: Vec<&str>) -> String {
    updated.sort_unstable();
    left.sort_unstable();
    format!("attributes {} left {}", updated.join(","), left.join(","))
}

impl World {
    /// Does what is asked; the world moves on by one record, or by none.
    pub fn ask(&mut self, ask: &Ask) -> Reply {
        if let Some((key, digest)) = &ask.key
            && let Some((seq, known)) = self.keys.get(key)
        {
            if known != digest {
                return Reply::Refused("idempotency_conflict");
            }
            return Reply::Accepted(*seq, REPEATED.into());
        }
        match self.act(&ask.action) {
            Err(code) => Reply::Refused(code),
            Ok((wrote, kind)) => {
                if wrote {
                    self.seq += 1;
                    if let Some((key, digest)) = &ask.key {
                        self.keys.insert(key.clone(), (self.seq, *digest));
                    }
                }
                Reply::Accepted(self.seq, kind)
            }
        }
    }

    fn thing(&mut self, id: u8) -> Result<&mut Thing, &'static str> {
        self.things.get_mut(&id).ok_or("entity_not_found")
    }

    /// Whether anything was written, and the result.
    fn act(&mut self, action: &Action) -> Result<(bool, String), &'static str> {
        let wrote = |kind: &str| Ok((true, kind.to_owned()));
        match action {
            Action::Create(draft) => {
                if self.things.contains_key(&draft.id) {
                    return Err("entity_exists");
                }
                self.put(draft);
                wrote(CREATED)
            }
            Action::Upsert { draft, update } => {
                let Some(thing) = self.things.get_mut(&draft.id) else {
                    self.put(draft);
                    return wrote(CREATED);
                };
                if *update {
                    thing.append(draft, false);
                } else {
                    self.put(draft);
                }
                wrote(UPDATED)
            }
            Action::Append { draft, no_overwrite } => Ok(self.thing(draft.id)?.append(draft, *no_overwrite)),
            Action::Replace(draft) => {
                self.thing(draft.id)?;
                self.put(draft);
                wrote(DONE)
            }
            Action::Update { id, writes } => Ok(self.thing(*id)?.update(writes)),
            Action::Merge { id, patches } => Ok((self.thing(*id)?.merge(patches), DONE.into())),
            Action::Delete { id } => {
                self.thing(*id)?;
                self.things.remove(id);
                wrote(DONE)
            }
            Action::PatchAttribute { id, place, cell } => {
                let standing = self.thing(*id)?.cells.get_mut(place).ok_or("attribute_not_found")?;
                let observed = cell.observed.or(standing.observed);
                *standing = Cell { value: cell.value, observed };
                wrote(DONE)
            }
            Action::ReplaceAttribute { id, place, cell } => {
                *self.thing(*id)?.cells.get_mut(place).ok_or("attribute_not_found")? = *cell;
                wrote(DONE)
            }
            Action::DeleteAttribute { id, place, all } => {
                let cells = &mut self.thing(*id)?.cells;
                let before = cells.len();
                cells.retain(|p, _| if *all { p.0 != place.0 } else { p != place });
                if cells.len() == before { Err("attribute_not_found") } else { wrote(DONE) }
            }
            Action::PutDocument { id, value, mode } => match (mode, self.documents.insert(*id, *value)) {
                (Mode::Create, Some(old)) => {
                    self.documents.insert(*id, old);
                    Err("document_exists")
                }
                (Mode::Update, None) => {
                    self.documents.remove(id);
                    Err("document_not_found")
                }
                (_, None) => wrote(CREATED),
                (_, Some(_)) => wrote(UPDATED),
            },
            Action::DeleteDocument { id } => {
                self.documents.remove(id).ok_or("document_not_found")?;
                wrote(DONE)
            }
        }
    }

    fn put(&mut self, draft: &Draft) {
        let thing = Thing { types: draft.types.clone(), cells: draft.cells.clone() };
        self.things.insert(draft.id, thing);
    }
}

impl Thing {
    fn append(&mut self, draft: &Draft, no_overwrite: bool) -> (bool, String) {
        let mut wrote = false;
        for name in &draft.types {
            if !self.types.contains(name) {
                self.types.push(name);
                wrote = true;
            }
        }
        let (mut updated, mut left) = (Vec::new(), Vec::new());
        for (place, cell) in &draft.cells {
            if no_overwrite && self.cells.contains_key(place) {
                left.push(place.0);
            } else {
                self.cells.insert(*place, *cell);
                updated.push(place.0);
                wrote = true;
            }
        }
        (wrote, listed(updated, left))
    }

    fn update(&mut self, writes: &BTreeMap<Place, Option<Cell>>) -> (bool, String) {
        let (mut updated, mut left) = (Vec::new(), Vec::new());
        let mut wrote = false;
        for (place, write) in writes {
            let done = match write {
                Some(cell) => {
                    self.cells.insert(*place, *cell);
                    true
                }
                None => self.cells.remove(place).is_some(),
            };
            wrote |= done;
            if done { updated.push(place.0) } else { left.push(place.0) }
        }
        (wrote, listed(updated, left))
    }

    fn merge(&mut self, patches: &BTreeMap<Place, Option<Cell>>) -> bool {
        let mut wrote = false;
        for (place, patch) in patches {
            match patch {
                Some(cell) => {
                    let observed = cell.observed.or(self.cells.get(place).and_then(|c| c.observed));
                    self.cells.insert(*place, Cell { value: cell.value, observed });
                    wrote = true;
                }
                None => wrote |= self.cells.remove(place).is_some(),
            }
        }
        wrote
    }
}

/// An attribute of which one instance was left counts as left.
fn listed(mut updated: Vec<&str>, mut left: Vec<&str>) -> String {
    updated.dedup();
    left.dedup();
    updated.retain(|name| !left.contains(name));
    attributes(updated, left)
}
