//! What each command does, in sentences.

use nacre_model::{Attribute, Change, Content, EntityId, Instant, Iri, Value};

use super::testing::MapState;
use super::{Decision, decide};
use crate::command::{AttributePatch, AttributeWrite, Command, EntityDraft, Output, PartialAttribute};
use crate::refusal::Refusal;

fn id() -> EntityId {
    EntityId::new("urn:ngsi-ld:Lamp:1").expect("valid")
}

fn iri(n: &str) -> Iri {
    Iri::trusted(&format!("https://example.org/{n}"))
}

fn draft(attributes: &[(&str, Value)]) -> EntityDraft {
    EntityDraft {
        id: id(),
        types: vec![iri("Lamp")],
        scopes: None,
        expires_at: None,
        attributes: attributes.iter().map(|(n, v)| (iri(n), vec![Attribute::property(v.clone())])).collect(),
    }
}

fn run(state: &mut MapState, command: Command, at: i64) -> Result<Decision, Refusal> {
    let decision = decide(state, &command, Instant(at))?;
    state.apply(&decision.changes, at as u64, at);
    Ok(decision)
}

fn lamp() -> MapState {
    let mut state = MapState::default();
    let attributes = [("lit", Value::Bool(true)), ("power", Value::Int(40))];
    run(&mut state, Command::CreateEntity(draft(&attributes)), 1).expect("created");
    state
}

fn value(state: &MapState, name: &str) -> Option<Value> {
    match &state.entities.get(&id())?.instance(iri(name).as_str(), None)?.attribute.content {
        Content::Property(v) => Some(v.clone()),
        _ => None,
    }
}

#[test]
fn an_entity_is_created_once() {
    let mut state = lamp();
    let again = run(&mut state, Command::CreateEntity(draft(&[])), 2);
    assert_eq!(again, Err(Refusal::EntityExists(id())));
}

#[test]
fn an_expired_entity_can_be_created_again() {
    let mut state = MapState::default();
    let short = EntityDraft { expires_at: Some(Instant(5)), ..draft(&[("lit", Value::Bool(true))]) };
    run(&mut state, Command::CreateEntity(short), 1).expect("created");
    assert_eq!(
        run(&mut state, Command::DeleteEntity { entity: id() }, 6),
        Err(Refusal::EntityNotFound(id()))
    );
    run(&mut state, Command::CreateEntity(draft(&[])), 7).expect("created again");
    assert_eq!(value(&state, "lit"), None);
}

#[test]
fn append_without_overwriting_leaves_what_stands_and_says_so() {
    let mut state = lamp();
    let draft = draft(&[("lit", Value::Bool(false)), ("height", Value::Int(8))]);
    let decision =
        run(&mut state, Command::AppendAttributes { draft, no_overwrite: true }, 2).expect("appended");
    let not_updated = vec![(iri("lit"), "the attribute exists already".to_owned())];
    assert_eq!(decision.output, Output::Attributes { updated: vec![iri("height")], not_updated });
    assert_eq!(value(&state, "lit"), Some(Value::Bool(true)));
}

#[test]
fn update_replaces_appends_and_deletes() {
    let mut state = lamp();
    let set = |v: Value| vec![AttributeWrite::Set(Attribute::property(v))];
    let attributes = vec![
        (iri("lit"), set(Value::Bool(false))),
        (iri("height"), set(Value::Int(8))),
        (iri("power"), vec![AttributeWrite::Delete { dataset_id: None }]),
        (iri("colour"), vec![AttributeWrite::Delete { dataset_id: None }]),
    ];
    let update =
        Command::UpdateAttributes { entity: id(), types: vec![], scopes: None, expires_at: None, attributes };
    let decision = run(&mut state, update, 2).expect("updated");
    assert_eq!(
        (value(&state, "lit"), value(&state, "height")),
        (Some(Value::Bool(false)), Some(Value::Int(8)))
    );
    assert_eq!(value(&state, "power"), None);
    let Output::Attributes { not_updated, .. } = decision.output else { panic!("attributes") };
    assert_eq!(not_updated, vec![(iri("colour"), "the attribute does not exist".to_owned())]);
}

