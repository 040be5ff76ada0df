//! The register of devices: who may report, and how each is.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nacre_devices::device::{DEVICE, digest};
use nacre_devices::names::{flag, iri, local, number, object, property, relationship, text, urn};
use nacre_devices::{Device, Feed};
use nacre_indicators::Words;
use nacre_kernel::command::{AttributeWrite, Attributes};
use nacre_kernel::query::{AsOf, Page, Query as Entities, TypeSelection};
use nacre_kernel::{Command, EntityDraft, Submission};
use nacre_model::{Attribute, Content, Entity, EntityId, Geometry, Instant, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::cases::shown::{About, Names};
use crate::cases::verbs::placed;
use crate::plan::post::Post;
use crate::plan::store::{blocking, new_id};
use crate::problem::Problem;
use crate::state::App;

/// A device.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct DeviceInfo {
    pub id: String,
    pub urn: String,
    pub name: String,
    pub feed: String,
    pub asset: Option<About>,
    pub location: Option<[f64; 2]>,
    pub address: Option<String>,
    /// `online`, `late`, `silent`, `never`, `revoked`.
    pub state: String,
    pub last_seen: Option<String>,
    pub battery: Option<f64>,
    pub firmware: Option<String>,
    pub simulated: bool,
    pub clock_skew_seconds: Option<f64>,
    pub accepted: u64,
    pub refused: u64,
    pub late: u64,
    pub duplicates: u64,
    pub coverage_radius: Option<f64>,
    pub controlled_property: Vec<String>,
    pub credential: Option<CredentialInfo>,
    /// Its MQTT topic.
    pub topic: Option<String>,
}

/// A credential, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct CredentialInfo {
    pub username: String,
    pub created_at: Option<String>,
    pub revoked_at: Option<String>,
}

/// A page of devices.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct DeviceList {
    pub devices: Vec<DeviceInfo>,
    pub total: usize,
    pub counts: DeviceCounts,
    pub seq: u64,
}

/// How many.
#[derive(Debug, Default, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct DeviceCounts {
    pub state: BTreeMap<String, usize>,
    pub feed: BTreeMap<String, usize>,
}

/// Which devices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct DeviceQuery {
    pub state: Option<String>,
    pub feed: Option<String>,
    pub asset: Option<String>,
    pub simulated: Option<bool>,
    pub q: Option<String>,
    /// `name`, `lastSeen`, `battery`.
    pub sort: Option<String>,
    pub offset: usize,
    pub limit: Option<usize>,
}

/// A latest value.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct LatestValue {
    pub name: String,
    pub title: Words,
    pub unit: Option<String>,
    #[schema(value_type = Object)]
    pub value: serde_json::Value,
    pub observed_at: Option<String>,
    pub simulated: bool,
}

/// A device with what it says.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct DevicePage {
    #[serde(flatten)]
    pub device: DeviceInfo,
    pub attributes: Vec<LatestValue>,
    pub quarantined: usize,
}

/// A device as it is registered.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DeviceInput {
    /// Local id: letters, digits, `-`, `_`; also the user name. Made up where empty.
    pub id: String,
    pub name: String,
    pub feed: String,
    /// URN of what it observes.
    pub asset: Option<String>,
    pub location: Option<[f64; 2]>,
    pub datum: Option<String>,
    pub address: Option<String>,
    pub coverage_radius: Option<f64>,
    pub controlled_property: Vec<String>,
    pub simulated: bool,
}

/// A credential, shown once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Credential {
    pub username: String,
    pub password: String,
}

/// What registration gives.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Registered {
    pub device: DeviceInfo,
    pub credential: Credential,
}

/// Every device.
pub fn all(app: &App) -> Result<Vec<std::sync::Arc<Entity>>, Problem> {
    let query = Entities { types: Some(TypeSelection::Is(iri(DEVICE))), ..Entities::default() };
    let page = Page { offset: 0, limit: u64::MAX, count: false };
    Ok(app.tenant(None)?.scan(&app.principal(), &query, page, AsOf::Now)?.entities)
}

