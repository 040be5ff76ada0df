//! The report for Word: real heading styles, a table of contents that Word fills, tables whose head repeats, links to the
//! rows of the annex, charts as pictures with their words.
//!
//! Written by hand as the few parts of ECMA-376 that a report needs (`parts`, `zip`): the crates that write Word files
//! neither repeat a table's head nor give a picture its words. The same document gives the same bytes.

mod parts;
mod zip;

use std::fmt::Write;

use self::parts::{AREA, NAMESPACES, PAGE, XML};
use self::zip::Archive;
use crate::error::ReportError;
use crate::limits;
use crate::links::Links;
use crate::model::{Align, Block, Cell, Chart, Document, Inline, Section, Table};
use crate::text::{escape, lines};
use crate::{print, proof};

/// English metric units to a point.
const EMU: f64 = 12_700.0;
/// Relations 1 to 7 are those of the fixed parts.
const PICTURES_FROM: usize = 8;

/// Writes the report for Word.
pub fn docx(document: &Document) -> Result<Vec<u8>, ReportError> {
    limits::check(document)?;
    let mut writer = Writer {
        out: String::with_capacity(256 * 1024),
        links: Links::of(document),
        bookmarks: 0,
        headings: 0,
        pictures: Vec::new(),
    };
    writer.document(document)?;
    let mut head = crate::text::clean(&document.state_label);
    if !head.is_empty() && !document.verification_code.is_empty() {
        head.push_str("　核验码 ");
        head.push_str(&document.verification_code);
    }
    let created = print::day_of(document);
    let mut archive = Archive::default();
    let xml = |text: &str| format!("{XML}{text}");
    archive.add("[Content_Types].xml", xml(parts::CONTENT_TYPES).as_bytes())?;
    archive.add("_rels/.rels", xml(parts::PACKAGE_RELS).as_bytes())?;
    archive.add("docProps/core.xml", parts::core(&document.title, &document.issuer, created).as_bytes())?;
    archive.add("word/document.xml", writer.out.as_bytes())?;
    archive.add("word/_rels/document.xml.rels", relations(writer.pictures.len()).as_bytes())?;
    archive.add("word/styles.xml", parts::styles().as_bytes())?;
    archive.add("word/settings.xml", parts::settings().as_bytes())?;
    archive.add("word/fontTable.xml", parts::font_table().as_bytes())?;
    archive.add("word/numbering.xml", parts::numbering().as_bytes())?;
    archive.add("word/header.xml", parts::header(&head).as_bytes())?;
    archive.add("word/footer-odd.xml", parts::footer("right").as_bytes())?;
    archive.add("word/footer-even.xml", parts::footer("left").as_bytes())?;
    for (at, picture) in writer.pictures.iter().enumerate() {
        archive.add(&format!("word/media/chart{at}.png"), picture)?;
    }
    archive.finish()
}

/// Relations of the main part: the fixed parts, then the pictures.
fn relations(pictures: usize) -> String {
    let mut out = format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    let fixed = [
        ("styles", "styles.xml"),
        ("settings", "settings.xml"),
        ("fontTable", "fontTable.xml"),
        ("numbering", "numbering.xml"),
        ("header", "header.xml"),
        ("footer", "footer-odd.xml"),
        ("footer", "footer-even.xml"),
    ];
    let fixed = fixed.into_iter().map(|(kind, target)| (kind, target.to_owned()));
    let charts = (0..pictures).map(|at| ("image", format!("media/chart{at}.png")));
    for (at, (kind, target)) in fixed.chain(charts).enumerate() {
        out.push_str(&format!(
            "<Relationship Id=\"rId{}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" \
             Target=\"{target}\"/>",
            at + 1
        ));
    }
    out + "</Relationships>"
}

/// A run of text.
fn run(text: &str, properties: &str) -> String {
    format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
}

struct Writer {
    out: String,
    links: Links,
    bookmarks: usize,
    headings: usize,
    pictures: Vec<Vec<u8>>,
}

