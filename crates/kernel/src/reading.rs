//! Reading: entities, queries, history, discovery; each asks the door for every entity it shows.

use std::sync::Arc;

use nacre_model::{Entity, EntityId, Instant, Seq};
use nacre_views::reader::{Bound, TypeCount};
use nacre_views::{HistoryRow, Reader, ViewError};

use crate::door::{Principal, Right};
use crate::query::matching::{Links, matches};
use crate::query::plan::{self, Source};
use crate::query::{AsOf, Page, Query, TypeSelection};
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// A page of entities.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The page, in order of id.
    pub entities: Vec<Arc<Entity>>,
    /// How many fit in all, if asked.
    pub count: Option<u64>,
    /// More fit than the page shows.
    pub more: bool,
    /// The record up to which the answer is complete.
    pub seq: Seq,
}

/// Candidates looked at for one query before it is refused as too complex.
pub const CANDIDATES_MAX: u64 = 5_000_000;
/// Largest page.
pub const PAGE_MAX: u64 = 1_000;

fn views(error: ViewError) -> Refusal {
    Refusal::ViewsFailed(error.to_string())
}

impl Tenant {
    /// An entity, if it exists, has not expired and the principal may see it.
    pub fn entity(
        &self,
        principal: &Principal,
        id: &EntityId,
        as_of: AsOf,
    ) -> Result<Option<Arc<Entity>>, Refusal> {
        self.permit(principal, Right::Read)?;
        let (found, now) = match bound(as_of) {
            None => (self.0.entity(id)?, self.now()),
            Some(bound) => {
                let found = self.snapshot()?.entity_as_of(id, bound).map_err(views)?;
                let now = moment(as_of, found.as_ref());
                (found.map(Arc::new), now)
            }
        };
        Ok(found.filter(|e| !e.expired(now) && self.sees(principal, e)))
    }

    fn sees(&self, principal: &Principal, entity: &Entity) -> bool {
        self.0.options.door.permit_entity(principal, self.id(), Right::Read, entity).is_ok()
    }

    /// The entities that fit a query, as of one moment, in order of id.
    pub fn query(
        &self,
        principal: &Principal,
        query: &Query,
        page: Page,
        as_of: AsOf,
    ) -> Result<Answer, Refusal> {
        if page.limit > PAGE_MAX {
            return Err(Refusal::TooManyResults { limit: PAGE_MAX });
        }
        self.scan(principal, query, page, as_of)
    }

    /// The same without a largest page, for services of the same process that look at all entities of a type at one moment.
    pub fn scan(
        &self,
        principal: &Principal,
        query: &Query,
        page: Page,
        as_of: AsOf,
    ) -> Result<Answer, Refusal> {
        self.permit(principal, Right::Read)?;
        let reader = self.snapshot()?;
        let scene = Scene {
            tenant: self,
            seq: reader.applied().map_err(views)?,
            reader,
            bound: bound(as_of),
            now: match as_of {
                AsOf::Instant(at) => at,
                _ => self.now(),
            },
        };
        let source = match scene.bound {
            None => plan::choose(query, &scene.reader, &self.0.options.indexes).map_err(views)?,
            Some(_) => past_source(query),
        };
        let plain = self.plain(principal, query, &scene)?;
        let counter = match (&query.types, plain && page.count) {
            (Some(TypeSelection::Is(t)), true) => Some(scene.reader.count_of_type(t).map_err(views)?),
            _ => None,
        };
        let mut answer = Answer { entities: Vec::new(), count: None, more: false, seq: scene.seq };
        let (mut fitting, mut looked_at) = (0u64, 0u64);
        for id in plan::candidates(&source, &scene.reader, scene.bound.is_some()) {
            looked_at += 1;
            if looked_at > CANDIDATES_MAX {
                return Err(Refusal::TooComplex { limit: CANDIDATES_MAX });
            }
            let id = id.map_err(views)?;
            if plain && fitting < page.offset {
                // Every candidate fits: those before the page need not be loaded.
                fitting += 1;
                continue;
            }
            let Some(entity) = scene.load(&id)? else { continue };
            if !matches(query, &entity, scene.now, &scene) || !self.sees(principal, &entity) {
                continue;
            }
            fitting += 1;
            if fitting > page.offset && (answer.entities.len() as u64) < page.limit {
                answer.entities.push(entity);
            } else if fitting > page.offset {
                answer.more = true;
                if !page.count || counter.is_some() {
                    break;
                }
            }
        }
        answer.count = page.count.then(|| counter.unwrap_or(fitting));
        Ok(answer)
    }

