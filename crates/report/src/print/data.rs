//! A document as data for the template: texts that can be printed, links as numbers, charts laid out.
//!
//! A character that no font has would print as an empty box that says nothing: its code stands there instead, `〔U+1F600〕`.
//! Words longer than a line get places to break at, so that a digest stays inside its column.

use serde::Serialize;

use super::world::has_glyph;
use crate::chart::{self, Drawing, Mark};
use crate::limits::leveled;
use crate::links::Links;
use crate::model::{Align, Block, Chart, Document, Inline, Section, Table};
use crate::{proof, text};

/// A word longer than this many characters may be broken in the body.
const WORD_MAX: usize = 24;
/// A word longer than this many characters may be broken in a table.
const CELL_WORD_MAX: usize = 12;

/// What `report.typ` reads.
#[derive(Serialize)]
pub(super) struct Data {
    title: String,
    subtitle: String,
    issuer: String,
    date: String,
    version: String,
    code: String,
    state: String,
    day: Option<(u16, u8, u8)>,
    sections: Vec<Part>,
    proof: Vec<(String, String)>,
    hint: Vec<String>,
}

#[derive(Serialize)]
struct Part {
    level: u8,
    number: String,
    title: String,
    anchor: Option<usize>,
    fresh: bool,
    blocks: Vec<Piece>,
}

#[derive(Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
enum Piece {
    Paragraph { runs: Vec<Run> },
    List { entries: Vec<Vec<Run>> },
    Note { text: String },
    Table { caption: String, columns: Vec<Head>, rows: Vec<Row>, note: String },
    Chart { anchor: Option<usize>, caption: String, alt: String, note: String, drawing: Drawing },
}

#[derive(Serialize)]
struct Run {
    kind: &'static str,
    text: String,
    to: Option<usize>,
}

#[derive(Serialize)]
struct Head {
    title: String,
    align: Align,
    width: u16,
}

#[derive(Serialize)]
struct Row {
    anchor: Option<usize>,
    cells: Vec<Filled>,
}

#[derive(Serialize)]
struct Filled {
    runs: Vec<Run>,
    emphasis: bool,
}

/// Prepares a document.
pub(super) fn data(document: &Document) -> Data {
    let links = Links::of(document);
    let body = document.sections.len();
    let annexes = body + document.annexes.len();
    let sections = leveled(document).into_iter().enumerate();
    Data {
        // PDF/UA asks for a title.
        title: Some(short(&document.title))
            .filter(|t| !t.trim().is_empty())
            .unwrap_or_else(|| "报告".to_owned()),
        subtitle: short(&document.subtitle),
        issuer: short(&document.issuer),
        date: short(&document.date),
        version: short(&document.version_line),
        code: short(&document.verification_code),
        state: short(&document.state_label),
        day: day_of(document),
        // The first annex, each annex of the first level and the differences begin on a page of their own.
        sections: sections
            .map(|(at, (s, level))| {
                part(s, level, &links, at == body || at == annexes || (at > body && level == 1))
            })
            .collect(),
        proof: proof::lines(document)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), printable(&value, CELL_WORD_MAX)))
            .collect(),
        hint: text::lines(&document.verify_hint).iter().map(|line| short(line)).collect(),
    }
}

/// A chart for a template, its words printable.
pub(super) fn drawing(chart: &Chart) -> Drawing {
    let mut drawing = chart::draw(chart);
    for mark in &mut drawing.marks {
        if let Mark::Text { text, .. } = mark {
            *text = printable(text, usize::MAX);
        }
    }
    drawing
}

/// The day for the metadata of a file: that of the freeze, or else the date on the cover if it can be read.
pub(crate) fn day_of(document: &Document) -> Option<(u16, u8, u8)> {
    document.freeze.as_ref().and_then(|freeze| day(&freeze.at)).or_else(|| day(&document.date))
}

/// The day at the beginning of `2026-11-23T…` or `2026年11月3日`.
fn day(text: &str) -> Option<(u16, u8, u8)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    let mut next = |digits: usize| numbers.next().filter(|n| (1..=digits).contains(&n.len()));
    let year: u16 = next(4).filter(|year| year.len() == 4)?.parse().ok()?;
    let month: u8 = next(2)?.parse().ok()?;
    let day: u8 = next(2)?.parse().ok()?;
    let last = match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (year >= 1 && (1..=last).contains(&day)).then_some((year, month, day))
}

