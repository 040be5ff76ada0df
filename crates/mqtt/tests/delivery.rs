//! What subscribers get: retained messages, wills, sessions, and what a slow one costs.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::{Duration, Instant};

use bytes::Bytes;
use common::raw::{Raw, connect3, connect5, pid, publish3, publish5};
use common::{Desk, broker, mosquitto};
use mqtt_proto::{QoS, QosPid, TopicName, v3, v5};
use nacre_mqtt::Limits;

#[tokio::test]
async fn a_retained_message_reaches_later_subscribers_until_it_is_emptied() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (address, login) = (handle.local_addr(), ["-u", "u", "-P", "secret"]);
    let publish = |arguments: Vec<&'static str>| {
        let all: Vec<&str> = login.into_iter().chain(arguments).collect();
        async move { assert!(mosquitto::publish(address, &all).await.status.success()) }
    };
    publish(vec!["-t", "lamp/1/state", "-m", "on", "-q", "1", "-r"]).await;
    publish(vec!["-t", "lamp/2/state", "-m", "off", "-q", "1", "-r"]).await;
    handle.publish("lamp/3/state", Bytes::from_static(b"own"), 1, true);
    for (filter, expected) in
        [("lamp/+/state", vec!["on", "off", "own"]), ("lamp/2/#", vec!["off"]), ("lamp/1/state", vec!["on"])]
    {
        let mut all = login.to_vec();
        all.extend(["-t", filter, "-q", "1", "-F", "%r %p"]);
        let mut sub = mosquitto::Sub::start(address, &all);
        let mut seen = Vec::new();
        for _ in &expected {
            seen.push(sub.line().await);
        }
        let expected: Vec<String> = expected.iter().map(|body| format!("1 {body}")).collect();
        assert_eq!(seen, expected, "{filter}");
    }
    let (mut live, _) = Raw::v3(address, connect3("live")).await;
    live.subscribe3("lamp/9/#", QoS::Level1).await;
    publish(vec!["-t", "lamp/9/state", "-m", "on", "-r"]).await;
    assert!(!live.publish3().await.retain, "to those already there it is an ordinary message");
    publish(vec!["-t", "lamp/2/state", "-n", "-r", "-q", "1"]).await;
    assert_eq!(handle.stats().retained, 3);
}

fn with_will(client_id: &str, delay_secs: u32, expiry_secs: u32) -> v5::Connect {
    let mut connect = connect5(client_id);
    let topic = TopicName::try_from("will").unwrap();
    let mut will = v5::LastWill::new(QoS::Level1, topic, Bytes::copy_from_slice(client_id.as_bytes()));
    will.properties.delay_interval = Some(delay_secs);
    connect.last_will = Some(will);
    connect.properties.session_expiry_interval = Some(expiry_secs);
    connect
}

#[tokio::test]
async fn a_will_is_published_through_the_gate_when_a_client_is_lost_and_not_when_it_leaves() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let address = handle.local_addr();
    let (mut reader, _) = Raw::v5(address, connect5("reader")).await;
    reader.subscribe5("will", QoS::Level0).await;

    let (mut leaves, _) = Raw::v5(address, with_will("leaves", 0, 0)).await;
    leaves.send5(v5::Disconnect::new_normal()).await;
    assert_eq!(leaves.next5().await, None);
    let (mut wants, _) = Raw::v5(address, with_will("wants", 0, 0)).await;
    wants.send5(v5::Disconnect::new(v5::DisconnectReasonCode::DisconnectWithWillMessage)).await;
    assert_eq!(&reader.publish5().await.payload[..], b"wants");
    let (lost, _) = Raw::v5(address, with_will("lost", 0, 60)).await;
    drop(lost);
    assert_eq!(&reader.publish5().await.payload[..], b"lost");
    // A delay, cut short by the end of the session.
    let (late, _) = Raw::v5(address, with_will("late", 60, 1)).await;
    let begun = Instant::now();
    drop(late);
    assert_eq!(&reader.publish5().await.payload[..], b"late");
    assert!(begun.elapsed() >= Duration::from_millis(900));
    // A delay in which the client is back.
    let (back, _) = Raw::v5(address, with_will("back", 1, 60)).await;
    drop(back);
    desk.until("gone", |_| handle.stats().connections == 1).await;
    let mut again = connect5("back");
    again.clean_start = false;
    let (_back, ack) = Raw::v5(address, again).await;
    assert!(ack.session_present);
    assert!(reader.is_silent(Duration::from_millis(2_300)).await);
    assert_eq!(desk.bodies(), ["wants", "lost", "late"]);
}

