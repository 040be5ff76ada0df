//! NGSI-LD (ETSI GS CIM 009 V1.9.1) under `/ngsi-ld/v1`.
//!
//! Layout: [`request`] and [`reply`] are the one negotiation and error layer of all routes; [`contexts`] finds `@context`
//! documents; then one file a resource: [`entities`], [`attributes`], [`batch`], [`discovery`], [`temporal`] with [`history`],
//! [`subscriptions`], [`context_routes`]; [`delivery`] sends notifications.

pub mod attributes;
pub mod batch;
pub mod context_routes;
pub mod contexts;
pub mod delivery;
pub mod discovery;
pub mod entities;
pub mod history;
mod query_body;
pub mod reply;
pub mod request;
pub mod subscriptions;
pub mod temporal;

use axum::Router;
use axum::routing::{get, post};

use crate::state::App;

pub use contexts::Contexts as State;
pub use delivery::background;

/// All routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/entities",
            get(entities::query)
                .post(entities::create)
                .delete(entities::purge)
                .patch(entities::no_id)
                .put(entities::no_id),
        )
        .route(
            "/entities/{id}",
            get(entities::retrieve).delete(entities::delete).patch(entities::merge).put(entities::replace),
        )
        .route("/entities/{id}/attrs", post(attributes::append).patch(attributes::update))
        .route(
            "/entities/{id}/attrs/{name}",
            axum::routing::patch(attributes::partial).put(attributes::replace).delete(attributes::delete),
        )
        .route("/entityOperations/create", post(batch::create))
        .route("/entityOperations/upsert", post(batch::upsert))
        .route("/entityOperations/update", post(batch::update))
        .route("/entityOperations/merge", post(batch::merge))
        .route("/entityOperations/delete", post(batch::delete))
        .route("/entityOperations/query", post(entities::query_by_body))
        .route("/types", get(discovery::types))
        .route("/types/{name}", get(discovery::one_type))
        .route("/attributes", get(discovery::attributes))
        .route("/attributes/{name}", get(discovery::one_attribute))
        .route("/subscriptions", get(subscriptions::list).post(subscriptions::create))
        .route(
            "/subscriptions/{id}",
            get(subscriptions::retrieve).patch(subscriptions::update).delete(subscriptions::delete),
        )
        .route("/temporal/entities", get(history::query).post(temporal::create))
        .route("/temporal/entities/{id}", get(history::retrieve).delete(temporal::delete))
        .route("/temporal/entities/{id}/attrs", post(temporal::append))
        .route("/temporal/entities/{id}/attrs/{name}", axum::routing::delete(temporal::delete_attribute))
        .route(
            "/temporal/entities/{id}/attrs/{name}/{instance}",
            axum::routing::patch(temporal::replace_instance).delete(temporal::delete_instance),
        )
        .route("/temporal/entityOperations/query", post(history::query_by_body))
        .route("/jsonldContexts", get(context_routes::list).post(context_routes::create))
        .route("/jsonldContexts/{id}", get(context_routes::retrieve).delete(context_routes::delete))
        .route("/info/sourceIdentity", get(discovery::source_identity))
        .fallback(reply::no_such_route)
        .layer(axum::middleware::from_fn(reply::echo_on_all))
}
