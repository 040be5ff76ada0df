//! What receivers hear.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

use crate::support::Server;

/// Somebody who listens on loopback and remembers.
struct Receiver {
    uri: String,
    heard: Arc<Mutex<Vec<(HeaderMap, Json)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// One that answers with a status after a while.
    async fn new(status: u16, after: Duration) -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Receiver::on(listener, status, after)
    }

    fn on(listener: tokio::net::TcpListener, status: u16, after: Duration) -> Receiver {
        let uri = format!("http://{}/notify", listener.local_addr().expect("bound"));
        let heard: Arc<Mutex<Vec<(HeaderMap, Json)>>> = Arc::default();
        let memory = heard.clone();
        let hear = move |headers: HeaderMap, body: String| {
            let memory = memory.clone();
            async move {
                memory.lock().push((headers, serde_json::from_str(&body).expect("JSON")));
                tokio::time::sleep(after).await;
                StatusCode::from_u16(status).expect("a status")
            }
        };
        let router = axum::Router::new().route("/notify", axum::routing::post(hear));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
        Receiver { uri, heard, task }
    }

    fn count(&self) -> usize {
        self.heard.lock().len()
    }

    fn body(&self, i: usize) -> Json {
        self.heard.lock()[i].1.clone()
    }

    /// Waits until so many were heard.
    #[track_caller]
    fn expect(&self, count: usize) -> impl Future<Output = ()> + use<'_> {
        let caller = std::panic::Location::caller();
        async move {
            let end = Instant::now() + Duration::from_secs(10);
            while self.count() < count {
                assert!(Instant::now() < end, "{} of {count} notifications, asked at {caller}", self.count());
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

const NOW: Duration = Duration::ZERO;

fn subscription(id: u32, uri: &str, more: Json) -> Json {
    let mut body = json!({
        "id": format!("urn:ngsi-ld:Subscription:{id}"), "type": "Subscription", "entities": [{"type": "Lamp"}],
        "notification": {"endpoint": {"uri": uri, "accept": "application/json"}}
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

fn lamp(n: u32, power: i64) -> Json {
    json!({"id": format!("urn:ngsi-ld:Lamp:{n}"), "type": "Lamp", "power": {"type": "Property", "value": power}})
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(400)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_once_and_in_order() {
    let (server, receiver) = (Server::delivering(), Receiver::new(200, NOW).await);
    let more = json!({"q": "power>3", "watchedAttributes": ["power"]});
    server.post("/subscriptions", subscription(1, &receiver.uri, more)).await.expect(201);
    server.post("/entities", lamp(1, 5)).await.expect(201);
    for power in [6, 1, 7] {
        server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": power})).await.expect(204);
    }
    // The same again changes nothing; another attribute is not watched.
    server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": 7})).await.expect(204);
    server.post("/entities/urn:ngsi-ld:Lamp:1/attrs", json!({"colour": "red"})).await.expect(204);
    receiver.expect(3).await;
    pause().await;
    let powers: Vec<Json> =
        (0..receiver.count()).map(|i| receiver.body(i)["data"][0]["power"]["value"].clone()).collect();
    assert_eq!(powers, [json!(5), json!(6), json!(7)]);
    let body = receiver.body(0);
    assert_eq!(
        (&body["type"], &body["subscriptionId"]),
        (&json!("Notification"), &json!("urn:ngsi-ld:Subscription:1"))
    );
    assert!(body["notifiedAt"].is_string() && body["id"].is_string());
    let headers = receiver.heard.lock()[0].0.clone();
    assert_eq!(headers["content-type"], "application/json");
    assert!(headers["link"].to_str().expect("text").contains("json-ld#context"));
    let read = server.get("/subscriptions/urn:ngsi-ld:Subscription:1").await.expect(200).json();
    assert_eq!(
        (&read["notification"]["timesSent"], &read["notification"]["status"]),
        (&json!(3), &json!("ok"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_one_notification() {
    let (server, receiver) = (Server::delivering(), Receiver::new(200, NOW).await);
    server.post("/subscriptions", subscription(1, &receiver.uri, json!({}))).await.expect(201);
    pause().await;
    let batch: Vec<Json> = (0..50).map(|n| lamp(n, 1)).collect();
    server.post("/entityOperations/create", Json::from(batch)).await.expect(201);
    receiver.expect(1).await;
    pause().await;
    assert_eq!((receiver.count(), receiver.body(0)["data"].as_array().map(Vec::len)), (1, Some(50)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_receiver_delays_nobody() {
    let server = Server::delivering();
    let (slow, good) = (Receiver::new(200, Duration::from_secs(60)).await, Receiver::new(204, NOW).await);
    for (id, uri) in [(1, "http://127.0.0.1:1/x"), (2, slow.uri.as_str()), (3, good.uri.as_str())] {
        server.post("/subscriptions", subscription(id, uri, json!({}))).await.expect(201);
    }
    pause().await;
    let begin = Instant::now();
    server.post("/entities", lamp(1, 0)).await.expect(201);
    for power in 1..200 {
        server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": power})).await.expect(204);
    }
    good.expect(200).await;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let powers: Vec<Json> = (0..200).map(|i| good.body(i)["data"][0]["power"]["value"].clone()).collect();
    assert_eq!(powers, (0..200).map(Json::from).collect::<Vec<_>>());
    let failed = |id: u32| {
        let server = &server;
        async move {
            let read = server.get(&format!("/subscriptions/urn:ngsi-ld:Subscription:{id}")).await.json();
            read["notification"]["timesFailed"].as_u64().unwrap_or(0)
        }
    };
    let end = Instant::now() + Duration::from_secs(10);
    while failed(1).await == 0 {
        assert!(Instant::now() < end, "a refused connection is counted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(failed(3).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_drops_and_pausing_stops() {
    let (server, receiver) = (Server::delivering(), Receiver::new(200, NOW).await);
    server
        .post("/subscriptions", subscription(1, &receiver.uri, json!({"throttling": 60})))
        .await
        .expect(201);
    server.post("/entities", lamp(1, 0)).await.expect(201);
    receiver.expect(1).await;
    server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": 1})).await.expect(204);
    pause().await;
    assert_eq!(receiver.count(), 1);
    server
        .patch("/subscriptions/urn:ngsi-ld:Subscription:1", json!({"throttling": 0.001, "isActive": false}))
        .await
        .expect(204);
    server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": 2})).await.expect(204);
    pause().await;
    assert_eq!(receiver.count(), 1);
    server.patch("/subscriptions/urn:ngsi-ld:Subscription:1", json!({"isActive": true})).await.expect(204);
    server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": 3})).await.expect(204);
    receiver.expect(2).await;
    server.delete("/subscriptions/urn:ngsi-ld:Subscription:1").await.expect(204);
    server.patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": 4})).await.expect(204);
    pause().await;
    assert_eq!(receiver.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_sends_what_there_is() {
    let (server, receiver) = (Server::delivering(), Receiver::new(200, NOW).await);
    server.post("/entities", lamp(1, 0)).await.expect(201);
    let every = json!({"timeInterval": 1});
    server.post("/subscriptions", subscription(1, &receiver.uri, every)).await.expect(201);
    receiver.expect(2).await;
    assert_eq!(receiver.body(1)["data"][0]["id"], "urn:ngsi-ld:Lamp:1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_sent_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    // The receiver is away: its port is taken by nobody.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let stuck = Receiver::on(listener, 200, Duration::from_secs(60));
    {
        let server = Server::delivering_on(data.path());
        server.post("/subscriptions", subscription(1, &stuck.uri, json!({}))).await.expect(201);
        server.post("/entities", lamp(1, 0)).await.expect(201);
        stuck.expect(1).await;
        for power in 1..=5 {
            server
                .patch("/entities/urn:ngsi-ld:Lamp:1/attrs/power", json!({"value": power}))
                .await
                .expect(204);
        }
        // Long enough for cursors to be made durable.
        tokio::time::sleep(Duration::from_millis(2_200)).await;
    }
    stuck.task.abort();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let listener = tokio::net::TcpListener::bind(address).await.expect("the same port");
    let back = Receiver::on(listener, 200, NOW);
    let server = Server::delivering_on(data.path());
    back.expect(6).await;
    let powers: Vec<Json> = (0..6).map(|i| back.body(i)["data"][0]["power"]["value"].clone()).collect();
    assert_eq!(powers, (0..=5).map(Json::from).collect::<Vec<_>>());
    drop(server);
}
