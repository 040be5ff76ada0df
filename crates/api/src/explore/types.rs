//! The types of all packs, as forms, lists and detail pages are made from them.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use nacre_indicators::Words;
use nacre_pack::type_def::{AttributeDef, Kind, TextRule, TypeDef};
use nacre_pack::view::{Section, ViewKind};
use nacre_pack::{Classification, Pack};
use serde::Serialize;
use utoipa::ToSchema;

use crate::plan::session::{text, words};
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// A type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TypeInfo {
    /// Short name.
    pub name: String,
    /// Its pack.
    pub pack: String,
    /// Name for people.
    pub title: Words,
    /// What it is.
    pub description: Words,
    /// How many entities there are now.
    pub count: u64,
    /// Its entities change by verbs only; there is no form for them.
    pub governed: bool,
    /// The attribute shown as its name.
    pub label: Option<String>,
    /// Its attributes.
    pub attributes: Vec<AttributeInfo>,
    /// The list view.
    pub list: Option<ListInfo>,
    /// Groups of the detail page.
    pub detail: Vec<GroupInfo>,
    /// Entities that point here.
    pub related: Vec<RelatedInfo>,
    /// Groups of the form.
    pub form: Vec<GroupInfo>,
    /// The map layer.
    pub map: Option<MapInfo>,
}

/// An attribute.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttributeInfo {
    /// Short name.
    pub name: String,
    /// Name for people.
    pub title: Words,
    /// Meaning.
    pub description: Option<Words>,
    /// text, code, integer, number, boolean, date, datetime, uri, json, relationship, point, line, polygon, geometry, language.
    pub kind: String,
    /// The closed words it takes.
    pub codes: Option<Vec<CodeInfo>>,
    /// Types a relationship leads to.
    pub to: Vec<String>,
    /// Several values.
    pub many: bool,
    /// Every entity has it.
    pub required: bool,
    /// It is indexed.
    pub index: bool,
    /// public, internal, personal, sensitive.
    pub classification: String,
    /// Unit of a number.
    pub unit: Option<UnitInfo>,
    /// Smallest.
    pub min: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Regular expression of the whole text.
    pub pattern: Option<String>,
    /// An example.
    pub example: Option<serde_json::Value>,
    /// Name of a check such as `uscc`.
    pub check: Option<String>,
}

/// A code.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeInfo {
    /// The code.
    pub code: String,
    /// Name.
    pub title: Words,
}

/// A unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitInfo {
    /// UN/CEFACT code.
    pub code: String,
    /// Name.
    pub title: Words,
    /// Symbol.
    pub symbol: String,
}

/// Columns of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListInfo {
    /// In order.
    pub columns: Vec<String>,
    /// To filter by.
    pub filters: Vec<String>,
    /// `name` or `-name`.
    pub sort: Option<String>,
}

/// Fields under a title.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupInfo {
    /// Title.
    pub title: Words,
    /// Fields.
    pub fields: Vec<String>,
}

/// Entities that point here.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelatedInfo {
    /// Title.
    pub title: Words,
    /// Their type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Their relationship.
    pub by: String,
}

/// A layer.
#[derive(Debug, Serialize, ToSchema)]
pub struct MapInfo {
    /// The geo attribute.
    pub geometry: String,
    /// What stands beside a mark.
    pub label: Option<String>,
    /// Fields shown on a click.
    pub popup: Vec<String>,
}

/// The types of all packs.
#[utoipa::path(get, path = "/api/types", tag = "console", responses((status = 200, body = Vec<TypeInfo>)))]
pub async fn list(State(app): State<App>) -> Result<Json<Vec<TypeInfo>>, Problem> {
    blocking(move || {
        let tenant = app.tenant(None)?;
        let counts: HashMap<String, u64> = tenant
            .type_counts(&app.principal())?
            .into_iter()
            .filter(|c| c.attribute.is_none())
            .map(|c| (c.type_name.as_str().rsplit('/').next().unwrap_or_default().to_owned(), c.count))
            .collect();
        let packs = &app.settings().packs;
        let all = packs.iter().flat_map(|pack| pack.types.values().map(move |t| (pack, t)));
        Ok(Json(
            all.map(|(pack, t)| info(packs, pack, t, counts.get(&t.name).copied().unwrap_or(0))).collect(),
        ))
    })
    .await
}

