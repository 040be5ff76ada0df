//! The document of a report: words, tables and charts in the order of its sections, and the annexes that say where every
//! figure comes from and which conflicts are open.

use nacre_indicators::board::IndicatorView;
use nacre_indicators::figure::{Figure, number};
use nacre_indicators::task::Light;
use nacre_model::Instant;
use nacre_typeset::{
    Block, Cell, Chart, ChartKind, Column, Document, Inline, ReportError, Row, Section, Series, Style, Table,
};

use super::facts::day;
use super::indicators::status_words;
use super::reports::{Report, ReportSection};
use super::tasks::Task;
use crate::problem::Problem;
use crate::state::App;

/// The report as bytes of a format: pdf, docx, html.
pub fn render(app: &App, report: &Report, format: &str) -> Result<Vec<u8>, Problem> {
    let document = document(app, report);
    let made = match format {
        "pdf" => nacre_typeset::pdf(&document),
        "docx" => nacre_typeset::docx(&document),
        _ => nacre_typeset::html(&document).map(String::into_bytes),
    };
    made.map_err(|e| {
        let status = match e {
            ReportError::TooLarge { .. } => axum::http::StatusCode::PAYLOAD_TOO_LARGE,
            ReportError::Typesetting(_) => axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem::new(status, e.code(), e.to_string())
    })
}

/// A day as an official document writes it: 2026年11月23日.
fn written_day(at: &str) -> String {
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
    let mut sections: Vec<Section> = report.sections.iter().map(|s| section(report, s)).collect();
    if !report.differences.is_empty() {
        sections.push(differences(report));
    }
    sections.push(conflicts(report));
    sections.push(sources(report));
    let (zh, _) = &app.settings().district;
    Document {
        title: head.title.clone(),
        subtitle: if head.kind == "annual" { String::new() } else { format!("（{} 年）", head.year) },
        issuer: format!("{zh}数字经济产业发展领导小组办公室"),
        date: written_day(issued.map_or(head.created_at.as_str(), |s| s.at.as_str())),
        version: format!("第 {} 版", head.version),
        state: draft.into(),
        code: head.code.clone(),
        digest: head.digest.clone(),
        freeze: format!(
            "数据冻结于第 {} 号记录（{}），存证树根 {}。",
            head.freeze.seq,
            written_day(&head.freeze.at),
            head.freeze.root
        ),
        verify: vec![
            "联机校验：在公开页面的“校验”中输入校验码。".into(),
            "脱机校验：下载本报告的证据包，运行 nacre verify 证据包.json --file 本报告.pdf；核对每条记录的存证证明、每个数与记录是否相符、每个推算的数能否重算。".into(),
        ],
        sections,
    }
}

/// Where the row of a figure stands in the annex of sources.
fn anchor(figure: &Figure) -> String {
    format!("fig-{}", figure.reference)
}

fn linked(figure: Option<&Figure>, decimals: u8) -> Cell {
    match figure {
        None => vec!["无数据".into()],
        Some(f) => vec![Inline::linked(f.words(usize::from(decimals)), Some(anchor(f)))],
    }
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
    Section { number: section.number.clone(), level: section.level, title: section.title.clone(), new_page: false, blocks }
}

fn goals(goals: &[&IndicatorView]) -> Table {
    Table {
        caption: "目标、基线和实际".into(),
        columns: vec![
            Column::words("指标", 2.6),
            Column::numbers("基线", 1.5),
            Column::numbers("目标", 1.6),
            Column::numbers("实际", 1.5),
            Column::words("判定", 1.1),
        ],
        rows: goals
            .iter()
            .map(|i| Row {
                anchor: None,
                cells: vec![
                    vec![i.title.zh.as_str().into()],
                    linked(i.baseline.as_ref(), i.decimals),
                    linked(i.target.as_ref(), i.decimals),
                    linked(i.actual.as_ref(), i.decimals),
                    vec![status_words(i.status).into()],
                ],
            })
            .collect(),
    }
}

fn base(facts: &[&IndicatorView]) -> Table {
    let rows = facts.iter().flat_map(|i| i.series.iter().map(move |f| (i, f)));
    Table {
        caption: "发展基础数据".into(),
        columns: vec![
            Column::words("项目", 3.0),
            Column::words("对象", 1.4),
            Column::words("时期", 1.8),
            Column::numbers("数值", 1.5),
        ],
        rows: rows
            .map(|(i, f)| Row {
                anchor: None,
                cells: vec![
                    vec![i.title.zh.as_str().into()],
                    vec![f.subject.as_str().into()],
                    vec![f.period.text.as_str().into()],
                    linked(Some(f), i.decimals),
                ],
            })
            .collect(),
    }
}

fn works(tasks: &[&Task]) -> Table {
    let light = |light| match light {
        Light::Green => "● 绿",
        Light::Yellow => "▲ 黄",
        Light::Red => "■ 红",
    };
    Table {
        caption: String::new(),
        columns: vec![
            Column::words("重点工作", 3.4),
            Column::words("出处", 1.1),
            Column::words("牵头", 1.4),
            Column::words("期限", 1.3),
            Column::numbers("进度", 0.8),
            Column::words("判定", 0.9),
        ],
        rows: tasks
            .iter()
            .map(|t| Row {
                anchor: None,
                cells: vec![
                    vec![t.title.as_str().into()],
                    vec![t.section.as_ref().map(|s| s.number.clone()).unwrap_or_default().into()],
                    vec![t.lead.as_ref().map_or("待明确", |l| l.name.as_str()).into()],
                    vec![t.due.clone().unwrap_or_default().into()],
                    vec![t.progress.map_or("—".to_owned(), |p| format!("{p:.0}%")).into()],
                    vec![light(t.light).into()],
                ],
            })
            .collect(),
    }
}

/// The way of a goal: what is known as bars, the drawn way dashed, the target as a line; what is missing is a gap.
fn progress(i: &IndicatorView) -> Option<Chart> {
    let target = i.target.as_ref()?;
    let (goal, end) = (target.value?, target.period.year()?);
    let first = i.series.iter().filter_map(|f| f.period.year()).min().unwrap_or(end).max(end - 15);
    let last = i.series.iter().filter_map(|f| f.period.year()).max().unwrap_or(end).max(end).min(first + 20);
    let years: Vec<i32> = (first..=last).collect();
    let known = |year: i32| i.series.iter().rfind(|f| f.period.year() == Some(year)).and_then(|f| f.value);
    let mut series =
        vec![Series { name: "已知".into(), style: Style::Solid, values: years.iter().map(|y| known(*y)).collect() }];
    let way = |year: i32| i.path.iter().find(|p| p.year == year && p.kind == "interpolated").map(|p| p.value);
    let drawn: Vec<Option<f64>> = years.iter().map(|y| way(*y)).collect();
    if drawn.iter().any(Option::is_some) {
        series.push(Series { name: "线性路径（推算）".into(), style: Style::Dashed, values: drawn });
    }
    let line = years.iter().map(|y| (*y == end).then_some(goal)).collect();
    series.push(Series { name: "目标".into(), style: Style::Target, values: line });
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
        series: vec![Series { name: i.title.zh.clone(), style: Style::Solid, values: all.iter().map(|f| f.value).collect() }],
    })
}

