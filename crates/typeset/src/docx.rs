//! DOCX, for offices that edit on. Fonts are named as GB/T 9704 wants them; the machine that opens it has them or not.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, Hyperlink, HyperlinkType, LineSpacing, LineSpacingType, PageMargin, PageNum,
    Paragraph, Pic, Run, RunFonts, Shading, SpecialIndentType, Style as DocxStyle, StyleType, Table as DocxTable,
    TableCell, TableLayoutType, TableOfContents, TableRow, VAlignType, WidthType,
};

use crate::chart;
use crate::document::{Block, Cell, Document, Inline, ReportError, Section, Table, prepared};

/// Twentieths of a point in a millimetre.
const TWIPS_PER_MM: f64 = 56.693;
/// Width of the type area, twips: 156 mm.
const WIDTH: f64 = 156.0 * TWIPS_PER_MM;
/// English metric units in a point.
const EMU_PER_POINT: u32 = 12_700;

fn mm(millimetres: f64) -> i32 {
    (millimetres * TWIPS_PER_MM) as i32
}

fn fonts(east_asia: &str) -> RunFonts {
    RunFonts::new().east_asia(east_asia).ascii("Times New Roman").hi_ansi("Times New Roman")
}

const BODY: &str = "仿宋_GB2312";
const TITLE: &str = "方正小标宋简体";
const BLACK: &str = "黑体";
const KAI: &str = "楷体_GB2312";

/// The document as DOCX.
pub fn docx(document: &Document) -> Result<Vec<u8>, ReportError> {
    let doc = prepared(document)?;
    // Line pitch of 29 pt gives 22 lines a page.
    let pitch = LineSpacing::new().line_rule(LineSpacingType::Exact).line(580);
    let heading = |id: &str, name: &str, font: &str, level: usize| {
        DocxStyle::new(id, StyleType::Paragraph)
            .name(name)
            .based_on("Normal")
            .next("Normal")
            .fonts(fonts(font))
            .size(32)
            .outline_lvl(level)
    };
    let margins = PageMargin::new().top(mm(37.0)).bottom(mm(35.0)).left(mm(28.0)).right(mm(26.0)).footer(mm(28.0)).header(mm(15.0));
    let footer = Footer::new().add_paragraph(
        Paragraph::new()
            .align(AlignmentType::Center)
            .add_run(Run::new().add_text("— "))
            .add_page_num(PageNum::new())
            .add_run(Run::new().add_text(" —")),
    );
    let mut made = Docx::new()
        .default_fonts(fonts(BODY))
        .default_size(32)
        .default_line_spacing(pitch)
        .page_size(mm(210.0) as u32, mm(297.0) as u32)
        .page_margin(margins)
        .footer(footer)
        .title_pg()
        .add_style(heading("Heading1", "heading 1", BLACK, 0))
        .add_style(heading("Heading2", "heading 2", KAI, 1))
        .add_style(heading("Heading3", "heading 3", BODY, 2).bold());
    made = cover(made, &doc);
    made = made
        .add_paragraph(plain("目　　录", BLACK, 44).align(AlignmentType::Center).page_break_before(true))
        .add_table_of_contents(TableOfContents::new().heading_styles_range(1, 2).hyperlink().auto().dirty());
    let mut bookmarks = 0;
    for (i, section) in doc.sections.iter().enumerate() {
        made = made.add_paragraph(heading_of(section, i == 0));
        for block in &section.blocks {
            made = match block {
                Block::Paragraph(parts) => made.add_paragraph(
                    words(Paragraph::new(), parts, 32).indent(Some(0), Some(SpecialIndentType::FirstLine(640)), None, None),
                ),
                Block::Note(text) => made.add_paragraph(plain(text, BODY, 21)),
                Block::Table(t) => table(made, t, &mut bookmarks),
                Block::Chart(c) => {
                    let (bytes, width, height) = chart::png(c)?;
                    let scaled = |pixels: u32| pixels * 2 / 5 * EMU_PER_POINT;
                    let picture = Pic::new_with_dimensions(bytes, width, height).size(scaled(width), scaled(height));
                    made.add_paragraph(plain(&c.caption, BLACK, 24).align(AlignmentType::Center).keep_next(true))
                        .add_paragraph(
                            Paragraph::new()
                                .align(AlignmentType::Center)
                                .line_spacing(LineSpacing::new().line_rule(LineSpacingType::Auto).line(240))
                                .add_run(Run::new().add_image(picture)),
                        )
                        // docx-rs writes no alternative text: the numbers follow in small type.
                        .add_paragraph(plain(&c.alt, BODY, 18))
                }
            };
        }
    }
    made = made.add_paragraph(
        Paragraph::new().style("Heading1").page_break_before(true).add_run(Run::new().add_text("校验").fonts(fonts(BLACK))),
    );
    let said = [format!("校验码：{}", doc.code), format!("数据摘要（SHA-256）：{}", doc.digest), doc.freeze.clone()];
    for line in said.iter().chain(&doc.verify) {
        made = made.add_paragraph(plain(line, BODY, 24));
    }
    let mut out = Cursor::new(Vec::new());
    made.build().pack(&mut out).map_err(|e| ReportError::Typesetting(e.to_string()))?;
    Ok(out.into_inner())
}

