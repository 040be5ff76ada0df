//! Whatever stands in a document, it becomes a report: no text, table or chart makes an output fail or panic.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use nacre_report::{
    Align, Block, Cell, Chart, ChartKind, Column, Document, Inline, Section, Series, SeriesStyle, Table,
    docx, html, pdf,
};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{members, well_formed, with};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[#$@*_`<>\\\\\\[\\]{}()/&\"'=+\\-~]{0,12}",
        "[一-龥，。“”（）]{0,30}",
        Just("👩‍👩‍👧‍👦🇨🇳\u{202e}\u{0}\u{7f}\u{fffe}\u{1b}[31m".to_owned()),
        Just("e\u{301}\u{301}\u{301}مرحبا नमस्ते \u{e000}".to_owned()),
        Just("x".repeat(3_000)),
        Just("，".repeat(200)),
        Just(String::new()),
    ]
}

fn inlines() -> impl Strategy<Value = Vec<Inline>> {
    let inline = prop_oneof![
        text().prop_map(Inline::Text),
        text().prop_map(Inline::Strong),
        (text(), text(), text()).prop_map(|(text, anchor, title)| Inline::Figure { text, anchor, title }),
    ];
    vec(inline, 0..4)
}

fn table() -> impl Strategy<Value = Table> {
    let align = prop_oneof![Just(Align::Left), Just(Align::Center), Just(Align::Right)];
    let column =
        (text(), align, any::<u16>()).prop_map(|(title, align, width)| Column { title, align, width });
    let cell = (inlines(), any::<bool>()).prop_map(|(inlines, emphasis)| Cell { inlines, emphasis });
    (text(), vec(column, 0..5), vec(vec(cell, 0..6), 0..4), text()).prop_map(
        |(caption, columns, rows, note)| Table { caption, columns, rows, row_anchors: Vec::new(), note },
    )
}

fn chart() -> impl Strategy<Value = Chart> {
    let kind = prop_oneof![Just(ChartKind::Bars), Just(ChartKind::Lines), Just(ChartKind::Bullet)];
    let style = prop_oneof![
        Just(SeriesStyle::Solid),
        Just(SeriesStyle::Dashed),
        Just(SeriesStyle::Target),
        Just(SeriesStyle::Missing)
    ];
    let value = prop_oneof![Just(None), any::<f64>().prop_map(Some), (-1e3..1e3).prop_map(Some)];
    let series =
        (text(), style, vec(value, 0..8)).prop_map(|(name, style, values)| Series { name, style, values });
    (text(), text(), text(), kind, vec(text(), 0..8), vec(series, 0..5)).prop_map(
        |(caption, alt, unit, kind, categories, series)| Chart {
            note: caption.clone(),
            caption,
            alt,
            unit,
            kind,
            anchor: String::new(),
            categories,
            series,
        },
    )
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        inlines().prop_map(Block::Paragraph),
        vec(inlines(), 0..3).prop_map(Block::List),
        text().prop_map(Block::Note),
        table().prop_map(Block::Table),
        chart().prop_map(Block::Chart),
    ]
}

fn section() -> impl Strategy<Value = Section> {
    (text(), any::<u8>(), text(), vec(block(), 0..4)).prop_map(|(number, level, title, blocks)| Section {
        number,
        level,
        title,
        blocks,
        anchor: String::new(),
    })
}

fn document() -> impl Strategy<Value = Document> {
    (vec(text(), 9), vec(section(), 0..3), vec(section(), 0..2)).prop_map(|(mut texts, sections, annexes)| {
        let mut next = || texts.pop().unwrap_or_default();
        Document {
            title: next(),
            subtitle: next(),
            issuer: next(),
            date: next(),
            version_line: next(),
            verification_code: next(),
            state_label: next(),
            digest: next(),
            freeze: None,
            verify_hint: next(),
            sections,
            annexes,
            differences: None,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_becomes_a_report(document in document()) {
        prop_assert!(pdf(&document).unwrap().starts_with(b"%PDF-1."));
        for (name, bytes) in members(&docx(&document).unwrap()) {
            if !name.ends_with(".png") {
                well_formed(std::str::from_utf8(&bytes).unwrap());
            }
        }
        let page = html(&document);
        prop_assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chart_has_finite_places(chart in chart()) {
        let page = html(&with(vec![Block::Chart(chart)]));
        for place in page.split(" x=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            prop_assert!(place.parse::<f64>().unwrap().is_finite());
        }
    }
}
