//! Entities: create, retrieve, query, replace, merge, delete (CIM 009 §5.6, §5.7.1, §5.7.2).

use std::sync::Arc;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use nacre_kernel::query::matching::has_type;
use nacre_kernel::query::{AsOf, Page, Pattern, Query};
use nacre_kernel::{Answer, Command, Output};
use nacre_model::{Entity, EntityId, Iri};
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_out::{
    GeoShape, Representation, write_entities, write_entity, write_feature, write_features,
};
use nacre_wire_ngsi_ld::errors::NgsiError;
use nacre_wire_ngsi_ld::geo::GeoParameters;
use nacre_wire_ngsi_ld::{entity_in, q, scope_q, type_query};
use serde_json::Value as Json;

use super::reply::{self, Result};
use super::request::{Incoming, Media, blocking};

/// Entities on a page without `limit`.
const LIMIT_DEFAULT: u64 = 20;

/// The id in a path.
pub fn id_of(text: &str) -> Result<EntityId> {
    Ok(EntityId::new(text).map_err(|e| NgsiError::bad(e.to_string()))?)
}

/// POST /entities
pub async fn create(incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant_or_create().await?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let draft = entity_in::parse_entity(&body, &context, entity_in::Mode::Create)?;
    let location = format!("/ngsi-ld/v1/entities/{}", draft.id);
    let accepted = tenant.submit(incoming.submission(Command::CreateEntity(draft))?).await?;
    let mut response = reply::created(&location);
    reply::set(&mut response, SEQ, &accepted.seq.to_string());
    Ok(response)
}

/// The record that an accepted command became.
pub const SEQ: HeaderName = HeaderName::from_static("nacre-seq");

/// Runs a command that answers nothing.
pub async fn run(incoming: &Incoming, command: Command) -> Result {
    let tenant = incoming.tenant()?;
    let accepted = tenant.submit(incoming.submission(command)?).await?;
    let mut response = reply::empty(StatusCode::NO_CONTENT);
    reply::set(&mut response, SEQ, &accepted.seq.to_string());
    Ok(response)
}

/// Runs a command that answers which attributes were written.
pub async fn run_attributes(incoming: &Incoming, context: &Context, command: Command) -> Result {
    let tenant = incoming.tenant()?;
    let accepted = tenant.submit(incoming.submission(command)?).await?;
    let mut response = match accepted.output {
        Output::Attributes { updated, not_updated } if !not_updated.is_empty() => {
            let updated: Vec<_> = updated.iter().map(|n| context.compact(n.as_str()).into_owned()).collect();
            let left: Vec<Json> = not_updated
                .iter()
                .map(|(n, why)| serde_json::json!({"attributeName": context.compact(n.as_str()), "reason": why}))
                .collect();
            let body = serde_json::json!({"updated": updated, "notUpdated": left});
            reply::json(StatusCode::MULTI_STATUS, &body)
        }
        _ => reply::empty(StatusCode::NO_CONTENT),
    };
    reply::set(&mut response, SEQ, &accepted.seq.to_string());
    Ok(response)
}

/// DELETE /entities/{id}
pub async fn delete(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["type", "local"])?;
    let entity = id_of(&id)?;
    let context = incoming.link_context(incoming.tenant().ok().as_ref()).await?;
    guard_type(&incoming, &context, &entity)?;
    run(&incoming, Command::DeleteEntity { entity }).await
}

/// With `type`, only an entity of that type is meant.
pub fn guard_type(incoming: &Incoming, context: &Context, id: &EntityId) -> Result<()> {
    let Some(text) = incoming.parameter("type") else { return Ok(()) };
    let wanted = type_query::parse(text, context)?;
    let entity = incoming.tenant()?.entity(&incoming.who(), id, AsOf::Now)?;
    if entity.is_some_and(|e| has_type(&wanted, &e.types)) {
        return Ok(());
    }
    Err(NgsiError::not_found(format!("entity `{id}` of type `{text}` does not exist")).into())
}

