//! What became of notices outside: sent, waiting, failed, and once more.

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_cases::case::{iri, local, urn};
use nacre_channels::deliveries;
use nacre_channels::messenger::page;
use nacre_devices::names::{flag, object, text};
use nacre_kernel::query::{AsOf, Page, Query as Entities, TypeSelection};
use nacre_model::EntityId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::channels::VERB;
use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// A notice on its way to an address.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryInfo {
    /// The notice.
    pub notice: String,
    /// What it says, in one line; only for whoever keeps the channels.
    pub subject: Option<String>,
    /// The page it is about; only for whoever keeps the channels.
    pub link: Option<String>,
    /// `mail`, `webhook`, `wecom-robot`, `wecom`.
    pub channel: String,
    /// The address, masked.
    pub to: String,
    /// `sent`, `waiting`, `failed`.
    pub state: String,
    /// How often it was tried when this was written.
    pub tries: u32,
    /// When.
    pub at: String,
    /// Why it was not sent.
    pub error: Option<String>,
    /// From a simulator.
    pub simulated: bool,
}

/// A page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryList {
    /// Newest first.
    pub deliveries: Vec<DeliveryInfo>,
    /// All that fit.
    pub total: usize,
}

/// Which.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[allow(missing_docs)]
pub struct DeliveryQuery {
    /// `sent`, `waiting`, `failed`.
    pub state: Option<String>,
    pub offset: usize,
    pub limit: Option<usize>,
}

/// To how many addresses a notice goes once more.
#[derive(Debug, Serialize, ToSchema)]
pub struct Again {
    /// Addresses.
    pub addresses: usize,
}

/// What became of notices outside.
#[utoipa::path(get, path = "/api/deliveries", tag = "alerts", params(DeliveryQuery), responses((status = 200, body = DeliveryList)))]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<DeliveryQuery>,
    post: Post,
) -> Result<Json<DeliveryList>, Problem> {
    // A notice is for the post it names; others see only whether the channels work.
    let keeper = post.has(VERB);
    blocking(move || {
        let notices = Entities { types: Some(TypeSelection::Is(iri("Notice"))), ..Entities::default() };
        let whole = Page { offset: 0, limit: u64::MAX, count: false };
        let answer = app.tenant(None)?.scan(&app.principal(), &notices, whole, AsOf::Now)?;
        let mut found = Vec::new();
        for entity in &answer.entities {
            for delivery in deliveries(entity) {
                if query.state.as_deref().is_some_and(|s| !s.is_empty() && s != delivery.state) {
                    continue;
                }
                found.push(DeliveryInfo {
                    notice: local(entity.id.as_str()).to_owned(),
                    subject: text(entity, "name").filter(|_| keeper),
                    link: object(entity, "about").filter(|_| keeper).as_deref().map(page),
                    channel: delivery.channel,
                    to: delivery.to,
                    state: delivery.state,
                    tries: delivery.tries,
                    at: delivery.at,
                    error: delivery.error,
                    simulated: flag(entity, "simulated"),
                });
            }
        }
        found.sort_by(|a, b| b.at.cmp(&a.at));
        let total = found.len();
        let limit = query.limit.unwrap_or(50).min(crate::cases::lists::LIMIT_MAX);
        let deliveries = found.into_iter().skip(query.offset).take(limit).collect();
        Ok(Json(DeliveryList { deliveries, total }))
    })
    .await
}

/// What failed of a notice is sent once more.
#[utoipa::path(post, path = "/api/deliveries/{notice}/again", tag = "alerts", params(("notice" = String, Path)),
    responses((status = 200, body = Again), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn again(
    State(app): State<App>,
    Path(notice): Path<String>,
    post: Post,
) -> Result<Json<Again>, Problem> {
    post.needs(&app, VERB)?;
    blocking(move || {
        let missing = || Problem::not_found("没有这条通知。 / There is no such notice.");
        let id = EntityId::new(&urn("Notice", &notice)).map_err(|_| missing())?;
        let entity = app.tenant(None)?.entity(&app.principal(), &id, AsOf::Now)?.ok_or_else(missing)?;
        match app.messenger().again(&entity) {
            0 => {
                let detail = "没有失败的发送，或联系方式已不在。 / Nothing failed, or the contacts are gone.";
                Err(Problem::new(axum::http::StatusCode::CONFLICT, "nothing_failed", detail))
            }
            addresses => Ok(Json(Again { addresses })),
        }
    })
    .await
}
