//! Geometries after RFC 7946 in WGS84 / CGCS2000: longitude first, degrees.
//!
//! A [`Geometry`] that exists is valid in form: positions in range, lines of two positions, rings closed and
//! of four. Self-intersection is allowed (published data and the conformance fixtures have it).

use thiserror::Error;

/// Most positions in one geometry.
pub const POSITIONS_MAX: usize = 50_000;

/// A point on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// Metres, where given.
    pub altitude: Option<f64>,
}

/// Rings of a polygon: the outer one, then holes.
pub type Rings = Vec<Vec<Position>>;

/// A geometry of GeoJSON.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Geometry {
    Point(Position),
    MultiPoint(Vec<Position>),
    LineString(Vec<Position>),
    MultiLineString(Vec<Vec<Position>>),
    Polygon(Rings),
    MultiPolygon(Vec<Rings>),
    Collection(Vec<Geometry>),
}

/// Why coordinates are no geometry.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum GeometryError {
    /// A position lies outside the earth.
    #[error(
        "position [{longitude}, {latitude}] is off the earth: longitude comes first, in -180 to 180, then latitude in -90 to 90"
    )]
    OutOfRange {
        /// As given.
        longitude: f64,
        /// As given.
        latitude: f64,
    },
    /// Too few positions.
    #[error("a {what} needs at least {min} positions, this one has {found}")]
    TooFew {
        /// Line, ring…
        what: &'static str,
        /// Needed.
        min: usize,
        /// Found.
        found: usize,
    },
    /// A ring's last position is not its first.
    #[error("a polygon ring must end with the position it begins with")]
    OpenRing,
    /// Nothing in it.
    #[error("a geometry without positions")]
    Empty,
    /// More than [`POSITIONS_MAX`].
    #[error("{found} positions are more than the {POSITIONS_MAX} allowed in one geometry")]
    TooMany {
        /// Found.
        found: usize,
    },
}

/// The smallest box that holds a geometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Degrees east.
    pub west: f64,
    /// Degrees north.
    pub south: f64,
    /// Degrees east.
    pub east: f64,
    /// Degrees north.
    pub north: f64,
}

impl Bounds {
    /// Whether the two boxes share a point.
    pub fn intersects(&self, other: &Bounds) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// The box grown by metres on each side (and by the whole width near the poles).
    #[must_use]
    pub fn grown(&self, metres: f64) -> Bounds {
        const METRES_PER_DEGREE: f64 = 110_574.0;
        let lat = metres / METRES_PER_DEGREE;
        let (south, north) = ((self.south - lat).max(-90.0), (self.north + lat).min(90.0));
        let shrink = south.abs().max(north.abs()).to_radians().cos();
        let lon = if shrink < 1e-3 { 360.0 } else { lat / shrink };
        Bounds { west: (self.west - lon).max(-180.0), south, east: (self.east + lon).min(180.0), north }
    }
}

