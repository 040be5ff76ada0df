//! The document of a report: words, tables and charts in the order of its sections, and the annexes that say where every
//! figure comes from and which conflicts are open.

use nacre_indicators::board::IndicatorView;
use nacre_indicators::figure::{Figure, number};
use nacre_indicators::task::Light;
use nacre_model::Instant;
use nacre_report::{
    Align, Block, Cell, Chart, ChartKind, Column, Document, Freeze, Inline, Section, Series, SeriesStyle,
    Table,
};

use super::facts::day;
use super::indicators::status_words;
use super::reports::{Report, ReportSection};
use super::tasks::Task;
use crate::problem::Problem;
use crate::state::App;

/// The report as bytes of a format: pdf, docx, html.
pub fn render(app: &App, report: &Report, format: &str) -> Result<Vec<u8>, Problem> {
    set(&document(app, report), format)
}

/// A document as bytes of a format: pdf, docx, html.
pub fn set(document: &Document, format: &str) -> Result<Vec<u8>, Problem> {
    let made = match format {
        "pdf" => nacre_report::pdf(document),
        "docx" => nacre_report::docx(document),
        _ => Ok(nacre_report::html(document).into_bytes()),
    };
    made.map_err(|e| Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, e.code(), e.to_string()))
}

/// A day as an official document writes it: 2026年11月23日.
pub fn written_day(at: &str) -> String {
    let day = Instant::parse(at).map_or_else(String::new, day);
    let mut parts = day.split('-').map(|p| p.trim_start_matches('0').to_owned());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(y), Some(m), Some(d)) => format!("{y}年{m}月{d}日"),
        _ => day,
    }
}

fn document(app: &App, report: &Report) -> Document {
    let head = &report.head;
    let draft = match head.state.as_str() {
        "published" => "",
        "signed" => "已签批，未发布",
        "reviewed" => "已审核，未签批",
        _ => "草稿",
    };
    let issued = head.steps.iter().rfind(|s| s.verb == "publish").or(head.steps.last());
    let (zh, _) = &app.settings().district;
    Document {
        title: head.title.clone(),
        subtitle: if head.kind == "annual" { String::new() } else { format!("（{} 年）", head.year) },
        issuer: format!("{zh}数字经济产业发展领导小组办公室"),
        date: written_day(issued.map_or(head.created_at.as_str(), |s| s.at.as_str())),
        version_line: format!("第 {} 版", head.version),
        state_label: draft.into(),
        verification_code: head.code.clone(),
        digest: head.digest.clone(),
        freeze: Some(Freeze {
            seq: head.freeze.seq,
            at: head.freeze.at.clone(),
            root: head.freeze.root.clone(),
        }),
        verify_hint: "联机校验：在公开页面的“校验”中输入校验码。\n脱机校验：下载本报告的证据包，运行 nacre verify 证据包.json --file 本报告.pdf；\
                      核对每条记录的存证证明、每个数与记录是否相符、每个推算的数能否重算。"
            .into(),
        sections: report.sections.iter().map(|s| section(report, s)).collect(),
        annexes: vec![conflicts(report), sources(report)],
        differences: (!report.differences.is_empty()).then(|| differences(report)),
    }
}

/// Where the row of a figure stands in the annex of sources.
fn anchor(figure: &Figure) -> String {
    format!("fig-{}", figure.reference)
}

fn linked(figure: Option<&Figure>, decimals: u8) -> Cell {
    match figure {
        None => "无数据".into(),
        Some(f) => Cell { inlines: vec![link(f, f.words(usize::from(decimals)))], emphasis: false },
    }
}

/// Words that lead to the row of a figure.
fn link(figure: &Figure, text: String) -> Inline {
    let title = figure.source.section_number.clone().unwrap_or_else(|| figure.source.document.clone());
    Inline::Figure { text, anchor: anchor(figure), title }
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { inlines: vec![Inline::Text(text.into())], emphasis: false }
}