#[tokio::test]
async fn a_client_that_falls_silent_is_closed_after_one_and_a_half_keep_alives() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let mut connect = connect5("a");
    connect.keep_alive = 1;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect).await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    client.send5(v5::Packet::Pingreq).await;
    assert_eq!(client.next5().await, Some(v5::Packet::Pingresp));
    let begun = Instant::now();
    let timeout = v5::Disconnect::new(v5::DisconnectReasonCode::KeepAliveTimeout);
    assert_eq!(client.next5().await, Some(timeout.into()));
    assert!(begun.elapsed() >= Duration::from_millis(1_400));
    let limits = Limits { keep_alive_max: Duration::from_secs(9), ..Limits::default() };
    let handle = broker(&desk, limits).await;
    let mut connect = connect5("b");
    connect.keep_alive = 0;
    let (_client, ack) = Raw::v5(handle.local_addr(), connect).await;
    assert_eq!(ack.properties.server_keep_alive, Some(9));
}

#[tokio::test]
async fn an_absent_subscriber_finds_its_messages_and_what_it_did_not_acknowledge() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let address = handle.local_addr();
    let mut connect = connect3("reader");
    connect.clean_session = false;
    let (mut reader, ack) = Raw::v3(address, connect.clone()).await;
    assert!(!ack.session_present);
    reader.subscribe3("t/+", QoS::Level2).await;
    let (mut client, _) = Raw::v3(address, connect3("a")).await;
    client.send3(publish3("t/1", "one", 1, 1)).await;
    client.send3(publish3("t/2", "two", 2, 2)).await;
    let (one, two) = (reader.publish3().await, reader.publish3().await);
    assert!(matches!(one.qos_pid, QosPid::Level1(_)) && matches!(two.qos_pid, QosPid::Level2(_)));
    reader.send3(v3::Packet::Pubrec(two.qos_pid.pid().unwrap())).await;
    assert_eq!(reader.next3().await, Some(v3::Packet::Pubrel(two.qos_pid.pid().unwrap())));
    drop(reader);
    desk.until("gone", |_| handle.stats().connections == 1).await;
    client.send3(publish3("t/3", "three", 1, 3)).await;
    client.send3(publish3("t/3", "lost", 0, 3)).await;
    desk.until("accepted", |desk| desk.bodies().len() == 4).await;

    let (mut reader, ack) = Raw::v3(address, connect.clone()).await;
    assert!(ack.session_present);
    let again = reader.publish3().await;
    assert!(again.dup && again.qos_pid == one.qos_pid && again.payload == one.payload);
    assert_eq!(reader.next3().await, Some(v3::Packet::Pubrel(two.qos_pid.pid().unwrap())), "QoS 2 goes on");
    reader.send3(v3::Packet::Pubcomp(two.qos_pid.pid().unwrap())).await;
    let three = reader.publish3().await;
    assert!(!three.dup && &three.payload[..] == b"three");
    // A clean session forgets.
    connect.clean_session = true;
    let (mut reader, ack) = Raw::v3(address, connect).await;
    assert!(!ack.session_present && reader.is_silent(Duration::from_millis(100)).await);
    assert_eq!(handle.stats().subscriptions, 0);
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let mut connect = connect5("a");
    connect.properties.session_expiry_interval = Some(1);
    let (mut client, _) = Raw::v5(handle.local_addr(), connect).await;
    client.subscribe5("t", QoS::Level1).await;
    drop(client);
    desk.until("gone", |_| handle.stats().connections == 0).await;
    assert_eq!(handle.stats().sessions, 1);
    desk.until("over", |_| handle.stats().sessions == 0).await;
    assert_eq!(handle.stats().subscriptions, 0);
}

