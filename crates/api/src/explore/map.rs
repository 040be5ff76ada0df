//! Layers of the map: the outline (a sketch, and said so), and every type of a pack that has a geometry.

use axum::Json;
use axum::extract::{Query, State};
use nacre_indicators::{Party, Words};
use nacre_model::{Content, Geometry};
use serde::Serialize;
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use super::types::shown_openly;
use crate::plan::facts::{AsOfInfo, AsOfParam, resolve};
use crate::plan::returns::moment;
use crate::plan::session::words;
use crate::plan::store::{Simple, all, blocking};
use crate::problem::Problem;
use crate::state::App;

/// Features of one layer at most.
const FEATURES_MAX: usize = 20_000;

/// The map.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MapLayers {
    /// As of when.
    pub as_of: AsOfInfo,
    /// The outline as a GeoJSON feature.
    pub outline: Option<Json_>,
    /// Sources that must be named on any picture of the map.
    pub attribution: Vec<String>,
    /// Layers.
    pub layers: Vec<MapLayer>,
}

/// A layer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MapLayer {
    /// Short name of the type.
    #[serde(rename = "type")]
    pub entity_type: String,
    /// Name of the type.
    pub title: Words,
    /// A GeoJSON feature collection.
    pub features: Json_,
    /// Entities whose place nobody stated.
    pub without_position: Vec<Party>,
    /// There are more than are shown.
    pub cut: bool,
}

/// The map of the district.
#[utoipa::path(get, path = "/api/map", tag = "console", params(AsOfParam), responses((status = 200, body = MapLayers)))]
pub async fn map(State(app): State<App>, Query(param): Query<AsOfParam>) -> Result<Json<MapLayers>, Problem> {
    blocking(move || read(&app, param.as_of.as_deref()).map(Json)).await
}

fn read(app: &App, as_of: Option<&str>) -> Result<MapLayers, Problem> {
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let info = resolve(&tenant, &who, as_of)?;
    let at = moment(app, as_of)?;
    let mut layers = Vec::new();
    for def in app.settings().packs.iter().flat_map(|p| p.types.values()) {
        let Some(place) = def.attributes.iter().find(|a| a.kind.is_geo() && a.name == "location") else {
            continue;
        };
        let (mut features, mut without, mut cut) = (Vec::new(), Vec::new(), false);
        for entity in all(&tenant, &who, &def.name, at)?.0 {
            let simple = Simple::of(&entity);
            let name = simple.some_text("name").unwrap_or_else(|| simple.local().to_owned());
            match simple.values.get(&place.name) {
                Some(geometry) if features.len() < FEATURES_MAX => {
                    let mut properties = simple.values.clone();
                    properties.retain(|k, v| {
                        !matches!(k.as_str(), "type" | "location" | "boundary")
                            && !v.is_object()
                            && shown_openly(def, k)
                    });
                    properties.insert("id".into(), simple.id.clone().into());
                    properties.insert("name".into(), name.into());
                    features.push(json!({"type": "Feature", "id": simple.id, "geometry": geometry, "properties": properties}));
                }
                Some(_) => cut = true,
                None => without.push(Party { id: simple.id.clone(), name }),
            }
        }
        if features.is_empty() && without.is_empty() {
            continue;
        }
        layers.push(MapLayer {
            entity_type: def.name.clone(),
            title: words(&def.title),
            features: json!({"type": "FeatureCollection", "features": features}),
            without_position: without,
            cut,
        });
    }
    let district = all(&tenant, &who, "District", at)?.0.into_iter().next();
    let outline = district.and_then(|d| {
        let simple = Simple::of(&d);
        let boundary = d.attributes.values().flatten().find_map(|i| match &i.attribute.content {
            Content::Geo(Geometry::Polygon(_) | Geometry::MultiPolygon(_)) => Some(()),
            _ => None,
        });
        boundary?;
        let geometry = simple.values.get("boundary")?.clone();
        Some(json!({"type": "Feature", "geometry": geometry, "properties": {
            "id": simple.id, "name": simple.text("name"), "label": simple.text("mapLabel"), "note": simple.text("sourceNote"),
        }}))
    });
    Ok(MapLayers { as_of: info, outline, attribution: app.settings().attribution.clone(), layers })
}