fn plain(text: &str, font: &str, size: usize) -> Paragraph {
    Paragraph::new().add_run(Run::new().add_text(text).fonts(fonts(font)).size(size))
}

fn cover(made: Docx, doc: &Document) -> Docx {
    let centred = |text: &str, font: &str, size| plain(text, font, size).align(AlignmentType::Center);
    let mut made = made;
    for _ in 0..4 {
        made = made.add_paragraph(Paragraph::new());
    }
    let loose = LineSpacing::new().line_rule(LineSpacingType::Auto).line(360);
    made = made.add_paragraph(centred(&doc.title, TITLE, 44).line_spacing(loose));
    for (text, font, size) in [(&doc.subtitle, KAI, 32), (&doc.state, BLACK, 32)] {
        if !text.is_empty() {
            made = made.add_paragraph(centred(text, font, size));
        }
    }
    for _ in 0..8 {
        made = made.add_paragraph(Paragraph::new());
    }
    for (text, size) in [(&doc.issuer, 32), (&doc.date, 32), (&format!("{}　校验码 {}", doc.version, doc.code), 24)] {
        made = made.add_paragraph(centred(text, BODY, size));
    }
    made
}

fn heading_of(section: &Section, first: bool) -> Paragraph {
    let (style, font) = match section.level {
        1 => ("Heading1", BLACK),
        2 => ("Heading2", KAI),
        _ => ("Heading3", BODY),
    };
    let text = format!("{}{}", section.number, section.title);
    let paragraph = Paragraph::new().style(style).keep_next(true).add_run(Run::new().add_text(text).fonts(fonts(font)).size(32));
    if first || section.new_page { paragraph.page_break_before(true) } else { paragraph }
}

fn words(mut paragraph: Paragraph, parts: &Cell, size: usize) -> Paragraph {
    for Inline { text, strong, link } in parts {
        let mut run = Run::new().size(size);
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                run = run.add_break(BreakType::TextWrapping);
            }
            run = run.add_text(line);
        }
        if *strong {
            run = run.bold();
        }
        paragraph = match link {
            Some(anchor) => paragraph.add_hyperlink(Hyperlink::new(bookmark(anchor), HyperlinkType::Anchor).add_run(run.color("0B4A8F"))),
            None => paragraph.add_run(run),
        };
    }
    paragraph
}

/// Bookmarks in Word have at most 40 letters, digits and underscores.
fn bookmark(anchor: &str) -> String {
    let plain: String = anchor.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let sum = anchor.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    format!("n{:08x}_{}", sum >> 32, plain.chars().take(28).collect::<String>())
}

fn table(made: Docx, t: &Table, bookmarks: &mut usize) -> Docx {
    if t.columns.is_empty() {
        return made;
    }
    let whole: f64 = t.columns.iter().map(|c| c.weight).sum();
    let widths: Vec<usize> = t.columns.iter().map(|c| (WIDTH * c.weight / whole) as usize).collect();
    let tight = || LineSpacing::new().line_rule(LineSpacingType::Auto).line(260);
    let head = t.columns.iter().zip(&widths).map(|(c, w)| {
        TableCell::new()
            .width(*w, WidthType::Dxa)
            .vertical_align(VAlignType::Center)
            .shading(Shading::new().fill("EEF1F5"))
            .add_paragraph(plain(&c.title, BLACK, 21).align(AlignmentType::Center).line_spacing(tight()))
    });
    let mut rows = vec![TableRow::new(head.collect()).cant_split()];
    for row in &t.rows {
        let mut cells = Vec::with_capacity(row.cells.len());
        for (i, (cell, column)) in row.cells.iter().zip(&t.columns).enumerate() {
            let mut paragraph = Paragraph::new().line_spacing(tight());
            let anchor = row.anchor.as_ref().filter(|_| i == 0);
            if let Some(anchor) = anchor {
                *bookmarks += 1;
                paragraph = paragraph.add_bookmark_start(*bookmarks, bookmark(anchor));
            }
            paragraph = words(paragraph, cell, 21);
            if anchor.is_some() {
                paragraph = paragraph.add_bookmark_end(*bookmarks);
            }
            if column.right {
                paragraph = paragraph.align(AlignmentType::Right);
            }
            cells.push(TableCell::new().width(widths[i], WidthType::Dxa).vertical_align(VAlignType::Center).add_paragraph(paragraph));
        }
        rows.push(TableRow::new(cells).cant_split());
    }
    let table = DocxTable::new(rows).set_grid(widths).layout(TableLayoutType::Fixed).width(WIDTH as usize, WidthType::Dxa);
    let captioned = match t.caption.is_empty() {
        true => made,
        false => made.add_paragraph(plain(&t.caption, BLACK, 24).align(AlignmentType::Center).keep_next(true)),
    };
    captioned.add_table(table).add_paragraph(Paragraph::new())
}
