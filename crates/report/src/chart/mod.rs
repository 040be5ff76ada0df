//! Charts, laid out once as strokes, boxes and words ([`Drawing`]); the typesetter and the SVG writer only draw them, so a
//! chart is the same in every output.
//!
//! Rules: the axis includes zero; a target is a line and never a bar; an estimate is an outline in dashes; a value that is
//! not there leaves its place empty with the word 无数据; values stand at their marks as far as there is room.
//! Lengths are points, the origin is the upper left corner.

mod bars;
mod bullet;
mod lines;
mod scale;
mod svg;

use serde::Serialize;

use crate::model::{Chart, ChartKind, Series, SeriesStyle};
use crate::text;

pub(crate) use svg::svg;

/// Width of every chart: the type area, 156 mm.
pub(crate) const WIDTH: f64 = 442.0;
/// Size of the labels.
const LABEL: f64 = 8.5;
/// A magnitude above this is no figure of a plan; it is treated as missing so that no sum overflows.
const VALUE_MAX: f64 = 1e15;
/// The word at a missing value.
pub(crate) const NO_DATA: &str = "无数据";

/// A finished chart.
#[derive(Debug, Serialize)]
pub(crate) struct Drawing {
    /// Width in points.
    pub width: f64,
    /// Height in points.
    pub height: f64,
    /// What to draw, in order.
    pub marks: Vec<Mark>,
}

/// One thing to draw.
#[derive(Debug, Serialize)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub(crate) enum Mark {
    /// A box.
    Rect { x: f64, y: f64, w: f64, h: f64, fill: Option<Ink>, stroke: Option<Ink> },
    /// A stroke through points.
    Line { points: Vec<(f64, f64)>, ink: Ink, width: f64, dashed: bool },
    /// A dot; a hollow one is an estimate.
    Dot { x: f64, y: f64, r: f64, ink: Ink, hollow: bool },
    /// Words; `y` is the middle of the line.
    Text { x: f64, y: f64, size: f64, anchor: Anchor, ink: Ink, text: String },
}

/// Colour by meaning; each output has its own table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ink {
    Text,
    Quiet,
    Rule,
    Target,
    S0,
    S1,
    S2,
    S3,
    S4,
    S5,
}

/// Which part of a text stands at its `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// The inks of series, by position.
const INKS: [Ink; 6] = [Ink::S0, Ink::S1, Ink::S2, Ink::S3, Ink::S4, Ink::S5];

/// Lays out a chart.
pub(crate) fn draw(chart: &Chart) -> Drawing {
    let mut canvas = Canvas::default();
    let top = canvas.head(chart);
    let height = match chart.kind {
        _ if chart.categories.is_empty() => canvas.empty(top),
        ChartKind::Bars => bars::draw(&mut canvas, chart, top),
        ChartKind::Lines => lines::draw(&mut canvas, chart, top),
        ChartKind::Bullet => bullet::draw(&mut canvas, chart, top),
    };
    Drawing { width: WIDTH, height, marks: canvas.marks }
}

/// The value of a series at a category, if it is a figure that can be drawn.
pub(crate) fn value(series: &Series, at: usize) -> Option<f64> {
    let value = series.values.get(at).copied().flatten()?;
    (value.is_finite() && value.abs() <= VALUE_MAX).then_some(value)
}

/// Series that are drawn as figures, with their inks.
fn figures(chart: &Chart) -> Vec<(&Series, Ink)> {
    let drawn = |s: &&Series| matches!(s.style, SeriesStyle::Solid | SeriesStyle::Dashed);
    // Ink by position among the figures: a measured series and its estimate differ by outline as well.
    chart.series.iter().filter(drawn).zip(INKS.into_iter().cycle()).collect()
}

/// Whether a series that has no value at a category is called 无数据 there. An estimate stands in where the measured value is
/// missing, so beside measured series its own gaps say nothing.
fn is_missing(chart: &Chart, series: &Series, at: usize) -> bool {
    let of = |style| chart.series.iter().filter(move |s| s.style == style);
    match series.style {
        SeriesStyle::Solid => !of(SeriesStyle::Dashed).any(|estimate| value(estimate, at).is_some()),
        _ => of(SeriesStyle::Solid).next().is_none(),
    }
}

/// Series that are targets.
fn targets(chart: &Chart) -> impl Iterator<Item = &Series> {
    chart.series.iter().filter(|s| s.style == SeriesStyle::Target)
}

/// Marks being gathered.
#[derive(Default)]
struct Canvas {
    marks: Vec<Mark>,
}

