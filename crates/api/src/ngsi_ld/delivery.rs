//! Notifications: every change a subscription asks for is sent at least once, in order (CIM 009 §5.8.6).
//!
//! Layout: this file follows the commits of each tenant and hands occasions to subscriptions; [`queue`] is what waits
//! for one of them; [`worker`] sends, one task a subscription, so that a dead receiver delays nobody else.
//!
//! Durability: one cursor a tenant says up to where commits were handed out, and one more for each subscription that is
//! behind it. After a restart a subscription goes on where its receiver left off. Counters of deliveries are kept in
//! memory only.
//!
//! Limits: [`queue::WAITING_MAX`] occasions wait in memory; who is further behind reads the journal. Nothing here can
//! make a writer wait.

mod queue;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nacre_kernel::Tenant;
use nacre_kernel::query::AsOf;
use nacre_kernel::query::matching::Links;
use nacre_model::{Change, Entity, EntityId, Iri, Record, Seq, TenantId};
use nacre_views::{Applied, Touched};
use nacre_wire_ngsi_ld::subscription::{COLLECTION, DeliveryState, Occasion, Subscription};
use parking_lot::RwLock;
use tokio::sync::{mpsc, oneshot};

use crate::state::App;
use queue::Queue;

/// Commits looked at in one go.
const CHUNK: usize = 1_024;
/// Cursor of what was handed out.
const FOLLOWER: &str = "subscriptions";
/// How often cursors are made durable, and new tenants looked for.
const FLUSH: Duration = Duration::from_secs(1);
/// Records of one request lie so close together, ms.
const REQUEST_MS: i64 = 10;
/// Most entities in one notification.
const ENTITIES_MAX: usize = 1_000;

fn cursor_name(id: &str) -> String {
    format!("subscription/{id}")
}

/// The subscriptions of each tenant that is followed.
#[derive(Default)]
pub struct Deliveries {
    tenants: RwLock<HashMap<TenantId, Arc<Subscriptions>>>,
}

/// The subscriptions of a tenant, by id.
type Subscriptions = RwLock<HashMap<Arc<str>, Arc<Queue>>>;

/// What deliveries of a subscription have come to.
pub fn state(app: &App, tenant: &Tenant, id: &str) -> DeliveryState {
    let tenants = app.ngsi_ld().deliveries.tenants.read();
    let found = tenants.get(tenant.id()).and_then(|all| all.read().get(id).cloned());
    found.map(|queue| *queue.state.lock()).unwrap_or_default()
}

/// Delivers notifications of all tenants, as long as it is polled.
pub async fn background(app: App) {
    let mut followed = tokio::task::JoinSet::new();
    loop {
        for tenant in app.kernel().tenants() {
            let all = {
                let mut tenants = app.ngsi_ld().deliveries.tenants.write();
                if tenants.contains_key(tenant.id()) {
                    continue;
                }
                tenants.entry(tenant.id().clone()).or_default().clone()
            };
            followed.spawn(Follower::run(app.clone(), tenant, all));
        }
        tokio::time::sleep(FLUSH).await;
        while followed.try_join_next().is_some() {}
    }
}

/// Follows the commits of one tenant.
struct Follower {
    app: App,
    tenant: Tenant,
    all: Arc<Subscriptions>,
    /// Everything up to here was handed out.
    position: Seq,
    /// Which subscriptions a type of entity may concern, and those that any may.
    by_type: HashMap<Iri, Vec<Arc<Queue>>>,
    any_type: Vec<Arc<Queue>>,
    /// Cursors as they were last written.
    written: HashMap<String, Seq>,
    /// For workers that have their contexts and wait to be known.
    ready: mpsc::UnboundedSender<oneshot::Sender<()>>,
    workers: tokio::task::JoinSet<()>,
}

