//! By which ways notices leave the house, and who is reached by them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nacre_cases::case::{iri, urn};
use nacre_channels::address::{Address, Way};
use nacre_channels::contacts::{CONTACT, Contact, Gravity};
use nacre_devices::names::{property, relationship};
use nacre_indicators::{Party, Words};
use nacre_kernel::command::EntityDraft;
use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, Submission};
use nacre_model::{EntityId, Instant, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cases::shown::Names;
use crate::plan::post::{Post, roles};
use crate::plan::store::{blocking, new_id, organisation_kind};
use crate::problem::Problem;
use crate::state::App;

/// Most addresses of one contact.
const ADDRESSES_MAX: usize = 10;
/// The verb of whoever keeps contacts.
pub(super) const VERB: &str = "channel.manage";

/// A way out, and how it does since the start.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// `mail`, `webhook`, `wecom-robot`, `wecom`.
    pub channel: String,
    /// 中文 and English.
    pub title: Words,
    /// The setting that is missing; none: it is ready.
    pub missing: Option<String>,
    /// Messages that wait or are on their way.
    pub waiting: usize,
    /// Notices sent.
    pub sent: u64,
    /// Tries that failed.
    pub failed: u64,
    /// When one was sent last.
    pub last_sent_at: Option<String>,
    /// When a try failed last.
    pub last_error_at: Option<String>,
    /// Why.
    pub last_error: Option<String>,
}

/// An address, masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Masked {
    /// `mail`, `webhook`, `wecom-robot`, `wecom`.
    pub channel: String,
    /// Masked: `z***@example.org`.
    pub to: String,
}

/// Who is reached where.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactInfo {
    /// Its id.
    pub id: String,
    /// From the on-call table; it is changed there.
    pub shift: bool,
    /// Role.
    pub role: String,
    /// 中文 and English.
    pub role_title: Words,
    /// None: of every organisation.
    pub organisation: Option<Party>,
    /// None: everybody of the post.
    pub person: Option<String>,
    /// `info`, `warning`, `urgent`: lighter notices stay in the console.
    pub from: String,
    /// Also what is simulated.
    pub simulated: bool,
    /// Where.
    pub addresses: Vec<Masked>,
    /// What is written there but is no address.
    pub wrong: Vec<String>,
    /// A shift begins.
    pub begins_at: Option<String>,
    /// A shift ends.
    pub ends_at: Option<String>,
}

/// Ways out and contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channels {
    /// Ways out.
    pub channels: Vec<Channel>,
    /// Standing contacts first, then shifts that have not ended.
    pub contacts: Vec<ContactInfo>,
}

/// A contact to be written.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContactInput {
    /// Role.
    pub role: String,
    /// Local id; none: of every organisation.
    pub organisation: Option<String>,
    /// None: everybody of the post.
    pub person: Option<String>,
    /// `info`, `warning` (default), `urgent`.
    pub from: Option<String>,
    /// Also what is simulated.
    pub simulated: bool,
    /// URIs: `mailto:`, `https:`, `wecom:`, `wecom+https:`. On a change, none keeps those there are.
    pub addresses: Vec<String>,
}

/// An address to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// A URI.
    pub address: String,
}

fn title(way: Way) -> Words {
    match way {
        Way::Mail => Words::new("邮件", "E-mail"),
        Way::Webhook => Words::new("网络回调", "Webhook"),
        Way::WecomRobot => Words::new("企业微信群机器人", "WeCom group robot"),
        Way::Wecom => Words::new("企业微信应用", "WeCom application"),
    }
}

fn masked(address: &Address) -> Masked {
    Masked { channel: address.way().name().into(), to: address.masked() }
}

fn shown(contact: &Contact, names: &mut Names<'_>) -> ContactInfo {
    ContactInfo {
        id: contact.id.clone(),
        shift: contact.shift,
        role: contact.role.clone(),
        role_title: names.role(&contact.role),
        organisation: contact.organisation.as_deref().map(|o| names.party(o)),
        person: contact.person.clone(),
        from: contact.from.name().into(),
        simulated: contact.simulated,
        addresses: contact.addresses.iter().map(masked).collect(),
        wrong: contact.wrong.clone(),
        begins_at: contact.span.map(|(from, _)| from.to_string()),
        ends_at: contact.span.map(|(_, to)| to.to_string()),
    }
}

