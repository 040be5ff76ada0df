//! A small report that has one of everything, and readers for what is written.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::Read;

use nacre_report::{
    Align, Block, Cell, Chart, ChartKind, Column, Document, Freeze, Inline, Section, Series, SeriesStyle,
    Table,
};

/// One of everything.
pub fn small() -> Document {
    let figure =
        Inline::Figure { text: "18.6%".into(), anchor: "源/1".into(), title: "区统计局 <2025>".into() };
    let chart = |kind, caption: &str| {
        Block::Chart(Chart {
            caption: caption.into(),
            alt: "2024年无数据，2025年12.5。".into(),
            unit: "亿元".into(),
            kind,
            categories: vec!["2024年".into(), "2025年".into()],
            series: vec![
                Series { name: "实际".into(), style: SeriesStyle::Solid, values: vec![None, Some(12.5)] },
                Series { name: "估计".into(), style: SeriesStyle::Dashed, values: vec![Some(11.0), None] },
                Series { name: "目标".into(), style: SeriesStyle::Target, values: vec![Some(15.0); 2] },
                Series { name: "街道".into(), style: SeriesStyle::Missing, values: Vec::new() },
            ],
            ..Chart::default()
        })
    };
    let table = Table {
        caption: "表1　目标".into(),
        columns: vec![
            Column { title: "指标".into(), align: Align::Left, width: 3 },
            Column { title: "数值".into(), align: Align::Right, width: 1 },
        ],
        rows: vec![
            vec!["上云企业".into(), Cell { inlines: vec![figure.clone()], emphasis: true }],
            vec!["短行".into()],
        ],
        note: "注：a<b&c。".into(),
        ..Table::default()
    };
    let sources = Table {
        columns: vec![Column { title: "来源".into(), ..Column::default() }],
        rows: vec![vec!["统计年鉴".into()]],
        row_anchors: vec![Some("源/1".into())],
        ..Table::default()
    };
    Document {
        title: "海珠区规划评估报告".into(),
        subtitle: "（2021—2025年）".into(),
        issuer: "某局".into(),
        date: "2026年11月23日".into(),
        version_line: "第 1 版".into(),
        verification_code: "HZ-0001".into(),
        state_label: "草稿".into(),
        digest: "sha256:".to_owned() + &"0f".repeat(32),
        freeze: Some(Freeze { seq: 7, at: "2026-11-20T09:30:00+08:00".into(), root: "ab".repeat(32) }),
        verify_hint: "第一步。\n第二步。".into(),
        sections: vec![
            Section {
                number: "一、".into(),
                level: 1,
                title: "总体情况".into(),
                blocks: vec![
                    Block::Paragraph(vec!["占比为".into(), figure, Inline::Strong("，达到目标。".into())]),
                    Block::List(vec![vec!["第一项".into()], vec!["第二项".into()]]),
                    Block::Note("一条说明。".into()),
                    Block::Table(table),
                    chart(ChartKind::Bars, "图1　柱"),
                    chart(ChartKind::Lines, "图2　线"),
                    chart(ChartKind::Bullet, "图3　条"),
                ],
                anchor: "total".into(),
            },
            Section { number: "（一）".into(), level: 2, title: "分项".into(), ..Section::default() },
            Section { number: "1.".into(), level: 3, title: "细项".into(), ..Section::default() },
        ],
        annexes: vec![Section {
            number: "附件1　".into(),
            level: 1,
            title: "数据来源".into(),
            blocks: vec![Block::Table(sources)],
            anchor: String::new(),
        }],
        differences: Some(Section { level: 1, title: "与上一版差异".into(), ..Section::default() }),
    }
}

/// A report with one paragraph.
pub fn with(blocks: Vec<Block>) -> Document {
    let section = Section { level: 1, title: "节".into(), blocks, ..Section::default() };
    Document { title: "题".into(), sections: vec![section], ..Document::default() }
}

/// The words of a PDF in reading order, without blanks and line ends.
pub fn words_of_pdf(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output = std::process::Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output();
    let output = output.expect("pdftotext is there: the package poppler-utils");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200b}')
        .collect()
}

/// The members of an archive: each local header says the sizes.
pub fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize, bytes: usize| {
        archive[at..at + bytes].iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let mut at = 0;
    let mut all = Vec::new();
    while archive[at..].starts_with(b"PK\x03\x04") {
        let (packed, size, name) = (number(at + 18, 4), number(at + 22, 4), number(at + 26, 2));
        let data = at + 30 + name;
        let mut content = Vec::new();
        flate2::read::DeflateDecoder::new(&archive[data..data + packed]).read_to_end(&mut content).unwrap();
        assert_eq!(content.len(), size);
        all.push((String::from_utf8(archive[at + 30..data].to_vec()).unwrap(), content));
        at = data + packed;
    }
    assert!(archive[at..].starts_with(b"PK\x01\x02"));
    all
}

/// Fails where elements are not closed in order or a `<` or `&` stands for itself.
pub fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in xml.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        for entity in text.split('&').skip(1) {
            assert!(
                ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| entity.starts_with(e)),
                "{entity}"
            );
        }
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && !tag.starts_with('?') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
