//! Actions by chance, and the same actions in the kernel's words.

use std::collections::BTreeMap;

use nacre_kernel::command::{AttributePatch, AttributeWrite, PartialAttribute, PutMode};
use nacre_kernel::{Accepted, Command, EntityDraft, Output, Principal, Refusal, Submission};
use nacre_model::{Attribute, Content, DocumentKey, Entity, EntityId, Instant, Iri, Value};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use crate::world::{Action, Ask, Cell, Draft, Mode, Place, Reply, Thing, attributes};

/// Entities that actions choose from; the last one is the gate's and is never deleted.
pub const IDS: u8 = 9;
/// The entity of the gate.
pub const GATE: u8 = IDS - 1;
/// Documents that actions choose from.
pub const DOCUMENTS: u8 = 4;
/// Types.
pub const TYPES: [&str; 3] = ["Lamp", "Bench", "Tree"];
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const NAMESPACE: &str = "https://example.org/";

/// The id of an entity.
pub fn entity_id(n: u8) -> EntityId {
    EntityId::new(&format!("urn:ngsi-ld:Thing:{n}")).expect("a URI")
}

/// The expanded name.
pub fn iri(name: &str) -> Iri {
    Iri::trusted(&format!("{NAMESPACE}{name}"))
}

/// Where a document lies.
pub fn document_key(n: u8) -> DocumentKey {
    DocumentKey::new("note", &format!("n{n}"))
}

fn dataset(n: Option<u8>) -> Option<Iri> {
    n.map(|n| Iri::trusted(&format!("urn:ngsi-ld:Dataset:{n}")))
}

fn one_in(random: &mut StdRng, n: u32) -> bool {
    random.random_range(0..n) == 0
}

fn some_place(random: &mut StdRng) -> Place {
    (NAMES[random.random_range(0..NAMES.len())], one_in(random, 3).then(|| random.random_range(0..2)))
}

fn some_cells(random: &mut StdRng, value: i64) -> BTreeMap<Place, Cell> {
    let count = random.random_range(1..6);
    let observed = one_in(random, 3).then_some(value * 10);
    (0..count).map(|_| (some_place(random), Cell { value, observed })).collect()
}

/// A draft of an entity, in which every attribute says `value`.
pub fn some_draft(random: &mut StdRng, id: u8, value: i64) -> Draft {
    let first = random.random_range(0..TYPES.len());
    let mut types = vec![TYPES[first]];
    if one_in(random, 4) {
        types.push(TYPES[(first + 1) % TYPES.len()]);
    }
    Draft { id, types, cells: some_cells(random, value) }
}

/// Something to do; whatever it writes says `value`.
pub fn some_action(random: &mut StdRng, value: i64) -> Action {
    let id = random.random_range(0..GATE);
    let with_nulls = |random: &mut StdRng| {
        let cells = some_cells(random, value);
        cells.into_iter().map(|(p, c)| (p, (!one_in(random, 3)).then_some(c))).collect()
    };
    let cell = Cell { value, observed: one_in(random, 3).then_some(value * 10) };
    match random.random_range(0..20) {
        0..4 => Action::Create(some_draft(random, id, value)),
        4 | 5 => Action::Upsert { draft: some_draft(random, id, value), update: one_in(random, 2) },
        6 | 7 => Action::Append { draft: some_draft(random, id, value), no_overwrite: one_in(random, 2) },
        8 => Action::Replace(some_draft(random, id, value)),
        9 | 10 => Action::Update { id, writes: with_nulls(random) },
        11 | 12 => Action::Merge { id, patches: with_nulls(random) },
        13 => Action::Delete { id },
        14 => Action::PatchAttribute { id, place: some_place(random), cell },
        15 => Action::ReplaceAttribute { id, place: some_place(random), cell },
        16 => Action::DeleteAttribute { id, place: some_place(random), all: one_in(random, 2) },
        17 | 18 => {
            let modes = [Mode::Create, Mode::Update, Mode::Either];
            let mode = modes[random.random_range(0..3)];
            Action::PutDocument { id: random.random_range(0..DOCUMENTS), value, mode }
        }
        _ => Action::DeleteDocument { id: random.random_range(0..DOCUMENTS) },
    }
}

/// Some bits.
pub fn bits(random: &mut StdRng) -> u64 {
    random.next_u64()
}

fn attribute((_, d): &Place, cell: &Cell) -> Attribute {
    let mut out = Attribute::property(cell.value);
    out.dataset_id = dataset(*d);
    out.observed_at = cell.observed.map(Instant);
    out
}

/// Cells by name.
fn by_name<C, T>(cells: &BTreeMap<Place, C>, make: impl Fn(&Place, &C) -> T) -> Vec<(Iri, Vec<T>)> {
    let mut out: Vec<(Iri, Vec<T>)> = Vec::new();
    for (place, cell) in cells {
        let name = iri(place.0);
        match out.last_mut().filter(|(last, _)| *last == name) {
            Some((_, all)) => all.push(make(place, cell)),
            None => out.push((name, vec![make(place, cell)])),
        }
    }
    out
}

