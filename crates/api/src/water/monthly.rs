//! The monthly report as a document to print and to send: in short, by water, by section, and what the words mean.

use nacre_model::Instant;
use nacre_report::{Align, Block, Cell, Column, Document, Inline, Section, Table};
use nacre_water::Parameter;

use super::month::{Month, MonthSection};
use crate::plan::typeset::written_day;
use crate::state::App;

fn words(text: impl Into<String>) -> Vec<Inline> {
    vec![Inline::Text(text.into())]
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { inlines: words(text), emphasis: false }
}

fn column(title: impl Into<String>, align: Align, width: u16) -> Column {
    Column { title: title.into(), align, width }
}

fn section(number: &str, title: &str, blocks: Vec<Block>) -> Section {
    Section { number: number.into(), level: 1, title: title.into(), blocks, anchor: String::new() }
}

/// Marked wherever its figures stand, so that a printed page says it too.
fn name(of: &MonthSection) -> String {
    if of.simulated { format!("{}（模拟）", of.name) } else { of.name.clone() }
}

/// The report of a month; of one that still runs, as of today.
pub fn document(app: &App, month: &Month, now: Instant) -> Document {
    let (zh, _) = &app.settings().district;
    let (year, number) = month.month.split_once('-').unwrap_or((&month.month, ""));
    let simulated = month.sections.iter().any(|s| s.simulated);
    let until = Instant::parse(&month.to).map_or(now, |to| to.plus_ms(-1).min(now));
    let runs = Instant::parse(&month.to).is_some_and(|to| now < to);
    Document {
        title: format!("{zh}水系水质月报"),
        subtitle: format!("（{year} 年 {} 月）", number.trim_start_matches('0')),
        issuer: zh.clone(),
        date: written_day(&until.to_string()),
        version_line: format!(
            "由第 {} 条记录为止的数据算出{}",
            month.seq,
            if runs { "；本月未结束" } else { "" }
        ),
        state_label: if simulated { "含模拟数据".into() } else { String::new() },
        sections: vec![
            section("一、", "概况", overview(month)),
            section("二、", "水体评价", vec![Block::Table(waters(month))]),
            section("三、", "断面评价", vec![Block::Table(classes(month)), Block::Table(averages(month))]),
            section(
                "四、",
                "口径",
                vec![Block::Paragraph(words(&month.standard.zh)), Block::Paragraph(words(METHOD))],
            ),
        ],
        ..Document::default()
    }
}

const METHOD: &str = "各项目取当月全部有效监测值的算术平均；隔离未入库的报文不计。少于 5 个断面的水体按各断面平均浓度评价，5 个及以上按断面类别比例评价。";

fn overview(month: &Month) -> Vec<Block> {
    let judged: Vec<&MonthSection> = month.sections.iter().filter(|s| s.class.is_some()).collect();
    let mut text = format!("本月共 {} 个断面，{} 个有可评价的数据。", month.sections.len(), judged.len());
    if let Some(share) = month.good_share {
        text += &format!("Ⅰ～Ⅲ类断面占 {:.1} %。", share * 100.0);
    }
    let mut blocks = vec![Block::Paragraph(words(text))];
    let missed: Vec<_> = judged
        .iter()
        .filter(|s| s.meets == Some(false))
        .map(|s| {
            let deciding: Vec<&str> = s.deciding.iter().map(|w| w.zh.as_str()).collect();
            let (class, target) = (s.class.as_deref(), s.target_class.as_deref());
            words(format!(
                "{}：{}类，目标{}类，决定项目为{}。",
                name(s),
                class.unwrap_or("—"),
                target.unwrap_or("—"),
                deciding.join("、")
            ))
        })
        .collect();
    if !missed.is_empty() {
        blocks.push(Block::Paragraph(words(format!("未达目标的断面 {} 个：", missed.len()))));
        blocks.push(Block::List(missed));
    }
    let missing = judged.iter().filter(|s| !s.missing.is_empty()).map(|s| {
        let missing: Vec<&str> = s.missing.iter().map(|w| w.zh.as_str()).collect();
        words(format!("{}：{}。", name(s), missing.join("、")))
    });
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        blocks.push(Block::Paragraph(words("下列断面有缺测的项目，类别只由已测项目决定：")));
        blocks.push(Block::List(missing));
    }
    blocks
}

fn waters(month: &Month) -> Table {
    let rows = month.rivers.iter().map(|r| {
        let word =
            |w: &Option<nacre_indicators::Words>| w.as_ref().map_or("—".to_owned(), |w| w.zh.clone());
        vec![cell(&r.name), cell(r.judged.to_string()), cell(word(&r.verdict)), cell(word(&r.method))]
    });
    Table {
        caption: "各水体水质状况".into(),
        columns: vec![
            column("水体", Align::Left, 3),
            column("评价断面", Align::Right, 2),
            column("水质状况", Align::Center, 2),
            column("评价方法", Align::Left, 4),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn classes(month: &Month) -> Table {
    let rows = month.sections.iter().map(|s| {
        let deciding: Vec<&str> = s.deciding.iter().map(|w| w.zh.as_str()).collect();
        vec![
            cell(&s.creek.name),
            cell(name(s)),
            cell(s.target_class.as_deref().unwrap_or("—")),
            cell(s.class.as_deref().unwrap_or("无法评价")),
            cell(deciding.join("、")),
            cell(s.meets.map_or("—", |m| if m { "是" } else { "否" })),
        ]
    });
    Table {
        caption: "各断面水质类别".into(),
        columns: vec![
            column("水体", Align::Left, 3),
            column("断面", Align::Left, 4),
            column("目标", Align::Center, 2),
            column("类别", Align::Center, 2),
            column("决定项目", Align::Left, 4),
            column("达标", Align::Center, 2),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Averages of what was measured; sections without any value are left out.
fn averages(month: &Month) -> Table {
    let shown: Vec<Parameter> = Parameter::ALL
        .into_iter()
        .filter(|p| p.decides() && month.sections.iter().any(|s| s.averages.contains_key(p.name())))
        .take(8)
        .collect();
    let mut columns = vec![column("断面", Align::Left, 4)];
    columns.extend(shown.iter().map(|p| column(p.title().0, Align::Right, 2)));
    let rows = month.sections.iter().filter(|s| !s.averages.is_empty()).map(|s| {
        let mut row = vec![cell(name(s))];
        row.extend(shown.iter().map(|p| {
            let found = s.averages.get(p.name());
            cell(found.map_or("—".to_owned(), |(mean, n)| format!("{mean:.3}（{n}）")))
        }));
        row
    });
    Table {
        caption: "各断面月平均值".into(),
        columns: if shown.is_empty() { Vec::new() } else { columns },
        rows: if shown.is_empty() { Vec::new() } else { rows.collect() },
        note: if shown.is_empty() {
            "本月没有监测值。".into()
        } else {
            "括号内为监测值个数；pH 无量纲，其余为 mg/L。其余项目见电子表格。".into()
        },
        ..Table::default()
    }
}
