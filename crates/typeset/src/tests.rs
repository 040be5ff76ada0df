//! Reports as people get them: the words are there, nothing becomes markup, the same document gives the same bytes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;

use super::*;

fn sample(pages: usize) -> Document {
    let chart = Chart {
        caption: "核心产业规模".into(),
        alt: "2020 年 793.24 亿元，2025 年目标 1350 亿元，实际无数据".into(),
        unit: "亿元".into(),
        kind: ChartKind::Bars,
        categories: vec!["2020".into(), "2025".into()],
        series: vec![
            Series { name: "实际".into(), style: Style::Solid, values: vec![Some(793.24), None] },
            Series { name: "目标".into(), style: Style::Target, values: vec![None, Some(1350.0)] },
        ],
    };
    let lines = Chart { kind: ChartKind::Lines, caption: "路径".into(), ..chart.clone() };
    let table = Table {
        caption: "表 1　目标完成情况".into(),
        columns: vec![Column::words("指标", 3.0), Column::numbers("目标", 1.0), Column::words("出处", 2.0)],
        rows: (0..20)
            .map(|i| Row {
                anchor: Some(format!("fig-{i}")),
                cells: vec![vec!["数字经济核心产业".into()], vec!["1350".into()], vec!["二(三)2".into()]],
            })
            .collect(),
    };
    let paragraph = Block::Paragraph(vec![
        "到 2025 年，数字经济核心产业总体规模超过 ".into(),
        Inline::linked("1350 亿元", Some("fig-0".into())),
        "。沥滘、石溪一带推进河涌治理，#not[code] $x$ *no* _no_ @none <b>不是标记</b>。".into(),
    ]);
    let mut sections = vec![Section {
        number: "一、".into(),
        level: 1,
        title: "总体情况".into(),
        new_page: false,
        blocks: vec![paragraph.clone(), Block::Table(table.clone()), Block::Chart(chart), Block::Chart(lines), Block::Note("注：示例。".into())],
    }];
    for i in 1..pages {
        let mut more = table.clone();
        more.rows.iter_mut().for_each(|r| r.anchor = None);
        sections.push(Section {
            number: format!("{i}."),
            level: 2,
            title: format!("第 {i} 节"),
            new_page: false,
            blocks: vec![paragraph.clone(), paragraph.clone(), Block::Table(more)],
        });
    }
    Document {
        title: "规划总结评估报告".into(),
        subtitle: "样例".into(),
        issuer: "领导小组办公室".into(),
        date: "2026年11月23日".into(),
        version: "第 1 版".into(),
        state: "草稿".into(),
        code: "ABCD-EFGH-JKLM".into(),
        digest: "0".repeat(64),
        freeze: "数据冻结于第 577 号记录".into(),
        verify: vec!["nacre verify bundle.json".into()],
        sections,
    }
}

fn text_of(pdf: &[u8]) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("report.pdf");
    std::fs::write(&path, pdf).expect("written");
    let out = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().expect("pdftotext runs");
    String::from_utf8(out.stdout).expect("UTF-8")
}

#[test]
fn a_pdf_holds_the_words_and_nothing_of_them_became_markup() {
    let made = pdf(&sample(2)).expect("typeset");
    if let Ok(dir) = std::env::var("REPORT_SHOTS") {
        std::fs::write(Path::new(&dir).join("report.pdf"), &made).expect("written");
        std::fs::write(Path::new(&dir).join("report.docx"), docx(&sample(2)).expect("docx")).expect("written");
        std::fs::write(Path::new(&dir).join("report.html"), html(&sample(2)).expect("html")).expect("written");
    }
    let text = text_of(&made);
    let flat: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for words in ["规划总结评估报告", "目录", "一、总体情况", "1350亿元", "沥滘", "#not[code]$x$*no*_no_@none<b>", "ABCD-EFGH-JKLM", "表1", "无数据", "—1—"] {
        assert!(flat.contains(words), "{words} is missing in:\n{text}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(pdf(&sample(1)), pdf(&sample(1)));
    assert_eq!(html(&sample(1)), html(&sample(1)));
}

#[test]
fn a_page_has_no_script_no_request_and_no_markup_of_users() {
    let page = html(&sample(2)).expect("made");
    assert!(page.contains("&lt;b&gt;不是标记&lt;/b&gt;") && page.contains("href=\"#fig-0\"") && page.contains("id=\"fig-0\""));
    for outside in ["<script", "src=\"http", "@import", "url(http"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_docx_has_headings_and_pictures() {
    let made = docx(&sample(2)).expect("made");
    assert!(made.starts_with(b"PK"));
    assert!(made.len() > 20_000, "the pictures of two charts are in it");
}

#[test]
fn what_is_too_large_is_refused_with_its_size() {
    let mut large = sample(1);
    large.sections[0].blocks = vec![Block::Note("x".into()); document::BLOCKS_MAX];
    assert_eq!(pdf(&large).expect_err("too large").code(), "report_too_large");
}

#[test]
fn a_link_without_a_row_is_only_words_and_a_row_is_named_once() {
    let mut odd = sample(1);
    odd.sections[0].blocks.push(Block::Paragraph(vec![Inline::linked("无处", Some("nowhere".into()))]));
    odd.sections[0].blocks.push(Block::Table(Table {
        caption: String::new(),
        columns: vec![Column::words("a", f64::NAN)],
        rows: vec![Row { anchor: Some("fig-0".into()), cells: Vec::new() }],
    }));
    assert!(pdf(&odd).is_ok() && docx(&odd).is_ok() && !html(&odd).expect("made").contains("nowhere"));
}

fn files_of(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files_of(&path, found),
            path => found.push(path),
        }
    }
}

#[test]
fn every_character_of_packs_and_districts_has_a_glyph() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    files_of(&root.join("packs"), &mut files);
    files_of(&root.join("districts"), &mut files);
    let mut missing = BTreeSet::new();
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "yaml" || e == "csv" || e == "ndjson")) {
        missing.extend(world::without_glyph(&std::fs::read_to_string(path).expect("reads")));
    }
    assert_eq!(missing, BTreeSet::new(), "run scripts/fonts.sh");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_words_make_it_fail(title in "\\PC{0,40}", body in ".{0,300}", value in proptest::num::f64::ANY, number in proptest::option::of(-1e12f64..1e12)) {
        let mut document = sample(1);
        document.title = title;
        document.sections[0].blocks.push(Block::Paragraph(vec![body.as_str().into()]));
        document.sections[0].blocks.push(Block::Chart(Chart {
            caption: body.clone(), alt: body.clone(), unit: body, kind: ChartKind::Lines,
            categories: vec!["a".into(), "b".into()],
            series: vec![Series { name: "s".into(), style: Style::Dashed, values: vec![Some(value), number, Some(1.0)] }],
        }));
        prop_assert!(pdf(&document).is_ok(), "{:?}", pdf(&document).err());
        prop_assert!(docx(&document).is_ok());
        prop_assert!(html(&document).is_ok());
    }
}
