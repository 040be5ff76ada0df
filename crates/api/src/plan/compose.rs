//! What a report says: its sections after the plan's own structure, the words that stand there by themselves, and the
//! document that is typeset from them.

use nacre_indicators::board::IndicatorView;
use nacre_indicators::definition::Status;
use nacre_indicators::figure::Figure;

use super::facts::Snapshot;
use super::indicators::status_words;
use super::reports::ReportSection;
use super::tasks::Task;

/// Sections of the plan that a report follows: key, number, title, prefix of section numbers.
const WORKS: [(&str, &str, &str, &str); 7] = [
    ("works-innovation", "(一)", "提升数字经济创新策源能力", "四(一)"),
    ("works-core", "(二)", "发展数字经济核心产业", "四(二)"),
    ("works-industrial", "(三)", "推动产业互联网融通运用", "四(三)"),
    ("works-infrastructure", "(四)", "推动数字基础设施建设", "四(四)"),
    ("works-government", "(五)", "优化“数字政府”服务能力", "四(五)"),
    ("works-ecosystem", "(六)", "构建数字经济优质发展生态", "四(六)"),
    ("works-guarantee", "(七)", "规划保障", "五"),
];

/// The sections of a report with the words that stand there by themselves.
pub fn sections(snapshot: &Snapshot, tasks: &[Task]) -> Vec<ReportSection> {
    let indicators = &snapshot.board.indicators;
    let goals: Vec<&IndicatorView> = indicators.iter().filter(|i| i.goal).collect();
    let ids = |some: &[&IndicatorView]| some.iter().map(|i| i.id.clone()).collect::<Vec<_>>();
    let section =
        |key: &str, number: &str, level, title: &str, generated: String, shown: Vec<String>| ReportSection {
            key: key.into(),
            number: number.into(),
            level,
            title: title.into(),
            narrative: String::new(),
            generated,
            indicators: shown,
            tasks: Vec::new(),
        };
    let mut all = vec![
        section("overview", "一、", 1, "总体情况", overview(&goals, snapshot, tasks), Vec::new()),
        section("goals", "二、", 1, "目标完成情况", goals_words(&goals), ids(&goals)),
    ];
    let mut groups: Vec<&str> = Vec::new();
    for goal in goals.iter().filter(|g| !g.group.is_empty()) {
        if !groups.contains(&goal.group.as_str()) {
            groups.push(&goal.group);
        }
    }
    const NUMBERS: [&str; 10] =
        ["(一)", "(二)", "(三)", "(四)", "(五)", "(六)", "(七)", "(八)", "(九)", "(十)"];
    for (group, number) in groups.into_iter().zip(NUMBERS) {
        let own: Vec<&IndicatorView> = goals.iter().copied().filter(|g| g.group == group).collect();
        let title = own.first().map(|g| g.group_title.zh.clone()).unwrap_or_default();
        let words: Vec<String> = own.iter().map(|g| goal_words(g)).collect();
        all.push(section(&format!("goals-{group}"), number, 2, &title, words.join("\n"), ids(&own)));
    }
    let facts: Vec<&IndicatorView> =
        indicators.iter().filter(|i| !i.goal && !i.series.is_empty() && i.peers.is_empty()).collect();
    all.push(section("base", "三、", 1, "发展基础", base_words(&facts), ids(&facts)));
    let peers: Vec<&IndicatorView> = indicators.iter().filter(|i| !i.peers.is_empty()).collect();
    all.push(section("peers", "四、", 1, "对标分析", peer_words(&peers), ids(&peers)));
    all.push(section("works", "五、", 1, "重点工作推进情况", works_words(tasks), Vec::new()));
    for (key, number, title, prefix) in WORKS {
        let own: Vec<&Task> = tasks
            .iter()
            .filter(|t| t.section.as_ref().is_some_and(|s| s.number.starts_with(prefix)))
            .collect();
        let mut made = section(key, number, 2, title, works_of(&own), Vec::new());
        made.tasks = own.iter().map(|t| t.id.clone()).collect();
        all.push(made);
    }
    all.push(section("problems", "六、", 1, "问题和口径", problems(&goals, snapshot), Vec::new()));
    all.push(section("next", "七、", 1, "下一步建议", next_words(&goals, snapshot), Vec::new()));
    all
}

fn count(goals: &[&IndicatorView], status: Status) -> usize {
    goals.iter().filter(|g| g.status == status).count()
}

fn overview(goals: &[&IndicatorView], snapshot: &Snapshot, tasks: &[Task]) -> String {
    let parts: Vec<String> =
        [Status::Achieved, Status::Near, Status::Behind, Status::NoData, Status::Conflict]
            .into_iter()
            .map(|s| format!("{} {} 项", status_words(s), count(goals, s)))
            .collect();
    let open = snapshot.board.conflicts.iter().filter(|c| c.resolution.is_none()).count();
    format!(
        "本报告依据第 {} 号记录冻结的数据生成。规划提出目标 {} 项，其中：{}。重点工作 {} 项，未决口径冲突 {} 处。\n\
         没有公布或没有填报的实际数一律留空，不作推测；口径有矛盾的，在裁定之前不判定完成与否。",
        snapshot.info.seq,
        goals.len(),
        parts.join("，"),
        tasks.len(),
        open
    )
}