impl Writer {
    fn document(&mut self, document: &Document) -> Result<(), ReportError> {
        self.put(&format!("{XML}<w:document {NAMESPACES}><w:body>"));
        self.cover(document);
        self.contents(document);
        // A section of its own, so that cover and contents have no page number and the body begins with 1.
        self.put(&format!(
            "<w:p><w:pPr><w:sectPr><w:type w:val=\"nextPage\"/>{PAGE}</w:sectPr></w:pPr></w:p>"
        ));
        let body = document.sections.len();
        for (at, (section, level)) in limits::leveled(document).into_iter().enumerate() {
            self.section(section, level, at >= body && (at == body || level == 1))?;
        }
        self.proof(document);
        self.put(
            "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId5\"/><w:headerReference w:type=\"even\" r:id=\"rId5\"/>\
             <w:footerReference w:type=\"default\" r:id=\"rId6\"/><w:footerReference w:type=\"even\" r:id=\"rId7\"/>\
             <w:type w:val=\"oddPage\"/>",
        );
        self.put(PAGE);
        self.put("<w:pgNumType w:start=\"1\"/></w:sectPr></w:body></w:document>");
        Ok(())
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A paragraph of a style; `properties` follow the style in schema order.
    fn paragraph(&mut self, style: &str, properties: &str, content: &str) {
        let style = if style.is_empty() { String::new() } else { format!("<w:pStyle w:val=\"{style}\"/>") };
        self.put(&format!("<w:p><w:pPr>{style}{properties}</w:pPr>{content}</w:p>"));
    }

    fn words(&mut self, style: &str, text: &str) {
        if !text.trim().is_empty() {
            self.paragraph(style, "", &run(text, ""));
        }
    }

    fn cover(&mut self, document: &Document) {
        if !document.state_label.trim().is_empty() {
            let words = run(&document.state_label, "<w:color w:val=\"B3261E\"/>");
            self.paragraph("CoverLine", "<w:jc w:val=\"right\"/>", &words);
        }
        self.words("Title", &document.title);
        // The subtitle carries the distance to the issuer, so it stands there even when it is empty.
        self.paragraph("Subtitle", "", &run(&document.subtitle, ""));
        self.words("CoverLine", &document.issuer);
        self.words("CoverLine", &document.date);
        self.words("CoverSmall", &document.version_line);
        if !document.verification_code.is_empty() {
            self.words("CoverSmall", &format!("核验码：{}", document.verification_code));
        }
    }

    /// A field that Word fills on opening; until then the headings stand there without page numbers.
    fn contents(&mut self, document: &Document) {
        self.paragraph("TOCHeading", "<w:pageBreakBefore/>", &run("目　录", ""));
        let begin = "<w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \
                     \\o \"1-3\" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>";
        let mut before = begin.to_owned();
        let headings = limits::leveled(document).into_iter().enumerate();
        for (at, (section, level)) in headings.filter(|(_, (_, level))| *level > 0) {
            let words = run(&format!("{}{}", section.number, section.title), "");
            let entry = format!("{before}<w:hyperlink w:anchor=\"_Toc{at:06}\">{words}</w:hyperlink>");
            self.paragraph(&format!("TOC{level}"), "", &entry);
            before.clear();
        }
        self.paragraph("Plain", "", &format!("{before}<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"));
    }

    /// A bookmark around nothing, at the place it names.
    fn bookmark(&mut self, name: &str) -> String {
        let id = self.bookmarks;
        self.bookmarks += 1;
        format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/><w:bookmarkEnd w:id=\"{id}\"/>")
    }

    fn anchor(&mut self, anchor: &str) -> String {
        match self.links.number(anchor) {
            Some(number) => self.bookmark(&format!("a{number}")),
            None => String::new(),
        }
    }

    fn section(&mut self, section: &Section, level: u8, fresh: bool) -> Result<(), ReportError> {
        let toc = self.bookmark(&format!("_Toc{:06}", self.headings));
        self.headings += 1;
        let own = self.anchor(&section.anchor);
        let fresh = if fresh { "<w:pageBreakBefore/>" } else { "" };
        let words = run(&format!("{}{}", section.number, section.title), "");
        let style = if level > 0 { format!("Heading{level}") } else { "Plain".to_owned() };
        self.paragraph(&style, fresh, &format!("{toc}{own}{words}"));
        section.blocks.iter().try_for_each(|block| self.block(block))
    }

    fn block(&mut self, block: &Block) -> Result<(), ReportError> {
        match block {
            Block::Paragraph(inlines) => {
                let runs = self.inlines(inlines, "");
                self.paragraph("", "", &runs);
            }
            Block::Note(text) => self.words("Note", text),
            Block::List(entries) => {
                for entry in entries {
                    let runs = self.inlines(entry, "");
                    let properties = "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>\
                                      <w:ind w:left=\"960\" w:hanging=\"320\" w:firstLineChars=\"0\"/>";
                    self.paragraph("", properties, &runs);
                }
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart)?,
        }
        Ok(())
    }

    fn inlines(&self, inlines: &[Inline], properties: &str) -> String {
        let mut out = String::new();
        for inline in inlines {
            match inline {
                Inline::Text(text) => out.push_str(&run(text, properties)),
                Inline::Strong(text) => out.push_str(&run(text, "<w:b/>")),
                Inline::Figure { text, anchor, title } => match self.links.number(anchor) {
                    Some(number) => {
                        // Word shows at most 260 characters of a tip.
                        let tip: String = title.chars().take(250).collect();
                        let words = run(text, &format!("<w:rStyle w:val=\"Hyperlink\"/>{properties}"));
                        let tip = escape(&tip);
                        // Writing to a string does not fail.
                        let _ = write!(
                            out,
                            "<w:hyperlink w:anchor=\"a{number}\" w:tooltip=\"{tip}\">{words}</w:hyperlink>"
                        );
                    }
                    None => out.push_str(&run(text, properties)),
                },
            }
        }
        out
    }

