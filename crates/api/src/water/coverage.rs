//! What devices cover, computed from where they stand and how far they reach.

use axum::Json;
use axum::extract::State;
use nacre_devices::Device;
use nacre_devices::names::{content, number, text};
use nacre_indicators::Words;
use nacre_model::{Content, Geometry, Position};
use serde::Serialize;
use utoipa::ToSchema;

use super::sections::all;
use crate::devices::registry::place;
use crate::outline::Outline;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Points looked at in an area, at least.
const POINTS: f64 = 10_000.0;
/// Metres in a degree of latitude.
const METRES: f64 = 111_195.0;

/// An area and how much of it is covered.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct AreaCoverage {
    pub id: String,
    pub name: String,
    pub property: Option<String>,
    pub area_km2: f64,
    pub covered_km2: f64,
    pub share: f64,
    pub target_share: Option<f64>,
    pub devices: usize,
    pub online: usize,
    pub simulated: usize,
}

/// What is covered.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Coverage {
    pub zones: Vec<AreaCoverage>,
    /// Devices without a place or a radius: they cover nothing.
    pub unplaced: usize,
    pub definition: Words,
    pub seq: u64,
}

struct Reach {
    place: Position,
    metres: f64,
    properties: Vec<String>,
    online: bool,
    simulated: bool,
}

/// Share of an area within reach of at least one device, and its size: by points of a grid.
fn covered(outline: &Outline, ring: &[Position], reach: &[&Reach]) -> (f64, f64) {
    let edge =
        |f: fn(f64, f64) -> f64, of: fn(&Position) -> f64, start: f64| ring.iter().map(of).fold(start, f);
    let (west, east) = (edge(f64::min, |p| p.longitude, 180.0), edge(f64::max, |p| p.longitude, -180.0));
    let (south, north) = (edge(f64::min, |p| p.latitude, 90.0), edge(f64::max, |p| p.latitude, -90.0));
    let squeeze = f64::midpoint(south, north).to_radians().cos();
    let (width, height) = ((east - west) * squeeze * METRES, (north - south) * METRES);
    if width <= 0.0 || height <= 0.0 {
        return (0.0, 0.0);
    }
    // A box holds at least as many points as the area: twice as many make up for its shape.
    let step = (width * height / (2.0 * POINTS)).sqrt();
    let (columns, rows) = ((width / step).ceil() as usize, (height / step).ceil() as usize);
    let (mut inside, mut within) = (0u64, 0u64);
    for row in 0..rows {
        for column in 0..columns {
            let point = Position {
                longitude: west + (column as f64 + 0.5) * step / (squeeze * METRES),
                latitude: south + (row as f64 + 0.5) * step / METRES,
                altitude: None,
            };
            if !outline.strictly_contains(point) {
                continue;
            }
            inside += 1;
            let near = |r: &&Reach| {
                let dx = (point.longitude - r.place.longitude) * squeeze * METRES;
                let dy = (point.latitude - r.place.latitude) * METRES;
                dx * dx + dy * dy <= r.metres * r.metres
            };
            within += u64::from(reach.iter().any(near));
        }
    }
    let cell = step * step / 1e6;
    (inside as f64 * cell, within as f64 * cell)
}

/// What devices cover, area by area.
#[utoipa::path(get, path = "/api/coverage", tag = "devices", responses((status = 200, body = Coverage)))]
pub async fn coverage(State(app): State<App>) -> Result<Json<Coverage>, Problem> {
    blocking(move || {
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let mut reach = Vec::new();
        let mut unplaced = 0;
        for entity in all(&app, "Device")? {
            let Some(device) = Device::read(&entity).filter(|d| d.revoked.is_none()) else { continue };
            let (Some([longitude, latitude]), Some(metres)) = (place(&entity), number(&entity, "coverageRadius")) else {
                unplaced += 1;
                continue;
            };
            let feed = app.operations().feed(&device.feed);
            let fresh = feed.map_or(60, |f| i64::from(f.def.fresh_minutes)) * 60_000;
            let seen = app.operations().tally(device.local()).last_seen.max(device.last_seen);
            let mut properties = match content(&entity, "controlledProperty") {
                Some(Content::Property(nacre_model::Value::List(all))) => {
                    all.iter().filter_map(|v| v.as_text().map(str::to_owned)).collect()
                }
                Some(Content::Property(nacre_model::Value::Text(one))) => vec![one.to_string()],
                _ => Vec::new(),
            };
            properties.extend(feed.iter().flat_map(|f| f.def.fields.iter().map(|f| f.attribute.clone())));
            reach.push(Reach {
                place: Position { longitude, latitude, altitude: None },
                metres,
                properties,
                online: seen.is_some_and(|at| now.0 - at.0 <= fresh),
                simulated: device.simulated,
            });
        }
        let mut zones = Vec::new();
        for entity in all(&app, "SensingArea")? {
            let Some(Content::Geo(geometry)) = content(&entity, "boundary") else { continue };
            let Some(outline) = Outline::of(geometry) else { continue };
            let ring: Vec<Position> = match geometry {
                Geometry::Polygon(rings) => rings.first().cloned().unwrap_or_default(),
                Geometry::MultiPolygon(all) => all.iter().filter_map(|r| r.first()).flatten().copied().collect(),
                _ => continue,
            };
            let property = text(&entity, "property").filter(|p| !p.is_empty());
            let counts = |r: &&Reach| property.as_ref().is_none_or(|p| r.properties.contains(p));
            let near: Vec<&Reach> = reach.iter().filter(counts).collect();
            let (area, within) = covered(&outline, &ring, &near);
            let here: Vec<&&Reach> = near.iter().filter(|r| outline.strictly_contains(r.place)).collect();
            zones.push(AreaCoverage {
                id: entity.id.to_string(),
                name: text(&entity, "name").unwrap_or_default(),
                property,
                area_km2: (area * 1e4).round() / 1e4,
                covered_km2: (within * 1e4).round() / 1e4,
                share: if area > 0.0 { (within / area * 1e4).round() / 1e4 } else { 0.0 },
                target_share: number(&entity, "targetShare"),
                devices: here.len(),
                online: here.iter().filter(|r| r.online).count(),
                simulated: here.iter().filter(|r| r.simulated).count(),
            });
        }
        zones.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Json(Coverage {
            zones,
            unplaced,
            definition: Words::new(
                "覆盖率 = 片区内被至少一台设备覆盖的面积 ÷ 片区面积；按 1 万个以上格点计算；撤销的设备不计，没有位置或半径的设备不覆盖。",
                "Share of the area within reach of at least one device, by a grid of 10,000 points or more; revoked devices do not count, devices without place or radius cover nothing.",
            ),
            seq: tenant.status().applied.0,
        }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_in_a_square_covers_what_geometry_says() {
        let p = |longitude, latitude| Position { longitude, latitude, altitude: None };
        let ring =
            vec![p(113.30, 23.08), p(113.32, 23.08), p(113.32, 23.10), p(113.30, 23.10), p(113.30, 23.08)];
        let outline = Outline::of(&Geometry::Polygon(vec![ring.clone()])).expect("a polygon");
        let one = Reach {
            place: p(113.31, 23.09),
            metres: 500.0,
            properties: Vec::new(),
            online: true,
            simulated: false,
        };
        let (area, within) = covered(&outline, &ring, &[&one]);
        assert!((area - 4.55).abs() < 0.05, "{area}");
        assert!((within - std::f64::consts::PI * 0.25).abs() < 0.02, "{within}");
    }
}