fn differences(report: &Report) -> Section {
    let rows = report.differences.iter().map(|d| Row {
        anchor: None,
        cells: vec![
            vec![d.title.zh.as_str().into()],
            vec![d.what.zh.as_str().into()],
            vec![d.before.as_str().into()],
            vec![d.after.as_str().into()],
        ],
    });
    let table = Table {
        caption: String::new(),
        columns: vec![
            Column::words("指标", 2.4),
            Column::words("项目", 0.8),
            Column::words("上一版", 2.0),
            Column::words("本版", 2.0),
        ],
        rows: rows.collect(),
    };
    let blocks = vec![
        Block::Paragraph(vec![format!("与上一版相比，{} 处数据有变化。", report.differences.len()).into()]),
        Block::Table(table),
    ];
    Section { number: String::new(), level: 1, title: "与上一版差异".into(), new_page: true, blocks }
}

fn conflicts(report: &Report) -> Section {
    let open: Vec<_> = report.conflicts.iter().filter(|c| c.resolution.is_none()).collect();
    let mut blocks = Vec::new();
    if open.is_empty() {
        blocks.push(Block::Paragraph(vec!["没有未决的口径冲突。".into()]));
    }
    for conflict in open {
        blocks.push(Block::Paragraph(vec![
            Inline { text: conflict.title.zh.clone(), strong: true, link: None },
            format!("。{}", conflict.explanation.zh).into(),
        ]));
        let rows = conflict.sides.iter().map(|side| {
            let sentence = side.figures.first().and_then(|f| f.source.sentence.clone()).unwrap_or_default();
            let link = side.figures.first().map(anchor);
            Row { anchor: None, cells: vec![vec![Inline::linked(side.title.zh.clone(), link)], vec![sentence.into()]] }
        });
        blocks.push(Block::Table(Table {
            caption: String::new(),
            columns: vec![Column::words("各方", 1.2), Column::words("依据", 2.0)],
            rows: rows.collect(),
        }));
    }
    Section { number: "附件一　".into(), level: 1, title: "未决口径冲突".into(), new_page: true, blocks }
}

