//! Sending for one subscription.
//!
//! An attempt that fails for a reason that may pass (no answer, 408, 429, 5xx) is repeated [`ATTEMPTS`] times in all;
//! then the notification is given up and counted as failed. `throttling` drops, it does not queue.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use nacre_kernel::Tenant;
use nacre_kernel::query::{AsOf, Page, Query};
use nacre_model::{Entropy, Instant, Seq, TenantId};
use nacre_wire_ngsi_ld::errors::NgsiError;
use nacre_wire_ngsi_ld::notification::{Envelope, Message, build};
use nacre_wire_ngsi_ld::subscription::{Occasion, Status};
use serde_json::Value as Json;
use tokio::sync::{mpsc, oneshot};

use super::queue::{Next, Queue, Ready};
use super::{Now, groups, read_commits};
use crate::state::App;

/// Attempts for one notification.
const ATTEMPTS: u32 = 3;
/// Rest before the second attempt; doubled for the next.
const REST: Duration = Duration::from_millis(500);
/// How long a receiver may take without a setting of its own, and at most.
const TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT_MAX: Duration = Duration::from_secs(30);
/// Rest after contexts could not be had.
const CONTEXT_REST: Duration = Duration::from_secs(10);

/// Sends for a subscription until it is closed.
pub(super) async fn run(
    app: App,
    tenant: Tenant,
    queue: Arc<Queue>,
    ready: mpsc::UnboundedSender<oneshot::Sender<()>>,
) {
    let Some(context) = prepare(&app, &tenant, &queue).await else { return };
    // Changes are handed out only once the follower knows of it; until then they are read from the commits.
    let (known, is_known) = oneshot::channel();
    if ready.send(known).is_err() || is_known.await.is_err() {
        return;
    }
    let worker = Worker { app, tenant, queue, ready: context };
    match worker.queue.subscription.time_interval {
        Some(seconds) => worker.by_interval(Duration::from_secs_f64(seconds.clamp(0.1, 1e7))).await,
        None => worker.by_change().await,
    }
}

/// Gets the contexts the subscription needs; none when it was closed before.
async fn prepare(app: &App, tenant: &Tenant, queue: &Queue) -> Option<Ready> {
    loop {
        match contexts(app, tenant, queue).await {
            Ok(ready) => {
                queue.make_ready(ready.clone());
                return Some(ready);
            }
            Err(error) => {
                tracing::warn!(code = "subscription_waits", id = %queue.id, "a subscription waits for its context: {error}");
            }
        }
        tokio::time::sleep(CONTEXT_REST).await;
        if queue.is_closed() {
            return None;
        }
    }
}

async fn contexts(app: &App, tenant: &Tenant, queue: &Queue) -> Result<Ready, NgsiError> {
    let subscription = &queue.subscription;
    let own = app.ngsi_ld().find(app, Some(tenant), &subscription.context).await?;
    let url = Json::from(subscription.notification_context());
    let context = app.ngsi_ld().find(app, Some(tenant), &url).await?;
    Ok(Ready { watch: Arc::new(subscription.compile(&own)?), context })
}

struct Worker {
    app: App,
    tenant: Tenant,
    queue: Arc<Queue>,
    ready: Ready,
}

impl Worker {
    async fn by_change(&self) {
        while !self.queue.is_closed() {
            match self.queue.next() {
                Next::Send(seq, occasion) => {
                    self.tell(&occasion).await;
                    self.queue.settle(seq);
                }
                Next::Read(after) => self.read(after).await,
                Next::Wait => self.queue.woken().await,
            }
        }
    }

    /// Reads commits by itself: after a start, and when it fell too far behind.
    async fn read(&self, after: Seq) {
        let (tenant, who) = (self.tenant.clone(), self.app.principal());
        let commits = tokio::task::spawn_blocking(move || read_commits(&tenant, &who, after)).await;
        let Ok(Ok(commits)) = commits else {
            return tokio::time::sleep(CONTEXT_REST).await;
        };
        let newest = || self.tenant.feed().newest();
        if commits.is_empty() {
            return self.queue.has_read(after, newest);
        }
        for group in groups(&commits) {
            let links = Now { tenant: &self.tenant, app: &self.app };
            if let Some(occasion) = self.queue.occasion(group, &links) {
                self.tell(&occasion).await;
            }
            if self.queue.is_closed() {
                return;
            }
            self.queue.has_read(group.last().map_or(after, |c| c.record.seq), newest);
        }
    }

