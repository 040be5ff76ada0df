//! How serious: dated lists of levels, each with its words and its colour.

use axum::Json;
use axum::extract::State;
use nacre_indicators::Words;
use serde::Serialize;
use utoipa::ToSchema;

use crate::plan::session::words;
use crate::state::App;

/// A level of a scheme.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Level {
    pub id: String,
    pub title: Words,
    pub colour: String,
    /// 1 is the highest.
    pub rank: usize,
}

/// A scheme of levels: a dated code list of a pack.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Scheme {
    pub id: String,
    pub title: Words,
    pub source: Option<String>,
    pub levels: Vec<Level>,
}

/// All schemes.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct SchemeList {
    pub schemes: Vec<Scheme>,
}

/// Colours of levels, apart for colour-blind eyes and in print.
fn colour(level: &str) -> &'static str {
    match level {
        "red" => "#c4232b",
        "orange" => "#d2691e",
        "yellow" => "#a37c00",
        "blue" => "#1f66b3",
        "white" => "#6b7280",
        _ => "#4b5563",
    }
}

/// A scheme by name.
pub fn scheme(app: &App, id: &str) -> Option<Scheme> {
    let lists = app.settings().packs.iter().filter_map(|p| p.codes.get(id));
    let list = lists.into_iter().next()?;
    let level = |(i, c): (usize, &nacre_pack::code_list::CodeEntry)| Level {
        id: c.code.clone(),
        title: words(&c.title),
        colour: colour(&c.code).to_owned(),
        rank: i + 1,
    };
    Some(Scheme {
        id: id.to_owned(),
        title: words(&list.title),
        source: list.source.clone(),
        levels: list.codes.iter().enumerate().map(level).collect(),
    })
}

/// The level of an alert.
pub fn level(app: &App, scheme_id: &str, severity: &str) -> Level {
    let found = scheme(app, scheme_id).and_then(|s| s.levels.into_iter().find(|l| l.id == severity));
    found.unwrap_or_else(|| Level {
        id: severity.to_owned(),
        title: Words::new(severity, severity),
        colour: colour(severity).to_owned(),
        rank: 9,
    })
}

/// Schemes of levels.
#[utoipa::path(get, path = "/api/severity", tag = "alerts", responses((status = 200, body = SchemeList)))]
pub async fn severity(State(app): State<App>) -> Json<SchemeList> {
    let known = ["national-four", "guangdong-typhoon-five", "guangdong-rainstorm-three"];
    Json(SchemeList { schemes: known.iter().filter_map(|id| scheme(&app, id)).collect() })
}
