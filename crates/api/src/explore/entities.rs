//! Entities of a type as a list: search, filter, sort, pages, export. Personal data is masked.

use std::cmp::Ordering;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use nacre_kernel::query::{AsOf, Page, Query as Wanted, TypeSelection};
use nacre_model::{Content, Entity, Instance, Iri};
use nacre_pack::TypeDef;
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::json::value_out;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json_};
use utoipa::{IntoParams, ToSchema};

use super::types::shown_openly;
use crate::plan::facts::{AsOfInfo, resolve};
use crate::plan::sheet::{Cell, SheetFormat, download};
use crate::plan::store::{Simple, all, blocking};
use crate::problem::Problem;
use crate::state::App;

/// Largest page.
const PAGE_MAX: usize = 500;
/// Entities of one type that are searched and sorted; of larger types only the API answers.
const SCAN_MAX: u64 = 500_000;
/// Rows of an export.
const EXPORT_MAX: usize = 100_000;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntityPage {
    /// The rows.
    pub rows: Vec<EntityRow>,
    /// How many fit in all.
    pub total: usize,
    /// As of when.
    pub as_of: AsOfInfo,
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntityRow {
    /// Id.
    pub id: String,
    /// Short name of its type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Its name.
    pub name: String,
    /// Short name → value; personal data masked.
    pub values: Map<String, Json_>,
    /// When it last changed.
    pub modified_at: String,
}

/// What is asked for.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub struct ListParams {
    /// Short name of the type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Words that some text of the entity holds.
    pub search: Option<String>,
    /// `attribute:value`, several joined by `|`: all must hold; of one attribute several values may be joined by `,`.
    pub filter: Option<String>,
    /// Attribute to sort by; `-attribute` downwards.
    pub sort: Option<String>,
    /// Rows to leave out.
    #[serde(default)]
    pub offset: usize,
    /// Rows of the page, at most 500; 50 if not given.
    pub limit: Option<usize>,
    /// A record number or an instant.
    pub as_of: Option<String>,
    /// Of an export: csv or xlsx.
    #[serde(default)]
    pub format: SheetFormat,
}

/// Entities of a type.
#[utoipa::path(get, path = "/api/entities", tag = "console", params(ListParams),
    responses((status = 200, body = EntityPage), (status = 400, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<ListParams>,
) -> Result<Json<EntityPage>, Problem> {
    blocking(move || {
        let limit = param.limit.unwrap_or(50);
        if limit == 0 || limit > PAGE_MAX {
            return Err(Problem::bad(
                "invalid_limit",
                format!("`limit` is {limit}; needed: 1 to {PAGE_MAX}"),
            ));
        }
        let def = definition(&app, &param.entity_type);
        if let Some(page) = plain_page(&app, &param, limit, def)? {
            return Ok(Json(page));
        }
        let (found, as_of) = fitting(&app, &param)?;
        let rows = found.iter().skip(param.offset).take(limit);
        Ok(Json(EntityPage {
            rows: rows.map(|e| row(&Simple::of(e), &param.entity_type, def)).collect(),
            total: found.len(),
            as_of,
        }))
    })
    .await
}

/// The same as a file.
#[utoipa::path(get, path = "/api/entities/export", tag = "console", params(ListParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem)))]
pub async fn export(State(app): State<App>, Query(param): Query<ListParams>) -> Result<Response, Problem> {
    blocking(move || {
        let (found, _) = fitting(&app, &param)?;
        if found.len() > EXPORT_MAX {
            let detail = format!("{} rows; at most {EXPORT_MAX} are exported: filter first", found.len());
            return Err(Problem::bad("too_many_rows", detail));
        }
        let def = definition(&app, &param.entity_type);
        let names: Vec<String> = match def {
            Some(def) => def.attributes.iter().map(|a| a.name.clone()).collect(),
            None => {
                let short = |n: &Iri| Context::core().compact(n.as_str()).into_owned();
                let mut names: Vec<String> =
                    found.iter().flat_map(|e| e.attributes.keys().map(short)).collect();
                names.sort();
                names.dedup();
                names.retain(|n| n != "id" && n != "type");
                names
            }
        };
        let title =
            |n: &String| def.and_then(|d| d.attribute(n)).map_or_else(|| n.clone(), |a| a.title.zh.clone());
        let titles: Vec<String> = std::iter::once("id".to_owned()).chain(names.iter().map(title)).collect();
        let head: Vec<&str> = titles.iter().map(String::as_str).collect();
        let rows = found.iter().map(|e| {
            let row = row(&Simple::of(e), &param.entity_type, def);
            let cell = |n: &String| match row.values.get(n) {
                Some(Json_::Number(n)) => n.as_f64().into(),
                Some(value) => plain(value).into(),
                None => Cell::Empty,
            };
            std::iter::once(Cell::Text(row.id.clone())).chain(names.iter().map(cell)).collect()
        });
        let file = def.map_or_else(|| param.entity_type.clone(), |d| d.title.zh.clone());
        download(&file, param.format, &head, rows)
    })
    .await
}

/// The page of a list that is neither searched, filtered nor sorted: only its own rows are loaded.
fn plain_page(
    app: &App,
    param: &ListParams,
    limit: usize,
    def: Option<&Arc<TypeDef>>,
) -> Result<Option<EntityPage>, Problem> {
    let said = |text: &Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
    if said(&param.search) || said(&param.filter) || said(&param.sort) || said(&param.as_of) {
        return Ok(None);
    }
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let Ok(iri) = Context::core().expand(&param.entity_type) else { return Ok(None) };
    let query = Wanted { types: Some(TypeSelection::Is(iri)), ..Wanted::default() };
    let page = Page { offset: param.offset as u64, limit: limit as u64, count: true };
    let answer = tenant.query(&who, &query, page, AsOf::Now)?;
    let rows = answer.entities.iter().map(|e| row(&Simple::of(e), &param.entity_type, def)).collect();
    let total = usize::try_from(answer.count.unwrap_or(0)).unwrap_or(usize::MAX);
    Ok(Some(EntityPage { rows, total, as_of: resolve(&tenant, &who, None)? }))
}

fn definition<'a>(app: &'a App, name: &str) -> Option<&'a Arc<TypeDef>> {
    app.settings().packs.iter().find_map(|p| p.types.get(name))
}

