//! Cases on a map: single ones, or clusters of a grid that follows the zoom.

use std::collections::HashMap;
use std::sync::Arc;

use nacre_model::{Bounds, Instant, Position};

use super::{Desk, Filter, Light, Line};

/// Cases near each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The middle of its cases.
    pub middle: Position,
    /// How many.
    pub count: usize,
    /// Of them past their term.
    pub overdue: usize,
    /// What they lie in.
    pub bounds: Bounds,
}

/// What a map shows.
#[derive(Debug, Default)]
pub struct Clusters {
    /// Where many are.
    pub clusters: Vec<Cluster>,
    /// Single ones.
    pub single: Vec<Arc<Line>>,
    /// All that fit.
    pub total: usize,
    /// Those without a place.
    pub unplaced: usize,
}

/// Cases of a cell are shown singly up to so many, from this zoom on all.
const SINGLE_ZOOM: u8 = 17;

/// Metres between two places, by the great circle.
pub fn metres(a: Position, b: Position) -> f64 {
    let (lat1, lat2) = (a.latitude.to_radians(), b.latitude.to_radians());
    let half = |d: f64| (d.to_radians() / 2.0).sin().powi(2);
    let h = half(b.latitude - a.latitude) + lat1.cos() * lat2.cos() * half(b.longitude - a.longitude);
    2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin()
}

impl Desk {
    /// Cases that fit, for a map at a zoom.
    pub fn map(&self, filter: &Filter, zoom: u8, now: Instant) -> Clusters {
        // A cell is an eighth of a tile: about 64 pixels.
        let cells = f64::from(1u32 << zoom.min(20)) * 4.0;
        let mut answer = Clusters::default();
        let mut grid: HashMap<(i64, i64), Vec<&Arc<Line>>> = HashMap::new();
        let placeless = Filter { area: None, ..filter.clone() };
        for line in self.all() {
            match line.case.location {
                Some(p) if filter.fits(line, now) => {
                    let cell = |degrees: f64| (degrees / 360.0 * cells).floor() as i64;
                    grid.entry((cell(p.longitude), cell(p.latitude))).or_default().push(line);
                    answer.total += 1;
                }
                None if placeless.fits(line, now) => answer.unplaced += 1,
                _ => {}
            }
        }
        for lines in grid.into_values() {
            if lines.len() == 1 || (zoom >= SINGLE_ZOOM && lines.len() <= 20) {
                answer.single.extend(lines.into_iter().cloned());
            } else {
                answer.clusters.extend(cluster(&lines, now));
            }
        }
        answer.clusters.sort_by_key(|c| std::cmp::Reverse(c.count));
        answer.single.sort_by(|a, b| a.case.number.cmp(&b.case.number));
        answer
    }
}

fn cluster(lines: &[&Arc<Line>], now: Instant) -> Option<Cluster> {
    let places: Vec<Position> = lines.iter().filter_map(|l| l.case.location).collect();
    let first = *places.first()?;
    let mut bounds =
        Bounds { west: first.longitude, south: first.latitude, east: first.longitude, north: first.latitude };
    let (mut east, mut north) = (0.0, 0.0);
    for p in &places {
        bounds.west = bounds.west.min(p.longitude);
        bounds.east = bounds.east.max(p.longitude);
        bounds.south = bounds.south.min(p.latitude);
        bounds.north = bounds.north.max(p.latitude);
        east += p.longitude;
        north += p.latitude;
    }
    let n = places.len() as f64;
    let middle = Position { longitude: east / n, latitude: north / n, altitude: None };
    let overdue = lines.iter().filter(|l| l.light(now) == Light::Red).count();
    Some(Cluster { middle, count: places.len(), overdue, bounds })
}
