//! One page that needs nothing but itself: no script, no request; everything a user wrote is escaped.

use std::fmt::Write as _;

use crate::chart;
use crate::document::{Block, Cell, Document, Inline, ReportError, Table, prepared};

const STYLE: &str = include_str!("page.css");

/// The document as a page.
pub fn html(document: &Document) -> Result<String, ReportError> {
    let doc = prepared(document)?;
    let mut out = String::with_capacity(64 << 10);
    let w = &mut out;
    push(
        w,
        format_args!(
            "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{}</title>\
             <style>{STYLE}</style></head><body><main><header><h1>{}</h1>",
            Escaped(&doc.title),
            Escaped(&doc.title)
        ),
    );
    if !doc.subtitle.is_empty() {
        push(w, format_args!("<p class=\"sub\">{}</p>", Escaped(&doc.subtitle)));
    }
    if !doc.state.is_empty() {
        push(w, format_args!("<p class=\"sub\"><span class=\"state\">{}</span></p>", Escaped(&doc.state)));
    }
    push(
        w,
        format_args!(
            "<p class=\"meta\">{}　{}　{}　校验码 {}</p></header>",
            Escaped(&doc.issuer),
            Escaped(&doc.date),
            Escaped(&doc.version),
            Escaped(&doc.code)
        ),
    );
    w.push_str("<nav aria-label=\"目录\"><h2>目录</h2><ol>");
    for (i, section) in doc.sections.iter().enumerate().filter(|(_, s)| s.level <= 2) {
        push(
            w,
            format_args!(
                "<li class=\"l{}\"><a href=\"#s{i}\">{}{}</a></li>",
                section.level,
                Escaped(&section.number),
                Escaped(&section.title)
            ),
        );
    }
    w.push_str("</ol></nav>");
    for (i, section) in doc.sections.iter().enumerate() {
        let level = section.level + 1;
        push(
            w,
            format_args!(
                "<section aria-labelledby=\"s{i}\"><h{level} id=\"s{i}\">{}{}</h{level}>",
                Escaped(&section.number),
                Escaped(&section.title)
            ),
        );
        for block in &section.blocks {
            block_in(w, block)?;
        }
        w.push_str("</section>");
    }
    push(
        w,
        format_args!(
            "<section aria-labelledby=\"verify\"><h2 id=\"verify\">校验</h2><p class=\"note\">校验码 {}<br>\
             数据摘要（SHA-256）<code>{}</code><br>{}</p>",
            Escaped(&doc.code),
            Escaped(&doc.digest),
            Escaped(&doc.freeze)
        ),
    );
    for line in &doc.verify {
        push(w, format_args!("<p class=\"note\">{}</p>", Escaped(line)));
    }
    w.push_str("</section></main></body></html>\n");
    Ok(out)
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = out.write_fmt(text);
}

fn block_in(w: &mut String, block: &Block) -> Result<(), ReportError> {
    match block {
        Block::Paragraph(parts) => {
            w.push_str("<p>");
            inline(w, parts);
            w.push_str("</p>");
        }
        Block::Note(text) => push(w, format_args!("<p class=\"note\">{}</p>", Escaped(text))),
        Block::Table(t) => table(w, t),
        Block::Chart(c) => {
            let picture = chart::svg(c)?;
            push(
                w,
                format_args!(
                    "<figure><figcaption>{}</figcaption><div class=\"pic\" role=\"img\" aria-label=\"{}\">{picture}</div></figure>",
                    Escaped(&c.caption),
                    Escaped(&c.alt)
                ),
            );
        }
    }
    Ok(())
}

fn inline(w: &mut String, parts: &Cell) {
    for Inline { text, strong, link } in parts {
        if let Some(link) = link {
            push(w, format_args!("<a href=\"#{}\">", Escaped(link)));
        }
        if *strong {
            push(w, format_args!("<strong>{}</strong>", Escaped(text)));
        } else {
            push(w, format_args!("{}", Escaped(text)));
        }
        if link.is_some() {
            w.push_str("</a>");
        }
    }
}

fn table(w: &mut String, t: &Table) {
    if t.columns.is_empty() {
        return;
    }
    let label = if t.caption.is_empty() { "表" } else { &t.caption };
    push(
        w,
        format_args!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>",
            Escaped(label)
        ),
    );
    if !t.caption.is_empty() {
        push(w, format_args!("<caption>{}</caption>", Escaped(&t.caption)));
    }
    w.push_str("<thead><tr>");
    for column in &t.columns {
        push(w, format_args!("<th scope=\"col\">{}</th>", Escaped(&column.title)));
    }
    w.push_str("</tr></thead><tbody>");
    for row in &t.rows {
        match &row.anchor {
            Some(anchor) => push(w, format_args!("<tr id=\"{}\">", Escaped(anchor))),
            None => w.push_str("<tr>"),
        }
        for (cell, column) in row.cells.iter().zip(&t.columns) {
            w.push_str(if column.right { "<td class=\"n\">" } else { "<td>" });
            inline(w, cell);
            w.push_str("</td>");
        }
        w.push_str("</tr>");
    }
    w.push_str("</tbody></table></div>");
}

/// Text that cannot become markup.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_str("<br>")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