impl Follower {
    async fn run(app: App, tenant: Tenant, all: Arc<Subscriptions>) {
        let (ready, mut became_ready) = mpsc::unbounded_channel();
        let newest = tenant.feed().newest();
        let position = tenant.cursor(FOLLOWER).ok().flatten().unwrap_or(newest).min(newest);
        let mut follower = Follower {
            app,
            tenant,
            all,
            position,
            by_type: HashMap::new(),
            any_type: Vec::new(),
            written: HashMap::new(),
            ready,
            workers: tokio::task::JoinSet::new(),
        };
        follower.begin();
        let mut watch = follower.tenant.feed().watch();
        let mut flush = tokio::time::interval(FLUSH);
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                changed = watch.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    follower.catch_up().await;
                }
                Some(known) = became_ready.recv() => {
                    follower.index();
                    let _ = known.send(());
                }
                _ = flush.tick() => {
                    follower.catch_up().await;
                    follower.flush().await;
                }
            }
        }
    }

    /// Takes up the subscriptions that are there.
    fn begin(&mut self) {
        let documents = self.tenant.documents(&self.app.principal(), COLLECTION).unwrap_or_default();
        for (key, _) in documents {
            let from = self.tenant.cursor(&cursor_name(&key.id)).ok().flatten();
            self.written.extend(from.map(|seq| (cursor_name(&key.id), seq)));
            self.start(&key.id, from.unwrap_or(self.position).min(self.position));
        }
    }

    /// Begins a subscription, or begins it anew after it was changed: everything after `from` is its.
    fn start(&mut self, id: &str, from: Seq) {
        let key = nacre_model::DocumentKey::new(COLLECTION, id);
        let document = self.tenant.document(&self.app.principal(), &key).ok().flatten();
        let Some(document) = document else { return self.stop(id) };
        let subscription = match Subscription::from_value(&document) {
            Ok(subscription) => subscription,
            Err(error) => {
                tracing::error!(
                    code = "subscription_unreadable",
                    id,
                    "a stored subscription cannot be read: {error}"
                );
                return;
            }
        };
        let id: Arc<str> = id.into();
        let earlier = self.all.read().get(&id).cloned();
        // What the old one still owed is owed under the new terms.
        let owed = earlier.as_ref().and_then(|old| old.owes());
        let state = earlier.as_ref().map(|old| *old.state.lock()).unwrap_or_default();
        if let Some(old) = earlier {
            old.close();
        }
        let queue = Arc::new(Queue::new(id.clone(), subscription, owed.unwrap_or(from), state));
        self.all.write().insert(id, queue.clone());
        self.workers.spawn(worker::run(self.app.clone(), self.tenant.clone(), queue, self.ready.clone()));
        self.index();
        while self.workers.try_join_next().is_some() {}
    }

    fn stop(&mut self, id: &str) {
        if let Some(old) = self.all.write().remove(id) {
            old.close();
        }
        self.index();
    }

    /// Sorts subscriptions by the types of entities they concern.
    fn index(&mut self) {
        self.by_type.clear();
        self.any_type.clear();
        for queue in self.all.read().values() {
            let Some(watch) = queue.watch() else { continue };
            match watch.types() {
                None => self.any_type.push(queue.clone()),
                Some(types) => {
                    for name in types {
                        let list = self.by_type.entry(name.clone()).or_default();
                        if !list.iter().any(|q| Arc::ptr_eq(q, queue)) {
                            list.push(queue.clone());
                        }
                    }
                }
            }
        }
    }

    /// Hands out all commits there are.
    async fn catch_up(&mut self) {
        loop {
            let (tenant, who, after) = (self.tenant.clone(), self.app.principal(), self.position);
            let work = move || read_commits(&tenant, &who, after);
            let commits = match tokio::task::spawn_blocking(work).await {
                Ok(Ok(commits)) => commits,
                Ok(Err(refusal)) => {
                    tracing::warn!(code = refusal.code(), "commits cannot be followed: {refusal}");
                    return;
                }
                Err(_) => return,
            };
            if commits.is_empty() {
                return;
            }
            for group in groups(&commits) {
                self.hand_out(group);
            }
        }
    }

    fn hand_out(&mut self, group: &[Arc<Applied>]) {
        let Some(last) = group.last() else { return };
        let seq = last.record.seq;
        let links = Now { tenant: &self.tenant, app: &self.app };
        for queue in self.concerned(group) {
            if let Some(occasion) = queue.occasion(group, &links) {
                queue.offer(seq, occasion);
            }
        }
        // A queue that skipped the group because it reads by itself looks at the feed, which holds it already.
        self.position = seq;
        for (id, at) in group.iter().flat_map(|commit| changed_subscriptions(&commit.record)) {
            self.start(&id, at);
        }
    }

    fn concerned(&self, group: &[Arc<Applied>]) -> Vec<Arc<Queue>> {
        let mut found: Vec<Arc<Queue>> = self.any_type.clone();
        let touched = group.iter().flat_map(|c| &c.touched);
        for entity in touched.flat_map(|t| [&t.before, &t.after]).flatten() {
            for queue in entity.types.iter().filter_map(|t| self.by_type.get(t)).flatten() {
                if !found.iter().any(|q| Arc::ptr_eq(q, queue)) {
                    found.push(queue.clone());
                }
            }
        }
        found
    }

    /// Makes cursors durable: where the follower is, and where those are that are behind it.
    async fn flush(&mut self) {
        let mut now: HashMap<String, Seq> = HashMap::from([(FOLLOWER.to_owned(), self.position)]);
        for (id, queue) in self.all.read().iter() {
            now.extend(queue.owes().map(|done| (cursor_name(id), done)));
        }
        let mut cursors: Vec<(String, Option<Seq>)> = Vec::new();
        cursors.extend(
            now.iter().filter(|(n, s)| self.written.get(*n) != Some(s)).map(|(n, s)| (n.clone(), Some(*s))),
        );
        cursors.extend(self.written.keys().filter(|n| !now.contains_key(*n)).map(|n| (n.clone(), None)));
        if cursors.is_empty() {
            return;
        }
        let tenant = self.tenant.clone();
        let done = tokio::task::spawn_blocking(move || tenant.set_cursors(&cursors)).await;
        match done {
            Ok(Ok(())) => self.written = now,
            Ok(Err(refusal)) => tracing::warn!(code = refusal.code(), "cursors cannot be written: {refusal}"),
            Err(_) => {}
        }
    }
}