/// A table with columns given as title, share of the width and whether they hold numbers.
fn table(caption: &str, columns: &[(&str, u16, bool)], rows: Vec<Vec<Cell>>) -> Table {
    let column = |(title, width, numbers): &(&str, u16, bool)| Column {
        title: (*title).to_owned(),
        align: if *numbers { Align::Right } else { Align::Left },
        width: *width,
    };
    Table { caption: caption.into(), columns: columns.iter().map(column).collect(), rows, ..Table::default() }
}

fn paragraphs(text: &str) -> Vec<Block> {
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(|l| Block::Paragraph(vec![l.into()])).collect()
}

fn section(report: &Report, section: &ReportSection) -> Section {
    let words = if section.narrative.is_empty() { &section.generated } else { &section.narrative };
    let mut blocks = paragraphs(words);
    let of = |ids: &[String]| -> Vec<&IndicatorView> {
        ids.iter().filter_map(|id| report.indicators.iter().find(|i| i.id == *id)).collect()
    };
    let indicators = of(&section.indicators);
    match section.key.as_str() {
        "goals" => blocks.push(Block::Table(goals(&indicators))),
        "base" => blocks.push(Block::Table(base(&indicators))),
        "peers" => blocks.extend(indicators.iter().filter_map(|i| peers(i)).map(Block::Chart)),
        key if key.starts_with("goals-") => {
            blocks.extend(indicators.iter().filter_map(|i| progress(i)).map(Block::Chart));
        }
        _ => {}
    }
    let tasks: Vec<&Task> =
        section.tasks.iter().filter_map(|id| report.tasks.iter().find(|t| t.id == *id)).collect();
    if !tasks.is_empty() {
        blocks.push(Block::Table(works(&tasks)));
    }
    Section {
        number: section.number.clone(),
        level: section.level,
        title: section.title.clone(),
        blocks,
        anchor: format!("section-{}", section.key),
    }
}

fn goals(goals: &[&IndicatorView]) -> Table {
    let row = |i: &&IndicatorView| {
        vec![
            cell(i.title.zh.as_str()),
            linked(i.baseline.as_ref(), i.decimals),
            linked(i.target.as_ref(), i.decimals),
            linked(i.actual.as_ref(), i.decimals),
            cell(status_words(i.status)),
        ]
    };
    let columns = [
        ("指标", 26, false),
        ("基线", 15, true),
        ("目标", 16, true),
        ("实际", 15, true),
        ("判定", 11, false),
    ];
    table("目标、基线和实际", &columns, goals.iter().map(row).collect())
}

fn base(facts: &[&IndicatorView]) -> Table {
    let rows = facts.iter().flat_map(|i| i.series.iter().map(move |f| (i, f))).map(|(i, f)| {
        vec![
            cell(i.title.zh.as_str()),
            cell(f.subject.as_str()),
            cell(f.period.text.as_str()),
            linked(Some(f), i.decimals),
        ]
    });
    let columns = [("项目", 30, false), ("对象", 14, false), ("时期", 18, false), ("数值", 15, true)];
    table("发展基础数据", &columns, rows.collect())
}

fn works(tasks: &[&Task]) -> Table {
    let light = |light| match light {
        Light::Green => "● 绿",
        Light::Yellow => "▲ 黄",
        Light::Red => "■ 红",
    };
    let row = |t: &&Task| {
        vec![
            cell(t.title.as_str()),
            cell(t.section.as_ref().map(|s| s.number.clone()).unwrap_or_default()),
            cell(t.lead.as_ref().map_or("待明确", |l| l.name.as_str())),
            cell(t.due.clone().unwrap_or_default()),
            cell(t.progress.map_or("—".to_owned(), |p| format!("{p:.0}%"))),
            cell(light(t.light)),
        ]
    };
    let columns = [
        ("重点工作", 34, false),
        ("出处", 11, false),
        ("牵头", 14, false),
        ("期限", 14, false),
        ("进度", 8, true),
        ("判定", 9, false),
    ];
    table("", &columns, tasks.iter().map(row).collect())
}