impl Canvas {
    fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: Option<Ink>, stroke: Option<Ink>) {
        self.marks.push(Mark::Rect { x, y, w: w.max(0.0), h: h.max(0.0), fill, stroke });
    }

    fn line(&mut self, points: Vec<(f64, f64)>, ink: Ink, width: f64, dashed: bool) {
        self.marks.push(Mark::Line { points, ink, width, dashed });
    }

    fn text(&mut self, x: f64, y: f64, size: f64, anchor: Anchor, ink: Ink, text: String) {
        if !text.is_empty() {
            self.marks.push(Mark::Text { x, y, size, anchor, ink, text });
        }
    }

    /// The word for a missing value, in a place `room` wide that ends at `bottom`; upright where it is narrow.
    fn no_data(&mut self, x: f64, bottom: f64, room: f64) {
        if room >= 24.0 {
            self.text(x, bottom - 5.0, 7.0, Anchor::Middle, Ink::Quiet, NO_DATA.to_owned());
        } else if room >= 7.5 {
            for (row, c) in NO_DATA.chars().rev().enumerate() {
                let y = bottom - 5.0 - 7.5 * row as f64;
                self.text(x, y, 7.0, Anchor::Middle, Ink::Quiet, c.to_string());
            }
        } else {
            self.text(x, bottom - 4.0, 6.0, Anchor::Middle, Ink::Quiet, "×".to_owned());
        }
    }

    /// Unit and legend; the height they take.
    fn head(&mut self, chart: &Chart) -> f64 {
        let unit = text::clean(&chart.unit);
        let mut x = 0.0;
        let mut y = 7.0;
        if !unit.is_empty() {
            let unit = text::fit(&format!("单位：{unit}"), 16_000);
            x = points(&unit, LABEL) + 18.0;
            self.text(0.0, y, LABEL, Anchor::Start, Ink::Quiet, unit);
        }
        let mut inks = INKS.into_iter().cycle();
        for series in &chart.series {
            let mut name = text::fit(&text::clean(&series.name), 18_000);
            if series.style == SeriesStyle::Missing {
                name.push_str("（无数据）");
            }
            let wide = 20.0 + points(&name, LABEL) + 14.0;
            if x > 0.0 && x + wide > WIDTH + 14.0 {
                x = 0.0;
                y += 13.0;
            }
            match series.style {
                SeriesStyle::Solid => {
                    let ink = inks.next();
                    self.rect(x, y - 4.0, 15.0, 8.0, ink, None);
                }
                SeriesStyle::Dashed => {
                    let ink = inks.next();
                    self.rect(x, y - 4.0, 15.0, 8.0, None, ink);
                }
                SeriesStyle::Target => {
                    self.line(vec![(x, y), (x + 15.0, y)], Ink::Target, 1.6, false);
                }
                SeriesStyle::Missing => {
                    self.text(x + 7.5, y, LABEL, Anchor::Middle, Ink::Quiet, "—".to_owned());
                }
            }
            self.text(x + 19.0, y, LABEL, Anchor::Start, Ink::Text, name);
            x += wide;
        }
        y + 12.0
    }

    /// A chart without categories.
    fn empty(&mut self, top: f64) -> f64 {
        self.text(WIDTH / 2.0, top + 24.0, 10.5, Anchor::Middle, Ink::Quiet, NO_DATA.to_owned());
        top + 48.0
    }
}

/// How wide a text is in points.
fn points(text: &str, size: f64) -> f64 {
    f64::from(text::width(text)) / 1000.0 * size
}

/// A text cut to a width in points.
fn fit_points(text: &str, size: f64, width: f64) -> String {
    text::fit(text, (width.max(0.0) / size * 1000.0) as u32)
}

/// A value as its label: at most four decimals, none that say nothing.
pub(crate) fn label(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_carry_no_empty_decimals() {
        assert_eq!(
            [97.25, 100.0, -0.00001, 1234.5].map(label),
            ["97.25", "100", "0", "1234.5"].map(str::to_owned)
        );
    }

    #[test]
    fn a_missing_value_is_named_and_leaves_a_gap() {
        let series = Series { values: vec![Some(1.0), None, Some(f64::NAN)], ..Series::default() };
        let chart = Chart { categories: vec!["a".into(); 3], series: vec![series], ..Chart::default() };
        let named = |d: &Drawing| {
            d.marks.iter().filter(|m| matches!(m, Mark::Text { text, .. } if text == NO_DATA)).count()
        };
        for kind in [ChartKind::Bars, ChartKind::Lines, ChartKind::Bullet] {
            assert_eq!(named(&draw(&Chart { kind, ..chart.clone() })), 2, "{kind:?}");
        }
    }

    #[test]
    fn a_target_is_never_a_box() {
        let series = Series { style: SeriesStyle::Target, values: vec![Some(5.0); 2], ..Series::default() };
        let chart = Chart { categories: vec!["a".into(); 2], series: vec![series], ..Chart::default() };
        for kind in [ChartKind::Bars, ChartKind::Lines, ChartKind::Bullet] {
            let drawing = draw(&Chart { kind, ..chart.clone() });
            assert!(!drawing.marks.iter().any(|m| matches!(m, Mark::Rect { .. })), "{kind:?}");
        }
    }

    #[test]
    fn an_estimate_fills_the_gap_of_the_measured_series() {
        let solid = Series { values: vec![Some(1.0), None], ..Series::default() };
        let estimate =
            Series { style: SeriesStyle::Dashed, values: vec![None, Some(2.0)], ..Series::default() };
        let chart =
            Chart { categories: vec!["a".into(); 2], series: vec![solid, estimate], ..Chart::default() };
        for kind in [ChartKind::Bars, ChartKind::Lines, ChartKind::Bullet] {
            let drawing = draw(&Chart { kind, ..chart.clone() });
            let named = |m: &Mark| matches!(m, Mark::Text { text, .. } if text.contains(NO_DATA));
            assert!(!drawing.marks.iter().any(named), "{kind:?}");
        }
    }
}