/// Ways out and how they do, and who is reached by them. Addresses are masked.
#[utoipa::path(get, path = "/api/channels", tag = "alerts", responses((status = 200, body = Channels)))]
pub async fn list(State(app): State<App>) -> Result<Json<Channels>, Problem> {
    blocking(move || {
        let now = app.tenant(None)?.now();
        let at = |t: Option<Instant>| t.map(|t| t.to_string());
        let of = |s: nacre_channels::messenger::WayStatus| Channel {
            channel: s.way.name().into(),
            title: title(s.way),
            missing: s.missing,
            waiting: s.waiting,
            sent: s.tally.sent,
            failed: s.tally.failed,
            last_sent_at: at(s.tally.last_sent),
            last_error_at: at(s.tally.last_error.as_ref().map(|(t, _)| *t)),
            last_error: s.tally.last_error.map(|(_, why)| why),
        };
        let channels = app.messenger().status().into_iter().map(of).collect();
        let mut contacts = app.messenger().contacts()?.0;
        contacts.retain(|c| c.span.is_none_or(|(_, to)| to > now));
        contacts.sort_by(|a, b| (a.shift, a.span, &a.role, &a.id).cmp(&(b.shift, b.span, &b.role, &b.id)));
        let mut names = Names::new(&app);
        let contacts = contacts.iter().map(|c| shown(c, &mut names)).collect();
        Ok(Json(Channels { channels, contacts }))
    })
    .await
}

fn wrong(field: &str, zh: &str, en: &str) -> Problem {
    Problem::bad("contact_form", format!("`{field}`：{zh} / `{field}`: {en}"))
}

/// The standing contact of an id, with its URIs as stored.
fn find(app: &App, id: &str) -> Result<(EntityId, Vec<Value>), Problem> {
    let missing = || Problem::not_found(format!("没有联系方式 `{id}`。 / There is no contact `{id}`."));
    let urn = EntityId::new(&urn(CONTACT, id)).map_err(|_| missing())?;
    let found = app.tenant(None)?.entity(&app.principal(), &urn, AsOf::Now)?.ok_or_else(missing)?;
    let uris = match nacre_cases::case::attribute(&found, "channels") {
        Some(nacre_model::Content::Property(Value::List(all))) => all.to_vec(),
        Some(nacre_model::Content::Property(one)) => vec![one.clone()],
        _ => Vec::new(),
    };
    Ok((urn, uris))
}