fn goals_words(goals: &[&IndicatorView]) -> String {
    let known = goals.iter().filter(|g| g.actual.is_some()).count();
    format!(
        "{} 项目标中，{known} 项已有实际数，{} 项尚无。各项目标、基线、实际数及其出处见下表。",
        goals.len(),
        goals.len() - known
    )
}

/// A goal in a sentence.
fn goal_words(goal: &IndicatorView) -> String {
    let decimals = usize::from(goal.decimals);
    let said = |f: &Option<Figure>| f.as_ref().map(|f| f.words(decimals));
    let mut words = goal.title.zh.clone();
    if let Some(target) = said(&goal.target) {
        words.push_str(&format!("：目标{target}"));
    }
    if let Some(baseline) = said(&goal.baseline) {
        words.push_str(&format!("，基线{baseline}"));
    }
    match (said(&goal.actual), goal.progress) {
        (Some(actual), Some(progress)) => {
            words.push_str(&format!("，实际{actual}，完成目标进度的{:.1}%", progress * 100.0));
        }
        (Some(actual), None) => words.push_str(&format!("，实际{actual}")),
        (None, _) if goal.ask_whom.zh.is_empty() => words.push_str("，实际数暂无"),
        (None, _) => words.push_str(&format!("，实际数暂无（{}）", goal.ask_whom.zh.trim_end_matches('。'))),
    }
    words.push_str(&format!("。判定：{}（{}）。", status_words(goal.status), goal.status_rule.title.zh));
    words
}

fn base_words(facts: &[&IndicatorView]) -> String {
    format!("规划文本记载的发展基础数据共 {} 项，均附原句和章节；由它们推算的，写明算式和输入。", facts.len())
}

fn peer_words(peers: &[&IndicatorView]) -> String {
    let lines: Vec<String> = peers
        .iter()
        .map(|i| {
            let own = i.series.last().map(|f| format!("{} {}", f.subject, f.words(0)));
            let others = i.peers.iter().map(|f| format!("{} {}", f.subject, f.words(0)));
            let all: Vec<String> = own.into_iter().chain(others).collect();
            let when = i.peers.first().map(|f| f.period.text.as_str()).unwrap_or_default();
            format!("{}（{when}）：{}。", i.title.zh, all.join("，"))
        })
        .collect();
    lines.join("\n")
}

fn lights(tasks: &[&Task]) -> String {
    let n = super::cockpit::lights(tasks.iter().copied());
    format!("绿 {} 项、黄 {} 项、红 {} 项", n.green, n.yellow, n.red)
}

fn works_words(tasks: &[Task]) -> String {
    let all: Vec<&Task> = tasks.iter().collect();
    let reported = tasks.iter().filter(|t| t.progress.is_some()).count();
    format!("规划部署重点工作 {} 项，按规则判定：{}；有进展报告的 {reported} 项。", tasks.len(), lights(&all))
}

fn works_of(tasks: &[&Task]) -> String {
    if tasks.is_empty() {
        return "本节没有登记重点工作。".into();
    }
    let mut words = format!("共 {} 项：{}。", tasks.len(), lights(tasks));
    for task in tasks.iter().filter(|t| !t.reports.is_empty()) {
        let newest = &task.reports[0];
        words.push_str(&format!("\n{}：{:.0}%，{}", task.title, newest.percent, newest.text));
    }
    words
}

fn problems(goals: &[&IndicatorView], snapshot: &Snapshot) -> String {
    let mut lines: Vec<String> = Vec::new();
    for conflict in &snapshot.board.conflicts {
        let end = match &conflict.resolution {
            None => "尚未裁定".to_owned(),
            Some(r) => {
                let side = conflict.sides.iter().find(|s| s.id == r.chosen).map(|s| s.title.zh.as_str());
                format!("已裁定：{}；理由：{}", side.unwrap_or(&r.chosen), r.reason)
            }
        };
        lines.push(format!("{}。{}{end}。", conflict.title.zh, conflict.explanation.zh));
    }
    let behind: Vec<&str> =
        goals.iter().filter(|g| g.status == Status::Behind).map(|g| g.title.zh.as_str()).collect();
    if !behind.is_empty() {
        lines.push(format!("进度滞后的目标：{}。", behind.join("、")));
    }
    if lines.is_empty() { "没有未决的口径冲突。".into() } else { lines.join("\n") }
}

fn next_words(goals: &[&IndicatorView], snapshot: &Snapshot) -> String {
    let missing: Vec<&str> =
        goals.iter().filter(|g| g.actual.is_none()).map(|g| g.title.zh.as_str()).collect();
    let open = snapshot.board.conflicts.iter().filter(|c| c.resolution.is_none()).count();
    let mut lines = Vec::new();
    if !missing.is_empty() {
        lines.push(format!("补齐 {} 项目标的实际数：{}。", missing.len(), missing.join("、")));
    }
    if open > 0 {
        lines.push(format!("由领导小组办公室裁定 {open} 处口径冲突，并写入下一期规划的指标说明。"));
    }
    lines.push("以本次冻结的数据作为下一期规划的基线，逐项写明口径、来源和责任单位。".into());
    lines.join("\n")
}
