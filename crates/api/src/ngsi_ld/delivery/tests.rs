//! Groups of commits, and what a queue owes.

use nacre_model::{Actor, Instant};
use nacre_wire_ngsi_ld::Context;
use serde_json::json;

use super::queue::{Next, WAITING_MAX};
use super::*;

fn commit(seq: u64, at: i64, command: &str, ids: &[&str]) -> Arc<Applied> {
    let record = Record {
        seq: Seq(seq),
        at: Instant(at),
        tenant: TenantId::default_tenant(),
        actor: Actor::new("owner"),
        command: command.into(),
        cause: None,
        idempotency: None,
        salt: [0; 16],
        changes: Vec::new(),
    };
    let touched = |id: &&str| Touched { id: EntityId::new(id).expect("an id"), before: None, after: None };
    Arc::new(Applied { record: Arc::new(record), touched: ids.iter().map(touched).collect() })
}

#[test]
fn one_request_is_one_group() {
    let commits = [
        commit(1, 0, "entity.create", &["urn:x:1"]),
        commit(2, 1, "entity.create", &["urn:x:2"]),
        commit(3, 2, "entity.merge", &["urn:x:3"]),
        commit(4, 2, "entity.merge", &["urn:x:3"]),
        commit(5, 500, "entity.merge", &["urn:x:4"]),
        commit(6, 500, "document.put", &[]),
    ];
    let sizes: Vec<usize> = groups(&commits).iter().map(|g| g.len()).collect();
    assert_eq!(sizes, [2, 1, 1, 1, 1]);
    assert!(groups(&[]).is_empty());
}

fn queue() -> Queue {
    let json = json!({
        "id": "urn:s:1", "type": "Subscription", "entities": [{"type": "T"}],
        "notification": {"endpoint": {"uri": "http://127.0.0.1/x"}}
    });
    let subscription = Subscription::create(&json, "urn:s:1", &Context::core(), Instant(0)).expect("valid");
    Queue::new("urn:s:1".into(), subscription, Seq(10), DeliveryState::default())
}

#[test]
fn what_is_behind_is_read_before_anything_is_taken() {
    let queue = queue();
    assert_eq!(queue.owes(), Some(Seq(10)));
    queue.offer(Seq(11), Occasion::default());
    assert!(matches!(queue.next(), Next::Read(Seq(10))));
    // Something newer is there: it goes on reading.
    queue.has_read(Seq(11), || Seq(12));
    assert!(matches!(queue.next(), Next::Read(Seq(11))));
    queue.has_read(Seq(12), || Seq(12));
    assert!(matches!(queue.next(), Next::Wait));
    assert_eq!(queue.owes(), None);
    // What was read is not taken again.
    queue.offer(Seq(12), Occasion::default());
    assert!(matches!(queue.next(), Next::Wait));
}

#[test]
fn a_full_queue_falls_behind_without_losing_its_place() {
    let queue = queue();
    queue.has_read(Seq(10), || Seq(10));
    let last = 10 + WAITING_MAX as u64;
    for seq in 11..=last + 5 {
        queue.offer(Seq(seq), Occasion::default());
    }
    for seq in 11..=last {
        let Next::Send(taken, _) = queue.next() else { panic!("{seq} waits") };
        assert_eq!((taken, queue.owes()), (Seq(seq), Some(Seq(seq - 1))));
        queue.settle(taken);
    }
    assert!(matches!(queue.next(), Next::Read(after) if after == Seq(last)));
}
