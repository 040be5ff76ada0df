//! The search of the command palette: names of entities, in Chinese, pinyin or its initials (hzsd → 海珠湿地).
//!
//! The index holds names only, is built at the first question and follows the journal from there.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State};
use nacre_indicators::Words;
use nacre_kernel::query::{AsOf, Page, Query as Wanted};
use nacre_kernel::{Principal, Tenant};
use nacre_model::{Content, Entity, EntityId, Iri, Seq};
use nacre_wire_ngsi_ld::context::Context;
use pinyin::ToPinyin;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Names kept; beyond it the newest entities are not found by name.
const NAMES_MAX: usize = 2_000_000;
/// Commits followed in one go before the index is built anew.
const FOLLOW_MAX: u64 = 20_000;

/// Something found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Id.
    pub id: String,
    /// Short name of its type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Name of the type.
    pub type_title: Words,
    /// Its name.
    pub name: String,
    /// name, pinyin, initials, id.
    pub why: &'static str,
}

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SearchParams {
    /// Part of a name, pinyin, initials, or part of an id.
    pub q: String,
    /// Hits at most, up to 50; 20 if not given.
    pub limit: Option<usize>,
}

struct Name {
    entity_type: String,
    name: String,
    pinyin: String,
    initials: String,
}

/// Names of entities by id.
pub struct Names {
    /// Expanded name of the attribute that names.
    label: Option<Iri>,
    seq: Seq,
    built: bool,
    names: HashMap<EntityId, Name>,
}

/// Types that are the platform's own bookkeeping: nobody looks for them by name.
const HIDDEN: [&str; 2] = ["IndicatorScheme", "PublicComment"];

impl Default for Names {
    fn default() -> Names {
        let label = Context::core().expand("name").ok();
        Names { label, seq: Seq::ZERO, built: false, names: HashMap::new() }
    }
}

/// The text of an entity's attribute.
fn text_of<'a>(entity: &'a Entity, name: &Option<Iri>) -> Option<&'a str> {
    match &entity.attributes.get(name.as_ref()?)?.first()?.attribute.content {
        Content::Property(value) => value.as_text(),
        _ => None,
    }
}

impl Names {
    fn put(&mut self, entity: &Entity) {
        let kind = entity.types.first().map(|t| t.as_str().rsplit('/').next().unwrap_or_default().to_owned());
        let kind = kind.unwrap_or_default();
        if HIDDEN.contains(&kind.as_str()) {
            return;
        }
        let Some(name) = text_of(entity, &self.label).filter(|n| !n.is_empty()).map(str::to_owned) else {
            return;
        };
        if self.names.len() >= NAMES_MAX && !self.names.contains_key(&entity.id) {
            return;
        }
        let (mut whole, mut initials) = (String::new(), String::new());
        for (letter, sound) in name.chars().zip(name.as_str().to_pinyin()) {
            match sound {
                Some(sound) => {
                    whole.push_str(sound.plain());
                    initials.push_str(sound.first_letter());
                }
                None if letter.is_alphanumeric() => {
                    let low: String = letter.to_lowercase().collect();
                    whole.push_str(&low);
                    initials.push_str(&low);
                }
                None => {}
            }
        }
        self.names.insert(entity.id.clone(), Name { entity_type: kind, name, pinyin: whole, initials });
    }

    /// Brings the index to the newest record.
    pub fn follow(&mut self, tenant: &Tenant, who: &Principal) -> Result<(), Problem> {
        let newest = tenant.settled()?;
        if !self.built || newest.0.saturating_sub(self.seq.0) > FOLLOW_MAX {
            return self.build(tenant, who);
        }
        while self.seq < newest {
            let commits = tenant.commits_after(who, self.seq, 512)?;
            let Some(last) = commits.last() else { break };
            for id in commits.iter().flat_map(|c| c.record.changes.iter().filter_map(|ch| ch.entity())) {
                match tenant.entity(who, id, AsOf::Now)? {
                    Some(entity) => self.put(&entity),
                    None => drop(self.names.remove(id)),
                }
            }
            self.seq = last.record.seq;
        }
        Ok(())
    }

    fn build(&mut self, tenant: &Tenant, who: &Principal) -> Result<(), Problem> {
        self.names.clear();
        self.seq = tenant.settled()?;
        for count in tenant.type_counts(who)?.into_iter().filter(|c| c.attribute.is_none()) {
            let types = Some(nacre_kernel::query::TypeSelection::Is(count.type_name.clone()));
            let query = Wanted { types, ..Wanted::default() };
            let page = Page { offset: 0, limit: NAMES_MAX as u64, count: false };
            tenant.scan(who, &query, page, AsOf::Now)?.entities.iter().for_each(|e| self.put(e));
        }
        self.built = true;
        Ok(())
    }

    fn find(&self, asked: &str, limit: usize) -> Vec<(&EntityId, &Name, &'static str)> {
        let asked: String = asked.trim().to_lowercase();
        let letters: String = asked.chars().filter(|c| !c.is_whitespace()).collect();
        if letters.is_empty() {
            return Vec::new();
        }
        let rank = |id: &EntityId, n: &Name| -> Option<(u8, usize, &'static str)> {
            let length = n.name.chars().count();
            let low = n.name.to_lowercase();
            let ranks = [
                (low == asked, 0, "name"),
                (low.starts_with(&asked), 1, "name"),
                (n.initials == letters, 2, "initials"),
                (low.contains(&asked), 3, "name"),
                (n.pinyin.starts_with(&letters), 4, "pinyin"),
                (n.initials.starts_with(&letters), 5, "initials"),
                (n.initials.contains(&letters), 6, "initials"),
                (n.pinyin.contains(&letters), 7, "pinyin"),
                (id.as_str().to_lowercase().contains(&asked), 8, "id"),
            ];
            ranks.into_iter().find(|r| r.0).map(|r| (r.1, length, r.2))
        };
        let mut hits: Vec<_> =
            self.names.iter().filter_map(|(id, n)| rank(id, n).map(|r| (r, id, n))).collect();
        // The community of a name comes after places and things that are better known.
        hits.sort_by(|a, b| ((a.0.0, a.0.1), a.1).cmp(&((b.0.0, b.0.1), b.1)));
        hits.into_iter().take(limit).map(|(r, id, n)| (id, n, r.2)).collect()
    }
}

/// Entities by name, pinyin or initials.
#[utoipa::path(get, path = "/api/search", tag = "console", params(SearchParams), responses((status = 200, body = Vec<SearchHit>)))]
pub async fn search(
    State(app): State<App>,
    Query(param): Query<SearchParams>,
) -> Result<Json<Vec<SearchHit>>, Problem> {
    blocking(move || {
        let (tenant, who) = (app.tenant(None)?, app.principal());
        if param.q.chars().count() > 100 {
            return Err(Problem::bad("invalid_q", "`q` has at most 100 characters"));
        }
        let mut names = app.names().lock();
        names.follow(&tenant, &who)?;
        let titles = &app.settings().packs;
        let hits = names.find(&param.q, param.limit.unwrap_or(20).clamp(1, 50));
        let hit = |(id, n, why): (&EntityId, &Name, &'static str)| SearchHit {
            id: id.to_string(),
            entity_type: n.entity_type.clone(),
            type_title: titles.iter().find_map(|p| p.types.get(&n.entity_type)).map_or_else(
                || Words::new(n.entity_type.as_str(), n.entity_type.as_str()),
                |t| Words::new(t.title.zh.as_str(), t.title.en.as_str()),
            ),
            name: n.name.clone(),
            why,
        };
        Ok(Json(hits.into_iter().map(hit).collect()))
    })
    .await
}
