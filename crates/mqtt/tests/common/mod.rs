//! What the tests share: a gate that can be told what to answer, a client that speaks packet by packet, and the
//! Mosquitto programs.

#![allow(dead_code, reason = "every test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod mosquitto;
pub mod raw;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nacre_mqtt::{Accepting, Connect, Gate, Handle, Identity, Limits, Message, Refused, serve};
use parking_lot::Mutex;
use tokio::net::TcpListener;

/// What a handler does with a message.
pub type Handler = Box<dyn Fn(&Message) -> Accepting + Send + Sync>;

/// A gate: every user with the password `secret` gets in; topics that begin with `closed` are not permitted.
pub struct Desk {
    handler: Mutex<Arc<Handler>>,
    pub asked: Mutex<Vec<Message>>,
    pub accepted: Arc<Mutex<Vec<Message>>>,
    pub events: Mutex<Vec<String>>,
    pub accepted_count: AtomicU64,
}

impl Desk {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            handler: Mutex::new(Arc::new(Box::new(|_| Box::pin(async { Ok(()) })))),
            asked: Mutex::default(),
            accepted: Arc::default(),
            events: Mutex::default(),
            accepted_count: AtomicU64::new(0),
        })
    }

    /// From now on messages are answered so.
    pub fn answer(&self, handler: impl Fn(&Message) -> Accepting + Send + Sync + 'static) {
        *self.handler.lock() = Arc::new(Box::new(handler));
    }

    /// From now on messages are answered so, after a time.
    pub fn answer_after(&self, delay: Duration, answer: Result<(), Refused>) {
        self.answer(move |_| {
            let answer = answer.clone();
            Box::pin(async move {
                tokio::time::sleep(delay).await;
                answer
            })
        });
    }

    /// Bodies accepted so far, in order.
    pub fn bodies(&self) -> Vec<String> {
        self.accepted.lock().iter().map(|one| String::from_utf8_lossy(&one.payload).into_owned()).collect()
    }

    pub async fn until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            if done(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("waited in vain: {what}; accepted {:?}, events {:?}", self.bodies(), self.events.lock());
    }
}

impl Gate for Desk {
    fn authenticate(&self, connect: &Connect<'_>) -> Result<Identity, Refused> {
        match (connect.username, connect.password) {
            (Some(name), Some(b"secret")) => Ok(Identity(name.into())),
            (Some("busy"), _) => Err(Refused::Temporary("later".to_owned())),
            _ => Err(Refused::Unauthorised("wrong password".to_owned())),
        }
    }

    fn may_publish(&self, _who: &Identity, topic: &str) -> bool {
        !topic.starts_with("closed")
    }

    fn may_subscribe(&self, _who: &Identity, filter: &str) -> bool {
        !filter.starts_with("closed")
    }

    fn accept(&self, message: Message) -> Accepting {
        self.asked.lock().push(message.clone());
        let handler = Arc::clone(&self.handler.lock());
        let (answer, accepted) = (handler(&message), Arc::clone(&self.accepted));
        self.accepted_count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            answer.await?;
            accepted.lock().push(message);
            Ok(())
        })
    }

    fn connected(&self, who: &Identity, client_id: &str, version: u8) {
        self.events.lock().push(format!("+{client_id} {} v{version}", who.0));
    }

    fn disconnected(&self, _who: &Identity, client_id: &str, reason: &str) {
        self.events.lock().push(format!("-{client_id} {reason}"));
    }
}

/// A broker on a free port.
pub async fn broker(desk: &Arc<Desk>, limits: Limits) -> Handle {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gate: Arc<dyn Gate> = Arc::clone(desk) as Arc<dyn Gate>;
    serve(listener, gate, limits).await
}

/// A temporary refusal.
pub fn not_now() -> Refused {
    Refused::Temporary("not now".to_owned())
}