impl Geometry {
    /// The GeoJSON type name.
    pub fn type_name(&self) -> &'static str {
        match self {
            Geometry::Point(_) => "Point",
            Geometry::MultiPoint(_) => "MultiPoint",
            Geometry::LineString(_) => "LineString",
            Geometry::MultiLineString(_) => "MultiLineString",
            Geometry::Polygon(_) => "Polygon",
            Geometry::MultiPolygon(_) => "MultiPolygon",
            Geometry::Collection(_) => "GeometryCollection",
        }
    }

    /// All positions, in order.
    pub fn positions(&self) -> Box<dyn Iterator<Item = &Position> + '_> {
        match self {
            Geometry::Point(p) => Box::new(std::iter::once(p)),
            Geometry::MultiPoint(ps) | Geometry::LineString(ps) => Box::new(ps.iter()),
            Geometry::MultiLineString(lines) | Geometry::Polygon(lines) => Box::new(lines.iter().flatten()),
            Geometry::MultiPolygon(polygons) => Box::new(polygons.iter().flatten().flatten()),
            Geometry::Collection(all) => Box::new(all.iter().flat_map(|g| g.positions())),
        }
    }

    /// The same geometry with each position mapped, for datum conversion at the edge.
    #[must_use]
    pub fn map(&self, f: &dyn Fn(Position) -> Position) -> Geometry {
        let line = |ps: &Vec<Position>| ps.iter().map(|p| f(*p)).collect::<Vec<_>>();
        let rings = |rs: &Rings| rs.iter().map(line).collect::<Rings>();
        match self {
            Geometry::Point(p) => Geometry::Point(f(*p)),
            Geometry::MultiPoint(ps) => Geometry::MultiPoint(line(ps)),
            Geometry::LineString(ps) => Geometry::LineString(line(ps)),
            Geometry::MultiLineString(ls) => Geometry::MultiLineString(rings(ls)),
            Geometry::Polygon(rs) => Geometry::Polygon(rings(rs)),
            Geometry::MultiPolygon(ps) => Geometry::MultiPolygon(ps.iter().map(rings).collect()),
            Geometry::Collection(all) => Geometry::Collection(all.iter().map(|g| g.map(f)).collect()),
        }
    }

    /// The smallest box around it; `None` for an empty collection.
    pub fn bounds(&self) -> Option<Bounds> {
        self.positions().fold(None, |b, p| {
            let (x, y) = (p.longitude, p.latitude);
            let b = b.unwrap_or(Bounds { west: x, south: y, east: x, north: y });
            Some(Bounds {
                west: b.west.min(x),
                south: b.south.min(y),
                east: b.east.max(x),
                north: b.north.max(y),
            })
        })
    }

    /// Checks the form; every constructor at an edge calls it.
    pub fn checked(self) -> Result<Geometry, GeometryError> {
        let found = self.positions().count();
        if found == 0 {
            return Err(GeometryError::Empty);
        }
        if found > POSITIONS_MAX {
            return Err(GeometryError::TooMany { found });
        }
        for p in self.positions() {
            let on_earth = (-180.0..=180.0).contains(&p.longitude) && (-90.0..=90.0).contains(&p.latitude);
            if !on_earth || p.altitude.is_some_and(|a| !a.is_finite()) {
                return Err(GeometryError::OutOfRange { longitude: p.longitude, latitude: p.latitude });
            }
        }
        self.check_shape()?;
        Ok(self)
    }

    fn check_shape(&self) -> Result<(), GeometryError> {
        let line = |ps: &Vec<Position>| match ps.len() {
            found @ 0..2 => Err(GeometryError::TooFew { what: "line", min: 2, found }),
            _ => Ok(()),
        };
        let ring = |ps: &Vec<Position>| match ps.len() {
            found @ 0..4 => Err(GeometryError::TooFew { what: "polygon ring", min: 4, found }),
            _ if ps.first() != ps.last() => Err(GeometryError::OpenRing),
            _ => Ok(()),
        };
        let polygon = |rings: &Rings| {
            if rings.is_empty() {
                return Err(GeometryError::Empty);
            }
            rings.iter().try_for_each(ring)
        };
        match self {
            Geometry::Point(_) | Geometry::MultiPoint(_) => Ok(()),
            Geometry::LineString(ps) => line(ps),
            Geometry::MultiLineString(ls) => ls.iter().try_for_each(line),
            Geometry::Polygon(rings) => polygon(rings),
            Geometry::MultiPolygon(polygons) => polygons.iter().try_for_each(polygon),
            Geometry::Collection(all) => all.iter().try_for_each(Geometry::check_shape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(longitude: f64, latitude: f64) -> Position {
        Position { longitude, latitude, altitude: None }
    }

    #[test]
    fn swapped_coordinates_are_refused() {
        assert!(Geometry::Point(at(113.3, 23.1)).checked().is_ok());
        assert!(matches!(Geometry::Point(at(23.1, 113.3)).checked(), Err(GeometryError::OutOfRange { .. })));
        assert!(Geometry::Point(at(f64::NAN, 0.0)).checked().is_err());
    }

    #[test]
    fn rings_are_closed() {
        let open = vec![vec![at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0)]];
        assert_eq!(Geometry::Polygon(open).checked(), Err(GeometryError::OpenRing));
        let closed = vec![vec![at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 0.0)]];
        assert!(Geometry::Polygon(closed).checked().is_ok());
    }
}