fn texts(entity: &Entity, short: &str) -> Vec<String> {
    match nacre_devices::names::content(entity, short) {
        Some(Content::Property(Value::Text(one))) => vec![one.to_string()],
        Some(Content::Property(Value::List(many))) => {
            many.iter().filter_map(|v| v.as_text().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// Where an entity stands.
pub fn place(entity: &Entity) -> Option<[f64; 2]> {
    match nacre_devices::names::content(entity, "location")? {
        Content::Geo(Geometry::Point(p)) => Some([p.longitude, p.latitude]),
        _ => None,
    }
}

fn shown(app: &App, entity: &Entity, names: &mut Names<'_>, now: Instant) -> Option<DeviceInfo> {
    let device = Device::read(entity)?;
    let tally = app.operations().tally(device.local());
    let last_seen = tally.last_seen.max(device.last_seen);
    let fresh = app.operations().feed(&device.feed).map_or(60, |f| i64::from(f.def.fresh_minutes)) * 60_000;
    let state = match last_seen {
        _ if device.revoked.is_some() => "revoked",
        None => "never",
        Some(at) if now.0 - at.0 <= fresh => "online",
        Some(at) if now.0 - at.0 <= 3 * fresh => "late",
        Some(_) => "silent",
    };
    Some(DeviceInfo {
        id: device.local().to_owned(),
        urn: device.id.to_string(),
        name: device.name.clone(),
        topic: app.operations().feed(&device.feed).map(|f| f.topic(device.local())),
        asset: device.asset.as_ref().map(|a| names.about(a.as_str())),
        location: place(entity),
        address: text(entity, "addressText"),
        state: state.to_owned(),
        last_seen: last_seen.map(|t| t.to_string()),
        battery: device.battery,
        firmware: device.firmware.clone(),
        simulated: device.simulated,
        clock_skew_seconds: device.skew_s.filter(|s| *s != 0.0),
        accepted: tally.accepted,
        refused: tally.refused,
        late: tally.late,
        duplicates: tally.duplicates,
        coverage_radius: number(entity, "coverageRadius"),
        controlled_property: texts(entity, "controlledProperty"),
        credential: device.credential.as_ref().map(|_| CredentialInfo {
            username: device.local().to_owned(),
            created_at: text(entity, "credentialCreatedAt"),
            revoked_at: device.revoked.map(|t| t.to_string()),
        }),
        feed: device.feed,
    })
}

/// Devices that fit, a page of them.
#[utoipa::path(get, path = "/api/devices", tag = "devices", params(DeviceQuery), responses((status = 200, body = DeviceList)))]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<DeviceQuery>,
) -> Result<Json<DeviceList>, Problem> {
    blocking(move || {
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let mut names = Names::new(&app);
        let words = query.q.as_deref().unwrap_or_default().trim().to_lowercase();
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|w| w.is_empty() || w == found)
        };
        let mut found: Vec<DeviceInfo> = all(&app)?
            .iter()
            .filter_map(|e| shown(&app, e, &mut names, now))
            .filter(|d| {
                is(&query.feed, &d.feed)
                    && query.simulated.is_none_or(|s| s == d.simulated)
                    && query.asset.as_ref().is_none_or(|a| d.asset.as_ref().is_some_and(|x| x.id == *a))
                    && (words.is_empty() || format!("{}\n{}", d.id, d.name).to_lowercase().contains(&words))
            })
            .collect();
        let mut counts = DeviceCounts::default();
        for device in &found {
            *counts.state.entry(device.state.clone()).or_default() += 1;
            *counts.feed.entry(device.feed.clone()).or_default() += 1;
        }
        found.retain(|d| is(&query.state, &d.state));
        match query.sort.as_deref() {
            Some("lastSeen") => found.sort_by(|a, b| b.last_seen.cmp(&a.last_seen)),
            Some("battery") => {
                found.sort_by(|a, b| a.battery.unwrap_or(2.0).total_cmp(&b.battery.unwrap_or(2.0)))
            }
            _ => found.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id))),
        }
        let total = found.len();
        let limit = query.limit.unwrap_or(50).min(crate::cases::lists::LIMIT_MAX);
        let devices = found.into_iter().skip(query.offset).take(limit).collect();
        Ok(Json(DeviceList { devices, total, counts, seq: tenant.status().applied.0 }))
    })
    .await
}