/// The commits after one, with the states of entities also where they come from the journal.
fn read_commits(
    tenant: &Tenant,
    who: &nacre_kernel::Principal,
    after: Seq,
) -> Result<Vec<Arc<Applied>>, nacre_kernel::Refusal> {
    let commits = tenant.commits_after(who, after, CHUNK)?;
    commits.into_iter().map(|commit| with_states(tenant, who, commit)).collect()
}

fn with_states(
    tenant: &Tenant,
    who: &nacre_kernel::Principal,
    commit: Arc<Applied>,
) -> Result<Arc<Applied>, nacre_kernel::Refusal> {
    let mut ids: Vec<&EntityId> = Vec::new();
    for id in commit.record.changes.iter().filter_map(Change::entity) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if !commit.touched.is_empty() || ids.is_empty() {
        return Ok(commit);
    }
    let seq = commit.record.seq;
    let mut touched = Vec::with_capacity(ids.len());
    for id in ids {
        let before = tenant.entity(who, id, AsOf::Seq(Seq(seq.0 - 1)))?;
        touched.push(Touched { id: id.clone(), before, after: tenant.entity(who, id, AsOf::Seq(seq))? });
    }
    Ok(Arc::new(Applied { record: commit.record.clone(), touched }))
}

/// Runs of commits that one request may have made: one actor and command, close together, each entity once. One
/// request is one notification for each subscription, however many entities it touched.
fn groups(commits: &[Arc<Applied>]) -> Vec<&[Arc<Applied>]> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut seen: std::collections::HashSet<&EntityId> = std::collections::HashSet::new();
    for (i, commit) in commits.iter().enumerate() {
        let together = i > start && {
            let (before, now) = (&commits[i - 1].record, &commit.record);
            before.actor == now.actor
                && before.command == now.command
                && now.at.0 - before.at.0 <= REQUEST_MS
                && seen.len() < ENTITIES_MAX
                && !commit.touched.is_empty()
                && commit.touched.iter().all(|t| !seen.contains(&t.id))
        };
        if i > start && !together {
            found.push(&commits[start..i]);
            start = i;
            seen.clear();
        }
        seen.extend(commit.touched.iter().map(|t| &t.id));
    }
    if start < commits.len() {
        found.push(&commits[start..]);
    }
    found
}

fn changed_subscriptions(record: &Record) -> impl Iterator<Item = (Arc<str>, Seq)> + use<'_> {
    record.changes.iter().filter_map(|change| match change {
        Change::PutDocument { key, .. } | Change::DeleteDocument { key }
            if &*key.collection == COLLECTION =>
        {
            Some((key.id.clone(), record.seq))
        }
        _ => None,
    })
}

/// Relationships lead to entities as they are now.
struct Now<'a> {
    tenant: &'a Tenant,
    app: &'a App,
}

impl Links for Now<'_> {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        self.tenant.entity(&self.app.principal(), id, AsOf::Now).ok().flatten()
    }
}

/// What a group of commits has to tell a subscription.
fn occasion_of(
    watch: &nacre_wire_ngsi_ld::subscription::Watch,
    group: &[Arc<Applied>],
    links: &dyn Links,
) -> Option<Occasion> {
    let mut all: Option<Occasion> = None;
    for occasion in group.iter().filter_map(|commit| watch.matches_change(commit, links)) {
        match &mut all {
            Some(earlier) => earlier.join(occasion),
            None => all = Some(occasion),
        }
    }
    all
}

#[cfg(test)]
mod tests;
