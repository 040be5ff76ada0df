//! Following a broker of Mosquitto: what is not accepted comes again.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::mosquitto::{self, Broker};
use common::not_now;
use nacre_mqtt::{Accepting, FollowStatus, Follower, Message, Outside, Refused, follow};
use parking_lot::Mutex;

type Seen = Arc<Mutex<Vec<Message>>>;

/// Follows `d/#` and keeps what it sees; `answer` decides by how often it was asked before.
fn start(
    broker: &Broker,
    version: u8,
    answer: impl Fn(usize, &Message) -> Result<(), Refused> + Send + Sync + 'static,
) -> (Follower, Seen) {
    let mut outside = Outside::new(format!("mqtt://{}", broker.address), "nacre");
    outside.filters = vec![("d/#".to_owned(), 1), ("e/+".to_owned(), 2)];
    outside.version = version;
    outside.pause_min = Duration::from_millis(50);
    outside.pause_max = Duration::from_millis(400);
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let follower = follow(
        outside,
        Arc::new(move |message: Message| -> Accepting {
            let before = log.lock().len();
            let answer = answer(before, &message);
            log.lock().push(message);
            Box::pin(async move { answer })
        }),
    );
    (follower, seen)
}

async fn until(follower: &Follower, what: &str, done: impl Fn(&FollowStatus) -> bool) {
    for _ in 0..1_500 {
        if done(&follower.status()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain: {what}; {:?}", follower.status());
}

async fn send(broker: &Broker, topic: &str, body: &str, qos: &str) {
    let out = mosquitto::publish(broker.address, &["-t", topic, "-m", body, "-q", qos]).await;
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

fn bodies(seen: &Seen) -> Vec<(String, bool)> {
    let text = |one: &Message| (String::from_utf8_lossy(&one.payload).into_owned(), one.duplicate);
    seen.lock().iter().map(text).collect()
}

async fn subscribed(broker: &Broker, follower: &Follower) {
    until(follower, "connected", |status| status.connected_since.is_some()).await;
    // The broker answers SUBSCRIBE in order, so a probe that arrives says that the filters stand.
    let before = follower.status().received;
    while follower.status().received == before {
        send(broker, "d/probe", "probe", "0").await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test]
async fn a_follower_receives_and_a_message_whose_handler_failed_comes_again() {
    for version in [3, 5] {
        let broker = Broker::start().await;
        let failed = Arc::new(Mutex::new(false));
        let once = Arc::clone(&failed);
        let (follower, seen) = start(&broker, version, move |_, message| {
            let mut failed = once.lock();
            if message.payload.starts_with(b"twice") && !*failed {
                *failed = true;
                return Err(not_now());
            }
            Ok(())
        });
        subscribed(&broker, &follower).await;
        seen.lock().clear();
        send(&broker, "d/1", "first", "1").await;
        send(&broker, "d/1", "twice", "1").await;
        until(&follower, "back", |status| status.connections >= 2 && status.connected_since.is_some()).await;
        send(&broker, "d/1", "last", "1").await;
        for _ in 0..500 {
            if bodies(&seen).iter().any(|(body, _)| body == "last") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let bodies = bodies(&seen);
        let plain: Vec<&str> = bodies.iter().map(|(body, _)| body.as_str()).collect();
        assert_eq!(plain, ["first", "twice", "twice", "last"], "version {version}");
        assert!(bodies.get(2).unwrap().1, "the repeat says so");
        let status = follower.status();
        assert_eq!((status.put_off, status.refused), (1, 0));
        assert!(status.last_error.unwrap().contains("not now"));
        follower.stop().await;
    }
}

#[tokio::test]
async fn what_came_while_the_follower_was_away_is_delivered_and_acknowledged_once() {
    let broker = Broker::start().await;
    let (follower, _) = start(&broker, 5, |_, _| Ok(()));
    subscribed(&broker, &follower).await;
    let begun = Instant::now();
    follower.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(2));
    for number in 0..20 {
        send(&broker, "d/away", &number.to_string(), "1").await;
    }
    send(&broker, "e/two", "two", "2").await;
    let (follower, seen) = start(&broker, 5, |_, _| Ok(()));
    until(&follower, "all", |status| status.accepted >= 21).await;
    let expected: Vec<String> = (0..20).map(|number| number.to_string()).chain(["two".to_owned()]).collect();
    assert_eq!(bodies(&seen).into_iter().map(|(body, _)| body).collect::<Vec<_>>(), expected);
    follower.stop().await;
    let (follower, seen) = start(&broker, 5, |_, _| Ok(()));
    subscribed(&broker, &follower).await;
    assert!(bodies(&seen).iter().all(|(body, _)| body == "probe"), "nothing comes twice");
}

#[tokio::test]
async fn a_refusal_for_good_is_acknowledged_and_counted() {
    let broker = Broker::start().await;
    let (follower, _) = start(&broker, 3, |_, message| {
        if message.payload.starts_with(b"bad") {
            Err(Refused::Invalid("no number".to_owned()))
        } else {
            Ok(())
        }
    });
    subscribed(&broker, &follower).await;
    send(&broker, "d/1", "bad", "1").await;
    send(&broker, "d/1", "good", "1").await;
    until(&follower, "refused", |status| status.refused == 1).await;
    let before = follower.status();
    assert_eq!((before.connections, before.put_off), (1, 0));
    assert!(before.last_error.unwrap().contains("no number"));
}

#[tokio::test]
async fn a_follower_comes_back_when_the_broker_does() {
    let mut broker = Broker::start().await;
    let (follower, _) = start(&broker, 5, |_, _| Ok(()));
    subscribed(&broker, &follower).await;
    broker.halt().await;
    until(&follower, "lost", |status| status.connected_since.is_none()).await;
    assert!(follower.status().last_error.is_some());
    broker.run().await;
    subscribed(&broker, &follower).await;
    assert_eq!(follower.status().connections, 2);
}

#[tokio::test]
async fn options_that_cannot_work_are_said_in_the_status() {
    let follower = follow(Outside::new("amqp://x", "c"), Arc::new(|_| Box::pin(async { Ok(()) })));
    until(&follower, "said", |status| status.last_error.is_some()).await;
    assert_eq!(follower.status().last_error.unwrap(), "`amqp://x`: needed: mqtt://host:port");
    follower.stop().await;
}