#[test]
fn a_merge_of_a_simplified_value_keeps_the_kind_that_stands() {
    let mut state = lamp();
    let street = |n: &str| Iri::trusted(&format!("urn:ngsi-ld:Street:{n}"));
    let mut on_street = draft(&[]);
    on_street.attributes = vec![(iri("street"), vec![Attribute::relationship(street("1"))])];
    run(&mut state, Command::AppendAttributes { draft: on_street, no_overwrite: false }, 2)
        .expect("appended");
    let content = Some(Content::Property(Value::from(street("2").as_str())));
    let merge = PartialAttribute { content, kind_guessed: true, ..Default::default() };
    let command = Command::MergeEntity {
        entity: id(),
        types: vec![],
        scopes: None,
        expires_at: None,
        attributes: vec![(iri("street"), vec![AttributePatch::Merge(merge)])],
        observed_at: None,
    };
    run(&mut state, command, 3).expect("merged");
    let street_now = &state.entities[&id()].instance(iri("street").as_str(), None).expect("there").attribute;
    assert_eq!(street_now.content.objects(), [street("2")]);
}

#[test]
fn replace_takes_away_what_is_not_stated() {
    let mut state = lamp();
    run(&mut state, Command::ReplaceEntity(draft(&[("height", Value::Int(8))])), 2).expect("replaced");
    assert_eq!((value(&state, "lit"), value(&state, "height")), (None, Some(Value::Int(8))));
    assert_eq!(state.entities[&id()].created_at, Instant(1));
}

#[test]
fn merge_joins_maps_and_null_takes_members_away() {
    let mut state = lamp();
    let map = |members: &[(&str, Value)]| {
        Value::Map(members.iter().map(|(n, v)| ((*n).into(), v.clone())).collect())
    };
    let standing = map(&[("street", "新港路".into()), ("no", 1.into())]);
    run(
        &mut state,
        Command::AppendAttributes { draft: draft(&[("address", standing)]), no_overwrite: false },
        2,
    )
    .expect("appended");
    let content = Content::Property(map(&[("no", "urn:ngsi-ld:null".into()), ("gate", 3.into())]));
    let merge = AttributePatch::Merge(PartialAttribute { content: Some(content), ..Default::default() });
    let command = Command::MergeEntity {
        entity: id(),
        types: vec![],
        scopes: None,
        expires_at: None,
        attributes: vec![
            (iri("address"), vec![merge]),
            (iri("lit"), vec![AttributePatch::Delete { dataset_id: None }]),
        ],
        observed_at: None,
    };
    run(&mut state, command, 3).expect("merged");
    assert_eq!(value(&state, "address"), Some(map(&[("street", "新港路".into()), ("gate", 3.into())])));
    assert_eq!(value(&state, "lit"), None);
}

#[test]
fn a_partial_update_keeps_the_members_it_does_not_state() {
    let mut state = lamp();
    let patch = PartialAttribute {
        content: Some(Content::Property(Value::Int(60))),
        unit_code: Some("WTT".into()),
        ..Default::default()
    };
    let update = |patch| Command::UpdateAttribute { entity: id(), name: iri("power"), patch };
    run(&mut state, update(patch), 2).expect("updated");
    let patch = PartialAttribute { observed_at: Some(Instant(9)), ..Default::default() };
    run(&mut state, update(patch), 3).expect("updated");
    let power = &state.entities[&id()].instance(iri("power").as_str(), None).expect("there").attribute;
    assert_eq!((power.unit_code.as_deref(), power.observed_at), (Some("WTT"), Some(Instant(9))));
    assert_eq!(value(&state, "power"), Some(Value::Int(60)));
}

#[test]
fn the_past_becomes_the_present_only_when_newer() {
    let mut state = MapState::default();
    let observed = |v: i64, at: i64| Attribute::property(v).observed(Instant(at));
    let mut past = draft(&[]);
    past.attributes = vec![(iri("level"), vec![observed(2, 20), observed(1, 10)])];
    let first = run(&mut state, Command::AddHistory(past.clone()), 100).expect("added");
    assert_eq!(first.output, Output::Created);
    assert_eq!(value(&state, "level"), Some(Value::Int(2)));
    past.attributes = vec![(iri("level"), vec![observed(9, 5)])];
    run(&mut state, Command::AddHistory(past), 101).expect("added");
    assert_eq!(value(&state, "level"), Some(Value::Int(2)));
}

#[test]
fn deleting_what_is_not_there_is_refused() {
    let mut state = lamp();
    let delete = Command::DeleteAttribute { entity: id(), name: iri("height"), dataset_id: None, all: false };
    assert!(matches!(run(&mut state, delete, 2), Err(Refusal::AttributeNotFound { .. })));
    let decision = run(&mut state, Command::DeleteEntity { entity: id() }, 3).expect("deleted");
    assert_eq!(decision.changes, vec![Change::DeleteEntity { entity: id() }]);
}