fn draft(d: &Draft) -> EntityDraft {
    EntityDraft {
        id: entity_id(d.id),
        types: d.types.iter().map(|t| iri(t)).collect(),
        scopes: None,
        expires_at: None,
        attributes: by_name(&d.cells, attribute),
    }
}

fn partial((_, d): &Place, cell: &Cell) -> PartialAttribute {
    PartialAttribute {
        content: Some(Content::Property(cell.value.into())),
        dataset_id: dataset(*d),
        observed_at: cell.observed.map(Instant),
        ..PartialAttribute::default()
    }
}

/// The command that means the same.
pub fn command(action: &Action) -> Command {
    match action {
        Action::Create(d) => Command::CreateEntity(draft(d)),
        Action::Upsert { draft: d, update } => Command::UpsertEntity { draft: draft(d), update: *update },
        Action::Append { draft: d, no_overwrite } => {
            Command::AppendAttributes { draft: draft(d), no_overwrite: *no_overwrite }
        }
        Action::Replace(d) => Command::ReplaceEntity(draft(d)),
        Action::Update { id, writes } => Command::UpdateAttributes {
            entity: entity_id(*id),
            types: Vec::new(),
            scopes: None,
            expires_at: None,
            attributes: by_name(writes, |place, cell| match cell {
                Some(cell) => AttributeWrite::Set(attribute(place, cell)),
                None => AttributeWrite::Delete { dataset_id: dataset(place.1) },
            }),
        },
        Action::Merge { id, patches } => Command::MergeEntity {
            entity: entity_id(*id),
            types: Vec::new(),
            scopes: None,
            expires_at: None,
            attributes: by_name(patches, |place, cell| match cell {
                Some(cell) => AttributePatch::Merge(partial(place, cell)),
                None => AttributePatch::Delete { dataset_id: dataset(place.1) },
            }),
            observed_at: None,
        },
        Action::Delete { id } => Command::DeleteEntity { entity: entity_id(*id) },
        Action::PatchAttribute { id, place, cell } => Command::UpdateAttribute {
            entity: entity_id(*id),
            name: iri(place.0),
            patch: partial(place, cell),
        },
        Action::ReplaceAttribute { id, place, cell } => Command::ReplaceAttribute {
            entity: entity_id(*id),
            name: iri(place.0),
            attribute: attribute(place, cell),
        },
        Action::DeleteAttribute { id, place, all } => Command::DeleteAttribute {
            entity: entity_id(*id),
            name: iri(place.0),
            dataset_id: dataset(place.1),
            all: *all,
        },
        Action::PutDocument { id, value, mode } => Command::PutDocument {
            key: document_key(*id),
            value: Value::Int(*value),
            mode: match mode {
                Mode::Create => PutMode::Create,
                Mode::Update => PutMode::Update,
                Mode::Either => PutMode::Either,
            },
        },
        Action::DeleteDocument { id } => Command::DeleteDocument { key: document_key(*id) },
    }
}

/// The submission that asks the same.
pub fn submission(ask: &Ask, principal: Principal) -> Submission {
    let idempotency = ask.key.as_ref().map(|(key, digest)| (key.as_str().into(), *digest));
    Submission { idempotency, ..Submission::new(principal, command(&ask.action)) }
}

/// What the kernel said, in the model's words.
pub fn reply(answer: &Result<Accepted, Refusal>) -> Reply {
    let short = |name: &Iri| name.as_str().trim_start_matches(NAMESPACE).to_owned();
    match answer {
        Err(refusal) => Reply::Refused(refusal.code()),
        Ok(accepted) => {
            let kind = match &accepted.output {
                Output::Done => "done".into(),
                Output::Created => "created".into(),
                Output::Updated => "updated".into(),
                Output::Repeated => "repeated".into(),
                Output::Attributes { updated, not_updated } => {
                    let updated: Vec<String> = updated.iter().map(short).collect();
                    let left: Vec<String> = not_updated.iter().map(|(n, _)| short(n)).collect();
                    attributes(
                        updated.iter().map(String::as_str).collect(),
                        left.iter().map(String::as_str).collect(),
                    )
                }
            };
            Reply::Accepted(accepted.seq.0, kind)
        }
    }
}

/// An entity in the model's words; `None` when it holds something no action ever wrote.
pub fn thing(entity: &Entity) -> Option<Thing> {
    let known = |all: &[&'static str], name: &Iri| {
        let short = name.as_str().strip_prefix(NAMESPACE)?;
        all.iter().copied().find(|n| *n == short)
    };
    let types = entity.types.iter().map(|t| known(&TYPES, t)).collect::<Option<Vec<_>>>()?;
    let mut cells = BTreeMap::new();
    for (name, instances) in &entity.attributes {
        for instance in instances {
            let Content::Property(Value::Int(value)) = instance.attribute.content else { return None };
            let d = instance.attribute.dataset_id.as_ref().map(|d| d.as_str().bytes().last());
            let d = d.map(|last| last.unwrap_or(b'?').wrapping_sub(b'0'));
            let observed = instance.attribute.observed_at.map(|at| at.0);
            if cells.insert((known(&NAMES, name)?, d), Cell { value, observed }).is_some() {
                return None;
            }
        }
    }
    Some(Thing { types, cells })
}
