//! The whole way of a command on a real disk: durable, visible, indexed, remembered, proved; again after reopening.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::sync::Arc;

use nacre_kernel::command::{Command, EntityDraft, Output, Submission};
use nacre_kernel::door::{Door, Principal, Right};
use nacre_kernel::query::{
    AsOf, Filter, GeoQuery, GeoRelation, Operand, Operator, Page, Path as QueryPath, PathStep, Query,
    TypeSelection,
};
use nacre_kernel::{Kernel, Options, Refusal, Tenant};
use nacre_ledger::Frontier;
use nacre_model::{
    Attribute, Content, Entity, EntityId, Geometry, Iri, ManualClock, Position, Seq, TenantId, Value,
};

struct Open;

impl Door for Open {
    fn permit(&self, _: &Principal, _: &TenantId, _: Right) -> Result<(), Refusal> {
        Ok(())
    }
    fn permit_entity(&self, _: &Principal, _: &TenantId, _: Right, _: &Entity) -> Result<(), Refusal> {
        Ok(())
    }
    fn sees_all(&self, _: &Principal, _: &TenantId) -> bool {
        true
    }
}

fn me() -> Principal {
    Principal::system("test")
}

fn options() -> Options {
    Options { segment_bytes: 64 << 10, ..Options::new(Arc::new(Open)) }
}

fn open(dir: &Path) -> (Kernel, Tenant) {
    let kernel = Kernel::open(dir, options()).unwrap();
    let tenant = kernel.tenant(&TenantId::default_tenant()).unwrap();
    (kernel, tenant)
}

/// Stops the kernel and gives back every handle, so that the files are free.
fn close(kernel: Kernel, tenant: Tenant) {
    kernel.close();
    drop((kernel, tenant));
}

fn id(n: usize) -> EntityId {
    EntityId::new(&format!("urn:ngsi-ld:Lamp:{n:05}")).unwrap()
}

fn iri(n: &str) -> Iri {
    Iri::trusted(&format!("https://uri.etsi.org/ngsi-ld/default-context/{n}"))
}

fn lamp(n: usize, power: i64) -> EntityDraft {
    let position = Position { longitude: 113.3 + n as f64 * 0.001, latitude: 23.1, altitude: None };
    EntityDraft {
        id: id(n),
        types: vec![iri("Lamp")],
        scopes: None,
        expires_at: None,
        attributes: vec![
            (iri("power"), vec![Attribute::property(power)]),
            (iri("location"), vec![Attribute::new(Content::Geo(Geometry::Point(position)))]),
            (
                iri("street"),
                vec![Attribute::relationship(Iri::trusted(&format!("urn:ngsi-ld:Street:{}", n % 3)))],
            ),
        ],
    }
}

fn run(tenant: &Tenant, command: Command) -> Result<nacre_kernel::Accepted, Refusal> {
    tenant.submit_blocking(vec![Submission::new(me(), command)]).pop().unwrap()
}

fn power(entity: &Entity) -> i64 {
    match &entity.instance(iri("power").as_str(), None).unwrap().attribute.content {
        Content::Property(Value::Int(n)) => *n,
        other => panic!("{other:?}"),
    }
}

fn lamps() -> Query {
    Query { types: Some(TypeSelection::Is(iri("Lamp"))), ..Query::default() }
}

const PAGE: Page = Page { offset: 0, limit: 1000, count: true };

#[test]
fn a_lamp_lives_through_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let (kernel, tenant) = open(dir.path());
    for n in 0..300 {
        assert_eq!(run(&tenant, Command::CreateEntity(lamp(n, 40))).unwrap().output, Output::Created);
        let seen = tenant.entity(&me(), &id(n), AsOf::Now).unwrap().expect("its own write");
        assert_eq!(power(&seen), 40);
    }
    let before = tenant.status().durable;
    for n in 0..100 {
        run(&tenant, Command::AppendAttributes { draft: lamp(n, 60), no_overwrite: false }).unwrap();
    }
    run(&tenant, Command::DeleteEntity { entity: id(299) }).unwrap();
    let check = |tenant: &Tenant| {
        let answer = tenant.query(&me(), &lamps(), PAGE, AsOf::Now).unwrap();
        assert_eq!((answer.entities.len(), answer.count), (299, Some(299)));
        let past = tenant.query(&me(), &lamps(), PAGE, AsOf::Seq(before)).unwrap();
        assert_eq!(past.count, Some(300));
        assert!(past.entities.iter().all(|e| power(e) == 40));
        assert_eq!(power(&tenant.entity(&me(), &id(5), AsOf::Now).unwrap().unwrap()), 60);
        assert_eq!(power(&tenant.entity(&me(), &id(5), AsOf::Seq(before)).unwrap().unwrap()), 40);
        assert!(tenant.entity(&me(), &id(299), AsOf::Now).unwrap().is_none());
        let rows = tenant.history(&me(), &id(5), (Seq(1), Seq(10_000)), false, 10).unwrap();
        assert_eq!(rows.len(), 2);
        // The log's tiles have a leaf for each record, and their root is the one computed from the journal.
        let (tiles, size) = tenant.log(&me()).unwrap();
        assert_eq!(size, tenant.status().durable.0);
        let mut frontier = Frontier::new();
        for seq in 1..=size {
            let bytes = tenant.record_bytes(&me(), Seq(seq)).unwrap().unwrap();
            frontier.append(nacre_journal::codec::record::parts(&bytes).unwrap().leaf());
        }
        assert_eq!(frontier.root(), Frontier::from_tiles(&tiles, size).unwrap().root());
    };
    check(&tenant);
    close(kernel, tenant);
    let (kernel, tenant) = open(dir.path());
    check(&tenant);
    close(kernel, tenant);
    // Views and tiles are only derived: without them everything comes back from the journal.
    let folders = nacre_kernel::open::Folders::of(dir.path(), &TenantId::default_tenant());
    nacre_kernel::open::forget_views(&folders, &options()).unwrap();
    let (kernel, tenant) = open(dir.path());
    check(&tenant);
    kernel.close();
}