/// PATCH and PUT of /entities/ without an id.
pub async fn no_id(_: Incoming) -> Result {
    Err(NgsiError::bad("the path needs an entity id: /entities/{id}").into())
}

/// PUT /entities/{id}
pub async fn replace(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["type", "local"])?;
    let id = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let draft = entity_in::parse_fragment(&body, &context, Some(&id), entity_in::Mode::Replace)?;
    run(&incoming, Command::ReplaceEntity(draft)).await
}

/// PATCH /entities/{id}
pub async fn merge(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["type", "local", "options", "format", "observedAt", "lang"])?;
    incoming.allow_options(&["keyValues", "simplified", "normalized", "concise"])?;
    let id = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let mut command = entity_in::parse_merge(&body, &context, Some(&id), merge_options(&incoming)?)?;
    if let Some(lang) = incoming.parameter("lang")
        && let Some(standing) = tenant.entity(&incoming.who(), &id, AsOf::Now)?
    {
        entity_in::place_language(&mut command, &standing, lang);
    }
    run(&incoming, command).await
}

/// Parameters of a merge.
pub fn merge_options(incoming: &Incoming) -> Result<entity_in::MergeOptions> {
    let observed_at =
        incoming.parameter("observedAt").map(|text| nacre_wire_ngsi_ld::datetime::expect(text, "observedAt"));
    let simplified = ["keyValues", "simplified"].iter().any(|w| incoming.option(w))
        || matches!(incoming.parameter("format"), Some("simplified" | "keyValues"));
    Ok(entity_in::MergeOptions { observed_at: observed_at.transpose()?, simplified })
}

/// Parameters of a retrieve.
const RETRIEVE: &[&str] = &[
    "attrs",
    "pick",
    "omit",
    "options",
    "format",
    "lang",
    "datasetId",
    "geometryProperty",
    "type",
    "local",
    "asOf",
];
const OPTIONS: &[&str] = &["normalized", "concise", "keyValues", "simplified", "sysAttrs"];

/// GET /entities/{id}
pub async fn retrieve(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(RETRIEVE)?;
    incoming.allow_options(OPTIONS)?;
    let id = id_of(&id)?;
    let media = incoming.media(true)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let rep = incoming.representation(&context, media, tenant.now())?;
    let as_of = incoming.as_of()?;
    let found = match as_of {
        AsOf::Now => tenant.entity(&incoming.who(), &id, as_of)?,
        _ => {
            let (tenant, who, id) = (tenant.clone(), incoming.who(), id.clone());
            blocking(move || Ok(tenant.entity(&who, &id, as_of)?)).await?
        }
    };
    let missing = || NgsiError::not_found(format!("entity `{id}` does not exist"));
    let entity = found.ok_or_else(missing)?;
    if let Some(text) = incoming.parameter("type") {
        let wanted = type_query::parse(text, &context)?;
        if !has_type(&wanted, &entity.types) {
            return Err(missing().into());
        }
    }
    if !rep.attributes.is_empty() && !rep.shows_any(&entity) {
        return Err(
            NgsiError::not_found(format!("entity `{id}` has none of the attributes asked for")).into()
        );
    }
    let mut out = Vec::with_capacity(1024);
    let (rep, link) = shape(&incoming, media, rep);
    match media {
        Media::GeoJson => write_feature(&mut out, &entity, &context, &rep, &geo_shape(&incoming, &context)?),
        _ => write_entity(&mut out, &entity, &context, &rep),
    }
    Ok(reply::body(media, &context, link, out))
}

/// GeoJSON carries its context unless the client prefers otherwise (rule 10).
fn shape(incoming: &Incoming, media: Media, mut rep: Representation) -> (Representation, bool) {
    let in_link = incoming.header("prefer").is_some_and(|p| p.contains("body=json"));
    if media == Media::GeoJson {
        rep.with_context = !in_link;
    }
    (rep, media == Media::Json || (media == Media::GeoJson && in_link))
}