fn find(app: &App, id: &str) -> Result<std::sync::Arc<Entity>, Problem> {
    let missing = || Problem::not_found(format!("没有设备 `{id}`。 / There is no device `{id}`."));
    let urn = EntityId::new(&urn(DEVICE, id)).map_err(|_| missing())?;
    let found = app.tenant(None)?.entity(&app.principal(), &urn, AsOf::Now)?;
    found.filter(|e| Device::read(e).is_some()).ok_or_else(missing)
}

/// What a type calls an attribute.
pub fn attribute_title(app: &App, kind: &str, name: &str) -> Words {
    let types = app.settings().packs.iter().flat_map(|p| p.types.values());
    let found = types.filter(|t| t.name == kind).find_map(|t| t.attribute(name));
    found.map_or_else(|| Words::new(name, name), |a| crate::plan::session::words(&a.title))
}

/// One device, and what it said last.
#[utoipa::path(get, path = "/api/devices/{id}", tag = "devices", params(("id" = String, Path)), responses((status = 200, body = DevicePage), (status = 404, body = Problem)))]
pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<DevicePage>, Problem> {
    blocking(move || page(&app, &id).map(Json)).await
}

fn page(app: &App, id: &str) -> Result<DevicePage, Problem> {
    let entity = find(app, id)?;
    let tenant = app.tenant(None)?;
    let mut names = Names::new(app);
    let info = shown(app, &entity, &mut names, tenant.now());
    let info = info.ok_or_else(|| Problem::not_found("the device is gone"))?;
    let device = Device::read(&entity).ok_or_else(|| Problem::not_found("the device is gone"))?;
    let feed = app.operations().feed(&device.feed).cloned();
    let target = tenant.entity(&app.principal(), device.target(), AsOf::Now)?;
    let latest = |feed: &Feed| -> Vec<LatestValue> {
        let field = |f: &nacre_devices::feed::Field| {
            let stands = target.as_ref()?.instance(iri(&f.attribute).as_str(), None)?;
            let Content::Property(value) = &stands.attribute.content else { return None };
            let simulated = stands.attribute.attributes.iter().any(|(n, _)| *n == iri("simulated"));
            Some(LatestValue {
                name: f.attribute.clone(),
                title: attribute_title(app, &feed.def.kind, &f.attribute),
                unit: stands.attribute.unit_code.as_deref().map(str::to_owned),
                value: nacre_cases::value::json(value),
                observed_at: stands.attribute.observed_at.map(|t| t.to_string()),
                simulated,
            })
        };
        feed.def.fields.iter().filter_map(field).collect()
    };
    let quarantined = super::quarantine::held(app, Some(&info.urn))?.len();
    Ok(DevicePage { attributes: feed.as_deref().map(latest).unwrap_or_default(), device: info, quarantined })
}

fn wrong(field: &str, zh: &str, en: &str) -> Problem {
    Problem::bad("device_form", format!("`{field}`：{zh} / `{field}`: {en}"))
}