    /// Whether a query asks for one type and nothing else, of a principal who sees everything, while nothing expires: then
    /// the index answers by itself, and the views keep the count.
    fn plain(&self, principal: &Principal, query: &Query, scene: &Scene<'_>) -> Result<bool, Refusal> {
        let plain = matches!(query.types, Some(TypeSelection::Is(_)))
            && query.ids.is_empty()
            && query.id_pattern.is_none()
            && query.attributes.is_empty()
            && query.filter.is_none()
            && query.geo.is_none()
            && query.scopes.is_none()
            && scene.bound.is_none()
            && self.0.options.door.sees_all(principal, self.id());
        Ok(plain && !scene.reader.anything_expires().map_err(views)?)
    }

    /// What happened to an entity, newest first with `back`; at most `limit` rows. Empty when it never was or the principal
    /// may not see it.
    pub fn history(
        &self,
        principal: &Principal,
        id: &EntityId,
        (from, to): (Seq, Seq),
        back: bool,
        limit: usize,
    ) -> Result<Vec<HistoryRow>, Refusal> {
        self.permit(principal, Right::Read)?;
        let reader = self.snapshot()?;
        if let Some(entity) = reader.entity(id).map_err(views)?
            && !self.sees(principal, &entity)
        {
            return Ok(Vec::new());
        }
        reader.history(id, from, to, back).take(limit).collect::<Result<_, _>>().map_err(views)
    }

    /// Ids of entities, existing or gone, that may fit a query over the past, in order, after `after`. The caller looks at
    /// their history.
    pub fn ids_ever(
        &self,
        principal: &Principal,
        query: &Query,
        after: Option<&EntityId>,
        limit: usize,
    ) -> Result<Vec<EntityId>, Refusal> {
        self.permit(principal, Right::Read)?;
        let reader = self.snapshot()?;
        let source = past_source(query);
        let pattern = |id: &EntityId| query.id_pattern.as_ref().is_none_or(|p| p.0.is_match(id.as_str()));
        let mut found = Vec::new();
        for id in plan::candidates(&source, &reader, true) {
            let id = id.map_err(views)?;
            if after.is_none_or(|a| id > *a) && pattern(&id) && reader.has_history(&id).map_err(views)? {
                found.push(id);
                if found.len() == limit {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Types and attributes that entities have now, with their numbers.
    pub fn type_counts(&self, principal: &Principal) -> Result<Vec<TypeCount>, Refusal> {
        self.permit(principal, Right::Read)?;
        self.snapshot()?.type_counts().map_err(views)
    }

    /// Ids of entities of which something has expired and which wait to be swept.
    pub fn expired(&self, principal: &Principal, limit: usize) -> Result<Vec<EntityId>, Refusal> {
        self.permit(principal, Right::Operate)?;
        let reader = self.snapshot()?;
        reader.ids_expired(self.now()).take(limit).collect::<Result<_, _>>().map_err(views)
    }
}

fn bound(as_of: AsOf) -> Option<Bound> {
    match as_of {
        AsOf::Now => None,
        AsOf::Seq(seq) => Some(Bound::Seq(seq)),
        AsOf::Instant(at) => Some(Bound::Instant(at)),
    }
}

/// The instant at which visibility is judged for a past state.
fn moment(as_of: AsOf, found: Option<&Entity>) -> Instant {
    match as_of {
        AsOf::Instant(at) => at,
        _ => found.map_or(Instant::MIN, |e| e.modified_at),
    }
}

fn past_source(query: &Query) -> Source {
    if !query.ids.is_empty() {
        let mut ids = query.ids.clone();
        ids.sort();
        ids.dedup();
        return Source::Ids(ids);
    }
    match &query.types {
        Some(TypeSelection::Is(t)) => Source::Types(vec![t.clone()]),
        Some(TypeSelection::Any(all)) if all.iter().all(|s| matches!(s, TypeSelection::Is(_))) => {
            let is = |s: &TypeSelection| match s {
                TypeSelection::Is(t) => Some(t.clone()),
                _ => None,
            };
            Source::Types(all.iter().filter_map(is).collect())
        }
        _ => Source::All,
    }
}

/// One moment of the views.
struct Scene<'a> {
    tenant: &'a Tenant,
    reader: Reader,
    seq: Seq,
    bound: Option<Bound>,
    now: Instant,
}

impl Scene<'_> {
    fn load(&self, id: &EntityId) -> Result<Option<Arc<Entity>>, Refusal> {
        if let Some(bound) = self.bound {
            return Ok(self.reader.entity_as_of(id, bound).map_err(views)?.map(Arc::new));
        }
        if let Some(cached) = self.tenant.0.recent.cached_until(id, self.seq) {
            return Ok(Some(cached));
        }
        Ok(self.reader.entity(id).map_err(views)?.map(Arc::new))
    }
}

impl Links for Scene<'_> {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        self.load(id).ok().flatten()
    }
}
