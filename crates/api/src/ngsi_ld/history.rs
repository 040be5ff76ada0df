//! The temporal evolution of entities: what is read of it (CIM 009 §5.7.3, §5.7.4).
//!
//! Limits: [`INSTANCES_TOTAL_MAX`] instances held for one answer, [`ENTITIES_MAX`] entities looked at for one query;
//! `temporal_instances_max` of the settings says how many instances of an attribute one answer shows before it becomes
//! a 206.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use nacre_kernel::door::Principal;
use nacre_kernel::query::matching::{NoLinks, matches};
use nacre_kernel::query::{Page, Query};
use nacre_kernel::{Refusal, Tenant};
use nacre_model::{EntityId, Iri, Seq};
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_out::Representation;
use nacre_wire_ngsi_ld::errors::{ErrorKind, NgsiError};
use nacre_wire_ngsi_ld::q;
use nacre_wire_ngsi_ld::temporal::query::from_json;
use nacre_wire_ngsi_ld::temporal::{
    Collector, ContentRange, Evolution, TemporalFormat, TemporalParameters, TemporalQuery, cut,
    write_evolution, write_evolutions,
};

use super::entities::{id_of, page_links, page_of, query_of};
use super::reply::{self, Result};
use super::request::{Incoming, Media, blocking};

/// Most instances held in memory for one answer.
const INSTANCES_TOTAL_MAX: usize = 2_000_000;
/// Most entities looked at for one query.
const ENTITIES_MAX: u64 = 200_000;
/// Rows of history read at once.
const ROWS: usize = 4_096;
/// Candidates read at once.
const CANDIDATES: usize = 256;

const TIMES: &[&str] =
    &["timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration"];
const SHOWN: &[&str] = &["attrs", "pick", "omit", "options", "format", "lang", "datasetId", "local"];
const CHOSEN: &[&str] = &[
    "id",
    "type",
    "idPattern",
    "q",
    "csf",
    "georel",
    "geometry",
    "coordinates",
    "geoproperty",
    "scopeQ",
    "limit",
    "offset",
    "count",
    "expandValues",
    "orderBy",
];
const OPTIONS: &[&str] = &[
    "normalized",
    "concise",
    "simplified",
    "keyValues",
    "sysAttrs",
    "temporalValues",
    "aggregatedValues",
    "count",
];

/// The form the parameters ask for.
fn format_of(incoming: &Incoming) -> Result<TemporalFormat> {
    incoming.allow_options(OPTIONS)?;
    let words = incoming.parameter("options").unwrap_or_default().split(',').map(str::trim);
    let by_options = words.filter_map(TemporalFormat::parse).collect::<Vec<_>>();
    if by_options.len() > 1 {
        return Err(NgsiError::bad("temporalValues and aggregatedValues exclude each other")
            .at("options")
            .into());
    }
    match incoming.parameter("format") {
        None => Ok(by_options.first().copied().unwrap_or_default()),
        Some("normalized" | "concise") => Ok(TemporalFormat::Instances),
        // The simplified form of a history is that of values and times (§4.5.9).
        Some("simplified" | "keyValues") => Ok(TemporalFormat::TemporalValues),
        Some(word) => Ok(TemporalFormat::parse(word).ok_or_else(|| {
            let known = "normalized, concise, simplified, temporalValues, aggregatedValues";
            NgsiError::invalid(format!("`format` is `{word}`; known: {known}")).at("format")
        })?),
    }
}

fn temporal_of(incoming: &Incoming) -> Result<TemporalQuery> {
    let parameters = TemporalParameters {
        timerel: incoming.parameter("timerel"),
        time_at: incoming.parameter("timeAt"),
        end_time_at: incoming.parameter("endTimeAt"),
        timeproperty: incoming.parameter("timeproperty"),
        last_n: incoming.parameter("lastN"),
        aggr_methods: incoming.parameter("aggrMethods"),
        aggr_period_duration: incoming.parameter("aggrPeriodDuration"),
    };
    Ok(parameters.parse(format_of(incoming)?)?)
}

/// GET /temporal/entities/{id}
pub async fn retrieve(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&[TIMES, SHOWN, &["type"]].concat())?;
    let id = id_of(&id)?;
    let media = incoming.media(false)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let rep = incoming.shown(&context, media, tenant.now())?;
    let query = temporal_of(&incoming)?;
    let (who, instances_max) = (incoming.who(), incoming.app.settings().temporal_instances_max);
    let work = {
        let (context, id) = (context.clone(), id.clone());
        move || {
            let evolution = evolution(&tenant, &who, &id, &query)?;
            if !evolution.is_known() {
                return Err(NgsiError::not_found(format!("nothing is known of an entity `{id}`")).into());
            }
            let mut evolutions = [evolution];
            let range = cut(&mut evolutions, &query, instances_max);
            let mut out = Vec::with_capacity(1024);
            write_evolution(&mut out, &evolutions[0], &context, &rep, &query)?;
            Ok((out, range))
        }
    };
    let (bytes, range) = blocking(work).await?;
    Ok(answer(media, &context, bytes, range))
}

fn answer(
    media: Media,
    context: &Arc<Context>,
    bytes: Vec<u8>,
    range: Option<ContentRange>,
) -> axum::response::Response {
    let mut response = reply::body(media, context, media == Media::Json, bytes);
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        reply::set(&mut response, header::CONTENT_RANGE, &range.to_string());
    }
    response
}