fn geo_shape(incoming: &Incoming, context: &Context) -> Result<GeoShape> {
    let property = incoming.parameter("geometryProperty").unwrap_or("location");
    Ok(GeoShape { geometry_property: context.expand(property)? })
}

/// Parameters of a query.
const QUERY: &[&str] = &[
    "id",
    "type",
    "idPattern",
    "attrs",
    "pick",
    "omit",
    "q",
    "csf",
    "georel",
    "geometry",
    "coordinates",
    "geoproperty",
    "geometryProperty",
    "lang",
    "scopeQ",
    "options",
    "format",
    "limit",
    "offset",
    "count",
    "local",
    "datasetId",
    "expandValues",
    "asOf",
];

/// GET /entities
pub async fn query(incoming: Incoming) -> Result {
    incoming.allow(QUERY)?;
    incoming.allow_options(&[OPTIONS, &["count"]].concat())?;
    let media = incoming.media(true)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let query = query_of(&incoming, &context)?;
    let rep = incoming.representation(&context, media, tenant.now())?;
    answer(incoming, media, context, query, rep).await
}

/// The page asked for.
pub fn page_of(incoming: &Incoming) -> Result<Page> {
    let count = incoming.flag("count")? || incoming.option("count");
    let limit = incoming.number("limit")?.unwrap_or(LIMIT_DEFAULT);
    if limit == 0 && !count {
        return Err(NgsiError::bad("`limit=0` makes sense only with `count=true`").at("limit").into());
    }
    Ok(Page { offset: incoming.number("offset")?.unwrap_or(0), limit, count })
}

/// The query the parameters say.
pub fn query_of(incoming: &Incoming, context: &Context) -> Result<Query> {
    let mut query = Query::default();
    if let Some(text) = incoming.parameter("type") {
        query.types = Some(type_query::parse(text, context)?);
    }
    if let Some(ids) = incoming.parameter("id") {
        query.ids = ids.split(',').map(|id| id_of(id.trim())).collect::<Result<_>>()?;
    }
    if let Some(pattern) = incoming.parameter("idPattern") {
        query.id_pattern = Some(pattern_of(pattern)?);
    }
    let names = |name: &str| -> Result<Vec<Iri>> {
        let split = incoming.parameter(name).map(|t| t.split(',').map(str::trim).collect::<Vec<_>>());
        Ok(split
            .unwrap_or_default()
            .into_iter()
            .map(|n| context.expand(n))
            .collect::<std::result::Result<_, _>>()?)
    };
    query.attributes = names("attrs")?;
    if let Some(text) = incoming.parameter("q") {
        query.filter = Some(q::parse(text, context, &names("expandValues")?)?);
    }
    let geo = GeoParameters {
        georel: incoming.parameter("georel"),
        geometry: incoming.parameter("geometry"),
        coordinates: incoming.parameter("coordinates"),
        geoproperty: incoming.parameter("geoproperty"),
    };
    query.geo = geo.parse(context)?;
    query.scopes = incoming.parameter("scopeQ").map(scope_q::parse).transpose()?;
    let wide =
        query.types.is_none() && query.attributes.is_empty() && query.filter.is_none() && query.geo.is_none();
    if wide && !incoming.flag("local")? {
        let detail = "too wide a query: one of `type`, `attrs`, `q`, `georel` is needed, or `local=true`";
        return Err(NgsiError::bad(detail).into());
    }
    Ok(query)
}

/// A regular expression for ids.
pub fn pattern_of(text: &str) -> Result<Pattern> {
    Ok(Pattern::new(text)
        .map_err(|e| NgsiError::bad(format!("`{text}` is no regular expression: {e}")).at("idPattern"))?)
}

