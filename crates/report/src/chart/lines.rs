//! Lines over the categories. A missing value breaks the line: nothing is drawn through it.

use super::bars::Frame;
use super::{Anchor, Canvas, Ink, Mark, figures, is_missing, label, points, value};
use crate::model::{Chart, SeriesStyle};

/// Draws the lines; the height of the chart.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, top: f64) -> f64 {
    let (frame, height) = Frame::draw(canvas, chart, top);
    let count = chart.categories.len();
    let series = figures(chart);
    let mut missing = vec![0_usize; count];
    for (position, (series, ink)) in series.iter().enumerate() {
        let dashed = series.style == SeriesStyle::Dashed;
        let mut run: Vec<(f64, f64)> = Vec::new();
        let last = (0..count).rev().find(|at| value(series, *at).is_some());
        for (at, gaps) in missing.iter_mut().enumerate() {
            let Some(value) = value(series, at) else {
                if is_missing(chart, series, at) {
                    canvas.no_data(frame.x(at), frame.zero() - 8.0 * *gaps as f64, frame.slot);
                    *gaps += 1;
                }
                stroke(canvas, &mut run, *ink, dashed);
                continue;
            };
            let (x, y) = (frame.x(at), frame.y(value));
            run.push((x, y));
            canvas.marks.push(Mark::Dot { x, y, r: 2.4, ink: *ink, hollow: dashed });
            let text = label(value);
            // Two lines carry all their values, one above and one below; more lines only the last.
            let room = points(&text, 7.5) <= frame.slot;
            if room && (series_few(chart) || last == Some(at)) {
                let y = if position % 2 == 0 { y - 8.0 } else { y + 8.0 };
                let y = frame.clear(chart, at, y);
                canvas.text(x, y, 7.5, Anchor::Middle, Ink::Text, text);
            }
        }
        stroke(canvas, &mut run, *ink, dashed);
    }
    frame.targets(canvas, chart);
    height
}

fn series_few(chart: &Chart) -> bool {
    figures(chart).len() <= 2
}

/// Draws a run of points that hang together.
fn stroke(canvas: &mut Canvas, run: &mut Vec<(f64, f64)>, ink: Ink, dashed: bool) {
    let points = std::mem::take(run);
    if points.len() > 1 {
        canvas.line(points, ink, 1.5, dashed);
    }
}