/// What is registered, as attributes.
fn attributes(app: &App, input: &DeviceInput) -> Result<Attributes, Problem> {
    if !(1..=100).contains(&input.name.trim().chars().count()) {
        return Err(wrong("name", "名称 1 到 100 字", "a name of 1 to 100 characters is needed"));
    }
    let Some(feed) = app.operations().feed(&input.feed).cloned() else {
        let known: Vec<&str> = app.operations().feeds().iter().map(|f| f.id.as_str()).collect();
        return Err(wrong("feed", "没有这个接入映射", &format!("there are: {}", known.join(", "))));
    };
    let mut all: Vec<(&str, Attribute)> = vec![
        ("name", property(Value::text(input.name.trim()))),
        ("feed", property(Value::text(feed.id.as_str()))),
    ];
    if let Some(asset) = input.asset.as_deref().filter(|a| !a.is_empty()) {
        let id = EntityId::new(&urn(&feed.def.kind, asset))
            .map_err(|e| wrong("asset", "不是实体编号", &e.to_string()))?;
        let found = app.tenant(None)?.entity(&app.principal(), &id, AsOf::Now)?;
        let found = found.ok_or_else(|| wrong("asset", "没有这个观测对象", "there is no such entity"))?;
        if !found.types.contains(&iri(&feed.def.kind)) {
            return Err(wrong("asset", "类型与接入映射不符", &format!("the feed is of {}", feed.def.kind)));
        }
        all.push(("controlledAsset", relationship(id.as_str())));
    } else if feed.def.kind != DEVICE {
        return Err(wrong("asset", "请选择观测对象", &format!("the feed needs a {}", feed.def.kind)));
    }
    if let Some(location) = input.location {
        let position = placed(app, location, input.datum.as_deref())?;
        all.push(("location", Attribute::new(Content::Geo(Geometry::Point(position)))));
    }
    if let Some(address) = input.address.as_deref().filter(|a| !a.is_empty()) {
        all.push(("addressText", property(Value::text(address.chars().take(200).collect::<String>()))));
    }
    if let Some(radius) = input.coverage_radius {
        if !(0.0..=20_000.0).contains(&radius) {
            return Err(wrong("coverageRadius", "0 到 20000 米", "0 to 20,000 metres"));
        }
        let metres = Attribute { unit_code: Some("MTR".into()), ..property(Value::Float(radius)) };
        all.push(("coverageRadius", metres));
    }
    if !input.controlled_property.is_empty() {
        let list = input.controlled_property.iter().take(50).map(|p| Value::text(p.as_str())).collect();
        all.push(("controlledProperty", property(Value::List(list))));
    }
    if input.simulated {
        all.push(("simulated", property(Value::Bool(true))));
    }
    Ok(all.into_iter().map(|(name, attribute)| (iri(name), vec![attribute])).collect())
}

fn password() -> String {
    let bytes: [u8; 24] = rand::random();
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Registers a device; its password is shown here and never again.
#[utoipa::path(post, path = "/api/devices", tag = "devices", request_body = DeviceInput,
    responses((status = 201, body = Registered), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    post: Post,
    Json(input): Json<DeviceInput>,
) -> Result<Response, Problem> {
    post.needs(&app, "device.register")?;
    let id = if input.id.trim().is_empty() { new_id("d-") } else { input.id.trim().to_owned() };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if id.len() > 64 || !id.chars().all(plain) {
        return Err(wrong(
            "id",
            "字母、数字、- 和 _，最多 64 个",
            "letters, digits, `-` and `_`, at most 64",
        ));
    }
    let password = password();
    let (checked, given) = (app.clone(), input);
    let mut all = blocking(move || attributes(&checked, &given)).await?;
    let tenant = app.tenant(None)?;
    all.push((iri("credentialDigest"), vec![property(Value::text(digest(password.as_bytes())))]));
    all.push((iri("credentialCreatedAt"), vec![property(Value::text(tenant.now().to_string()))]));
    let entity = EntityId::new(&urn(DEVICE, &id)).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let draft =
        EntityDraft { id: entity, types: vec![iri(DEVICE)], scopes: None, expires_at: None, attributes: all };
    tenant.submit(Submission::new(post.principal(), Command::CreateEntity(draft))).await?;
    let answer = blocking(move || {
        let device = page(&app, &id)?.device;
        Ok(Registered { device, credential: Credential { username: id, password } })
    });
    Ok((StatusCode::CREATED, Json(answer.await?)).into_response())
}

async fn write(app: &App, post: &Post, id: &str, set: Vec<(&str, AttributeWrite)>) -> Result<(), Problem> {
    let entity = find(app, id)?.id.clone();
    let attributes = set.into_iter().map(|(name, write)| (iri(name), vec![write])).collect();
    let command =
        Command::UpdateAttributes { entity, types: Vec::new(), scopes: None, expires_at: None, attributes };
    app.tenant(None)?.submit(Submission::new(post.principal(), command)).await?;
    Ok(())
}

/// Changes what is registered of a device.
#[utoipa::path(put, path = "/api/devices/{id}", tag = "devices", params(("id" = String, Path)), request_body = DeviceInput,
    responses((status = 200, body = DevicePage), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<DeviceInput>,
) -> Result<Json<DevicePage>, Problem> {
    post.needs(&app, "device.register")?;
    let checked = app.clone();
    let all = blocking(move || attributes(&checked, &input)).await?;
    let entity = find(&app, &id)?.id.clone();
    let attributes =
        all.into_iter().map(|(n, a)| (n, a.into_iter().map(AttributeWrite::Set).collect())).collect();
    let command =
        Command::UpdateAttributes { entity, types: Vec::new(), scopes: None, expires_at: None, attributes };
    app.tenant(None)?.submit(Submission::new(post.principal(), command)).await?;
    blocking(move || page(&app, &id).map(Json)).await
}

/// A new password; the old one counts no more.
#[utoipa::path(post, path = "/api/devices/{id}/credential", tag = "devices", params(("id" = String, Path)),
    responses((status = 200, body = Credential), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn credential(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
) -> Result<Json<Credential>, Problem> {
    post.needs(&app, "device.register")?;
    let password = password();
    let set = |value: String| AttributeWrite::Set(property(Value::text(value)));
    let now = app.tenant(None)?.now().to_string();
    let before = find(&app, &id)?;
    let mut all =
        vec![("credentialDigest", set(digest(password.as_bytes()))), ("credentialCreatedAt", set(now))];
    if text(&before, "credentialRevokedAt").is_some() {
        all.push(("credentialRevokedAt", AttributeWrite::Delete { dataset_id: None }));
        if text(&before, "revocationReason").is_some() {
            all.push(("revocationReason", AttributeWrite::Delete { dataset_id: None }));
        }
    }
    write(&app, &post, &id, all).await?;
    Ok(Json(Credential { username: local(before.id.as_str()).to_owned(), password }))
}

/// A reason.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NoteInput {
    /// In words.
    pub note: Option<String>,
}

/// The device may report no more.
#[utoipa::path(post, path = "/api/devices/{id}/revoke", tag = "devices", params(("id" = String, Path)), request_body = NoteInput,
    responses((status = 200, body = DevicePage), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn revoke(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    input: Option<Json<NoteInput>>,
) -> Result<Json<DevicePage>, Problem> {
    post.needs(&app, "device.revoke")?;
    let set = |text: String| AttributeWrite::Set(property(Value::text(text)));
    let mut changed = vec![("credentialRevokedAt", set(app.tenant(None)?.now().to_string()))];
    if let Some(note) = input.and_then(|i| i.0.note).filter(|n| !n.trim().is_empty()) {
        changed.push(("revocationReason", set(note.trim().chars().take(500).collect())));
    }
    write(&app, &post, &id, changed).await?;
    app.ingest_link().kick(&id);
    blocking(move || page(&app, &id).map(Json)).await
}

/// A feed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct FeedInfo {
    pub id: String,
    pub pack: String,
    pub title: Words,
    pub topic: String,
    pub format: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub fields: Vec<FeedField>,
    pub fresh_minutes: u32,
    pub example: String,
}

/// A field of a feed.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct FeedField {
    pub attribute: String,
    pub title: Words,
    pub from: String,
    pub unit: Option<String>,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// All feeds.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct FeedList {
    pub feeds: Vec<FeedInfo>,
}

