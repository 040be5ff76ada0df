//! Looking at entities of any type of any pack: what types there are, lists with search, filter and sort, the search of
//! the command palette, and the layers of the map.

pub mod entities;
pub mod map;
pub mod search;
pub mod types;

use axum::Router;
use axum::routing::get;

use crate::state::App;

/// All routes for looking around.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/types", get(types::list))
        .route("/api/entities", get(entities::list))
        .route("/api/entities/export", get(entities::export))
        .route("/api/search", get(search::search))
        .route("/api/map", get(map::map))
}
