//! Geometry as ordered keys: a quadtree over longitude and latitude, cells numbered along a Z-order curve.
//!
//! A point is entered at [`LEVEL_MAX`]; any other geometry at the finest level where its box touches at most four
//! cells. A query asks each level for the ranges of cells its box covers. What comes back is a superset: the geometry
//! itself decides.

use nacre_model::{Bounds, Geometry};

/// Finest level: cells of about 2.4 m by 1.2 m at the equator.
pub const LEVEL_MAX: u8 = 24;
/// Ranges asked for at one level; beyond it neighbouring ranges are joined.
const RANGES_MAX: usize = 24;

/// A level and a cell number at that level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// 0 is the whole earth.
    pub level: u8,
    /// Position along the curve.
    pub number: u64,
}

impl Cell {
    /// Nine bytes in order.
    pub fn key(self) -> [u8; 9] {
        let mut key = [0; 9];
        key[0] = self.level;
        key[1..].copy_from_slice(&self.number.to_be_bytes());
        key
    }
}

fn column(longitude: f64, level: u8) -> u32 {
    scale((longitude + 180.0) / 360.0, level)
}

fn row(latitude: f64, level: u8) -> u32 {
    scale((latitude + 90.0) / 180.0, level)
}

fn scale(fraction: f64, level: u8) -> u32 {
    let cells = 1u32 << level;
    ((fraction * f64::from(cells)) as u32).min(cells - 1)
}

/// Spreads the bits of a coordinate to every second place.
fn spread(n: u32) -> u64 {
    let mut n = u64::from(n);
    n = (n | (n << 16)) & 0x0000_ffff_0000_ffff;
    n = (n | (n << 8)) & 0x00ff_00ff_00ff_00ff;
    n = (n | (n << 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    n = (n | (n << 2)) & 0x3333_3333_3333_3333;
    (n | (n << 1)) & 0x5555_5555_5555_5555
}

fn number(column: u32, row: u32) -> u64 {
    spread(column) | (spread(row) << 1)
}

/// The cells a geometry is entered under.
pub fn cells_of(geometry: &Geometry) -> Vec<Cell> {
    let Some(b) = geometry.bounds() else { return Vec::new() };
    let mut level = LEVEL_MAX;
    loop {
        let (c0, c1) = (column(b.west, level), column(b.east, level));
        let (r0, r1) = (row(b.south, level), row(b.north, level));
        if level == 0 || (c1 - c0 <= 1 && r1 - r0 <= 1) {
            let mut cells: Vec<Cell> = (c0..=c1)
                .flat_map(|c| (r0..=r1).map(move |r| Cell { level, number: number(c, r) }))
                .collect();
            cells.sort_unstable();
            return cells;
        }
        level -= 1;
    }
}

/// Ranges of cell numbers (both ends included) at `level` that cover the box.
pub fn ranges(b: &Bounds, level: u8) -> Vec<(u64, u64)> {
    let window = Window {
        columns: (column(b.west, level), column(b.east, level)),
        rows: (row(b.south, level), row(b.north, level)),
    };
    // Widen quad by quad, breadth first, so that the finest splits are spent evenly.
    let mut open = vec![(0u8, 0u32, 0u32)];
    let mut done: Vec<(u64, u64)> = Vec::new();
    while let Some(position) = open.iter().position(|q| window.partly(*q, level)) {
        if open.len() + done.len() >= RANGES_MAX {
            break;
        }
        let (l, c, r) = open.remove(position);
        for (dc, dr) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let quad = (l + 1, 2 * c + dc, 2 * r + dr);
            if window.touches(quad, level) {
                open.push(quad);
            }
        }
    }
    for (l, c, r) in open {
        let shift = 2 * u32::from(level - l);
        let first = number(c, r) << shift;
        done.push((first, first + ((1u64 << shift) - 1)));
    }
    done.sort_unstable();
    done.dedup_by(|next, last| {
        let joined = next.0 <= last.1.saturating_add(1);
        if joined {
            last.1 = last.1.max(next.1);
        }
        joined
    });
    done
}

struct Window {
    columns: (u32, u32),
    rows: (u32, u32),
}

impl Window {
    /// First and last column and row at `level` of a quad at a coarser level.
    fn span(quad: (u8, u32, u32), level: u8) -> ((u32, u32), (u32, u32)) {
        let shift = level - quad.0;
        let end = |n: u32| ((n + 1) << shift) - 1;
        ((quad.1 << shift, end(quad.1)), (quad.2 << shift, end(quad.2)))
    }

    fn touches(&self, quad: (u8, u32, u32), level: u8) -> bool {
        let (c, r) = Window::span(quad, level);
        c.0 <= self.columns.1 && self.columns.0 <= c.1 && r.0 <= self.rows.1 && self.rows.0 <= r.1
    }

    /// Touches the window, is not inside it, and can be split.
    fn partly(&self, quad: (u8, u32, u32), level: u8) -> bool {
        let (c, r) = Window::span(quad, level);
        let inside =
            c.0 >= self.columns.0 && c.1 <= self.columns.1 && r.0 >= self.rows.0 && r.1 <= self.rows.1;
        quad.0 < level && !inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nacre_model::Position;
    use proptest::prelude::*;

    fn point(x: f64, y: f64) -> Geometry {
        Geometry::Point(Position { longitude: x, latitude: y, altitude: None })
    }

    proptest! {
        #[test]
        fn a_box_finds_every_geometry_it_touches(
            west in -180.0..179.0f64, south in -90.0..89.0f64, w in 0.0..1.0f64, h in 0.0..1.0f64,
            x in 0.0..1.0f64, y in 0.0..1.0f64, length in 0.0..0.4f64,
        ) {
            let b = Bounds { west, south, east: west + w, north: south + h };
            let inside = Position { longitude: west + w * x, latitude: south + h * y, altitude: None };
            let end = Position { longitude: (inside.longitude + length).min(180.0), ..inside };
            for geometry in [point(inside.longitude, inside.latitude), Geometry::LineString(vec![inside, end])] {
                let found = cells_of(&geometry).iter().any(|cell| {
                    ranges(&b, cell.level).iter().any(|(first, last)| (*first..=*last).contains(&cell.number))
                });
                prop_assert!(found);
            }
        }
    }

    #[test]
    fn a_line_takes_at_most_four_cells_and_a_box_few_ranges() {
        let at = |longitude, latitude| Position { longitude, latitude, altitude: None };
        assert!(cells_of(&Geometry::LineString(vec![at(113.2, 23.0), at(113.4, 23.1)])).len() <= 4);
        let b = Bounds { west: 113.2, south: 23.0, east: 113.4, north: 23.1 };
        assert!(ranges(&b, LEVEL_MAX).len() <= RANGES_MAX + 3);
    }
}
