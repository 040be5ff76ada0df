//! A drawing as inline SVG for the page. Colours are classes, so that the dark scheme reaches them.

use std::fmt::Write;

use super::{Anchor, Drawing, Ink, Mark};
use crate::text::escape;

/// The class of an ink.
fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Text => "i-text",
        Ink::Quiet => "i-quiet",
        Ink::Rule => "i-rule",
        Ink::Target => "i-target",
        Ink::S0 => "i-s0",
        Ink::S1 => "i-s1",
        Ink::S2 => "i-s2",
        Ink::S3 => "i-s3",
        Ink::S4 => "i-s4",
        Ink::S5 => "i-s5",
    }
}

/// Writes a drawing with its words for those who cannot see it.
pub(crate) fn svg(drawing: &Drawing, alt: &str) -> String {
    let mut out = format!(
        "<svg class=\"chart\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {:.1} {:.1}\">",
        escape(alt),
        drawing.width,
        drawing.height
    );
    for mark in &drawing.marks {
        one(&mut out, mark);
    }
    out.push_str("</svg>");
    out
}

// Writing to a string does not fail.
fn one(out: &mut String, mark: &Mark) {
    let _ = match mark {
        Mark::Rect { x, y, w, h, fill, stroke } => {
            let (kind, ink) = match (fill, stroke) {
                (Some(ink), _) => ("fill", class(*ink)),
                (None, Some(ink)) => ("outline", class(*ink)),
                (None, None) => return,
            };
            write!(
                out,
                "<rect class=\"{kind} {ink}\" x=\"{x:.2}\" y=\"{y:.2}\" width=\"{w:.2}\" height=\"{h:.2}\"/>"
            )
        }
        Mark::Line { points, ink, width, dashed } => {
            let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.2},{y:.2}")).collect();
            let dash = if *dashed { " stroke-dasharray=\"4 3\"" } else { "" };
            write!(
                out,
                "<polyline class=\"line {}\" stroke-width=\"{width}\"{dash} points=\"{}\"/>",
                class(*ink),
                path.join(" ")
            )
        }
        Mark::Dot { x, y, r, ink, hollow } => {
            let kind = if *hollow { "hollow" } else { "fill" };
            write!(out, "<circle class=\"{kind} {}\" cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{r}\"/>", class(*ink))
        }
        Mark::Text { x, y, size, anchor, ink, text } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            write!(
                out,
                "<text class=\"{}\" x=\"{x:.2}\" y=\"{y:.2}\" dy=\".35em\" font-size=\"{size}\" \
                 text-anchor=\"{anchor}\">{}</text>",
                class(*ink),
                escape(text)
            )
        }
    };
}