    /// Sends what there is, again and again, whatever changes (§5.8.6).
    async fn by_interval(&self, every: Duration) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        ticks.tick().await;
        while !self.queue.is_closed() {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.queue.woken() => continue,
            }
            // Changes are not what this one waits for.
            let newest = self.tenant.feed().newest();
            self.queue.has_read(newest, || newest);
            if self.queue.subscription.status(self.tenant.now()) != Status::Active {
                continue;
            }
            match self.present().await {
                Some(occasion) if !occasion.entities.is_empty() => self.tell(&occasion).await,
                _ => {}
            }
        }
    }

    async fn present(&self) -> Option<Occasion> {
        let (tenant, app, queue) = (self.tenant.clone(), self.app.clone(), self.queue.clone());
        let work = move || {
            let (watch, now) = (queue.watch()?, tenant.now());
            let mut found: Vec<Arc<nacre_model::Entity>> = Vec::new();
            for selector in &queue.subscription.entities {
                let query = Query {
                    types: selector.types.clone(),
                    ids: selector.ids.clone(),
                    id_pattern: selector.id_pattern.clone().filter(|_| selector.ids.is_empty()),
                    ..Query::default()
                };
                let page = Page { offset: 0, limit: nacre_kernel::reading::PAGE_MAX, count: false };
                let answer = tenant.query(&app.principal(), &query, page, AsOf::Now).ok()?;
                let links = Now { tenant: &tenant, app: &app };
                for entity in answer.entities {
                    if !found.iter().any(|e| e.id == entity.id) && watch.selects(&entity, now, &links) {
                        found.push(entity);
                    }
                }
            }
            Some(Occasion::present(found, now))
        };
        tokio::task::spawn_blocking(work).await.ok().flatten()
    }

    /// Sends one notification, or drops it for being too soon after the last.
    async fn tell(&self, occasion: &Occasion) {
        let now = self.tenant.now();
        if self.is_throttled(now) {
            return;
        }
        let message = match self.message(occasion, now) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(code = "notification_unwritable", id = %self.queue.id, "{error}");
                return self.queue.state.lock().record(now, false);
            }
        };
        let success = self.send(message).await;
        self.queue.state.lock().record(now, success);
        let cooldown = self.queue.subscription.notification.endpoint.cooldown_ms.filter(|_| !success);
        if let Some(ms) = cooldown {
            let rest = Duration::from_secs_f64((ms / 1_000.0).clamp(0.0, 3_600.0));
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = self.closed() => {}
            }
        }
    }

    fn is_throttled(&self, now: Instant) -> bool {
        let least_ms = self.queue.subscription.throttling.map_or(0.0, |s| s * 1_000.0);
        let last = self.queue.state.lock().last_notification;
        last.is_some_and(|last| ((now.0 - last.0) as f64) < least_ms)
    }

    fn message(&self, occasion: &Occasion, now: Instant) -> Result<Message, NgsiError> {
        let mut bytes = [0_u8; 16];
        let mut entropy: Box<dyn Entropy> = (self.app.kernel().options().entropy)();
        entropy.fill(&mut bytes);
        let id = format!("urn:ngsi-ld:Notification:{}", hex::encode(bytes));
        let default = *self.tenant.id() == TenantId::default_tenant();
        let tenant = (!default).then(|| self.tenant.id().as_str());
        let envelope = Envelope { id: &id, at: now, tenant };
        let links = Now { tenant: &self.tenant, app: &self.app };
        build(&self.queue.subscription, occasion, &self.ready.context, &links, &envelope)
    }

    /// Whether the receiver took it.
    async fn send(&self, message: Message) -> bool {
        let endpoint = &self.queue.subscription.notification.endpoint;
        let timeout =
            endpoint.timeout_ms.map_or(TIMEOUT, |ms| Duration::from_secs_f64((ms / 1_000.0).max(0.001)));
        let headers = header_map(&message.headers);
        let body = bytes::Bytes::from(message.body);
        let mut rest = REST;
        for attempt in 1..=ATTEMPTS {
            let sent = self.app.outbound().post(
                &endpoint.uri,
                headers.clone(),
                body.clone(),
                timeout.min(TIMEOUT_MAX),
            );
            let (passing, why) = match sent.await {
                Ok(answer) if (200..300).contains(&answer.status) => return true,
                Ok(answer) => {
                    (matches!(answer.status, 408 | 429 | 500..), format!("answered {}", answer.status))
                }
                Err(error) => {
                    (!matches!(error, nacre_outbound::OutboundError::Refused { .. }), error.to_string())
                }
            };
            tracing::debug!(id = %self.queue.id, attempt, "a notification was not taken: {why}");
            if !passing || attempt == ATTEMPTS || self.queue.is_closed() {
                return false;
            }
            tokio::time::sleep(rest).await;
            rest *= 2;
        }
        false
    }

    async fn closed(&self) {
        while !self.queue.is_closed() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Headers that can be sent; others were never valid.
fn header_map(headers: &[(String, String)]) -> HeaderMap {
    let pair = |(name, value): &(String, String)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
    };
    headers.iter().filter_map(pair).collect()
}
