//! The way of messages from one connection through the gate.
//!
//! One task a connection holds the gate's futures: they run concurrently, are first polled in the order of receipt, and
//! their results leave in that order: first routed to subscribers, then acknowledged. The task outlives its
//! connection until the last verdict is there, so that nothing accepted is lost and a QoS 2 message that was accepted
//! is known as such when it is sent again. At most [`Limits::inflight_max`](crate::Limits) messages are inside, because
//! the connection stops reading there.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::broker::Broker;
use crate::gate::{Message, Refused};
use crate::routed::Routed;
use crate::session::{Incoming, Session};
use crate::stats::count;
use crate::wire::{Version, code};

/// What the gate said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Refused(Refused),
}

impl Verdict {
    /// The reason code of MQTT 5 (§3.4.2.1).
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Accepted => code::SUCCESS,
            Self::Refused(Refused::Unauthorised(_)) => code::NOT_AUTHORISED,
            Self::Refused(Refused::Invalid(_)) => code::PAYLOAD_FORMAT,
            Self::Refused(Refused::Quota(_)) => code::QUOTA,
            Self::Refused(Refused::Temporary(_)) => code::UNSPECIFIED,
        }
    }

    /// The text for people, when it was refused.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Accepted => None,
            Self::Refused(
                Refused::Unauthorised(text)
                | Refused::Invalid(text)
                | Refused::Quota(text)
                | Refused::Temporary(text),
            ) => Some(text),
        }
    }

    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Self::Refused(Refused::Temporary(_)))
    }
}

/// A PUBLISH on its way.
pub(crate) struct Arrived {
    pub pid: u16,
    pub qos: u8,
    pub work: Work,
}

/// What is to be done with it.
pub(crate) enum Work {
    /// Ask the gate. `verdicts` tells those who send the same QoS 2 packet id meanwhile.
    Ask { message: Message, routed: Arc<Routed>, verdicts: Option<Verdicts> },
    /// The gate was asked before and did not answer yet.
    Wait(watch::Receiver<Option<Verdict>>),
    /// The answer is known.
    Known(Verdict),
}

/// A result, ready to be acknowledged.
pub(crate) struct Ack {
    pub pid: u16,
    pub qos: u8,
    pub verdict: Verdict,
}

/// Tells a verdict to those who wait for it.
pub(crate) type Verdicts = watch::Sender<Option<Verdict>>;

struct Done {
    ack: Ack,
    /// What was asked about here: to be routed when accepted.
    asked: Option<(Arc<Routed>, Option<Verdicts>)>,
}

/// The task of one connection; dropping it before its end aborts it.
pub(crate) struct Pipeline {
    pub inbox: Option<mpsc::UnboundedSender<Arrived>>,
    task: JoinHandle<()>,
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pipeline {
    /// Starts the task. Both channels hold at most the messages inside (see the module).
    pub(crate) fn start(
        broker: &Arc<Broker>,
        session: &Arc<Session>,
        version: Version,
    ) -> (Self, mpsc::UnboundedReceiver<Ack>) {
        let (inbox, arrived) = mpsc::unbounded_channel();
        let (acks, ready) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(Arc::clone(broker), Arc::clone(session), version, arrived, acks));
        (Self { inbox: Some(inbox), task }, ready)
    }

    /// Waits for the last verdict; nothing more comes in.
    pub(crate) async fn finish(mut self) {
        self.inbox = None;
        let _ = (&mut self.task).await;
    }
}

async fn run(
    broker: Arc<Broker>,
    session: Arc<Session>,
    version: Version,
    mut arrived: mpsc::UnboundedReceiver<Arrived>,
    acks: mpsc::UnboundedSender<Ack>,
) {
    let mut inside = FuturesOrdered::new();
    let mut open = true;
    while open || !inside.is_empty() {
        tokio::select! {
            one = arrived.recv(), if open => match one {
                Some(one) => inside.push_back(judge(Arc::clone(&broker), one)),
                None => open = false,
            },
            Some(done) = inside.next(), if !inside.is_empty() => {
                let ack = settle(&broker, &session, version, done);
                let _ = acks.send(ack);
            }
        }
    }
}

async fn judge(broker: Arc<Broker>, arrived: Arrived) -> Done {
    let Arrived { pid, qos, work } = arrived;
    let (verdict, asked) = match work {
        Work::Known(verdict) => (verdict, None),
        Work::Wait(mut verdicts) => {
            let verdict = verdicts.wait_for(Option::is_some).await.ok().and_then(|verdict| verdict.clone());
            (verdict.unwrap_or_else(|| lost("the earlier attempt was given up")), None)
        }
        Work::Ask { message, routed, verdicts } => (ask(&broker, message).await, Some((routed, verdicts))),
    };
    Done { ack: Ack { pid, qos, verdict }, asked }
}

fn lost(why: &str) -> Verdict {
    Verdict::Refused(Refused::Temporary(why.to_owned()))
}

/// Asks the gate about one message; counts the answer.
pub(crate) async fn ask(broker: &Arc<Broker>, message: Message) -> Verdict {
    let gate = Arc::clone(&broker.gate);
    let asked = AssertUnwindSafe(async move { gate.accept(message).await }).catch_unwind();
    let verdict = match tokio::time::timeout(broker.limits.handler_timeout, asked).await {
        Ok(Ok(Ok(()))) => Verdict::Accepted,
        Ok(Ok(Err(refused))) => Verdict::Refused(refused),
        Ok(Err(_panic)) => {
            tracing::error!("the handler of a message panicked");
            lost("internal error")
        }
        Err(_elapsed) => {
            tracing::warn!("the handler of a message took too long");
            lost("took too long")
        }
    };
    count(if verdict == Verdict::Accepted { &broker.counters.accepted } else { &broker.counters.refused });
    verdict
}

fn settle(broker: &Arc<Broker>, session: &Arc<Session>, version: Version, done: Done) -> Ack {
    let Done { ack, asked } = done;
    if let Some((routed, verdicts)) = asked {
        if ack.verdict == Verdict::Accepted {
            broker.route(&routed);
        }
        if let Some(verdicts) = verdicts {
            // With 3.1.1 a refusal that is not temporary is acknowledged, so its PUBREL follows.
            let known = match version {
                Version::V4 => !ack.verdict.is_temporary(),
                Version::V5 => ack.verdict == Verdict::Accepted,
            };
            let mut state = session.state.lock();
            if known {
                state.incoming.insert(ack.pid, Incoming::Received);
            } else {
                state.incoming.remove(&ack.pid);
            }
            verdicts.send_replace(Some(ack.verdict.clone()));
        }
    }
    ack
}
