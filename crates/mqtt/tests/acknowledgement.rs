//! An acknowledgement means that the platform accepted the message; nothing else does.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::raw::{Raw, connect3, connect5, pid, publish3, publish5};
use common::{Desk, broker, not_now};
use mqtt_proto::{v3, v5};
use nacre_mqtt::{Limits, Refused};
use tokio::sync::{Notify, Semaphore};

const MOMENT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn puback_and_pubrec_wait_for_the_handler_in_both_versions() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let open = Arc::new(Notify::new());
    let gate = Arc::clone(&open);
    desk.answer(move |_| {
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            gate.notified().await;
            Ok(())
        })
    });
    for qos in [1, 2] {
        let (mut client, _) = Raw::v3(handle.local_addr(), connect3("a")).await;
        client.send3(publish3("t", "x", qos, 7)).await;
        assert!(client.is_silent(MOMENT).await, "3.1.1 QoS {qos}");
        open.notify_one();
        let expected = if qos == 1 { v3::Packet::Puback(pid(7)) } else { v3::Packet::Pubrec(pid(7)) };
        assert_eq!(client.next3().await, Some(expected));

        let (mut client, _) = Raw::v5(handle.local_addr(), connect5("b")).await;
        client.send5(publish5("t", "x", qos, 7)).await;
        assert!(client.is_silent(MOMENT).await, "5 QoS {qos}");
        open.notify_one();
        let expected = if qos == 1 {
            v5::Packet::from(v5::Puback::new_success(pid(7)))
        } else {
            v5::Pubrec::new_success(pid(7)).into()
        };
        assert_eq!(client.next5().await, Some(expected));
    }
}

#[tokio::test]
async fn handlers_run_at_the_same_time_and_acknowledgements_keep_the_order_of_receipt() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    desk.answer(|message| {
        let wait_ms = if message.payload.starts_with(b"slow") { 300 } else { 0 };
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            Ok(())
        })
    });
    let (mut client, _) = Raw::v3(handle.local_addr(), connect3("a")).await;
    client.send3(publish3("t", "slow", 1, 1)).await;
    client.send3(publish3("t", "quick", 1, 2)).await;
    desk.until("the second overtakes in the handler", |desk| desk.bodies() == ["quick"]).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Puback(pid(1))));
    assert_eq!(client.next3().await, Some(v3::Packet::Puback(pid(2))));
    assert_eq!(desk.bodies(), ["quick", "slow"]);
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_in_mqtt_5() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    let cases = [
        (Refused::Unauthorised("no".to_owned()), 0x87),
        (Refused::Invalid("no".to_owned()), 0x99),
        (Refused::Quota("no".to_owned()), 0x97),
        (Refused::Temporary("no".to_owned()), 0x80),
    ];
    for (refused, code) in cases {
        desk.answer_after(Duration::ZERO, Err(refused));
        client.send5(publish5("t", "x", 1, 1)).await;
        match client.next5().await {
            Some(v5::Packet::Puback(ack)) => {
                assert_eq!(ack.reason_code as u8, code);
                assert_eq!(ack.properties.reason_string.as_deref(), Some("no"));
            }
            other => panic!("{other:?}"),
        }
        client.send5(publish5("t", "x", 2, 2)).await;
        match client.next5().await {
            Some(v5::Packet::Pubrec(ack)) => assert_eq!(ack.reason_code as u8, code),
            other => panic!("{other:?}"),
        }
    }
    // A refused QoS 2 packet id is free again.
    desk.answer_after(Duration::ZERO, Ok(()));
    client.send5(publish5("t", "y", 2, 2)).await;
    assert_eq!(client.next5().await, Some(v5::Pubrec::new_success(pid(2)).into()));
    assert_eq!(desk.bodies(), ["y"]);
}

#[tokio::test]
async fn in_3_1_1_not_now_closes_without_an_acknowledgement_and_any_other_refusal_is_acknowledged() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut client, _) = Raw::v3(handle.local_addr(), connect3("a")).await;
    desk.answer_after(Duration::ZERO, Err(Refused::Invalid("no".to_owned())));
    client.send3(publish3("t", "x", 1, 1)).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Puback(pid(1))));
    desk.answer_after(Duration::ZERO, Err(not_now()));
    client.send3(publish3("t", "x", 1, 2)).await;
    assert_eq!(client.next3().await, None);
}

