//! The report as one page that needs nothing else: style inside, no script, no request to anywhere.
//!
//! Every text is escaped. Anchors of the document become ids `fig-…`; a character that is awkward in an address is written
//! as its code. Wide tables and charts scroll in their own frame on a narrow screen; the rest wraps.

use std::fmt::Write;

use crate::chart;
use crate::limits::leveled;
use crate::links::Links;
use crate::model::{Align, Block, Cell, Chart, Document, Inline, Section, SeriesStyle, Table};
use crate::text::{escape, lines};

const STYLE: &str = include_str!("page.css");
/// From this many columns a table scrolls on a narrow screen.
const WIDE_COLUMNS: usize = 4;

/// Writes the report as an HTML page.
pub fn html(document: &Document) -> String {
    let mut page = Page { out: String::with_capacity(64 * 1024), links: Links::of(document), heading: 0 };
    page.put("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    // The page itself says that it neither runs nor loads anything.
    page.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    page.put(&format!(
        "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escape(&document.title)
    ));
    page.cover(document);
    page.contents(document);
    for (section, level) in leveled(document) {
        page.section(section, level);
    }
    page.proof(document);
    page.put("</main>\n</body>\n</html>\n");
    page.out
}

/// The id of an anchor.
fn id(anchor: &str) -> String {
    let mut id = String::from("fig-");
    for c in anchor.chars() {
        if c.is_alphanumeric() || c == '-' || c == '.' {
            id.push(c);
        } else {
            id.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    id
}

/// A title whose short quotations, “十四五”, are not broken over lines.
fn title(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('“') {
        out.push_str(&escape(before));
        rest = after;
        match after.split_once('”') {
            Some((quoted, after)) if quoted.chars().count() <= 8 => {
                out.push_str(&format!("<span>“{}”</span>", escape(quoted)));
                rest = after;
            }
            _ => out.push('“'),
        }
    }
    out + &escape(rest)
}

struct Page {
    out: String,
    links: Links,
    heading: usize,
}

impl Page {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self, class: &str, text: &str) {
        if !text.trim().is_empty() {
            // Writing to a string does not fail.
            let _ = writeln!(self.out, "<p class=\"{class}\">{}</p>", escape(text));
        }
    }

    fn cover(&mut self, document: &Document) {
        self.put("<header>\n");
        if !document.state_label.trim().is_empty() {
            self.put(&format!("<p><span class=\"state\">{}</span></p>\n", escape(&document.state_label)));
        }
        self.put(&format!("<h1>{}</h1>\n", title(&document.title)));
        self.line("subtitle", &document.subtitle);
        self.line("issuer", &document.issuer);
        self.line("date", &document.date);
        self.line("quiet", &document.version_line);
        if !document.verification_code.is_empty() {
            self.line("quiet", &format!("核验码：{}", document.verification_code));
        }
        self.put("</header>\n");
    }

    fn contents(&mut self, document: &Document) {
        self.put("<nav aria-label=\"目录\">\n<p><strong>目录</strong></p>\n<ol>\n");
        let headings = leveled(document).into_iter().enumerate();
        for (at, (section, level)) in headings.filter(|(_, (_, level))| *level > 0) {
            let (number, name) = (escape(&section.number), escape(&section.title));
            self.put(&format!("<li class=\"l{level}\"><a href=\"#h{at}\">{number}{name}</a></li>\n"));
        }
        self.put("</ol>\n</nav>\n");
    }

    fn section(&mut self, section: &Section, level: u8) {
        let tag = level + 1;
        let anchor = if section.anchor.is_empty() {
            String::new()
        } else {
            format!(" id=\"{}\"", id(&section.anchor))
        };
        let (number, title) = (escape(&section.number), escape(&section.title));
        self.put(&format!("<section{anchor}>\n"));
        if level > 0 {
            self.put(&format!("<h{tag} id=\"h{}\">{number}{title}</h{tag}>\n", self.heading));
        }
        self.heading += 1;
        for block in &section.blocks {
            self.block(block);
        }
        self.put("</section>\n");
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(inlines) => {
                let text = self.inlines(inlines);
                self.put(&format!("<p>{text}</p>\n"));
            }
            Block::Note(text) => self.line("note", text),
            Block::List(entries) => {
                self.put("<ul class=\"list\">\n");
                for entry in entries {
                    let text = self.inlines(entry);
                    self.put(&format!("<li>{text}</li>\n"));
                }
                self.put("</ul>\n");
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart),
        }
    }

    fn inlines(&self, inlines: &[Inline]) -> String {
        let mut out = String::new();
        for inline in inlines {
            match inline {
                Inline::Text(text) => out.push_str(&escape(text)),
                Inline::Strong(text) => out.push_str(&format!("<strong>{}</strong>", escape(text))),
                Inline::Figure { text, anchor, title } if self.links.has(anchor) => out.push_str(&format!(
                    "<a href=\"#{}\" title=\"{}\">{}</a>",
                    id(anchor),
                    escape(title),
                    escape(text)
                )),
                Inline::Figure { text, .. } => out.push_str(&escape(text)),
            }
        }
        out
    }

    fn table(&mut self, table: &Table) {
        let name = if table.caption.is_empty() { "表" } else { table.caption.as_str() };
        let wide = if table.columns.len() >= WIDE_COLUMNS { " class=\"wide\"" } else { "" };
        if !table.columns.is_empty() {
            // A frame that scrolls can be reached with the keyboard.
            let name = escape(name);
            self.put(&format!(
                "<div class=\"scroll\" role=\"region\" aria-label=\"{name}\" tabindex=\"0\">\n<table{wide}>\n"
            ));
        }
        if !table.caption.is_empty() {
            let tag = if table.columns.is_empty() { "p" } else { "caption" };
            self.put(&format!("<{tag}>{}</{tag}>\n", escape(&table.caption)));
        }
        if !table.columns.is_empty() {
            self.rows(table);
            self.put("</table>\n</div>\n");
        }
        self.line("note", &table.note);
    }

    fn rows(&mut self, table: &Table) {
        let total: u32 = table.columns.iter().map(|c| u32::from(c.width.max(1))).sum();
        self.put("<colgroup>");
        for column in &table.columns {
            let share = u32::from(column.width.max(1)) * 1000 / total.max(1);
            self.put(&format!("<col style=\"width:{}.{}%\">", share / 10, share % 10));
        }
        self.put("</colgroup>\n<thead><tr>");
        for column in &table.columns {
            self.put(&format!(
                "<th scope=\"col\"{}>{}</th>",
                class(column.align, false),
                escape(&column.title)
            ));
        }
        self.put("</tr></thead>\n<tbody>\n");
        let empty = Cell::default();
        for (at, row) in table.rows.iter().enumerate() {
            match table.row_anchors.get(at).and_then(Option::as_deref) {
                Some(anchor) if !anchor.is_empty() => self.put(&format!("<tr id=\"{}\">", id(anchor))),
                _ => self.put("<tr>"),
            }
            for (at, column) in table.columns.iter().enumerate() {
                let cell = row.get(at).unwrap_or(&empty);
                let text = self.inlines(&cell.inlines);
                self.put(&format!("<td{}>{text}</td>", class(column.align, cell.emphasis)));
            }
            self.put("</tr>\n");
        }
        self.put("</tbody>\n");
    }

    fn chart(&mut self, chart: &Chart) {
        let anchor =
            if chart.anchor.is_empty() { String::new() } else { format!(" id=\"{}\"", id(&chart.anchor)) };
        let alt = if chart.alt.is_empty() { &chart.caption } else { &chart.alt };
        let name = escape(if chart.caption.is_empty() { "图" } else { &chart.caption });
        self.put(&format!(
            "<figure{anchor}>\n<div class=\"scroll\" role=\"region\" aria-label=\"{name}\" tabindex=\"0\">\n"
        ));
        self.put(&chart::svg(&chart::draw(chart), alt));
        self.put("\n</div>\n");
        if !chart.caption.is_empty() {
            self.put(&format!("<figcaption>{}</figcaption>\n", escape(&chart.caption)));
        }
        self.values(chart);
        self.line("note", &chart.note);
        self.put("</figure>\n");
    }

    /// The values of a chart as a table that can be opened.
    fn values(&mut self, chart: &Chart) {
        if chart.categories.is_empty() || chart.series.is_empty() {
            return;
        }
        self.put("<details><summary>图中数据</summary>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">");
        self.put(&escape(&chart.unit));
        self.put("</th>");
        for series in &chart.series {
            self.put(&format!("<th scope=\"col\" class=\"right\">{}</th>", escape(&series.name)));
        }
        self.put("</tr></thead><tbody>\n");
        for (at, category) in chart.categories.iter().enumerate() {
            self.put(&format!("<tr><th scope=\"row\">{}</th>", escape(category)));
            for series in &chart.series {
                let value = chart::value(series, at).filter(|_| series.style != SeriesStyle::Missing);
                let text = value.map_or_else(|| chart::NO_DATA.to_owned(), chart::label);
                self.put(&format!("<td class=\"right\">{text}</td>"));
            }
            self.put("</tr>\n");
        }
        self.put("</tbody></table></div></details>\n");
    }

    fn proof(&mut self, document: &Document) {
        self.put("<footer>\n<p><strong>核验信息</strong></p>\n<dl>\n");
        for (name, value) in crate::proof::lines(document) {
            self.put(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(&value)));
        }
        self.put("</dl>\n");
        for line in lines(&document.verify_hint) {
            self.line("hint", &line);
        }
        self.put("</footer>\n");
    }
}

fn class(align: Align, strong: bool) -> &'static str {
    match (align, strong) {
        (Align::Left, false) => "",
        (Align::Left, true) => " class=\"strong\"",
        (Align::Center, false) => " class=\"center\"",
        (Align::Center, true) => " class=\"center strong\"",
        (Align::Right, false) => " class=\"right\"",
        (Align::Right, true) => " class=\"right strong\"",
    }
}
