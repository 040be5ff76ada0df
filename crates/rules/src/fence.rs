//! Areas and whether a position lies in one. Degrees are taken as a plane: right for areas of a city.

use nacre_model::{Bounds, EntityId, Geometry, Position};

/// An area with the box around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// The entity that carries it, if one does.
    pub id: Option<EntityId>,
    bounds: Bounds,
    shape: Geometry,
}

impl Area {
    /// An area of a shape; none when the shape encloses nothing.
    pub fn new(id: Option<EntityId>, shape: Geometry) -> Option<Area> {
        let encloses = match &shape {
            Geometry::Polygon(_) | Geometry::MultiPolygon(_) => true,
            Geometry::Collection(all) => {
                all.iter().any(|g| matches!(g, Geometry::Polygon(_) | Geometry::MultiPolygon(_)))
            }
            _ => false,
        };
        let bounds = shape.bounds().filter(|_| encloses)?;
        Some(Area { id, bounds, shape })
    }

    /// Whether a position lies in it. On the very line either answer is possible.
    pub fn holds(&self, at: Position) -> bool {
        let Bounds { west, south, east, north } = self.bounds;
        (west..=east).contains(&at.longitude)
            && (south..=north).contains(&at.latitude)
            && inside(&self.shape, at)
    }
}

/// The position of a shape: of a point itself, of all others the middle of the box around it.
pub fn middle(shape: &Geometry) -> Option<Position> {
    if let Geometry::Point(at) = shape {
        return Some(*at);
    }
    let Bounds { west, south, east, north } = shape.bounds()?;
    Some(Position { longitude: (west + east) / 2.0, latitude: (south + north) / 2.0, altitude: None })
}

fn inside(shape: &Geometry, at: Position) -> bool {
    // Even and odd crossings count outer rings and holes alike.
    match shape {
        Geometry::Polygon(rings) => rings.iter().filter(|ring| crossed(ring, at)).count() % 2 == 1,
        Geometry::MultiPolygon(all) => {
            all.iter().any(|rings| rings.iter().filter(|ring| crossed(ring, at)).count() % 2 == 1)
        }
        Geometry::Collection(all) => all.iter().any(|g| inside(g, at)),
        _ => false,
    }
}

/// Whether a ray to the east crosses the ring an odd number of times.
fn crossed(ring: &[Position], at: Position) -> bool {
    let (x, y) = (at.longitude, at.latitude);
    let mut odd = false;
    for side in ring.windows(2) {
        let [a, b] = side else { continue };
        if (a.latitude > y) != (b.latitude > y) {
            let cut =
                a.longitude + (y - a.latitude) / (b.latitude - a.latitude) * (b.longitude - a.longitude);
            odd ^= x < cut;
        }
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(longitude: f64, latitude: f64) -> Position {
        Position { longitude, latitude, altitude: None }
    }

    fn square(low: f64, high: f64) -> Vec<Position> {
        vec![at(low, low), at(high, low), at(high, high), at(low, high), at(low, low)]
    }

    #[test]
    fn a_hole_is_outside() {
        let area =
            Area::new(None, Geometry::Polygon(vec![square(0.0, 10.0), square(4.0, 6.0)])).expect("an area");
        assert!(area.holds(at(2.0, 2.0)));
        assert!(!area.holds(at(5.0, 5.0)));
        assert!(!area.holds(at(11.0, 5.0)));
        assert_eq!(Area::new(None, Geometry::Point(at(0.0, 0.0))), None);
    }
}
