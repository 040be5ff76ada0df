//! The parts of a Word file that are the same for every report, and the small ones that name a few values.
//!
//! Typefaces are names only (方正小标宋简体, 仿宋_GB2312, 黑体, 楷体_GB2312): whoever has them sees them, others see what their
//! system puts in their place; `fontTable.xml` names the nearest first. Lengths: twentieths of a point, type in half points.

use crate::text::escape;

/// Namespaces of the main parts.
pub(super) const NAMESPACES: &str = concat!(
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" ",
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" ",
    "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" ",
    "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" ",
    "xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\""
);
pub(super) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Width of the type area, 156 mm.
pub(super) const AREA: u32 = 8844;
/// Page, margins and the place of head and foot: GB/T 9704-2012, 5.2.1 and 7.5.
pub(super) const PAGE: &str = concat!(
    "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>",
    "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"1134\" w:footer=\"1247\" w:gutter=\"0\"/>"
);

pub(super) const CONTENT_TYPES: &str = concat!(
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>",
    "<Default Extension=\"png\" ContentType=\"image/png\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    "<Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>",
    "<Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>",
    "<Override PartName=\"/word/fontTable.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml\"/>",
    "<Override PartName=\"/word/numbering.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml\"/>",
    "<Override PartName=\"/word/header.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>",
    "<Override PartName=\"/word/footer-odd.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/word/footer-even.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>",
    "</Types>"
);

pub(super) const PACKAGE_RELS: &str = concat!(
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>",
    "</Relationships>"
);

/// Odd and even pages have feet of their own (7.5: the number stands at the outer edge).
pub(super) fn settings() -> String {
    format!(
        "{XML}<w:settings {NAMESPACES}><w:evenAndOddHeaders/><w:characterSpacingControl w:val=\"compressPunctuation\"/>\
         <w:compat><w:compatSetting w:name=\"compatibilityMode\" \
         w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>\
         <w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:settings>"
    )
}

/// Typefaces with the names that stand in for them.
pub(super) fn font_table() -> String {
    let fonts = [
        ("仿宋_GB2312", "仿宋", "FangSong"),
        ("楷体_GB2312", "楷体", "KaiTi"),
        ("黑体", "SimHei", "Noto Sans CJK SC"),
        ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "宋体"),
    ];
    let mut out = format!("{XML}<w:fonts {NAMESPACES}>");
    for (name, alt, other) in fonts {
        out.push_str(&format!(
            "<w:font w:name=\"{name}\"><w:altName w:val=\"{alt},{other}\"/><w:charset w:val=\"86\"/>\
             <w:family w:val=\"auto\"/></w:font>"
        ));
    }
    out + "</w:fonts>"
}

/// A list has one kind of mark.
pub(super) fn numbering() -> String {
    format!(
        "{XML}<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId=\"0\"><w:multiLevelType w:val=\"singleLevel\"/>\
         <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"·\"/>\
         <w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"960\" w:hanging=\"320\"/></w:pPr></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>"
    )
}

/// What the file says of itself.
pub(super) fn core(title: &str, issuer: &str, created: Option<(u16, u8, u8)>) -> String {
    let created = created.map_or_else(String::new, |(y, m, d)| {
        format!(
            "<dcterms:created xsi:type=\"dcterms:W3CDTF\">{y:04}-{m:02}-{d:02}T00:00:00Z</dcterms:created>"
        )
    });
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dc:language>zh-CN</dc:language>{created}</cp:coreProperties>",
        escape(title),
        escape(issuer)
    )
}

/// The head of pages: the state of a draft.
pub(super) fn header(words: &str) -> String {
    format!(
        "{XML}<w:hdr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{}</w:t>\
         </w:r></w:p></w:hdr>",
        escape(words)
    )
}

/// The foot of pages: `— 1 —`, one character in from the outer edge.
pub(super) fn footer(side: &str) -> String {
    let inset = if side == "right" { "w:right=\"280\"" } else { "w:left=\"280\"" };
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    format!(
        "{XML}<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:ind {inset}/><w:jc w:val=\"{side}\"/></w:pPr>\
         <w:r><w:t xml:space=\"preserve\">— </w:t></w:r>{}<w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r>{}\
         <w:r><w:t>1</w:t></w:r>{}<w:r><w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>",
        field("begin"),
        field("separate"),
        field("end")
    )
}

/// One paragraph style.
struct Style {
    id: &'static str,
    name: &'static str,
    based: &'static str,
    paragraph: &'static str,
    font: &'static str,
    run: &'static str,
    half_points: u8,
}

/// 22 lines in 225 mm are 28.99 pt apart.
const EXACT: &str = "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"580\" w:lineRule=\"exact\"/>";

