//! Geometry questions: relations of OGC simple features, distances on the earth.

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Distance, Euclidean, Haversine, Point, Relate};
use nacre_model::{Bounds, Geometry, Position};

use super::{GeoQuery, GeoRelation};

/// Whether an entity's geometry lies to the reference as asked.
pub fn holds(query: &GeoQuery, geometry: &Geometry) -> bool {
    let (Some(a), Some(b)) = (geometry.bounds(), query.geometry.bounds()) else { return false };
    let near = |limit: f64| {
        a.intersects(&b.grown(limit * 1.01 + 1.0)) && distance(geometry, &query.geometry) <= limit
    };
    match query.relation {
        GeoRelation::NearMax(limit) => near(limit),
        GeoRelation::NearMin(limit) => !near(limit),
        GeoRelation::Disjoint => !a.intersects(&b) || relate(geometry, &query.geometry, |m| m.is_disjoint()),
        relation => {
            // The same positions are the same place, also where the shape crosses itself.
            let same = *geometry == query.geometry && !matches!(relation, GeoRelation::Overlaps);
            same || a.intersects(&b)
                && relate(geometry, &query.geometry, |m| match relation {
                    GeoRelation::Within => m.is_within() || m.is_coveredby(),
                    GeoRelation::Contains => m.is_contains() || m.is_covers(),
                    GeoRelation::Intersects => m.is_intersects(),
                    GeoRelation::Equals => m.is_equal_topo(),
                    _ => m.is_overlaps(),
                })
        }
    }
}

/// The box in which an entity's geometry must touch to have a chance; none where everything has.
pub fn search_box(query: &GeoQuery) -> Option<Bounds> {
    let bounds = query.geometry.bounds()?;
    match query.relation {
        GeoRelation::NearMax(limit) => Some(bounds.grown(limit * 1.01 + 1.0)),
        GeoRelation::NearMin(_) | GeoRelation::Disjoint => None,
        _ => Some(bounds),
    }
}

/// Relates two geometries. Published polygons cross themselves; where the algorithm gives up on one, nothing holds.
fn relate(a: &Geometry, b: &Geometry, ask: impl Fn(&geo::relate::IntersectionMatrix) -> bool) -> bool {
    let (a, b) = (planar(a, &|p| (p.longitude, p.latitude)), planar(b, &|p| (p.longitude, p.latitude)));
    catch_unwind(AssertUnwindSafe(|| ask(&a.relate(&b)))).unwrap_or(false)
}

/// Metres between two geometries: great circle between points, else in a plane that touches the earth between them
/// (exact to 0.1 % within 100 km).
pub fn distance(a: &Geometry, b: &Geometry) -> f64 {
    if let (Geometry::Point(a), Geometry::Point(b)) = (a, b) {
        return Haversine.distance(Point::new(a.longitude, a.latitude), Point::new(b.longitude, b.latitude));
    }
    let middle = b.bounds().map_or(0.0, |b| f64::midpoint(b.south, b.north)).to_radians();
    const EARTH_RADIUS_METRES: f64 = 6_371_008.8;
    let project = |p: &Position| {
        let x = p.longitude.to_radians() * middle.cos() * EARTH_RADIUS_METRES;
        (x, p.latitude.to_radians() * EARTH_RADIUS_METRES)
    };
    let (a, b) = (planar(a, &project), planar(b, &project));
    catch_unwind(AssertUnwindSafe(|| Euclidean.distance(&a, &b))).unwrap_or(f64::INFINITY)
}

fn planar(geometry: &Geometry, project: &dyn Fn(&Position) -> (f64, f64)) -> geo::Geometry<f64> {
    let line =
        |ps: &Vec<Position>| geo::LineString::from(ps.iter().map(project).collect::<Vec<(f64, f64)>>());
    let polygon = |rings: &Vec<Vec<Position>>| {
        let mut rings = rings.iter().map(line);
        let outer = rings.next().unwrap_or_else(|| geo::LineString::new(Vec::new()));
        geo::Polygon::new(outer, rings.collect())
    };
    match geometry {
        Geometry::Point(p) => geo::Geometry::Point(project(p).into()),
        Geometry::MultiPoint(ps) => geo::Geometry::MultiPoint(ps.iter().map(project).collect()),
        Geometry::LineString(ps) => geo::Geometry::LineString(line(ps)),
        Geometry::MultiLineString(ls) => geo::MultiLineString::new(ls.iter().map(line).collect()).into(),
        Geometry::Polygon(rings) => geo::Geometry::Polygon(polygon(rings)),
        Geometry::MultiPolygon(ps) => geo::MultiPolygon::new(ps.iter().map(polygon).collect()).into(),
        Geometry::Collection(all) => {
            geo::Geometry::GeometryCollection(all.iter().map(|g| planar(g, project)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nacre_model::Iri;

    fn at(longitude: f64, latitude: f64) -> Position {
        Position { longitude, latitude, altitude: None }
    }

    fn asks(relation: GeoRelation, reference: Geometry, subject: Geometry) -> bool {
        holds(&GeoQuery { property: Iri::trusted("urn:location"), relation, geometry: reference }, &subject)
    }

    fn square(x: f64, y: f64, side: f64) -> Geometry {
        let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)];
        Geometry::Polygon(vec![corners.iter().map(|(x, y)| at(*x, *y)).collect()])
    }

    #[test]
    fn the_canton_tower_is_near_its_bridge_and_far_from_the_pagoda() {
        let tower = Geometry::Point(at(113.31914, 23.10899));
        let bridge = Geometry::Point(at(113.3139, 23.1110));
        let pagoda = Geometry::Point(at(113.37028, 23.10175));
        assert!(asks(GeoRelation::NearMax(600.0), tower.clone(), bridge));
        assert!(!asks(GeoRelation::NearMax(5000.0), tower.clone(), pagoda.clone()));
        assert!(asks(GeoRelation::NearMin(5000.0), tower, pagoda));
    }

    #[test]
    fn relations_of_squares() {
        let (big, small, apart) = (square(0.0, 0.0, 4.0), square(1.0, 1.0, 1.0), square(9.0, 9.0, 1.0));
        assert!(asks(GeoRelation::Within, big.clone(), small.clone()));
        assert!(asks(GeoRelation::Contains, small.clone(), big.clone()));
        assert!(asks(GeoRelation::Overlaps, square(3.0, 3.0, 4.0), big.clone()));
        assert!(asks(GeoRelation::Equals, big.clone(), big.clone()));
        assert!(asks(GeoRelation::Disjoint, big.clone(), apart.clone()));
        assert!(!asks(GeoRelation::Intersects, big, apart));
    }

    #[test]
    fn a_polygon_that_crosses_itself_does_no_harm() {
        let bow = Geometry::Polygon(vec![vec![
            at(0.0, 0.0),
            at(2.0, 2.0),
            at(2.0, 0.0),
            at(0.0, 2.0),
            at(0.0, 0.0),
        ]]);
        for relation in [GeoRelation::Within, GeoRelation::Overlaps, GeoRelation::NearMax(10.0)] {
            asks(relation, bow.clone(), square(0.5, 0.5, 1.0));
        }
    }

    #[test]
    fn distance_to_a_line_is_to_its_nearest_point() {
        let road = Geometry::LineString(vec![at(113.30, 23.10), at(113.34, 23.10)]);
        let d = distance(&Geometry::Point(at(113.32, 23.101)), &road);
        assert!((d - 111.2).abs() < 1.0, "{d}");
    }
}