    fn table(&mut self, table: &Table) {
        self.words("Caption", &table.caption);
        if !table.columns.is_empty() {
            let total: u32 = table.columns.iter().map(|c| u32::from(c.width.max(1))).sum();
            let widths: Vec<u32> = table
                .columns
                .iter()
                .map(|c| (AREA * u32::from(c.width.max(1)) / total.max(1)).max(1))
                .collect();
            self.put(
                "<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:jc w:val=\"center\"/><w:tblBorders>",
            );
            for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
                self.put(&format!(
                    "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"7A7A7A\"/>"
                ));
            }
            self.put("</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"80\" w:type=\"dxa\"/>");
            self.put("<w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar><w:tblLook w:firstRow=\"1\"/></w:tblPr><w:tblGrid>");
            for width in &widths {
                self.put(&format!("<w:gridCol w:w=\"{width}\"/>"));
            }
            self.put("</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
            for (column, width) in table.columns.iter().zip(&widths) {
                self.cell(*width, "", "TableHead", "center", &run(&column.title, ""));
            }
            self.put("</w:tr>");
            self.rows(table, &widths);
            self.put("</w:tbl>");
        }
        if table.note.trim().is_empty() {
            // Without a paragraph between them Word joins two tables.
            self.paragraph("Plain", "", "");
        } else {
            self.words("Note", &table.note);
        }
    }

    fn rows(&mut self, table: &Table, widths: &[u32]) {
        let empty = Cell::default();
        for (at, row) in table.rows.iter().enumerate() {
            self.put("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
            let mut mark = match table.row_anchors.get(at) {
                Some(Some(anchor)) => self.anchor(anchor),
                _ => String::new(),
            };
            for (at, (column, width)) in table.columns.iter().zip(widths).enumerate() {
                let cell = row.get(at).unwrap_or(&empty);
                let (shade, bold) = if cell.emphasis {
                    ("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F0F0EE\"/>", "<w:b/>")
                } else {
                    ("", "")
                };
                let side = match column.align {
                    Align::Left => "left",
                    Align::Center => "center",
                    Align::Right => "right",
                };
                let words = format!("{}{}", std::mem::take(&mut mark), self.inlines(&cell.inlines, bold));
                self.cell(*width, shade, "TableText", side, &words);
            }
            self.put("</w:tr>");
        }
    }

    fn cell(&mut self, width: u32, shade: &str, style: &str, side: &str, words: &str) {
        self.put(&format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}<w:vAlign w:val=\"center\"/></w:tcPr>"));
        self.paragraph(style, &format!("<w:jc w:val=\"{side}\"/>"), words);
        self.put("</w:tc>");
    }

    fn chart(&mut self, chart: &Chart) -> Result<(), ReportError> {
        let (png, width, height) = print::picture(chart)?;
        let at = self.pictures.len();
        self.pictures.push(png);
        let (id, relation) = (at + 1, at + PICTURES_FROM);
        let (x, y) = ((width * EMU).round() as u64, (height * EMU).round() as u64);
        let alt = escape(if chart.alt.is_empty() { &chart.caption } else { &chart.alt });
        let mark = self.anchor(&chart.anchor);
        let drawing = format!(
            "{mark}<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{x}\" cy=\"{y}\"/>\
             <wp:docPr id=\"{id}\" name=\"chart{id}\" descr=\"{alt}\"/><a:graphic>\
             <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>\
             <pic:cNvPr id=\"{id}\" name=\"chart{id}.png\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
             <a:blip r:embed=\"rId{relation}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>\
             <a:off x=\"0\" y=\"0\"/><a:ext cx=\"{x}\" cy=\"{y}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>\
             </pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        );
        self.paragraph("Picture", "", &drawing);
        if !chart.caption.trim().is_empty() {
            // The caption of a chart stands below it and need not stay with what follows.
            self.paragraph("Caption", "<w:keepNext w:val=\"0\"/>", &run(&chart.caption, ""));
        }
        self.words("Note", &chart.note);
        Ok(())
    }

    fn proof(&mut self, document: &Document) {
        self.paragraph("Heading1", "<w:pageBreakBefore/>", &run("核验信息", ""));
        for (name, value) in proof::lines(document) {
            self.paragraph(
                "Plain",
                "",
                &format!("{}{}", run(&format!("{name}："), "<w:b/>"), run(&value, "")),
            );
        }
        for line in lines(&document.verify_hint) {
            self.words("Plain", &line);
        }
    }
}
