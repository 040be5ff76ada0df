//! One lying bar a category with the target as a stroke across it; the figures stand in a column at the right.

use super::scale::Scale;
use super::{
    Anchor, Canvas, Ink, LABEL, NO_DATA, WIDTH, figures, fit_points, is_missing, label, targets, value,
};
use crate::model::{Chart, SeriesStyle};
use crate::text;

/// Width of the column of names.
const NAMES: f64 = 118.0;
/// Width of the column of figures.
const FIGURES: f64 = 118.0;
/// Height that all rows have together at most, so that a chart fits on a page.
const ROWS: f64 = 520.0;

/// Draws the rows; the height of the chart.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, top: f64) -> f64 {
    let count = chart.categories.len();
    let scale = Scale::of(
        chart.series.iter().flat_map(|s| (0..count).filter_map(|at| value(s, at)).collect::<Vec<_>>()),
    );
    let row = (ROWS / count as f64).min(24.0);
    let size = LABEL.min(row - 1.5);
    let right = WIDTH - FIGURES;
    let x = |v: f64| NAMES + (right - NAMES) * scale.at(v);
    let bottom = top + 4.0 + row * count as f64;
    for tick in scale.ticks() {
        let (ink, width) = if tick == 0.0 { (Ink::Text, 0.8) } else { (Ink::Rule, 0.5) };
        canvas.line(vec![(x(tick), top + 2.0), (x(tick), bottom)], ink, width, false);
        canvas.text(x(tick), bottom + 7.0, 7.5, Anchor::Middle, Ink::Quiet, label(tick));
    }
    let series = figures(chart);
    let above = series.len().max(1) as f64 / 2.0;
    let tall = row * 0.31 / above;
    for (at, category) in chart.categories.iter().enumerate() {
        let middle = top + 4.0 + row * (at as f64 + 0.5);
        let name = fit_points(&text::clean(category), size, NAMES - 8.0);
        canvas.text(NAMES - 6.0, middle, size, Anchor::End, Ink::Text, name);
        let mut words: Vec<String> = Vec::new();
        for (position, (series, ink)) in series.iter().enumerate() {
            let y = middle - tall * above + tall * position as f64;
            match value(series, at) {
                Some(value) => {
                    let (from, to) = (x(value.min(0.0)), x(value.max(0.0)));
                    let solid = series.style == SeriesStyle::Solid;
                    let (fill, stroke) = if solid { (Some(*ink), None) } else { (None, Some(*ink)) };
                    canvas.rect(from, y + tall * 0.08, to - from, tall * 0.84, fill, stroke);
                    words.push(label(value));
                }
                None if is_missing(chart, series, at) => words.push(NO_DATA.to_owned()),
                None => {}
            }
        }
        for target in targets(chart).filter_map(|series| value(series, at)) {
            let x = x(target);
            canvas.line(vec![(x, middle - row * 0.42), (x, middle + row * 0.42)], Ink::Target, 1.8, false);
            words.push(format!("目标 {}", label(target)));
        }
        // All in one place: beside the bars they would run into the strokes of the targets.
        let only_missing = words.len() == 1 && words.first().is_some_and(|w| w == NO_DATA);
        let ink = if only_missing { Ink::Quiet } else { Ink::Text };
        let words = fit_points(&words.join(" / "), size, FIGURES - 6.0);
        canvas.text(right + 6.0, middle, size, Anchor::Start, ink, words);
    }
    bottom + 14.0
}
