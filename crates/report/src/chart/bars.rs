//! Upright bars in groups, and the frame that lines share with them.

use super::scale::Scale;
use super::{
    Anchor, Canvas, Ink, LABEL, WIDTH, figures, fit_points, is_missing, label, points, targets, value,
};
use crate::model::{Chart, Series, SeriesStyle};
use crate::text;

/// Height of the area of values.
const PLOT: f64 = 170.0;

/// The area of values: an axis, one slot a category.
pub(super) struct Frame {
    pub left: f64,
    pub top: f64,
    pub slot: f64,
    pub scale: Scale,
    right: f64,
}

impl Frame {
    /// Draws axis, grid and labels of categories.
    pub fn draw(canvas: &mut Canvas, chart: &Chart, top: f64) -> (Frame, f64) {
        let count = chart.categories.len();
        let all = chart.series.iter().flat_map(|s| (0..count).filter_map(|at| value(s, at)));
        let scale = Scale::of(all);
        let ticks: Vec<String> = scale.ticks().into_iter().map(label).collect();
        let wide = ticks.iter().map(|t| points(t, LABEL)).fold(12.0, f64::max);
        let left = wide.min(90.0) + 6.0;
        // Room at the right edge for the label of a target.
        let right = if targets(chart).next().is_some() { WIDTH - 58.0 } else { WIDTH };
        let frame = Frame { left, top: top + 8.0, slot: (right - left) / count as f64, scale, right };
        for (tick, text) in scale.ticks().into_iter().zip(ticks) {
            let y = frame.y(tick);
            let (ink, width) = if tick == 0.0 { (Ink::Text, 0.8) } else { (Ink::Rule, 0.5) };
            canvas.line(vec![(left, y), (right, y)], ink, width, false);
            canvas.text(left - 4.0, y, LABEL, Anchor::End, Ink::Quiet, text);
        }
        let bottom = frame.top + PLOT + 9.0;
        let every = (22.0 / frame.slot).ceil().max(1.0) as usize;
        let room = frame.slot * every as f64 - 2.0;
        for (at, category) in chart.categories.iter().enumerate().step_by(every) {
            let (first, second) = two_lines(&text::clean(category), room);
            canvas.text(frame.x(at), bottom, LABEL, Anchor::Middle, Ink::Text, first);
            canvas.text(frame.x(at), bottom + 10.5, LABEL, Anchor::Middle, Ink::Text, second);
        }
        (frame, bottom + 18.0)
    }

    /// Middle of a category.
    pub fn x(&self, at: usize) -> f64 {
        self.left + self.slot * (at as f64 + 0.5)
    }

    /// Height of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.top + PLOT * (1.0 - self.scale.at(value))
    }

    /// Height of zero.
    pub fn zero(&self) -> f64 {
        self.y(0.0)
    }

    /// A place for a label near a height, above the strokes of targets that would run through it.
    pub fn clear(&self, chart: &Chart, at: usize, y: f64) -> f64 {
        let mut strokes: Vec<f64> = targets(chart).filter_map(|s| value(s, at)).map(|v| self.y(v)).collect();
        // From the lowest stroke up: a label that moved may meet the next one.
        strokes.sort_by(|a, b| b.total_cmp(a));
        strokes.into_iter().fold(y, |y, stroke| if (y - stroke).abs() < 5.5 { stroke - 6.0 } else { y })
    }

    /// Targets: a stroke over each category, its value once if it stays the same.
    pub fn targets(&self, canvas: &mut Canvas, chart: &Chart) {
        let mut taken: Vec<f64> = Vec::new();
        for series in targets(chart) {
            let values: Vec<Option<f64>> = (0..chart.categories.len()).map(|at| value(series, at)).collect();
            for (at, target) in values.iter().enumerate().filter_map(|(at, v)| v.map(|v| (at, v))) {
                let (x, y) = (self.left + self.slot * at as f64, self.y(target));
                canvas.line(vec![(x, y), (x + self.slot, y)], Ink::Target, 1.6, false);
                let changes = values.get(at + 1).copied().flatten().is_some_and(|next| next != target);
                let text = label(target);
                if changes && points(&text, 7.5) <= self.slot {
                    canvas.text(x + self.slot / 2.0, y - 6.0, 7.5, Anchor::Middle, Ink::Target, text);
                }
            }
            if let Some(last) = values.iter().rev().flatten().next() {
                let mut y = self.y(*last);
                while taken.iter().any(|other| (other - y).abs() < 9.5) {
                    y += 9.5;
                }
                taken.push(y);
                let text = fit_points(&format!("目标 {}", label(*last)), LABEL, 54.0);
                canvas.text(self.right + 4.0, y, LABEL, Anchor::Start, Ink::Target, text);
            }
        }
    }
}

/// A label in at most two lines of a width.
fn two_lines(text: &str, room: f64) -> (String, String) {
    if points(text, LABEL) <= room {
        return (text.to_owned(), String::new());
    }
    let mut first = String::new();
    let mut rest = text.chars();
    for c in rest.clone() {
        first.push(c);
        if points(&first, LABEL) > room && first.chars().count() > 1 {
            first.pop();
            break;
        }
        rest.next();
    }
    (first, fit_points(rest.as_str().trim_start(), LABEL, room.max(LABEL)))
}

/// Draws the bars; the height of the chart.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, top: f64) -> f64 {
    let (frame, height) = Frame::draw(canvas, chart, top);
    let zero = frame.zero();
    // A category has room for the series that have something to say there, and no more.
    let shown: Vec<Vec<(&Series, Ink)>> = (0..chart.categories.len())
        .map(|at| {
            let says = |(s, _): &(&Series, Ink)| value(s, at).is_some() || is_missing(chart, s, at);
            figures(chart).into_iter().filter(says).collect()
        })
        .collect();
    let most = shown.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let slot = (frame.slot * 0.8 / most as f64).min(46.0);
    let bar = slot * 0.82;
    for (at, series) in shown.iter().enumerate() {
        let begin = frame.x(at) - slot * series.len() as f64 / 2.0;
        for (position, (series, ink)) in series.iter().enumerate() {
            let x = begin + slot * (position as f64 + 0.5);
            let Some(value) = value(series, at) else {
                canvas.no_data(x, zero, slot.max(frame.slot.min(24.0) / most as f64));
                continue;
            };
            let y = frame.y(value);
            let solid = series.style == SeriesStyle::Solid;
            let (fill, stroke) = if solid { (Some(*ink), None) } else { (None, Some(*ink)) };
            canvas.rect(x - bar / 2.0, y.min(zero), bar, (y - zero).abs(), fill, stroke);
            let text = label(value);
            let size = if points(&text, 8.0) <= slot + 2.0 { 8.0 } else { 6.5 };
            if points(&text, size) <= slot + 2.0 {
                let y = frame.clear(chart, at, if value < 0.0 { y + 6.0 } else { y - 6.0 });
                canvas.text(x, y, size, Anchor::Middle, Ink::Text, text);
            }
        }
    }
    frame.targets(canvas, chart);
    height
}
