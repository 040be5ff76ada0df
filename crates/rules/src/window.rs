//! Values of one attribute over a stretch of time, and the figures of it.
//!
//! A window holds what was observed in `(now - over, now]`, ordered by the time of observation however late a value
//! came. Two values observed at the same time are one; the later said counts. What is too late or too far ahead is
//! dropped, and beyond [`POINTS_MAX`] the oldest goes.
//!
//! Figures take no walk over the values: the sum goes along, and is made anew before what rounding left in it adds up; the
//! least and the largest are kept until the value that is one leaves.

use std::cell::Cell;
use std::collections::VecDeque;

use nacre_model::Instant;

/// Most values of one window.
pub const POINTS_MAX: usize = 10_000;
/// How far ahead of the present a time of observation may lie, milliseconds: clocks of sensors differ a little. A value
/// further ahead would push all others out of the window.
pub const AHEAD_MS_MAX: i64 = 300_000;

/// A figure of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stat {
    /// How many values.
    Count,
    /// Their mean.
    Avg,
    /// The least.
    Min,
    /// The largest.
    Max,
    /// Their sum.
    Sum,
    /// The oldest.
    First,
    /// The newest.
    Last,
    /// Change per hour between the oldest and the newest.
    Rate,
    /// The newest less the oldest.
    Change,
}

impl Stat {
    /// All names, for messages.
    pub const NAMES: &'static str = "count avg min max sum first last rate change";

    /// The figure of a name.
    pub fn named(name: &str) -> Option<Stat> {
        Some(match name {
            "count" => Stat::Count,
            "avg" => Stat::Avg,
            "min" => Stat::Min,
            "max" => Stat::Max,
            "sum" => Stat::Sum,
            "first" => Stat::First,
            "last" => Stat::Last,
            "rate" => Stat::Rate,
            "change" => Stat::Change,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Stat::Count => "count",
            Stat::Avg => "avg",
            Stat::Min => "min",
            Stat::Max => "max",
            Stat::Sum => "sum",
            Stat::First => "first",
            Stat::Last => "last",
            Stat::Rate => "rate",
            Stat::Change => "change",
        }
    }
}

/// A window.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    over_ms: i64,
    points: VecDeque<(Instant, f64)>,
    sum: f64,
    /// Values that left since the sum was made.
    left: usize,
    least: Cell<Option<f64>>,
    largest: Cell<Option<f64>>,
}

impl Window {
    /// An empty one that reaches back so many milliseconds.
    pub fn new(over_ms: i64) -> Window {
        Window {
            over_ms,
            points: VecDeque::new(),
            sum: 0.0,
            left: 0,
            least: Cell::new(None),
            largest: Cell::new(None),
        }
    }

    /// Adds what was observed at `at`. `now` bounds how far ahead it may lie.
    pub fn add(&mut self, at: Instant, value: f64, now: Instant) {
        if !value.is_finite() || at > now.plus_ms(AHEAD_MS_MAX) || at <= now.plus_ms(-self.over_ms) {
            return;
        }
        let place = self.points.partition_point(|(t, _)| *t < at);
        let before = match self.points.get_mut(place) {
            Some((t, v)) if *t == at => Some(std::mem::replace(v, value)),
            _ => {
                self.points.insert(place, (at, value));
                None
            }
        };
        self.sum += value;
        self.least.set(self.least.get().map(|least| least.min(value)));
        self.largest.set(self.largest.get().map(|largest| largest.max(value)));
        if let Some(before) = before {
            self.gone(before);
        }
        if self.points.len() > POINTS_MAX {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, value)) = self.points.pop_front() {
            self.gone(value);
        }
    }

    /// A value is no longer there.
    fn gone(&mut self, value: f64) {
        self.sum -= value;
        self.left += 1;
        if self.left > self.points.len() {
            self.left = 0;
            self.sum = self.points.iter().map(|(_, v)| *v).sum();
        }
        for kept in [&self.least, &self.largest] {
            if kept.get() == Some(value) {
                kept.set(None);
            }
        }
    }

    /// Drops what is older than the window at `now`.
    pub fn advance(&mut self, now: Instant) {
        let from = now.plus_ms(-self.over_ms);
        while self.points.front().is_some_and(|(at, _)| *at <= from) {
            self.drop_oldest();
        }
    }

    /// How many values.
    pub fn count(&self) -> usize {
        self.points.len()
    }

    /// The values, oldest first.
    pub fn points(&self) -> impl Iterator<Item = (Instant, f64)> {
        self.points.iter().copied()
    }

    /// When the newest was observed.
    pub fn newest(&self) -> Option<Instant> {
        self.points.back().map(|(at, _)| *at)
    }

    /// When the oldest leaves.
    pub fn next_leaves(&self) -> Option<Instant> {
        self.points.front().map(|(at, _)| at.plus_ms(self.over_ms))
    }

    /// A figure; none when there are too few values for it.
    pub fn stat(&self, stat: Stat) -> Option<f64> {
        let values = || self.points.iter().map(|(_, v)| *v);
        let (first, last) = (self.points.front().copied(), self.points.back().copied());
        let figure = match stat {
            Stat::Count => Some(self.points.len() as f64),
            Stat::Sum => Some(self.sum),
            Stat::Avg => first.map(|_| self.sum / self.points.len() as f64),
            Stat::Min => known(&self.least, &|| values().reduce(f64::min)),
            Stat::Max => known(&self.largest, &|| values().reduce(f64::max)),
            Stat::First => first.map(|(_, v)| v),
            Stat::Last => last.map(|(_, v)| v),
            Stat::Change => Some(last?.1 - first?.1),
            Stat::Rate => {
                let ((t0, v0), (t1, v1)) = (first?, last?);
                (t1 > t0).then(|| (v1 - v0) / ((t1.0 - t0.0) as f64 / 3_600_000.0))
            }
        };
        figure.filter(|n| n.is_finite())
    }
}