/// Runs a query and writes the page.
pub async fn answer(
    incoming: Incoming,
    media: Media,
    context: Arc<Context>,
    mut query: Query,
    mut rep: Representation,
) -> Result {
    let (tenant, who) = (incoming.tenant()?, incoming.who());
    let (page, as_of) = (page_of(&incoming)?, incoming.as_of()?);
    query.datasets.clone_from(&rep.datasets);
    let pick: Vec<Iri> = rep.pick.as_ref().map(|p| p.attributes().cloned().collect()).unwrap_or_default();
    if query.attributes.is_empty() && query.types.is_none() {
        query.attributes = pick;
    }
    let geo = if media == Media::GeoJson { Some(geo_shape(&incoming, &context)?) } else { None };
    let (shaped, link) = shape(&incoming, media, std::mem::take(&mut rep));
    let work = {
        let context = context.clone();
        move || {
            let found = tenant.query(&who, &query, page, as_of)?;
            let entities = found.entities.iter().map(|e| &**e);
            let mut out = Vec::with_capacity(1024 * found.entities.len() + 16);
            match &geo {
                Some(geo) => write_features(&mut out, entities, &context, &shaped, geo),
                None => write_entities(&mut out, entities, &context, &shaped),
            }
            Ok((out, Answer { entities: Vec::<Arc<Entity>>::new(), ..found }))
        }
    };
    let (bytes, found) = blocking(work).await?;
    let mut response = reply::body(media, &context, link, bytes);
    page_links(&incoming, &mut response, media, page, found.more);
    if let Some(count) = found.count {
        response
            .headers_mut()
            .insert(HeaderName::from_static("ngsild-results-count"), HeaderValue::from(count));
    }
    reply::set(&mut response, SEQ, &found.seq.to_string());
    Ok(response)
}

/// `next` and `prev` of a page.
pub fn page_links(incoming: &Incoming, response: &mut Response, media: Media, page: Page, more: bool) {
    let media = match media {
        Media::Json => "application/json",
        Media::LdJson => "application/ld+json",
        Media::GeoJson => "application/geo+json",
    };
    let mut add = |offset: u64, rel: &str| {
        let target = incoming.with_offset(offset, page.limit);
        if let Ok(value) = HeaderValue::from_str(&format!("<{target}>;rel=\"{rel}\";type=\"{media}\"")) {
            response.headers_mut().append(header::LINK, value);
        }
    };
    if page.limit > 0 && more {
        add(page.offset + page.limit, "next");
    }
    if page.limit > 0 && page.offset > 0 {
        add(page.offset.saturating_sub(page.limit), "prev");
    }
}

/// POST /entityOperations/query
pub async fn query_by_body(incoming: Incoming) -> Result {
    incoming.allow(&["limit", "offset", "count", "options", "format", "local", "asOf", "lang"])?;
    incoming.allow_options(&[OPTIONS, &["count"]].concat())?;
    let media = incoming.media(true)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let context = super::context_routes::with_link(&incoming, &tenant, context).await?;
    let mut rep = incoming.representation(&context, media, tenant.now())?;
    let query = super::query_body::parse(&body, &context, &mut rep)?;
    answer(incoming, media, context, query, rep).await
}

/// DELETE /entities: everything that fits a query goes, entity by entity.
pub async fn purge(incoming: Incoming) -> Result {
    incoming.allow(&[QUERY, &["keep", "drop"]].concat())?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let query = query_of(&incoming, &context)?;
    let (who, reader) = (incoming.who(), tenant.clone());
    let ids = blocking(move || {
        let mut ids = Vec::new();
        loop {
            let page =
                Page { offset: ids.len() as u64, limit: nacre_kernel::reading::PAGE_MAX, count: false };
            let found = reader.query(&who, &query, page, AsOf::Now)?;
            ids.extend(found.entities.iter().map(|e| e.id.clone()));
            if !found.more {
                return Ok(ids);
            }
        }
    })
    .await?;
    for batch in ids.chunks(nacre_kernel::tenant::BATCH_MAX) {
        let delete = |id: &EntityId| incoming.submission(Command::DeleteEntity { entity: id.clone() });
        let commands = batch.iter().map(delete).collect::<Result<Vec<_>>>()?;
        for answer in tenant.submit_batch(commands).await {
            match answer {
                Ok(_) | Err(nacre_kernel::Refusal::EntityNotFound(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
    }
    Ok(reply::empty(StatusCode::NO_CONTENT))
}
