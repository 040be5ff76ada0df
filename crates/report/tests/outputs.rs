//! What stands in the three outputs of a small report.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use nacre_report::{Block, Document, Inline, ReportError, Section, docx, html, limits, pdf};
use support::{members, small, well_formed, with, words_of_pdf};

#[test]
fn the_pdf_says_what_the_document_says() {
    let words = words_of_pdf(&pdf(&small()).unwrap());
    for needed in [
        "海珠区规划评估报告",
        "草稿",
        "目录",
        "一、总体情况",
        "占比为18.6%，达到目标。",
        "第二项",
        "一条说明。",
        "表1目标",
        "注：a<b&c。",
        "无数据",
        "单位：亿元",
        "街道（无数据）",
        "图3条",
        "（一）分项",
        "附件1数据来源",
        "统计年鉴",
        "与上一版差异",
        "核验信息",
        "HZ-0001",
        "第7号",
        "第二步。",
        "—1—",
    ] {
        assert!(words.contains(needed), "`{needed}` is not in {words}");
    }
}

#[test]
fn the_pdf_is_tagged_and_claims_its_standards() {
    let bytes = pdf(&small()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for needed in ["/MarkInfo", "/StructTreeRoot", "/Lang", "pdfaid:part", "pdfuaid:part"] {
        assert!(text.contains(needed), "{needed}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = small();
    assert_eq!(pdf(&document).unwrap(), pdf(&document).unwrap());
    assert_eq!(docx(&document).unwrap(), docx(&document).unwrap());
    assert_eq!(html(&document), html(&document));
}

#[test]
fn a_document_survives_json() {
    let document = small();
    let json = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document);
    assert_eq!(serde_json::from_str::<Document>("{}").unwrap(), Document::default());
}

#[test]
fn an_empty_document_is_a_report_too() {
    let document = Document::default();
    assert!(words_of_pdf(&pdf(&document).unwrap()).contains("核验信息"));
    assert!(!docx(&document).unwrap().is_empty());
    assert!(html(&document).contains("未冻结"));
}

#[test]
fn the_page_is_as_it_was() {
    let page = html(&small());
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    insta::assert_snapshot!("page", format!("{head}<style></style>{body}"));
}

#[test]
fn the_page_needs_nothing_else() {
    let page = html(&small());
    assert!(page.contains("<html lang=\"zh-CN\">"));
    for refused in ["<script", "src=", "url(", "@import", "http:", "https:", "<link"] {
        assert!(!page.contains(refused), "{refused}");
    }
}

#[test]
fn links_lead_to_the_row_of_the_annex() {
    let page = html(&small());
    let id = "fig-源_2f_1";
    assert_eq!(page.matches(&format!("href=\"#{id}\"")).count(), 2);
    assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1);
    let word = document_xml(&small());
    let target = word.split("w:anchor=\"a").nth(1).unwrap().split('"').next().unwrap();
    assert!(word.contains(&format!("w:name=\"a{target}\"")));
}

#[test]
fn a_link_to_nowhere_is_plain_text() {
    let figure = Inline::Figure { text: "3".into(), anchor: "gone".into(), title: String::new() };
    let document = with(vec![Block::Paragraph(vec![figure])]);
    assert!(html(&document).contains("<p>3</p>"));
    assert!(!document_xml(&document).contains("\"gone\""));
    assert!(pdf(&document).is_ok());
}

fn document_xml(document: &Document) -> String {
    let members = members(&docx(document).unwrap());
    let (_, bytes) = members.into_iter().find(|(name, _)| name == "word/document.xml").unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_word_file_has_headings_contents_heads_and_pictures() {
    let members = members(&docx(&small()).unwrap());
    for (name, bytes) in &members {
        if !name.ends_with(".png") {
            well_formed(std::str::from_utf8(bytes).unwrap());
        }
    }
    assert_eq!(
        members
            .iter()
            .filter(|(name, bytes)| name.ends_with(".png") && bytes.starts_with(b"\x89PNG"))
            .count(),
        3
    );
    let word = document_xml(&small());
    for needed in [
        "w:pStyle w:val=\"Heading1\"",
        "w:pStyle w:val=\"Heading2\"",
        "w:pStyle w:val=\"Heading3\"",
        " TOC ",
        "<w:tblHeader/>",
        "descr=\"2024年无数据，2025年12.5。\"",
        "w:pgSz w:w=\"11906\"",
        "注：a&lt;b&amp;c。",
    ] {
        assert!(word.contains(needed), "{needed}");
    }
}

#[test]
fn markup_in_a_text_stays_text() {
    let hostile = "#panic(\"x\") $x$ <b>&amp; \\u{1} *a* _b_ @c `d` //e <script>alert(1)</script>";
    let document = Document { title: hostile.into(), ..with(vec![Block::Paragraph(vec![hostile.into()])]) };
    let words = words_of_pdf(&pdf(&document).unwrap());
    assert!(words.contains("#panic(\"x\")$x$<b>&amp;"), "{words}");
    assert!(!html(&document).contains("<script"));
    well_formed(&document_xml(&document));
}

#[test]
fn what_is_too_large_is_refused_with_its_limit() {
    let document = with(vec![Block::Note("x".into()); limits::BLOCKS_MAX + 1]);
    let error = pdf(&document).unwrap_err();
    assert_eq!(error.code(), "report_too_large");
    assert_eq!(error.to_string(), "the report has 20001 blocks, more than the 20000 allowed");
    assert_eq!(docx(&document).unwrap_err(), error);
    let long = Document { title: "字".repeat(limits::TEXT_BYTES_MAX), ..Document::default() };
    assert!(matches!(pdf(&long), Err(ReportError::TooLarge { what: "bytes of text", .. })));
}

#[test]
fn an_anchor_stands_once() {
    let section = Section { anchor: "a".into(), ..Section::default() };
    let document = Document { sections: vec![section.clone(), section], ..Document::default() };
    assert_eq!(pdf(&document).unwrap_err().code(), "report_anchor_twice");
}