/// What is kept, or else found and kept.
fn known(kept: &Cell<Option<f64>>, find: &dyn Fn() -> Option<f64>) -> Option<f64> {
    if kept.get().is_none() {
        kept.set(find());
    }
    kept.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same in the simplest way: keep everything, look at what lies inside.
    fn model(all: &[(i64, f64)], over: i64, now: i64, stat: Stat) -> Option<f64> {
        let mut inside: Vec<(i64, f64)> = Vec::new();
        for (at, v) in all.iter().filter(|(at, _)| *at > now - over) {
            inside.retain(|(t, _)| t != at);
            inside.push((*at, *v));
        }
        inside.sort_by_key(|(at, _)| *at);
        let sum: f64 = inside.iter().map(|(_, v)| v).sum();
        let n = inside.len();
        Some(match stat {
            Stat::Count => n as f64,
            Stat::Sum => sum,
            _ if n == 0 => return None,
            Stat::Avg => sum / n as f64,
            Stat::Min => inside.iter().map(|(_, v)| *v).fold(f64::INFINITY, f64::min),
            Stat::Max => inside.iter().map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max),
            Stat::First => inside[0].1,
            Stat::Last => inside[n - 1].1,
            Stat::Change => inside[n - 1].1 - inside[0].1,
            Stat::Rate if inside[0].0 == inside[n - 1].0 => return None,
            Stat::Rate => {
                (inside[n - 1].1 - inside[0].1) / ((inside[n - 1].0 - inside[0].0) as f64 / 3_600_000.0)
            }
        })
    }

    const ALL: [Stat; 9] = [
        Stat::Count,
        Stat::Avg,
        Stat::Min,
        Stat::Max,
        Stat::Sum,
        Stat::First,
        Stat::Last,
        Stat::Rate,
        Stat::Change,
    ];

    proptest! {
        #[test]
        fn figures_equal_those_of_a_simple_model(
            points in proptest::collection::vec((0i64..400_000, -50i64..50), 0..60),
            over in 1_000i64..200_000,
        ) {
            // Late values arrive in any order; the present is the newest time seen so far.
            let (mut window, mut now) = (Window::new(over), 0);
            let mut all = Vec::new();
            for (at, v) in points {
                now = now.max(at);
                all.push((at, v as f64));
                window.add(Instant(at), v as f64, Instant(now));
                window.advance(Instant(now));
                for stat in ALL {
                    prop_assert_eq!(window.stat(stat), model(&all, over, now, stat), "{:?}", stat);
                }
            }
        }
    }

    #[test]
    fn a_value_from_far_ahead_does_not_empty_the_window() {
        let mut window = Window::new(60_000);
        window.add(Instant(1_000), 1.0, Instant(1_000));
        window.add(Instant(1_000 + AHEAD_MS_MAX + 1), 9.0, Instant(1_000));
        window.add(Instant(2_000), f64::NAN, Instant(2_000));
        assert_eq!((window.count(), window.stat(Stat::Max)), (1, Some(1.0)));
    }

    #[test]
    fn a_window_is_bounded() {
        let mut window = Window::new(i64::from(u32::MAX));
        for at in 0..POINTS_MAX as i64 + 10 {
            window.add(Instant(at), at as f64, Instant(at));
        }
        assert_eq!((window.count(), window.stat(Stat::First)), (POINTS_MAX, Some(10.0)));
    }
}
