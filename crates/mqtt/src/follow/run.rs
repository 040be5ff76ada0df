//! The follower's loop: connect, subscribe, hand over, acknowledge; pause and begin again.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::client::{self, Client, Event, Receipt, Target};
use super::{Accept, FollowStatus, Outside};
use crate::gate::{Message, Refused};
use crate::server::stopped;

/// Time for the good-bye when stopping.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

enum Ended {
    Stopped,
    /// With whether the connection was of any use, so that the pause begins anew.
    Failed {
        useful: bool,
    },
}

pub(super) async fn run(
    outside: Outside,
    accept: Accept,
    status: Arc<Mutex<FollowStatus>>,
    mut stop: watch::Receiver<bool>,
) {
    let target = match client::check(&outside) {
        Ok(target) => target,
        Err(error) => return fail(&status, error),
    };
    let mut failures = 0_u32;
    loop {
        let ended = attend(&outside, &target, &accept, &status, &mut stop).await;
        status.lock().connected_since = None;
        match ended {
            Ended::Stopped => return,
            Ended::Failed { useful } => failures = if useful { 1 } else { failures.saturating_add(1) },
        }
        tokio::select! {
            () = sleep(pause(&outside, failures, rand::random())) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// Doubles with each failure up to the maximum; between half and the whole of that, so that many followers of one
/// broker do not come back at once.
fn pause(outside: &Outside, failures: u32, chance: u32) -> Duration {
    let doubled =
        outside.pause_min.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    let whole = doubled.min(outside.pause_max);
    whole.mul_f64(0.5 + 0.5 * f64::from(chance) / f64::from(u32::MAX))
}

fn fail(status: &Mutex<FollowStatus>, error: String) {
    tracing::warn!(error, "following an outside MQTT broker");
    status.lock().last_error = Some(error);
}

/// One connection, from first to last.
async fn attend(
    outside: &Outside,
    target: &Target,
    accept: &Accept,
    status: &Mutex<FollowStatus>,
    stop: &mut watch::Receiver<bool>,
) -> Ended {
    let mut client = Client::start(outside, target);
    let mut inside = FuturesOrdered::new();
    let (inflight_max, begun, mut useful) = (usize::from(outside.inflight_max.max(1)), Instant::now(), false);
    let error = loop {
        let step = tokio::select! {
            () = stopped(stop) => {
                drain(outside, &client, &mut inside, status).await;
                client.disconnect();
                let _ = timeout(FAREWELL_MAX, async { while client.events.recv().await.is_some() {} }).await;
                return Ended::Stopped;
            }
            event = client.events.recv(), if inside.len() < inflight_max => match event {
                Some(Event::Connected) => {
                    let mut status = status.lock();
                    status.connected_since = Some(SystemTime::now());
                    status.connections += 1;
                    client.subscribe(&outside.filters)
                }
                Some(Event::NotSubscribed) => {
                    fail(status, "the broker refused some of the topic filters".to_owned());
                    Ok(())
                }
                Some(Event::Message(both)) => {
                    status.lock().received += 1;
                    let (message, receipt) = *both;
                    inside.push_back(judge(outside, accept, message, receipt));
                    Ok(())
                }
                Some(Event::Lost(error)) => Err(error),
                None => Err("connection lost".to_owned()),
            },
            Some((receipt, answer)) = inside.next(), if !inside.is_empty() => {
                useful |= answer.is_ok();
                settle(&client, status, &receipt, answer)
            }
        };
        if let Err(error) = step {
            break error;
        }
    };
    fail(status, error);
    // The connection is closed first, then what the platform still has is waited for: no handler is cut off, and the
    // same message is not handed over twice at a time.
    drop(client);
    while let Some((_, answer)) = inside.next().await {
        let mut status = status.lock();
        if answer.is_ok() {
            status.accepted += 1;
        } else {
            status.put_off += 1;
        }
    }
    Ended::Failed { useful: useful || begun.elapsed() >= outside.pause_max }
}

type Judged = (Receipt, Result<(), Refused>);

fn judge(
    outside: &Outside,
    accept: &Accept,
    message: Message,
    receipt: Receipt,
) -> impl Future<Output = Judged> + use<> {
    let (accept, patience) = (Arc::clone(accept), outside.handler_timeout);
    async move {
        let asked = AssertUnwindSafe(async move { accept(message).await }).catch_unwind();
        let answer = match timeout(patience, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_panic)) => Err(Refused::Temporary("the handler of a message panicked".to_owned())),
            Err(_elapsed) => Err(Refused::Temporary("the handler of a message took too long".to_owned())),
        };
        (receipt, answer)
    }
}

/// Acknowledges, or gives the connection up.
fn settle(
    client: &Client,
    status: &Mutex<FollowStatus>,
    receipt: &Receipt,
    answer: Result<(), Refused>,
) -> Result<(), String> {
    match answer {
        Ok(()) => status.lock().accepted += 1,
        Err(refused @ Refused::Temporary(_)) => {
            status.lock().put_off += 1;
            return Err(refused.to_string());
        }
        Err(refused) => {
            status.lock().refused += 1;
            fail(status, refused.to_string());
        }
    }
    client.acknowledge(receipt)
}

/// Before a good-bye: what the platform answers soon is still acknowledged.
async fn drain<F: Future<Output = Judged>>(
    outside: &Outside,
    client: &Client,
    inside: &mut FuturesOrdered<F>,
    status: &Mutex<FollowStatus>,
) {
    let all = async {
        while let Some((receipt, answer)) = inside.next().await {
            if settle(client, status, &receipt, answer).is_err() {
                return;
            }
        }
    };
    let _ = timeout(outside.handler_timeout.min(Duration::from_secs(1)), all).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_within_its_bounds() {
        let outside = Outside::new("mqtt://h", "c");
        for (failures, chance, expected_ms) in [
            (1, u32::MAX, 500),
            (1, 0, 250),
            (2, u32::MAX, 1_000),
            (8, u32::MAX, 60_000),
            (90, u32::MAX, 60_000),
        ] {
            assert_eq!(pause(&outside, failures, chance), Duration::from_millis(expected_ms));
        }
    }
}
