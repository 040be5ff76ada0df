//! Server-sent events: what changes, as it becomes durable, filtered by type, area and scope.
//!
//! Each event's id is its record's number: a browser that reconnects sends `Last-Event-ID` and misses nothing, however
//! long it was away. A slow reader falls behind in the journal; it never holds a writer up, and never loses an event.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use nacre_kernel::Tenant;
use nacre_kernel::query::geo::holds;
use nacre_kernel::query::{AsOf, GeoQuery, GeoRelation};
use nacre_model::{Content, Entity, EntityId, Geometry, Iri, Position, Seq};
use nacre_views::Applied;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::state::App;

/// Commits looked at in one go.
const CHUNK: usize = 256;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Params {
    /// Only entities of this type: a short name or an IRI.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// Only entities whose `location` touches this box: west,south,east,north in degrees.
    pub area: Option<String>,
    /// Only entities with this scope or one below it.
    pub scope: Option<String>,
    /// Begin after this record instead of now.
    pub after: Option<u64>,
    /// The tenant; without it the default tenant.
    pub tenant: Option<String>,
}

/// The data of one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeEvent {
    /// The record.
    pub seq: u64,
    /// When, UTC.
    pub at: String,
    /// By which command.
    pub command: String,
    /// Which entity.
    pub entity: String,
    /// Its types, expanded; of a deleted entity those it had.
    pub types: Vec<String>,
    /// `created`, `updated` or `deleted`.
    pub kind: &'static str,
    /// Expanded names of the attributes that changed.
    pub attributes: Vec<String>,
}

struct Filter {
    type_name: Option<Iri>,
    area: Option<GeoQuery>,
    scope: Option<String>,
}

impl Filter {
    fn new(params: &Params) -> Result<Filter, Problem> {
        let type_name = match params.type_name.as_deref() {
            None => None,
            Some(name) => {
                let iri = nacre_wire_ngsi_ld::context::Context::core().expand(name);
                Some(iri.map_err(|e| Problem::bad("invalid_type", e.detail))?)
            }
        };
        let area = params.area.as_deref().map(area).transpose()?;
        let scope = params.scope.as_deref().map(|s| format!("/{}", s.trim_matches('/')));
        Ok(Filter { type_name, area, scope })
    }

    fn passes(&self, entity: &Entity) -> bool {
        self.type_name.as_ref().is_none_or(|t| entity.types.contains(t))
            && self.scope.as_ref().is_none_or(|scope| {
                let below = |s: &str| {
                    s.strip_prefix(scope.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
                };
                entity.scopes.iter().any(|s| below(s.as_str()))
            })
            && self.area.as_ref().is_none_or(|asked| {
                let there = entity.attributes.get(&asked.property).into_iter().flatten();
                there.into_iter().any(|i| matches!(&i.attribute.content, Content::Geo(g) if holds(asked, g)))
            })
    }
}

fn area(text: &str) -> Result<GeoQuery, Problem> {
    let malformed = || {
        Problem::bad("invalid_area", format!("`area` is `{text}`; needed: west,south,east,north in degrees"))
    };
    let numbers: Vec<f64> =
        text.split(',').map(str::trim).map(str::parse).collect::<Result<_, _>>().map_err(|_| malformed())?;
    let [west, south, east, north] = numbers[..] else { return Err(malformed()) };
    let at = |longitude, latitude| Position { longitude, latitude, altitude: None };
    let ring = vec![at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)];
    let geometry =
        Geometry::Polygon(vec![ring]).checked().map_err(|e| Problem::bad("invalid_area", e.to_string()))?;
    let property = Iri::trusted("https://uri.etsi.org/ngsi-ld/location");
    Ok(GeoQuery { property, relation: GeoRelation::Intersects, geometry })
}

/// Changes as they become durable, as server-sent events named `change`.
#[utoipa::path(get, path = "/api/events", tag = "events", params(Params),
    responses((status = 200, content_type = "text/event-stream", body = ChangeEvent), (status = 400, body = Problem)))]
pub async fn stream(
    State(app): State<App>,
    Query(params): Query<Params>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let tenant = app.tenant(params.tenant.as_deref())?;
    let filter = Filter::new(&params)?;
    let resumed = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let newest = tenant.feed().newest();
    let position = resumed.or(params.after).map_or(newest, |n| Seq(n).min(newest));
    let follower = Follower { app, tenant, filter, position, ready: Vec::new() };
    let events = stream::unfold(follower, |mut follower| async {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Follower {
    app: App,
    tenant: Tenant,
    filter: Filter,
    position: Seq,
    /// Events to send, newest first.
    ready: Vec<Event>,
}

impl Follower {
    async fn next(&mut self) -> Option<Event> {
        let mut newest = self.tenant.feed().watch();
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            let commits = self.tenant.commits_after(&self.app.principal(), self.position, CHUNK).ok()?;
            let Some(last) = commits.last() else {
                newest.wait_for(|seq| *seq > self.position).await.ok()?;
                continue;
            };
            self.position = last.record.seq;
            for commit in commits.iter().rev() {
                self.collect(commit);
            }
        }
    }

    fn collect(&mut self, commit: &Arc<Applied>) {
        let record = &commit.record;
        let mut ids: Vec<&EntityId> = Vec::new();
        for id in record.changes.iter().filter_map(nacre_model::Change::entity) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        for id in ids.into_iter().rev() {
            let (before, after) = self.states(commit, id);
            let Some(entity) = after.as_ref().or(before.as_ref()).filter(|e| self.filter.passes(e)) else {
                continue;
            };
            let mut attributes: Vec<String> = Vec::new();
            let own = record.changes.iter().filter(|c| c.entity() == Some(id));
            for name in own.filter_map(nacre_model::Change::attribute_name).map(ToString::to_string) {
                if !attributes.contains(&name) {
                    attributes.push(name);
                }
            }
            let data = ChangeEvent {
                seq: record.seq.0,
                at: record.at.to_string(),
                command: record.command.to_string(),
                entity: id.to_string(),
                types: entity.types.iter().map(ToString::to_string).collect(),
                kind: match (&before, &after) {
                    (None, _) => "created",
                    (Some(_), Some(_)) => "updated",
                    (Some(_), None) => "deleted",
                },
                attributes,
            };
            let event = Event::default().id(record.seq.to_string()).event("change").json_data(data);
            self.ready.extend(event);
        }
    }

    /// The entity before and after a record: at hand for recent ones, from history for those read from the journal.
    fn states(&self, commit: &Applied, id: &EntityId) -> (Option<Arc<Entity>>, Option<Arc<Entity>>) {
        if let Some(touched) = commit.touched.iter().find(|t| t.id == *id) {
            return (touched.before.clone(), touched.after.clone());
        }
        let seq = commit.record.seq;
        let at = |seq| self.tenant.entity(&self.app.principal(), id, AsOf::Seq(seq)).ok().flatten();
        (at(Seq(seq.0 - 1)), at(seq))
    }
}