fn row(e: &Simple, entity_type: &str, def: Option<&Arc<TypeDef>>) -> EntityRow {
    let mut values = e.values.clone();
    values.shift_remove("id");
    values.shift_remove("type");
    if let Some(def) = def {
        for (name, value) in &mut values {
            if !shown_openly(def, name) {
                *value = Json_::from("***");
            }
        }
    }
    EntityRow {
        id: e.id.clone(),
        entity_type: entity_type.to_owned(),
        name: e.some_text("name").unwrap_or_else(|| e.local().to_owned()),
        values,
        modified_at: e.modified_at.clone(),
    }
}

/// A value in a line.
pub fn plain(value: &Json_) -> String {
    match value {
        Json_::Null => String::new(),
        Json_::String(text) => text.clone(),
        Json_::Array(many) => many.iter().map(plain).collect::<Vec<_>>().join("|"),
        Json_::Object(o) if o.contains_key("@value") => plain(&o["@value"]),
        Json_::Object(o) if o.len() == 1 && o.contains_key("json") => o["json"].to_string(),
        other => other.to_string(),
    }
}

fn fitting(app: &App, param: &ListParams) -> Result<(Vec<Arc<Entity>>, AsOfInfo), Problem> {
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let info = resolve(&tenant, &who, param.as_of.as_deref())?;
    let as_of = if info.live { AsOf::Now } else { AsOf::Seq(nacre_model::Seq(info.seq)) };
    let counts = tenant.type_counts(&who)?;
    let many = counts.iter().filter(|c| {
        c.attribute.is_none() && c.type_name.as_str().ends_with(&format!("/{}", param.entity_type))
    });
    if many.map(|c| c.count).max().unwrap_or(0) > SCAN_MAX {
        let detail = format!("more than {SCAN_MAX} entities of the type; use /ngsi-ld/v1/entities with `q`");
        return Err(Problem::bad("too_many_entities", detail));
    }
    let def = definition(app, &param.entity_type);
    let words = param.search.as_deref().unwrap_or_default().trim().to_lowercase();
    let filters: Vec<(&str, Vec<&str>)> = param
        .filter
        .as_deref()
        .unwrap_or_default()
        .split('|')
        .filter_map(|f| f.split_once(':'))
        .map(|(name, values)| (name.trim(), values.split(',').map(str::trim).collect()))
        .collect();
    let context = Context::core();
    let open = |name: &str| def.is_none_or(|d| shown_openly(d, name));
    let filters: Vec<(Option<Iri>, Vec<&str>)> = filters
        .into_iter()
        .map(|(name, wanted)| (context.expand(name).ok().filter(|_| open(name)), wanted))
        .collect();
    let told = |(name, instances): (&Iri, &Vec<Instance>)| {
        open(&context.compact(name.as_str()))
            && instances.iter().any(|i| plain(&value_of(i)).to_lowercase().contains(&words))
    };
    let fits = |e: &Entity| {
        (words.is_empty() || e.id.as_str().to_lowercase().contains(&words) || e.attributes.iter().any(told))
            && filters.iter().all(|(name, wanted)| {
                let instances = name.as_ref().and_then(|n| e.attributes.get(n));
                instances.into_iter().flatten().any(|i| match value_of(i) {
                    Json_::Array(many) => many.iter().any(|v| wanted.contains(&plain(v).as_str())),
                    one => wanted.contains(&plain(&one).as_str()),
                })
            })
    };
    let mut found: Vec<Arc<Entity>> = all(&tenant, &who, &param.entity_type, as_of)?.0;
    found.retain(|e| fits(e));
    if let Some(sort) = param.sort.as_deref().filter(|s| !s.is_empty()) {
        let (name, down) = sort.strip_prefix('-').map_or((sort, false), |n| (n, true));
        let turned = |order: Ordering| if down { order.reverse() } else { order };
        if name == "modifiedAt" {
            found.sort_by(|a, b| turned(a.modified_at.cmp(&b.modified_at)));
        } else {
            let iri = context.expand(name).ok();
            let key = |e: &Arc<Entity>| {
                iri.as_ref().and_then(|n| e.attributes.get(n)).and_then(|all| all.first()).map(value_of)
            };
            let mut keyed: Vec<(Option<Json_>, Arc<Entity>)> =
                found.into_iter().map(|e| (key(&e), e)).collect();
            keyed.sort_by(|(a, _), (b, _)| match (a, b) {
                (Some(a), Some(b)) => turned(compare(a, b)),
                // What has no value comes last, whichever way.
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
            found = keyed.into_iter().map(|(_, e)| e).collect();
        }
    }
    Ok((found, info))
}

/// What an instance says, as plain JSON; geometries say nothing that can be searched or sorted.
fn value_of(instance: &Instance) -> Json_ {
    match &instance.attribute.content {
        Content::Property(value) | Content::Json(value) => value_out(value),
        Content::Relationship { objects, many: false, .. } if objects.len() == 1 => {
            objects[0].as_str().into()
        }
        other => other.objects().iter().map(|o| Json_::from(o.as_str())).collect(),
    }
}

/// Numbers by size, texts by their characters.
fn compare(a: &Json_, b: &Json_) -> Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        _ => plain(a).cmp(&plain(b)),
    }
}