/// All that is known of an entity inside the window.
fn evolution(tenant: &Tenant, who: &Principal, id: &EntityId, query: &TemporalQuery) -> Result<Evolution> {
    let mut collector = Collector::new(id, query, tenant.now());
    let end = Seq(i64::MAX as u64);
    let mut from = Seq::ZERO;
    loop {
        let rows = tenant.history(who, id, (from, end), false, ROWS)?;
        for row in &rows {
            collector.push(row)?;
        }
        match rows.last() {
            Some(last) if rows.len() == ROWS => from = last.seq.next(),
            _ => return Ok(collector.finish()),
        }
    }
}

/// GET /temporal/entities
pub async fn query(incoming: Incoming) -> Result {
    incoming.allow(&[TIMES, SHOWN, CHOSEN].concat())?;
    let media = incoming.media(false)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let temporal = temporal_of(&incoming)?;
    let query = query_of(&incoming, &context)?;
    let rep = incoming.shown(&context, media, tenant.now())?;
    run(incoming, media, context, query, temporal, rep).await
}

/// POST /temporal/entityOperations/query
pub async fn query_by_body(incoming: Incoming) -> Result {
    incoming.allow(&["limit", "offset", "count", "options", "format", "local", "lang"])?;
    let media = incoming.media(false)?;
    let format = format_of(&incoming)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let context = super::context_routes::with_link(&incoming, &tenant, context).await?;
    let temporal = from_json(body.get("temporalQ"), body.get("aggrParams"), format)?;
    let mut rep = incoming.shown(&context, media, tenant.now())?;
    let query = super::query_body::parse(&body, &context, &mut rep)?;
    run(incoming, media, context, query, temporal, rep).await
}

/// A page of evolutions, and what goes into the headers.
struct Found {
    evolutions: Vec<Evolution>,
    count: Option<u64>,
    more: bool,
}

async fn run(
    incoming: Incoming,
    media: Media,
    context: Arc<Context>,
    mut query: Query,
    temporal: TemporalQuery,
    rep: Representation,
) -> Result {
    if temporal.relation.is_none() {
        return Err(NgsiError::bad("a query of histories needs `timerel` and `timeAt`").at("timerel").into());
    }
    if query.filter.as_ref().is_some_and(|f| q::link_depth(f) > 0) {
        return Err(NgsiError::bad("a query of histories cannot follow relationships").at("q").into());
    }
    query.datasets.clone_from(&rep.datasets);
    let page = page_of(&incoming)?;
    if page.limit > nacre_kernel::reading::PAGE_MAX {
        return Err(Refusal::TooManyResults { limit: nacre_kernel::reading::PAGE_MAX }.into());
    }
    let (tenant, who, instances_max) =
        (incoming.tenant()?, incoming.who(), incoming.app.settings().temporal_instances_max);
    let work = {
        let context = context.clone();
        move || {
            let mut names = query.attributes.clone();
            names.extend(rep.pick.iter().flat_map(|p| p.attributes().cloned()));
            let mut found = find(&tenant, &who, &query, &names, &temporal, page)?;
            let range = cut(&mut found.evolutions, &temporal, instances_max);
            let mut out = Vec::with_capacity(1024 * found.evolutions.len() + 16);
            write_evolutions(&mut out, &found.evolutions, &context, &rep, &temporal)?;
            Ok((out, range, found.count, found.more))
        }
    };
    let (bytes, range, count, more) = blocking(work).await?;
    let mut response = answer(media, &context, bytes, range);
    page_links(&incoming, &mut response, media, page, more);
    if let Some(count) = count {
        response
            .headers_mut()
            .insert(HeaderName::from_static("ngsild-results-count"), HeaderValue::from(count));
    }
    Ok(response)
}

/// Entities of which something lies in the window and which fit the query, in order of id.
fn find(
    tenant: &Tenant,
    who: &Principal,
    query: &Query,
    names: &[Iri],
    temporal: &TemporalQuery,
    page: Page,
) -> Result<Found> {
    let now = tenant.now();
    let mut found = Found { evolutions: Vec::new(), count: page.count.then_some(0), more: false };
    let (mut after, mut looked, mut fitting, mut held): (Option<EntityId>, u64, u64, usize) = (None, 0, 0, 0);
    loop {
        let ids = tenant.ids_ever(who, query, after.as_ref(), CANDIDATES)?;
        for id in &ids {
            looked += 1;
            if looked > ENTITIES_MAX {
                return Err(Refusal::TooComplex { limit: ENTITIES_MAX }.into());
            }
            let evolution = evolution(tenant, who, id, temporal)?;
            if !evolution.is_known()
                || !evolution.has_instances(names)
                || !matches(query, &evolution.as_entity(), now, &NoLinks)
            {
                continue;
            }
            fitting += 1;
            if fitting <= page.offset {
                continue;
            }
            if fitting > page.offset.saturating_add(page.limit) {
                found.more = true;
                if found.count.is_none() {
                    return Ok(found);
                }
                continue;
            }
            held += evolution.attributes.values().map(|a| a.instances.len()).sum::<usize>();
            if held > INSTANCES_TOTAL_MAX {
                let why = format!(
                    "more than {INSTANCES_TOTAL_MAX} instances in one answer; narrow the time or the page"
                );
                return Err(NgsiError::new(ErrorKind::TooComplexQuery, why).into());
            }
            found.evolutions.push(evolution);
        }
        match ids.last() {
            Some(last) if ids.len() == CANDIDATES => after = Some(last.clone()),
            _ => break,
        }
    }
    if let Some(count) = &mut found.count {
        *count = fitting;
    }
    Ok(found)
}