/// All styles.
pub(super) fn styles() -> String {
    let style = |id, name, based, paragraph, font, run, half_points| Style {
        id,
        name,
        based,
        paragraph,
        font,
        run,
        half_points,
    };
    let none = "<w:ind w:firstLineChars=\"0\" w:firstLine=\"0\"/>";
    let heading = "<w:keepNext/><w:keepLines/>";
    let all = [
        style("Heading1", "heading 1", "Normal", "<w:outlineLvl w:val=\"0\"/>", "黑体", "", 32),
        style("Heading2", "heading 2", "Normal", "<w:outlineLvl w:val=\"1\"/>", "楷体_GB2312", "", 32),
        style("Heading3", "heading 3", "Normal", "<w:outlineLvl w:val=\"2\"/>", "仿宋_GB2312", "<w:b/>", 32),
        style(
            "Title",
            "Title",
            "Plain",
            "<w:spacing w:before=\"2800\" w:after=\"400\"/><w:jc w:val=\"center\"/>",
            "方正小标宋简体",
            "",
            44,
        ),
        style(
            "Subtitle",
            "Subtitle",
            "Plain",
            "<w:spacing w:after=\"4200\"/><w:jc w:val=\"center\"/>",
            "楷体_GB2312",
            "",
            36,
        ),
        style("CoverLine", "Cover Line", "Plain", "<w:jc w:val=\"center\"/>", "仿宋_GB2312", "", 32),
        style(
            "CoverSmall",
            "Cover Small",
            "Plain",
            "<w:jc w:val=\"center\"/>",
            "仿宋_GB2312",
            "<w:color w:val=\"444444\"/>",
            21,
        ),
        style(
            "TOCHeading",
            "TOC Heading",
            "Plain",
            "<w:spacing w:after=\"300\"/><w:jc w:val=\"center\"/>",
            "黑体",
            "",
            44,
        ),
        style(
            "TOC1",
            "toc 1",
            "Plain",
            "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"8844\"/></w:tabs>",
            "黑体",
            "",
            28,
        ),
        style(
            "TOC2",
            "toc 2",
            "Plain",
            "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"8844\"/></w:tabs><w:ind w:left=\"420\"/>",
            "仿宋_GB2312",
            "",
            28,
        ),
        style(
            "TOC3",
            "toc 3",
            "Plain",
            "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"8844\"/></w:tabs><w:ind w:left=\"840\"/>",
            "仿宋_GB2312",
            "",
            28,
        ),
        style(
            "Caption",
            "caption",
            "Plain",
            "<w:keepNext/><w:spacing w:before=\"160\" w:after=\"80\"/><w:jc w:val=\"center\"/>",
            "黑体",
            "",
            24,
        ),
        style("TableText", "Table Text", "Plain", "", "仿宋_GB2312", "", 21),
        style("TableHead", "Table Head", "Plain", "<w:jc w:val=\"center\"/>", "黑体", "", 21),
        style(
            "Note",
            "Note",
            "Plain",
            "<w:spacing w:before=\"80\" w:after=\"160\"/>",
            "仿宋_GB2312",
            "<w:color w:val=\"444444\"/>",
            21,
        ),
        style(
            "Picture",
            "Picture",
            "Plain",
            "<w:keepNext/><w:spacing w:before=\"160\"/><w:jc w:val=\"center\"/>",
            "仿宋_GB2312",
            "",
            21,
        ),
        style(
            "Header",
            "header",
            "Plain",
            "<w:jc w:val=\"right\"/>",
            "仿宋_GB2312",
            "<w:color w:val=\"444444\"/>",
            18,
        ),
        style("Footer", "footer", "Plain", "", "宋体", "", 28),
    ];
    let mut out = format!(
        "{XML}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" \
         w:hAnsi=\"Times New Roman\" w:eastAsia=\"仿宋_GB2312\" w:cs=\"Times New Roman\"/><w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/>\
         <w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/><w:pPr>\
         <w:overflowPunct w:val=\"1\"/>{EXACT}<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/><w:jc w:val=\"both\"/></w:pPr></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Plain\"><w:name w:val=\"Plain\"/><w:pPr>\
         <w:spacing w:before=\"0\" w:after=\"0\" w:line=\"264\" w:lineRule=\"auto\"/>{none}<w:jc w:val=\"left\"/></w:pPr></w:style>\
         <w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:rPr><w:color w:val=\"0B4F8A\"/></w:rPr></w:style>"
    );
    for s in all {
        // Order of elements in a paragraph's properties: keepNext first, outlineLvl last (ECMA-376, 17.3.1.26).
        let keep = if s.id.starts_with("Heading") { heading } else { "" };
        out.push_str(&format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{}\"><w:name w:val=\"{}\"/><w:basedOn w:val=\"{}\"/><w:next w:val=\"Normal\"/>\
             <w:qFormat/><w:pPr>{keep}{}</w:pPr><w:rPr><w:rFonts w:eastAsia=\"{}\"/>{}<w:sz w:val=\"{}\"/><w:szCs w:val=\"{}\"/></w:rPr></w:style>",
            s.id, s.name, s.based, s.paragraph, s.font, s.run, s.half_points, s.half_points
        ));
    }
    out + "</w:styles>"
}
