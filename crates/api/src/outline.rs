//! The outline of the district: what lies inside. It is a drawing (示意图), so a margin of some hundred metres is allowed.

use nacre_model::{Bounds, Geometry, Position};

/// About 300 m, in degrees of latitude.
const MARGIN: f64 = 0.003;

/// See the module.
#[derive(Debug, Clone)]
pub struct Outline {
    rings: Vec<Vec<(f64, f64)>>,
    bounds: Bounds,
}

impl Outline {
    /// From a polygon or several; nothing from any other geometry.
    pub fn of(geometry: &Geometry) -> Option<Outline> {
        let polygons = match geometry {
            Geometry::Polygon(rings) => vec![rings.clone()],
            Geometry::MultiPolygon(polygons) => polygons.clone(),
            _ => return None,
        };
        let outer = polygons.iter().filter_map(|rings| rings.first());
        let rings = outer.map(|r| r.iter().map(|p| (p.longitude, p.latitude)).collect()).collect();
        Some(Outline { rings, bounds: geometry.bounds()? })
    }

    /// Whether a place lies inside.
    pub fn strictly_contains(&self, place: Position) -> bool {
        let b = &self.bounds;
        let near =
            (b.west..=b.east).contains(&place.longitude) && (b.south..=b.north).contains(&place.latitude);
        near && self.rings.iter().any(|r| inside(r, place))
    }

    /// Whether a place lies inside, or hardly outside.
    pub fn contains(&self, place: Position) -> bool {
        let b = &self.bounds;
        let near = (b.west - MARGIN..=b.east + MARGIN).contains(&place.longitude)
            && (b.south - MARGIN..=b.north + MARGIN).contains(&place.latitude);
        near && self.rings.iter().any(|r| inside(r, place) || distance(r, place) <= MARGIN)
    }
}

fn edges(ring: &[(f64, f64)]) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn inside(ring: &[(f64, f64)], p: Position) -> bool {
    edges(ring)
        .filter(|((ax, ay), (bx, by))| {
            (*ay > p.latitude) != (*by > p.latitude)
                && p.longitude < (bx - ax) * (p.latitude - ay) / (by - ay) + ax
        })
        .count()
        % 2
        == 1
}

/// Degrees of latitude to the nearest edge.
fn distance(ring: &[(f64, f64)], p: Position) -> f64 {
    let squeeze = p.latitude.to_radians().cos();
    let flat = |(x, y): (f64, f64)| ((x - p.longitude) * squeeze, y - p.latitude);
    let to_edge = |(a, b)| {
        let ((ax, ay), (bx, by)) = (flat(a), flat(b));
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let t = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        (ax + t * dx).hypot(ay + t * dy)
    };
    edges(ring).map(to_edge).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_next_district_is_outside_one_at_the_bank_is_not() {
        let p = |longitude, latitude| Position { longitude, latitude, altitude: None };
        let square = vec![p(113.2, 23.0), p(113.4, 23.0), p(113.4, 23.1), p(113.2, 23.1), p(113.2, 23.0)];
        let outline = Outline::of(&Geometry::Polygon(vec![square])).expect("a polygon");
        assert!(outline.contains(p(113.3, 23.05)));
        assert!(outline.contains(p(113.3, 23.102)));
        assert!(!outline.contains(p(113.3, 23.12)));
        assert!(!outline.contains(p(23.05, 113.3)));
    }
}