#[tokio::test]
async fn a_handler_that_panics_or_takes_too_long_is_a_refusal_for_now() {
    let desk = Desk::new();
    let limits = Limits { handler_timeout: Duration::from_millis(100), ..Limits::default() };
    let handle = broker(&desk, limits).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    desk.answer(|message| {
        if message.payload.starts_with(b"panic") {
            panic!("on purpose")
        } else {
            Box::pin(std::future::pending())
        }
    });
    for body in ["panic", "wait"] {
        client.send5(publish5("t", body, 1, 1)).await;
        match client.next5().await {
            Some(v5::Packet::Puback(ack)) => assert_eq!(ack.reason_code as u8, 0x80, "{body}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_cut_before_acceptance_gets_nothing_and_sends_again() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    desk.answer(|_| Box::pin(std::future::pending()));
    let mut connect = connect3("a");
    connect.clean_session = false;
    let (mut client, _) = Raw::v3(handle.local_addr(), connect.clone()).await;
    client.send3(publish3("t", "x", 1, 1)).await;
    desk.until("asked", |desk| desk.asked.lock().len() == 1).await;
    drop(client);
    desk.answer_after(Duration::ZERO, Ok(()));
    let (mut client, ack) = Raw::v3(handle.local_addr(), connect).await;
    assert!(ack.session_present);
    assert!(client.is_silent(MOMENT).await, "no acknowledgement of the earlier connection");
    let mut again = publish3("t", "x", 1, 1);
    again.dup = true;
    client.send3(again).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Puback(pid(1))));
    let asked = desk.asked.lock().clone();
    assert_eq!(asked.iter().map(|one| one.duplicate).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn qos_2_is_handed_over_once_across_reconnects() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    desk.answer_after(Duration::from_millis(300), Ok(()));
    let mut connect = connect3("a");
    connect.clean_session = false;
    let mut again = publish3("t", "x", 2, 9);
    again.dup = true;
    // Cut while the handler works: the next connection waits for the same answer.
    let (mut client, _) = Raw::v3(handle.local_addr(), connect.clone()).await;
    client.send3(publish3("t", "x", 2, 9)).await;
    desk.until("asked", |desk| desk.asked.lock().len() == 1).await;
    drop(client);
    let (mut client, _) = Raw::v3(handle.local_addr(), connect.clone()).await;
    client.send3(again.clone()).await;
    assert!(client.is_silent(Duration::from_millis(50)).await);
    assert_eq!(client.next3().await, Some(v3::Packet::Pubrec(pid(9))));
    // Cut after PUBREC: it is known.
    drop(client);
    let (mut client, _) = Raw::v3(handle.local_addr(), connect.clone()).await;
    client.send3(again.clone()).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubrec(pid(9))));
    client.send3(v3::Packet::Pubrel(pid(9))).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubcomp(pid(9))));
    // Cut before PUBCOMP arrived: PUBREL comes again.
    drop(client);
    let (mut client, _) = Raw::v3(handle.local_addr(), connect).await;
    client.send3(v3::Packet::Pubrel(pid(9))).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubcomp(pid(9))));
    assert_eq!(desk.asked.lock().len(), 1);
    // After the exchange the packet id means a new message.
    client.send3(publish3("t", "y", 2, 9)).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubrec(pid(9))));
    assert_eq!(desk.bodies(), ["x", "y"]);
}

#[tokio::test]
async fn a_qos_2_message_refused_for_now_is_asked_about_again() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let mut connect = connect3("a");
    connect.clean_session = false;
    desk.answer_after(Duration::ZERO, Err(not_now()));
    let (mut client, _) = Raw::v3(handle.local_addr(), connect.clone()).await;
    client.send3(publish3("t", "x", 2, 9)).await;
    assert_eq!(client.next3().await, None);
    desk.answer_after(Duration::ZERO, Ok(()));
    let (mut client, _) = Raw::v3(handle.local_addr(), connect).await;
    client.send3(publish3("t", "x", 2, 9)).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubrec(pid(9))));
    assert_eq!(desk.bodies(), ["x"]);
}

#[tokio::test]
async fn reading_stops_while_inflight_max_messages_wait() {
    let desk = Desk::new();
    let limits = Limits { inflight_max: 3, ..Limits::default() };
    let handle = broker(&desk, limits).await;
    let permits = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&permits);
    desk.answer(move |_| {
        let gate = Arc::clone(&gate);
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            Ok(())
        })
    });
    let (mut client, ack) = Raw::v5(handle.local_addr(), connect5("a")).await;
    assert_eq!(ack.properties.receive_max, Some(3));
    for id in 1..=10 {
        client.send5(publish5("t", &id.to_string(), u8::from(id % 2 == 0), id)).await;
    }
    desk.until("three asked", |desk| desk.asked.lock().len() == 3).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!(desk.asked.lock().len(), 3);
    permits.add_permits(2);
    desk.until("two more", |desk| desk.asked.lock().len() == 5).await;
    permits.add_permits(8);
    desk.until("all", |desk| desk.bodies().len() == 10).await;
    for id in [2, 4, 6, 8, 10] {
        assert_eq!(client.next5().await, Some(v5::Puback::new_success(pid(id)).into()));
    }
}

#[tokio::test]
async fn what_is_not_accepted_is_not_routed() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut reader, _) = Raw::v3(handle.local_addr(), connect3("reader")).await;
    reader.subscribe3("#", mqtt_proto::QoS::Level0).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    desk.answer_after(Duration::ZERO, Err(not_now()));
    client.send5(publish5("t", "no", 1, 1)).await;
    client.next5().await;
    desk.answer_after(MOMENT, Ok(()));
    client.send5(publish5("t", "yes", 0, 1)).await;
    assert!(reader.is_silent(Duration::from_millis(50)).await, "not before acceptance");
    assert_eq!(&reader.publish3().await.payload[..], b"yes");
}
