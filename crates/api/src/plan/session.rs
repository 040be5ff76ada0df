//! What a console needs to begin: the district, the posts that can be taken, the packs.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use nacre_indicators::Words;
use nacre_kernel::query::AsOf;
use serde::Serialize;
use utoipa::ToSchema;

use super::post::roles;
use super::store::{Simple, all, blocking};
use crate::problem::Problem;
use crate::state::App;

/// What a console begins with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Name and code of the district.
    pub district: DistrictName,
    /// Posts are declared, not proved.
    pub open: bool,
    /// Posts that can be taken.
    pub posts: Vec<PostChoice>,
    /// Packs that are loaded.
    pub packs: Vec<PackInfo>,
    /// The newest record.
    pub newest: u64,
    /// When the first record was made.
    pub first_at: Option<String>,
    /// When the newest was made.
    pub newest_at: Option<String>,
}

/// The district.
#[derive(Debug, Serialize, ToSchema)]
pub struct DistrictName {
    /// Name.
    pub name: Words,
    /// Code of GB/T 2260.
    pub code: Option<String>,
}

/// A post and where it is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostChoice {
    /// Role.
    pub role: String,
    /// Name.
    pub title: Words,
    /// Level in workflows.
    pub level: String,
    /// What it may do.
    pub verbs: Vec<String>,
    /// Organisations that have it.
    pub organisations: Vec<nacre_indicators::Party>,
}

/// A pack.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackInfo {
    /// Folder name.
    pub name: String,
    /// Name.
    pub title: Words,
    /// Purpose.
    pub description: Words,
    /// Version.
    pub version: String,
    /// Numbers of the plan's systems it realises.
    pub systems: Vec<u16>,
    /// Its types.
    pub types: Vec<String>,
    /// How far it is: draft, working, trusted.
    pub tier: String,
}

/// Words of a pack as words of an answer.
pub fn words(words: &nacre_pack::type_def::Words) -> Words {
    Words::new(words.zh.as_str(), words.en.as_str())
}

/// Words at a text key of a pack.
pub fn text(pack: &nacre_pack::Pack, key: &str) -> Words {
    pack.text.get(key).map(words).unwrap_or_else(|| Words::new(key, key))
}

/// The district, posts and packs.
#[utoipa::path(get, path = "/api/session", tag = "console", responses((status = 200, body = Session)))]
pub async fn session(State(app): State<App>) -> Result<Json<Session>, Problem> {
    blocking(move || read(&app).map(Json)).await
}

fn read(app: &App) -> Result<Session, Problem> {
    let tenant = app.tenant(None)?;
    let who = app.principal();
    let mut organisations: BTreeMap<String, Vec<nacre_indicators::Party>> = BTreeMap::new();
    for entity in all(&tenant, &who, "Organization", AsOf::Now)?.0 {
        let simple = Simple::of(&entity);
        let party =
            nacre_indicators::Party { id: simple.local().to_owned(), name: simple.text("name").to_owned() };
        organisations.entry(simple.text("orgKind").to_owned()).or_default().push(party);
    }
    let mut posts: Vec<PostChoice> = Vec::new();
    for (pack, role) in roles(app) {
        if let Some(known) = posts.iter_mut().find(|p| p.role == role.name) {
            known.verbs.extend(role.verbs.iter().cloned());
            continue;
        }
        let kinds = role.organisations.iter();
        posts.push(PostChoice {
            role: role.name.clone(),
            title: text(pack, &role.title),
            level: role.level.clone().unwrap_or_default(),
            verbs: role.verbs.clone(),
            organisations: kinds.filter_map(|k| organisations.get(k)).flatten().cloned().collect(),
        });
    }
    let level = |l: &str| ["fill", "street", "district", "office", "leader"].iter().position(|x| *x == l);
    posts.sort_by_key(|p| level(&p.level));
    let packs = app.settings().packs.iter().filter(|p| !p.name.starts_with('_'));
    let at = |seq| Ok::<_, Problem>(tenant.record(&who, nacre_model::Seq(seq))?.map(|r| r.at.to_string()));
    let newest = tenant.settled()?.0;
    Ok(Session {
        district: DistrictName {
            name: Words::new(app.settings().district.0.as_str(), app.settings().district.1.as_str()),
            code: app.settings().district_code.clone(),
        },
        open: true,
        posts,
        packs: packs
            .map(|p| PackInfo {
                name: p.name.clone(),
                title: words(&p.title),
                description: words(&p.description),
                version: p.version.clone(),
                systems: p.systems.clone(),
                types: p.types.keys().cloned().collect(),
                tier: p.quality.tier.name().to_owned(),
            })
            .collect(),
        newest,
        first_at: at(1)?,
        newest_at: at(newest)?,
    })
}