/// The way of a goal: what is known as bars, the drawn way dashed, the target as a line; what is missing is a gap.
fn progress(i: &IndicatorView) -> Option<Chart> {
    let target = i.target.as_ref()?;
    // A goal of which nothing is known is said in words; a picture of nothing says no more.
    i.series.iter().find(|f| f.value.is_some())?;
    let (goal, end) = (target.value?, target.period.year()?);
    let first = i.series.iter().filter_map(|f| f.period.year()).min().unwrap_or(end).max(end - 15);
    let last = i.series.iter().filter_map(|f| f.period.year()).max().unwrap_or(end).max(end).min(first + 20);
    let years: Vec<i32> = (first..=last).collect();
    let known = |year: i32| i.series.iter().rfind(|f| f.period.year() == Some(year)).and_then(|f| f.value);
    let mut series = vec![Series {
        name: "已知".into(),
        style: SeriesStyle::Solid,
        values: years.iter().map(|y| known(*y)).collect(),
    }];
    let way = |year: i32| i.path.iter().find(|p| p.year == year && p.kind == "interpolated").map(|p| p.value);
    let drawn: Vec<Option<f64>> = years.iter().map(|y| way(*y)).collect();
    if drawn.iter().any(Option::is_some) {
        series.push(Series {
            name: "线性路径（推算）".into(), style: SeriesStyle::Dashed, values: drawn
        });
    }
    let line = years.iter().map(|y| (*y == end).then_some(goal)).collect();
    series.push(Series { name: "目标".into(), style: SeriesStyle::Target, values: line });
    let told: Vec<String> = i
        .series
        .iter()
        .filter_map(|f| Some(format!("{} 年 {}", f.period.year()?, number(f.value?, 2))))
        .collect();
    Some(Chart {
        caption: i.title.zh.clone(),
        alt: format!("{}：{}；{end} 年目标 {}（{}）。", i.title.zh, told.join("，"), number(goal, 2), i.unit),
        unit: i.unit.clone(),
        kind: ChartKind::Bars,
        categories: years.iter().map(i32::to_string).collect(),
        series,
        ..Chart::default()
    })
}

fn peers(i: &IndicatorView) -> Option<Chart> {
    let own = i.series.iter().rfind(|f| f.value.is_some());
    let all: Vec<&Figure> = own.into_iter().chain(i.peers.iter().filter(|f| f.value.is_some())).collect();
    if all.len() < 2 {
        return None;
    }
    let told: Vec<String> =
        all.iter().map(|f| format!("{} {}", f.subject, number(f.value.unwrap_or_default(), 2))).collect();
    Some(Chart {
        caption: format!("{}对标", i.title.zh),
        alt: format!("{}：{}（{}）。", i.title.zh, told.join("，"), i.unit),
        unit: i.unit.clone(),
        kind: ChartKind::Bars,
        categories: all.iter().map(|f| f.subject.clone()).collect(),
        series: vec![Series {
            name: i.title.zh.clone(),
            style: SeriesStyle::Solid,
            values: all.iter().map(|f| f.value).collect(),
        }],
        ..Chart::default()
    })
}

fn differences(report: &Report) -> Section {
    let rows = report.differences.iter().map(|d| {
        vec![
            cell(d.title.zh.as_str()),
            cell(d.what.zh.as_str()),
            cell(d.before.as_str()),
            cell(d.after.as_str()),
        ]
    });
    let columns = [("指标", 24, false), ("项目", 8, false), ("上一版", 20, false), ("本版", 20, false)];
    let blocks = vec![
        Block::Paragraph(vec![Inline::Text(format!(
            "与上一版相比，{} 处数据有变化。",
            report.differences.len()
        ))]),
        Block::Table(table("", &columns, rows.collect())),
    ];
    Section {
        level: 1,
        title: "与上一版差异".into(),
        blocks,
        anchor: "differences".into(),
        ..Section::default()
    }
}