/// One row a figure: what it says, where it comes from, in which record it stands.
fn sources(report: &Report) -> Section {
    let mut rows: Vec<Row> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for i in &report.indicators {
        let single = [&i.baseline, &i.target, &i.actual];
        let shown = single.into_iter().flatten().chain(&i.series).chain(&i.peers);
        let sides = report.conflicts.iter().filter(|c| c.indicator == i.id);
        let sides = sides.flat_map(|c| c.sides.iter().flat_map(|s| &s.figures));
        for figure in shown.chain(sides) {
            add_source(figure, &i.title.zh, i.decimals, &mut rows, &mut seen);
        }
    }
    let table = Table {
        caption: String::new(),
        columns: vec![
            Column::words("指标", 1.7),
            Column::numbers("数值", 1.2),
            Column::words("时期", 1.1),
            Column::words("来源", 3.4),
            Column::numbers("记录", 0.7),
        ],
        rows,
    };
    Section {
        number: "附件二　".into(),
        level: 1,
        title: "数据来源".into(),
        new_page: true,
        blocks: vec![Block::Table(table), Block::Note("“记录”是存证日志中的记录号；推算的数写明算式和输入，没有自己的记录。".into())],
    }
}

fn add_source(
    figure: &Figure,
    title: &str,
    decimals: u8,
    rows: &mut Vec<Row>,
    seen: &mut std::collections::BTreeSet<String>,
) {
    if !seen.insert(figure.reference.clone()) {
        return;
    }
    let from: Cell = match &figure.derivation {
        Some(derivation) => {
            let mut parts: Cell = vec![format!("推算：{}；", derivation.formula).into()];
            for (n, input) in derivation.inputs.iter().enumerate() {
                let mark = if n == 0 { "" } else { "，" };
                let link = input.figure.entity.is_some().then(|| anchor(&input.figure));
                parts.push(format!("{mark}{} = ", input.name).into());
                parts.push(Inline::linked(input.figure.words(2), link));
            }
            parts
        }
        None => {
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
            vec![text.into()]
        }
    };
    rows.push(Row {
        anchor: Some(anchor(figure)),
        cells: vec![
            vec![title.into()],
            vec![figure.words(usize::from(decimals)).into()],
            vec![figure.period.text.as_str().into()],
            from,
            vec![figure.seq.filter(|_| figure.derivation.is_none()).map_or("—".to_owned(), |s| s.to_string()).into()],
        ],
    });
    for input in figure.derivation.iter().flat_map(|d| &d.inputs).filter(|i| i.figure.entity.is_some()) {
        let name = if input.figure.indicator.is_empty() { input.figure.subject.clone() } else { input.name.clone() };
        add_source(&input.figure, &name, 2, rows, seen);
    }
}