fn info(packs: &[std::sync::Arc<Pack>], pack: &Pack, def: &TypeDef, count: u64) -> TypeInfo {
    let mut info = TypeInfo {
        name: def.name.clone(),
        pack: pack.name.clone(),
        title: words(&def.title),
        description: words(&def.description),
        count,
        governed: def.governed,
        label: def.label.clone(),
        attributes: def.attributes.iter().map(attribute).collect(),
        list: None,
        detail: Vec::new(),
        related: Vec::new(),
        form: Vec::new(),
        map: None,
    };
    // Views of any pack may show a type; its own pack's count first.
    let own_first = std::iter::once(pack).chain(packs.iter().map(|p| &**p).filter(|p| p.name != pack.name));
    for pack in own_first {
        for view in pack.views.values().filter(|v| v.entity_type == def.name) {
            let groups = |sections: &[Section]| {
                let group = |s: &Section| GroupInfo { title: text(pack, &s.title), fields: s.fields.clone() };
                sections.iter().map(group).collect::<Vec<_>>()
            };
            match &view.kind {
                ViewKind::List { columns, filters, sort } if info.list.is_none() => {
                    let sort =
                        sort.as_ref().map(|(by, down)| if *down { format!("-{by}") } else { by.clone() });
                    info.list = Some(ListInfo { columns: columns.clone(), filters: filters.clone(), sort });
                }
                ViewKind::Detail { sections, related } if info.detail.is_empty() => {
                    info.detail = groups(sections);
                    info.related = related
                        .iter()
                        .map(|r| RelatedInfo {
                            title: text(pack, &r.title),
                            entity_type: r.entity_type.clone(),
                            by: r.by.clone(),
                        })
                        .collect();
                }
                ViewKind::Form { sections } if info.form.is_empty() => info.form = groups(sections),
                ViewKind::Map { geometry, label, popup, .. } if info.map.is_none() => {
                    info.map = Some(MapInfo {
                        geometry: geometry.clone(),
                        label: label.clone(),
                        popup: popup.clone(),
                    });
                }
                _ => {}
            }
        }
    }
    info
}

fn attribute(def: &AttributeDef) -> AttributeInfo {
    let mut info = AttributeInfo {
        name: def.name.clone(),
        title: words(&def.title),
        description: def.description.as_ref().map(words),
        kind: def.kind.name().to_owned(),
        codes: None,
        to: Vec::new(),
        many: def.many,
        required: def.required,
        index: def.index,
        classification: def.classification.name().to_owned(),
        unit: None,
        min: None,
        max: None,
        pattern: None,
        example: def.example.clone(),
        check: None,
    };
    match &def.kind {
        Kind::Text(TextRule::Codes(list)) => {
            let code = |c: &nacre_pack::code_list::CodeEntry| CodeInfo {
                code: c.code.clone(),
                title: words(&c.title),
            };
            info.codes = Some(list.codes.iter().map(code).collect());
        }
        Kind::Text(TextRule::Enum(all)) => {
            "code".clone_into(&mut info.kind);
            let code = |c: &String| CodeInfo { code: c.clone(), title: Words::new(c.as_str(), c.as_str()) };
            info.codes = Some(all.iter().map(code).collect());
        }
        Kind::Text(TextRule::Pattern(pattern)) => info.pattern = Some(pattern.as_str().to_owned()),
        Kind::Text(TextRule::Check(check)) => {
            "text".clone_into(&mut info.kind);
            info.check = Some(check.name().to_owned());
        }
        Kind::Number { unit, min, max, .. } => {
            info.unit = unit.map(|u| UnitInfo {
                code: u.code.to_owned(),
                title: Words::new(u.name_zh, u.name_en),
                symbol: u.symbol.to_owned(),
            });
            (info.min, info.max) = (*min, *max);
        }
        Kind::Relationship { to } => info.to.clone_from(to),
        _ => {}
    }
    info
}

/// The attributes of a type that anybody may see, by short name; personal ones are masked by default.
pub fn shown_openly(def: &TypeDef, name: &str) -> bool {
    def.attribute(name).is_none_or(|a| a.classification <= Classification::Internal)
}
