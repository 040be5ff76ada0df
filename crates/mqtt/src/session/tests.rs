//! The queue to a client, its window, and what is sent again.

use std::time::Duration;

use bytes::Bytes;
use mqtt_proto::TopicName;
use mqtt_proto::v5::PublishProperties;

use super::*;

fn message(body: &'static str, expiry_secs: Option<u32>) -> Arc<Routed> {
    let properties =
        PublishProperties { message_expiry_interval: expiry_secs, ..PublishProperties::default() };
    let topic = TopicName::try_from("t").unwrap();
    Arc::new(Routed::new(topic, Bytes::from_static(body.as_bytes()), 2, false, None, properties))
}

fn connected(receive_max: u16) -> State {
    let mut state = State::default();
    attach(&mut state, receive_max);
    state
}

fn attach(state: &mut State, receive_max: u16) {
    let link = Link { generation: 1, wake: Arc::new(Notify::new()), close: None };
    state.attach(link, receive_max);
}

/// What is sent next, in words.
fn sent(state: &mut State) -> String {
    match state.next(Instant::now(), &Limits::default(), &mut 0) {
        None => "nothing".to_owned(),
        Some(Outgoing::Pubrel(pid)) => format!("release {pid}"),
        Some(Outgoing::Publish { message, packet, duplicate, .. }) => {
            let body = String::from_utf8_lossy(&message.payload).into_owned();
            let again = if duplicate { " again" } else { "" };
            packet.map_or_else(|| body.clone(), |(pid, qos)| format!("{body} {pid} q{qos}{again}"))
        }
    }
}

#[test]
fn the_window_of_the_client_is_kept_and_qos_0_waits_its_turn() {
    let (mut state, limits) = (connected(2), Limits::default());
    for (body, qos) in [("a", 1), ("b", 1), ("c", 1), ("d", 0)] {
        assert_eq!(state.push(&message(body, None), qos, false, &limits), Pushed::Queued);
    }
    assert_eq!(sent(&mut state), "a 1 q1");
    assert_eq!(sent(&mut state), "b 2 q1");
    assert_eq!(sent(&mut state), "nothing");
    assert!(state.puback(2) && !state.puback(2));
    assert_eq!(sent(&mut state), "c 3 q1");
    assert_eq!(sent(&mut state), "d");
}

#[test]
fn a_new_connection_gets_what_was_not_acknowledged_in_order_and_first() {
    let (mut state, limits) = (connected(10), Limits::default());
    for (body, qos) in [("a", 1), ("b", 2), ("c", 2), ("d", 1)] {
        state.push(&message(body, None), qos, false, &limits);
        sent(&mut state);
    }
    assert!(state.pubrec(2, false) && !state.pubrec(1, false), "QoS 1 has no PUBREC");
    assert!(state.puback(4));
    state.link = None;
    assert_eq!(state.push(&message("e", None), 1, false, &limits), Pushed::Queued);
    assert_eq!(state.push(&message("f", None), 0, false, &limits), Pushed::Dropped, "nobody there");
    attach(&mut state, 2);
    assert_eq!(sent(&mut state), "a 1 q1 again");
    assert_eq!(sent(&mut state), "release 2");
    assert_eq!(sent(&mut state), "nothing", "the new window is smaller");
    assert!(state.pubcomp(2));
    assert_eq!(sent(&mut state), "c 3 q2 again");
    assert!(state.puback(1) && !state.pubcomp(3), "not released yet");
    state.pubrec(3, true);
    assert_eq!(sent(&mut state), "e 5 q1");
}

#[test]
fn a_full_queue_drops_and_says_whether_it_matters() {
    let mut state = connected(1);
    let limits = Limits { queue_messages_max: 2, queue_bytes_max: 10, ..Limits::default() };
    assert_eq!(state.push(&message("123456789012", None), 1, false, &limits), Pushed::Overflow, "bytes");
    assert_eq!(state.push(&message("a", None), 1, false, &limits), Pushed::Queued);
    assert_eq!(state.push(&message("b", None), 1, false, &limits), Pushed::Queued);
    assert_eq!(state.push(&message("c", None), 0, false, &limits), Pushed::Dropped);
    assert_eq!(state.push(&message("c", None), 1, false, &limits), Pushed::Overflow);
    sent(&mut state);
    sent(&mut state);
    state.puback(1);
    sent(&mut state);
    assert_eq!(state.queue_bytes, 0);
}

#[test]
fn what_expired_while_it_waited_is_not_sent() {
    let (mut state, limits) = (connected(1), Limits::default());
    state.push(&message("a", None), 1, false, &limits);
    state.push(&message("b", Some(1)), 1, false, &limits);
    sent(&mut state);
    let mut dropped = 0;
    assert!(state.next(Instant::now() + Duration::from_secs(2), &limits, &mut dropped).is_none());
    assert_eq!(dropped, 1);
}

#[test]
fn packet_ids_wrap_and_skip_those_in_use() {
    let (mut state, limits) = (connected(10), Limits::default());
    state.pid_last = u16::MAX - 1;
    for body in ["a", "b"] {
        state.push(&message(body, None), 1, false, &limits);
    }
    assert_eq!(sent(&mut state), "a 65535 q1");
    assert_eq!(sent(&mut state), "b 1 q1");
    state.pid_last = u16::MAX - 1;
    state.push(&message("c", None), 1, false, &limits);
    assert_eq!(sent(&mut state), "c 2 q1");
}
