//! Writes a report of about sixty pages in all three outputs to a folder, and says how long each took:
//! `cargo run --release -p nacre-report --example sample -- FOLDER`. The figures in it are made up and say so.

#![allow(clippy::print_stdout, reason = "a program for looking at results")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use nacre_report::{
    Align, Block, Cell, Chart, ChartKind, Column, Document, Freeze, Inline, Section, Series, SeriesStyle,
    Table,
};

const NUMBERS: [&str; 8] = ["一", "二", "三", "四", "五", "六", "七", "八"];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("needed: a folder")?);
    std::fs::create_dir_all(&folder)?;
    let document = document();
    for (name, write) in [
        ("sample.html", (|d| Ok(nacre_report::html(d).into_bytes())) as fn(&Document) -> Result<Vec<u8>, _>),
        ("sample.pdf", nacre_report::pdf),
        ("sample.docx", nacre_report::docx),
    ] {
        let started = Instant::now();
        let bytes = write(&document)?;
        println!("{name}: {} bytes, {} ms", bytes.len(), started.elapsed().as_millis());
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn document() -> Document {
    Document {
        title: "海珠区数字经济发展“十四五”规划实施情况总结评估报告".into(),
        subtitle: "（样张，文中数字均为编造）".into(),
        issuer: "海珠区数字经济发展工作专班".into(),
        date: "2026年11月23日".into(),
        version_line: "第 3 版（替代 2026年10月30日第 2 版）".into(),
        verification_code: "HZ-2026-0003-7QKM".into(),
        state_label: "草稿".into(),
        digest: format!("sha256:{}", "5f1c0a9d77e2b684".repeat(4)),
        freeze: Some(Freeze { seq: 18_204, at: "2026-11-20T09:30:00+08:00".into(), root: "a3f09c1d5be87724".repeat(4) }),
        verify_hint: "一、取得本报告文件和同名的核验包。\n二、在没有网络的计算机上运行 nacre verify，指定核验包和报告文件。\n\
                      三、程序重新计算内容摘要，并沿账本证明核对冻结记录和账本根；三者一致，即本报告自冻结以来未被改动。"
            .into(),
        sections: NUMBERS.iter().enumerate().flat_map(|(at, number)| chapter(at, number)).collect(),
        annexes: vec![sources(), conflicts()],
        differences: Some(differences()),
    }
}

fn text(text: &str) -> Inline {
    text.into()
}

fn figure(value: &str, row: usize) -> Inline {
    Inline::Figure {
        text: value.into(),
        anchor: format!("src-{row}"),
        title: format!("数据来源第 {} 行：区统计局，2025年年报", row + 1),
    }
}

fn paragraph(at: usize) -> Block {
    Block::Paragraph(vec![
        text(
            "规划实施以来，海珠区以琶洲人工智能与数字经济试验区为核心承载区，推动数字经济和实体经济深度融合。截至2025年底，数字经济核心产业增加值占地区生产总值比重达到",
        ),
        figure(&format!("{}.6%", 12 + at % 9), at % 240),
        text("，较基期提高2.1个百分点；“上云用云”企业超过"),
        figure("3,200 家", (at + 7) % 240),
        text("，其中AI企业（含算法、算力、数据服务）420家；涌边、滘口、沥滘等片区新建5G基站86个。"),
        Inline::Strong("总体进展符合规划预期。".into()),
        text(
            "需要说明的是，部分指标在规划文本与统计制度之间口径不一，本报告在附件中逐条列出，不以其中一种口径代替另一种口径。",
        ),
    ])
}

fn section(number: String, level: u8, title: &str, blocks: Vec<Block>) -> Section {
    Section { number, level, title: title.into(), blocks, anchor: String::new() }
}

fn chapter(at: usize, number: &str) -> Vec<Section> {
    let titles = [
        "总体情况",
        "目标完成情况",
        "发展基础",
        "对标分析",
        "重点工作推进情况",
        "保障措施落实情况",
        "问题和口径",
        "下一步建议",
    ];
    let title = titles.get(at).copied().unwrap_or("其他情况");
    let mut all = vec![section(format!("{number}、"), 1, title, (0..3).map(|i| paragraph(at + i)).collect())];
    for (sub, name) in ["数字产业化", "产业数字化", "数字化治理"].into_iter().enumerate() {
        let mut blocks: Vec<Block> = (0..3).map(|i| paragraph(at * 7 + sub + i)).collect();
        blocks.push(chart(at, sub));
        all.push(section(format!("（{}）", NUMBERS[sub]), 2, name, blocks));
        let entries = vec![
            vec![text("建成市级以上重点实验室和工程技术研究中心"), figure("37 家", sub), text("。")],
            vec![text("数据要素登记平台上线运行，登记数据产品112个。")],
        ];
        let blocks = vec![paragraph(at + sub), Block::List(entries), goals(at, sub)];
        all.push(section("1.".into(), 3, "主要指标进展", blocks));
    }
    all
}

fn chart(at: usize, sub: usize) -> Block {
    let years: Vec<String> = (2020..=2025).map(|y| format!("{y}年")).collect();
    let solid = |name: &str, values: Vec<Option<f64>>| Series {
        name: name.into(),
        style: SeriesStyle::Solid,
        values,
    };
    let base = 10.0 + at as f64;
    let actual =
        vec![Some(base), Some(base + 1.2), Some(base + 2.65), None, Some(base + 4.1), Some(base + 5.5)];
    let estimate = Series {
        name: "估计值".into(),
        style: SeriesStyle::Dashed,
        values: vec![None, None, None, Some(base + 3.4), None, None],
    };
    let target =
        Series { name: "规划目标".into(), style: SeriesStyle::Target, values: vec![Some(base + 6.0); 6] };
    let (kind, categories, series) = match sub {
        0 => (ChartKind::Bars, years, vec![solid("实际值", actual), target]),
        1 => (ChartKind::Lines, years, vec![solid("海珠区", actual), estimate, target]),
        _ => (
            ChartKind::Bullet,
            ["核心产业增加值占比", "规模以上企业上云率", "政务服务事项全程网办率", "公共数据开放目录完成率"]
                .map(String::from)
                .into(),
            vec![
                solid("2025年", vec![Some(18.6), Some(72.4), Some(96.25), None]),
                Series {
                    style: SeriesStyle::Target,
                    name: "规划目标".into(),
                    values: vec![Some(20.0), Some(70.0), Some(95.0), Some(100.0)],
                },
            ],
        ),
    };
    Block::Chart(Chart {
        caption: format!("图{}-{}　主要指标与规划目标", at + 1, sub + 1),
        alt: "样张中的图：各年数值与规划目标，2023年无数据。".into(),
        unit: "%".into(),
        kind,
        anchor: format!("chart-{at}-{sub}"),
        categories,
        series,
        note: "注：数字为编造，仅用于查看版式。".into(),
    })
}

fn column(title: &str, align: Align, width: u16) -> Column {
    Column { title: title.into(), align, width }
}

fn goals(at: usize, sub: usize) -> Block {
    let rows = (0..7).map(|row| {
        vec![
            format!("指标{}：数字经济核心产业相关指标", row + 1).as_str().into(),
            "%".into(),
            format!("{}.5", 8 + row).as_str().into(),
            Cell {
                inlines: vec![figure(&format!("{}.6", 11 + row), at * 21 + sub * 7 + row)],
                emphasis: row == 3,
            },
            Cell { inlines: vec![text(if row == 3 { "未完成" } else { "完成" })], emphasis: row == 3 },
        ]
    });
    Block::Table(Table {
        caption: format!("表{}-{}　目标完成情况", at + 1, sub + 1),
        columns: vec![
            column("指标", Align::Left, 8),
            column("单位", Align::Center, 2),
            column("基期值", Align::Right, 3),
            column("2025年", Align::Right, 3),
            column("状态", Align::Center, 3),
        ],
        rows: rows.collect(),
        row_anchors: Vec::new(),
        note: "注：状态按规划文本的目标值计算。".into(),
    })
}

fn sources() -> Section {
    let rows = (0..240).map(|row| {
        vec![
            (row + 1).to_string().as_str().into(),
            format!("指标{:03}", row + 1).as_str().into(),
            "海珠区统计局《统计年鉴》、各街道报送，滘、漖、涌等地名按民政部门公布写法".into(),
            "2025年12月31日".into(),
            "9d1e07c4b25f8a36".repeat(2).as_str().into(),
        ]
    });
    let table = Table {
        caption: "附表1　数据来源".into(),
        columns: vec![
            column("序号", Align::Center, 2),
            column("指标", Align::Left, 3),
            column("来源", Align::Left, 7),
            column("截止日期", Align::Center, 4),
            column("记录摘要", Align::Left, 4),
        ],
        rows: rows.collect(),
        row_anchors: (0..240).map(|row| Some(format!("src-{row}"))).collect(),
        note: String::new(),
    };
    section("附件1　".into(), 1, "数据来源", vec![Block::Table(table)])
}

fn conflicts() -> Section {
    let table = Table {
        caption: "附表2　未决口径冲突".into(),
        columns: vec![
            column("指标", Align::Left, 3),
            column("口径甲", Align::Left, 4),
            column("口径乙", Align::Left, 4),
        ],
        rows: (0..12)
            .map(|row| {
                vec![
                    format!("指标{row}").as_str().into(),
                    "按规划文本：法人单位，年末数".into(),
                    "按统计制度：产业活动单位，年平均数".into(),
                ]
            })
            .collect(),
        ..Table::default()
    };
    section("附件2　".into(), 1, "未决口径冲突", vec![Block::Table(table)])
}

fn differences() -> Section {
    section(
        "".into(),
        1,
        "与上一版差异",
        vec![
            Block::Paragraph(vec![text("与第 2 版相比，更正数据 3 处，新增章节 1 处。")]),
            Block::Note("差异由两版的冻结数据自动比较得出。".into()),
        ],
    )
}