fn short(text: &str) -> String {
    printable(text, WORD_MAX)
}

/// The text with a code for each character that has no glyph, and breaks in words that are longer than `word_max`.
fn printable(text: &str, word_max: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = 0;
    for c in text::clean(text).chars() {
        let breaks = c == ' ' || u32::from(c) >= 0x2e80;
        word = if breaks { 0 } else { word + 1 };
        if word > word_max {
            out.push('\u{200b}');
            word = 1;
        }
        if has_glyph(c) {
            out.push(c);
        } else if c.is_whitespace() {
            out.push(' ');
        } else {
            out.push_str(&format!("〔U+{:04X}〕", u32::from(c)));
        }
    }
    out
}

fn runs(inlines: &[Inline], links: &Links, word_max: usize) -> Vec<Run> {
    let run = |inline: &Inline| match inline {
        Inline::Text(text) => Run { kind: "text", text: printable(text, word_max), to: None },
        Inline::Strong(text) => Run { kind: "strong", text: printable(text, word_max), to: None },
        Inline::Figure { text, anchor, .. } => {
            Run { kind: "figure", text: printable(text, word_max), to: links.number(anchor) }
        }
    };
    // A link without words would be a place to press that nobody sees.
    inlines.iter().map(run).filter(|run| !run.text.trim().is_empty() || run.to.is_none()).collect()
}

fn part(section: &Section, level: u8, links: &Links, fresh: bool) -> Part {
    Part {
        level,
        number: short(&section.number),
        title: short(&section.title),
        anchor: links.number(&section.anchor),
        fresh,
        blocks: section.blocks.iter().map(|block| piece(block, links)).collect(),
    }
}

fn piece(block: &Block, links: &Links) -> Piece {
    match block {
        Block::Paragraph(inlines) => Piece::Paragraph { runs: runs(inlines, links, WORD_MAX) },
        Block::List(entries) => {
            Piece::List { entries: entries.iter().map(|entry| runs(entry, links, WORD_MAX)).collect() }
        }
        Block::Note(text) => Piece::Note { text: short(text) },
        Block::Table(table) => grid(table, links),
        Block::Chart(chart) => Piece::Chart {
            anchor: links.number(&chart.anchor),
            caption: short(&chart.caption),
            // PDF/UA asks for words with every figure.
            alt: [&chart.alt, &chart.caption]
                .into_iter()
                .map(|t| short(t))
                .find(|t| !t.trim().is_empty())
                .unwrap_or_else(|| "图".to_owned()),
            note: short(&chart.note),
            drawing: drawing(chart),
        },
    }
}

fn grid(table: &Table, links: &Links) -> Piece {
    let columns = table.columns.iter();
    let columns: Vec<Head> = columns
        .map(|c| Head { title: printable(&c.title, CELL_WORD_MAX), align: c.align, width: c.width.max(1) })
        .collect();
    let rows = if columns.is_empty() { &[][..] } else { &table.rows[..] };
    let rows = rows.iter().enumerate().map(|(at, row)| {
        let anchor = table.row_anchors.get(at).and_then(Option::as_deref).and_then(|a| links.number(a));
        let cell = |at: usize| match row.get(at) {
            Some(cell) => Filled { runs: runs(&cell.inlines, links, CELL_WORD_MAX), emphasis: cell.emphasis },
            None => Filled { runs: Vec::new(), emphasis: false },
        };
        Row { anchor, cells: (0..columns.len()).map(cell).collect() }
    });
    let rows = rows.collect();
    Piece::Table { caption: short(&table.caption), rows, columns, note: short(&table.note) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_without_a_glyph_is_named_by_its_code() {
        assert_eq!(printable("海珠😀", 24), "海珠〔U+1F600〕");
    }

    #[test]
    fn a_long_word_gets_places_to_break_at() {
        assert_eq!(printable("abcdefgh 海珠abc", 6), "abcdef\u{200b}gh 海珠abc");
    }

    #[test]
    fn only_a_day_of_the_calendar_is_a_date() {
        assert_eq!(day("2024-02-29T08:00:00Z"), Some((2024, 2, 29)));
        assert_eq!(day("2026年11月3日"), Some((2026, 11, 3)));
        for none in ["2023-02-29", "2026-13-01", "2026-00-10", "26-1-1", "", "二〇二六年十一月", "0000-01-01"]
        {
            assert_eq!(day(none), None, "{none}");
        }
    }
}