/// What payloads mean.
#[utoipa::path(get, path = "/api/feeds", tag = "devices", responses((status = 200, body = FeedList)))]
pub async fn feeds(State(app): State<App>) -> Json<FeedList> {
    let info = |feed: &std::sync::Arc<Feed>| FeedInfo {
        id: feed.id.clone(),
        pack: feed.id.split('.').next().unwrap_or_default().to_owned(),
        title: Words::new(feed.def.title.zh.as_str(), feed.def.title.en.as_str()),
        topic: feed.def.topic.clone(),
        format: format!("{:?}", feed.def.format).to_lowercase(),
        kind: feed.def.kind.clone(),
        fields: feed
            .def
            .fields
            .iter()
            .map(|f| FeedField {
                attribute: f.attribute.clone(),
                title: attribute_title(&app, &feed.def.kind, &f.attribute),
                from: f.from.clone(),
                unit: f.unit.clone(),
                min: f.min,
                max: f.max,
            })
            .collect(),
        fresh_minutes: feed.def.fresh_minutes,
        example: feed.def.example.clone(),
    };
    Json(FeedList { feeds: app.operations().feeds().iter().map(info).collect() })
}

/// Whether a value of an entity came from a simulator.
pub fn simulated(entity: &Entity) -> bool {
    flag(entity, "simulated")
}

/// The first target of a relationship of an entity.
pub fn target(entity: &Entity, short: &str) -> Option<String> {
    object(entity, short)
}