#[tokio::test]
async fn a_client_of_mqtt_5_gets_no_more_than_it_takes_at_once_and_nothing_too_large() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let mut connect = connect5("reader");
    connect.properties.receive_max = Some(2);
    connect.properties.max_packet_size = Some(100);
    let (mut reader, _) = Raw::v5(handle.local_addr(), connect).await;
    reader.subscribe5("t", QoS::Level1).await;
    handle.publish("t", Bytes::from(vec![b'x'; 200]), 1, false);
    for body in [&b"1"[..], b"2", b"3"] {
        handle.publish("t", Bytes::copy_from_slice(body), 1, false);
    }
    let one = reader.publish5().await;
    assert_eq!(&one.payload[..], b"1");
    assert_eq!(&reader.publish5().await.payload[..], b"2");
    assert!(reader.is_silent(Duration::from_millis(100)).await);
    reader.send5(v5::Puback::new_success(one.qos_pid.pid().unwrap())).await;
    assert_eq!(&reader.publish5().await.payload[..], b"3");
    assert_eq!(handle.stats().dropped, 1);
}

#[tokio::test]
async fn a_subscriber_gets_its_own_messages_unless_it_said_no_and_each_once() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    client.subscribe5("t/#", QoS::Level0).await;
    client.subscribe5("t/+", QoS::Level1).await;
    client.send5(publish5("t/1", "x", 1, 5)).await;
    let mut seen = vec![client.next5().await.unwrap(), client.next5().await.unwrap()];
    seen.retain(|one| matches!(one, v5::Packet::Publish(publish) if publish.qos_pid.qos() == QoS::Level1));
    assert_eq!(seen.len(), 1, "once, with the higher QoS");
    let filter = mqtt_proto::TopicFilter::try_from("own").unwrap();
    let mut options = v5::SubscriptionOptions::new(QoS::Level0);
    options.no_local = true;
    client.send5(v5::Subscribe::new(pid(6), vec![(filter, options)])).await;
    client.next5().await;
    client.send5(publish5("own", "x", 1, 7)).await;
    assert_eq!(client.next5().await, Some(v5::Puback::new_success(pid(7)).into()));
    assert!(client.is_silent(Duration::from_millis(100)).await);
}

#[tokio::test]
async fn a_slow_subscriber_costs_only_itself() {
    let desk = Desk::new();
    let limits = Limits { queue_messages_max: 100, queue_bytes_max: 1024 * 1024, ..Limits::default() };
    let handle = broker(&desk, limits).await;
    let address = handle.local_addr();
    let (mut slow, _) = Raw::v5(address, connect5("slow")).await;
    slow.subscribe5("t", QoS::Level1).await;
    let (mut lazy, _) = Raw::v5(address, connect5("lazy")).await;
    lazy.subscribe5("t", QoS::Level0).await;
    let (mut quick, _) = Raw::v5(address, connect5("quick")).await;
    quick.subscribe5("t", QoS::Level1).await;
    let (mut client, _) = Raw::v5(address, connect5("a")).await;
    let body = "x".repeat(16 * 1024);
    for at in 0..1_000_u16 {
        client.send5(publish5("t", &body, 1, at + 1)).await;
        assert_eq!(client.next5().await, Some(v5::Puback::new_success(pid(at + 1)).into()), "{at}");
        let seen = quick.publish5().await;
        quick.send5(v5::Puback::new_success(seen.qos_pid.pid().unwrap())).await;
    }
    desk.until("the slow one is closed", |_| handle.stats().too_slow == 1).await;
    desk.until("it is seen", |desk| desk.events.lock().iter().any(|one| one.starts_with("-slow too slow")))
        .await;
    // The lazy one asked for QoS 0: it stays and misses some.
    assert!(desk.events.lock().iter().all(|one| !one.starts_with("-lazy")));
    assert!(handle.stats().dropped > 100);
    lazy.send5(v5::Packet::Pingreq).await;
    let mut got = 0;
    while !matches!(lazy.next5().await, Some(v5::Packet::Pingresp)) {
        got += 1;
    }
    assert!(got > 0);
}

#[tokio::test]
async fn stop_tells_clients_and_is_quick() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), with_will("a", 0, 0)).await;
    desk.answer(|_| Box::pin(std::future::pending()));
    client.send5(publish5("t", "x", 1, 1)).await;
    desk.until("asked", |desk| desk.asked.lock().len() == 1).await;
    let begun = Instant::now();
    handle.clone().stop().await;
    assert!(begun.elapsed() < Duration::from_millis(2_100));
    let down = v5::Disconnect::new(v5::DisconnectReasonCode::ServerShuttingDown);
    assert_eq!(client.next5().await, Some(down.into()));
    assert!(tokio::net::TcpStream::connect(handle.local_addr()).await.is_err());
    assert_eq!(desk.asked.lock().len(), 1, "no will");
    assert_eq!(handle.stats().connections, 0);
}