/// The contact as an entity; `known` are the addresses it has when none are given.
fn draft(app: &App, id: EntityId, input: &ContactInput, known: Vec<Value>) -> Result<EntityDraft, Problem> {
    let role = input.role.trim();
    if !roles(app).any(|(_, r)| r.name == role) {
        let mut all: Vec<&str> = roles(app).map(|(_, r)| r.name.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        return Err(wrong(
            "role",
            "没有这个岗位",
            &format!("there is no such post; there are: {}", all.join(", ")),
        ));
    }
    let from = input.from.as_deref().unwrap_or("warning");
    if Gravity::parse(from).is_none() {
        return Err(wrong("from", "info、warning 或 urgent", "info, warning or urgent"));
    }
    if input.addresses.len() > ADDRESSES_MAX {
        return Err(wrong("addresses", "最多 10 个", "at most 10"));
    }
    for (at, uri) in input.addresses.iter().enumerate() {
        Address::parse(uri)
            .map_err(|why| Problem::bad("contact_address", format!("/addresses/{at}: {why}")))?;
    }
    let uris: Vec<Value> = match input.addresses.is_empty() {
        true => known,
        false => input.addresses.iter().map(|a| Value::text(a.trim())).collect(),
    };
    if uris.is_empty() {
        return Err(wrong("addresses", "至少一个地址", "one address at least"));
    }
    let text = |t: &str| property(Value::text(t));
    let mut all = vec![
        ("name", text(role)),
        ("contactRole", text(role)),
        ("contactFrom", text(from)),
        ("channels", property(Value::List(uris))),
    ];
    if let Some(organisation) = input.organisation.as_deref().map(str::trim).filter(|o| !o.is_empty()) {
        if organisation_kind(app, organisation)?.is_none() {
            return Err(wrong("organisation", "没有这个单位", "there is no such organisation"));
        }
        all.push(("organisation", relationship(&urn("Organization", organisation))));
    }
    if let Some(person) = input.person.as_deref().map(str::trim).filter(|p| !p.is_empty()) {
        all.push(("contactPerson", text(&person.chars().take(64).collect::<String>())));
    }
    if input.simulated {
        all.push(("alsoSimulated", property(Value::Bool(true))));
    }
    let attributes = all.into_iter().map(|(name, attribute)| (iri(name), vec![attribute])).collect();
    Ok(EntityDraft { id, types: vec![iri(CONTACT)], scopes: None, expires_at: None, attributes })
}

async fn answer(app: App, id: EntityId) -> Result<ContactInfo, Problem> {
    blocking(move || {
        let found = app.tenant(None)?.entity(&app.principal(), &id, AsOf::Now)?;
        let contact = found.as_deref().and_then(Contact::read);
        let contact = contact.ok_or_else(|| Problem::not_found("the contact is gone"))?;
        Ok(shown(&contact, &mut Names::new(&app)))
    })
    .await
}

/// Somebody is to be reached.
#[utoipa::path(post, path = "/api/contacts", tag = "alerts", request_body = ContactInput,
    responses((status = 201, body = ContactInfo), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    post: Post,
    Json(input): Json<ContactInput>,
) -> Result<Response, Problem> {
    post.needs(&app, VERB)?;
    let id =
        EntityId::new(&urn(CONTACT, &new_id("c-"))).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let (checked, entity) = (app.clone(), id.clone());
    let draft = blocking(move || draft(&checked, entity, &input, Vec::new())).await?;
    app.tenant(None)?.submit(Submission::new(post.principal(), Command::CreateEntity(draft))).await?;
    Ok((StatusCode::CREATED, Json(answer(app, id).await?)).into_response())
}

/// A contact becomes this.
#[utoipa::path(put, path = "/api/contacts/{id}", tag = "alerts", params(("id" = String, Path)), request_body = ContactInput,
    responses((status = 200, body = ContactInfo), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<ContactInput>,
) -> Result<Json<ContactInfo>, Problem> {
    post.needs(&app, VERB)?;
    let checked = app.clone();
    let draft = blocking(move || {
        let (entity, known) = find(&checked, &id)?;
        draft(&checked, entity, &input, known)
    })
    .await?;
    let id = draft.id.clone();
    app.tenant(None)?.submit(Submission::new(post.principal(), Command::ReplaceEntity(draft))).await?;
    Ok(Json(answer(app, id).await?))
}

/// A contact goes; it stays in the records.
#[utoipa::path(delete, path = "/api/contacts/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn remove(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
) -> Result<StatusCode, Problem> {
    post.needs(&app, VERB)?;
    let checked = app.clone();
    let (entity, _) = blocking(move || find(&checked, &id)).await?;
    let command = Command::DeleteEntity { entity };
    app.tenant(None)?.submit(Submission::new(post.principal(), command)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test to an address, and says how it went.
#[utoipa::path(post, path = "/api/channels/test", tag = "alerts", request_body = Trial,
    responses((status = 204), (status = 400, body = Problem), (status = 403, body = Problem), (status = 502, body = Problem)))]
pub async fn trial(
    State(app): State<App>,
    post: Post,
    Json(trial): Json<Trial>,
) -> Result<StatusCode, Problem> {
    post.needs(&app, VERB)?;
    app.trial_pace()?;
    let address = Address::parse(&trial.address)
        .map_err(|why| Problem::bad("contact_address", format!("/address: {why}")))?;
    match app.messenger().probe(&address).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) => {
            let detail = format!(
                "{}：未送达。 / {}: not delivered. {}",
                title(address.way()).zh,
                error.channel,
                error.detail
            );
            Err(Problem::new(StatusCode::BAD_GATEWAY, error.code, detail))
        }
    }
}
