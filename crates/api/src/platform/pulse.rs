//! What an open page follows: of which types something changed, twenty times a second at most, however much is recorded.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use nacre_kernel::Tenant;
use nacre_kernel::door::Principal;
use nacre_model::{Change, Seq};
use nacre_views::Applied;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::App;

/// Between two events.
const PACE: Duration = Duration::from_millis(50);
/// Commits looked at in one go.
const CHUNK: usize = 4_096;

/// Something changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pulse {
    /// The newest record.
    pub seq: u64,
    /// Its time, UTC.
    pub at: String,
    /// Short names of the types of what changed since the last event.
    pub types: BTreeSet<String>,
}

/// Of which types something changed, as server-sent events named `pulse`, at most one in 50 ms. What is wanted in full is
/// in `/api/events`.
#[utoipa::path(get, path = "/api/pulse", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = Pulse)))]
pub async fn stream(
    State(app): State<App>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let tenant = app.tenant(None)?;
    let position = tenant.feed().newest();
    let follower = Follower { who: app.principal(), tenant, position, next: Instant::now() };
    let events = stream::unfold(follower, |mut follower| async {
        let pulse = follower.next().await?;
        Some((Ok(Event::default().event("pulse").json_data(pulse).unwrap_or_default()), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Follower {
    who: Principal,
    tenant: Tenant,
    position: Seq,
    next: Instant,
}

impl Follower {
    async fn next(&mut self) -> Option<Pulse> {
        let mut newest = self.tenant.feed().watch();
        newest.wait_for(|seq| *seq > self.position).await.ok()?;
        tokio::time::sleep_until(self.next).await;
        self.next = Instant::now() + PACE;
        let (mut types, mut at) = (BTreeSet::new(), String::new());
        loop {
            let commits = self.tenant.commits_after(&self.who, self.position, CHUNK).ok()?;
            let Some(last) = commits.last() else { break };
            self.position = last.record.seq;
            at = last.record.at.to_string();
            commits.iter().for_each(|commit| collect(commit, &mut types));
            if commits.len() < CHUNK {
                break;
            }
        }
        Some(Pulse { seq: self.position.0, at, types })
    }
}

fn collect(commit: &Applied, types: &mut BTreeSet<String>) {
    let mut add = |name: &str| {
        if !types.contains(name) {
            types.insert(name.to_owned());
        }
    };
    for touched in &commit.touched {
        let entity = touched.after.as_ref().or(touched.before.as_ref());
        for kind in entity.into_iter().flat_map(|e| &e.types) {
            add(kind.as_str().rsplit('/').next().unwrap_or_default());
        }
    }
    if commit.touched.is_empty() {
        // From the journal no states come along: the id names the type.
        for id in commit.record.changes.iter().filter_map(Change::entity) {
            id.as_str().split(':').nth(2).into_iter().for_each(&mut add);
        }
    }
}