fn conflicts(report: &Report) -> Section {
    let open: Vec<_> = report.conflicts.iter().filter(|c| c.resolution.is_none()).collect();
    let mut blocks = Vec::new();
    if open.is_empty() {
        blocks.push(Block::Paragraph(vec!["没有未决的口径冲突。".into()]));
    }
    for conflict in open {
        blocks.push(Block::Paragraph(vec![
            Inline::Strong(conflict.title.zh.clone()),
            Inline::Text(format!("。{}", conflict.explanation.zh)),
        ]));
        let rows = conflict.sides.iter().map(|side| {
            let first = side.figures.first();
            let sentence = first.and_then(|f| f.source.sentence.clone()).unwrap_or_default();
            let words = side.title.zh.clone();
            let named = first.map_or_else(|| Inline::Text(words.clone()), |f| link(f, words.clone()));
            vec![Cell { inlines: vec![named], emphasis: false }, cell(sentence)]
        });
        blocks.push(Block::Table(table("", &[("各方", 12, false), ("依据", 20, false)], rows.collect())));
    }
    Section {
        number: "附件一　".into(),
        level: 1,
        title: "未决口径冲突".into(),
        blocks,
        anchor: "conflicts".into(),
    }
}

/// One row a figure: what it says, where it comes from, in which record it stands.
fn sources(report: &Report) -> Section {
    let mut found = Sources::default();
    for i in &report.indicators {
        let single = [&i.baseline, &i.target, &i.actual];
        let shown = single.into_iter().flatten().chain(&i.series).chain(&i.peers);
        let sides = report.conflicts.iter().filter(|c| c.indicator == i.id);
        let sides = sides.flat_map(|c| c.sides.iter().flat_map(|s| &s.figures));
        for figure in shown.chain(sides) {
            found.add(figure, &i.title.zh, i.decimals);
        }
    }
    let columns = [
        ("指标", 17, false),
        ("数值", 12, true),
        ("时期", 11, false),
        ("来源", 34, false),
        ("记录", 7, true),
    ];
    let made = Table {
        row_anchors: found.anchors,
        note: "“记录”是存证日志中的记录号；推算的数写明算式和输入，没有自己的记录。".into(),
        ..table("", &columns, found.rows)
    };
    let blocks = vec![Block::Table(made)];
    Section {
        number: "附件二　".into(),
        level: 1,
        title: "数据来源".into(),
        blocks,
        anchor: "sources".into(),
    }
}

#[derive(Default)]
struct Sources {
    rows: Vec<Vec<Cell>>,
    anchors: Vec<Option<String>>,
    seen: std::collections::BTreeSet<String>,
}

impl Sources {
    fn add(&mut self, figure: &Figure, title: &str, decimals: u8) {
        if !self.seen.insert(figure.reference.clone()) {
            return;
        }
        let record = figure.seq.filter(|_| figure.derivation.is_none());
        self.rows.push(vec![
            cell(title),
            cell(figure.words(usize::from(decimals))),
            cell(figure.period.text.as_str()),
            Cell { inlines: from(figure), emphasis: false },
            cell(record.map_or("—".to_owned(), |s| s.to_string())),
        ]);
        self.anchors.push(Some(anchor(figure)));
        for input in figure.derivation.iter().flat_map(|d| &d.inputs).filter(|i| i.figure.entity.is_some()) {
            let outside = input.figure.indicator.is_empty();
            self.add(&input.figure, if outside { &input.figure.subject } else { &input.name }, 2);
        }
    }
}

/// Where a figure comes from, in words.
fn from(figure: &Figure) -> Vec<Inline> {
    if let Some(derivation) = &figure.derivation {
        let mut parts = vec![Inline::Text(format!("推算：{}；", derivation.formula))];
        for (n, input) in derivation.inputs.iter().enumerate() {
            parts.push(Inline::Text(format!("{}{} = ", if n == 0 { "" } else { "，" }, input.name)));
            let words = input.figure.words(2);
            let own = input.figure.entity.is_some();
            parts.push(if own { link(&input.figure, words) } else { Inline::Text(words) });
        }
        return parts;
    }
    let source = &figure.source;
    let mut text = source.document.clone();
    if let Some(section) = source.section_number.as_ref().filter(|s| !s.is_empty()) {
        text.push_str(&format!(" {section}"));
    }
    if let Some(by) = &figure.reported_by {
        text.push_str(&format!("（{by}填报）"));
    }
    if let Some(sentence) = source.sentence.as_ref().filter(|s| !s.is_empty()) {
        text.push_str(&format!("：{sentence}"));
    }
    if figure.simulated {
        text.push_str("【模拟数据】");
    }
    vec![Inline::Text(text)]
}