#[test]
fn indexes_and_full_scans_agree() {
    let dir = tempfile::tempdir().unwrap();
    let (kernel, tenant) = open(dir.path());
    let drafts = (0..300).map(|n| Submission::new(me(), Command::CreateEntity(lamp(n, n as i64)))).collect();
    assert!(tenant.submit_blocking(drafts).iter().all(Result::is_ok));
    let near = GeoQuery {
        property: iri("location"),
        relation: GeoRelation::NearMax(1500.0),
        geometry: Geometry::Point(Position { longitude: 113.4, latitude: 23.1, altitude: None }),
    };
    let found = tenant.query(&me(), &Query { geo: Some(near), ..lamps() }, PAGE, AsOf::Now).unwrap();
    assert_eq!(found.count, Some(29), "lamps 86 to 114 stand 102 m apart");
    let path = QueryPath { names: vec![PathStep::Attribute(iri("street"))], members: vec![], linked: None };
    let operand = Operand::Value("urn:ngsi-ld:Street:1".into());
    let on_street = Filter::Compare { path, operator: Operator::Equal, operand };
    let found = tenant.query(&me(), &Query { filter: Some(on_street), ..lamps() }, PAGE, AsOf::Now).unwrap();
    assert_eq!(found.count, Some(100));
    let counts = tenant.type_counts(&me()).unwrap();
    assert!(counts.iter().all(|c| c.count == 300), "{counts:?}");
    kernel.close();
}

#[test]
fn a_retry_with_the_same_key_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let submit = |tenant: &Tenant, digest, draft| {
        let idempotency = Some(("key-1".into(), digest));
        let submission = Submission { idempotency, ..Submission::new(me(), Command::CreateEntity(draft)) };
        tenant.submit_blocking(vec![submission]).pop().unwrap()
    };
    let (kernel, tenant) = open(dir.path());
    let first = submit(&tenant, 1, lamp(1, 1)).unwrap();
    let again = submit(&tenant, 1, lamp(1, 1)).unwrap();
    assert_eq!((again.seq, again.output), (first.seq, Output::Repeated));
    close(kernel, tenant);
    let (kernel, tenant) = open(dir.path());
    assert_eq!(submit(&tenant, 1, lamp(1, 1)).unwrap().output, Output::Repeated);
    assert_eq!(submit(&tenant, 2, lamp(2, 1)), Err(Refusal::IdempotencyConflict("key-1".into())));
    kernel.close();
}

#[test]
fn what_expires_is_gone_at_once_and_can_be_swept() {
    let clock = Arc::new(ManualClock::at(nacre_model::Instant(1_000)));
    let kernel = Kernel::in_memory(Options { clock: clock.clone(), ..options() }).unwrap();
    let tenant = kernel.tenant(&TenantId::default_tenant()).unwrap();
    let draft = EntityDraft { expires_at: Some(nacre_model::Instant(2_000)), ..lamp(1, 1) };
    run(&tenant, Command::CreateEntity(draft)).unwrap();
    assert!(tenant.expired(&me(), 10).unwrap().is_empty());
    clock.advance_ms(1_500);
    assert!(tenant.entity(&me(), &id(1), AsOf::Now).unwrap().is_none());
    assert_eq!(tenant.expired(&me(), 10).unwrap(), vec![id(1)]);
    kernel.close();
}

#[test]
fn what_was_acknowledged_is_in_the_record_that_readers_begin_with() {
    let dir = tempfile::tempdir().unwrap();
    let (kernel, tenant) = open(dir.path());
    for n in 1..200 {
        let seq = run(&tenant, Command::CreateEntity(lamp(n, 1))).unwrap().seq;
        assert!(tenant.settled().unwrap() >= seq);
        assert!(tenant.status().applied >= seq, "and it is applied");
    }
    kernel.close();
}

#[test]
fn cursors_outlive_a_restart_and_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    let (kernel, tenant) = open(dir.path());
    run(&tenant, Command::CreateEntity(lamp(1, 1))).unwrap();
    tenant.set_cursors(&[("subscription:1".into(), Some(Seq(1)))]).unwrap();
    close(kernel, tenant);
    let folders = nacre_kernel::open::Folders::of(dir.path(), &TenantId::default_tenant());
    nacre_kernel::open::forget_views(&folders, &options()).unwrap();
    let (kernel, tenant) = open(dir.path());
    assert_eq!(tenant.cursor("subscription:1").unwrap(), Some(Seq(1)));
    let commits = tenant.commits_after(&me(), Seq::ZERO, 10).unwrap();
    assert_eq!(commits.len(), 1);
    kernel.close();
}
