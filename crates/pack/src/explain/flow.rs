//! A workflow as tables: states with who holds them and until when, rows with who does them, and who decides.

use std::fmt::Write as _;

use nacre_calendar::TermKind;
use nacre_cases::Workflow;
use nacre_cases::workflow::{ApproveMode, Assign, Need, Overdue, Row, State, StateKind};

use super::{Names, table};
use crate::type_def::Words;

pub(super) fn workflow(out: &mut String, workflow: &Workflow, names: &Names<'_>) {
    let def = &workflow.def;
    let _ = writeln!(out, "## 流程 Workflow `{}` {} · {}\n", workflow.id, def.title.zh, def.title.en);
    let start = workflow.state(&def.start).map(|s| words(&s.title)).unwrap_or_default();
    let _ = writeln!(
        out,
        "编号 {n}-日期-序号，从“{}”开始{}。\n\nNumbers are {n}-date-serial; a case begins in “{}”{}.\n",
        start.zh,
        if def.public { "，市民可以上报" } else { "" },
        start.en,
        if def.public { ", and citizens may report" } else { "" },
        n = def.number,
    );
    table(
        out,
        &["状态 state", "中文", "English", "经办 held by", "时限 term", "超期 when it passes"],
        def.states.iter().map(|(name, state)| {
            vec![
                format!("`{name}`"),
                state.title.zh.clone(),
                state.title.en.clone(),
                holder(state, names),
                state.due.map_or_else(|| "—".to_owned(), |due| due_words(due.kind, due.amount, due.handling)),
                state.on_overdue.as_ref().map_or_else(|| "—".to_owned(), |o| overdue(o, names)),
            ]
        }),
    );
    table(
        out,
        &[
            "从 from",
            "动词 verb",
            "到 to",
            "中文",
            "English",
            "谁办 who may",
            "要填 needs",
            "办后归谁 then held by",
        ],
        def.rows.iter().map(|row| {
            let from: Vec<String> = row.from.iter().map(|f| format!("`{f}`")).collect();
            vec![
                from.join(" "),
                format!("`{}`", row.command),
                format!("`{}`", row.to),
                row.title.zh.clone(),
                row.title.en.clone(),
                doers(workflow, row, names),
                needs(row),
                assigned(workflow, row).to_owned(),
            ]
        }),
    );
    decided(out, workflow, names);
}

fn words(title: &nacre_cases::Words) -> Words {
    Words { zh: title.zh.clone(), en: title.en.clone() }
}

fn both(words: &Words) -> String {
    if words.zh == words.en { words.zh.clone() } else { format!("{} · {}", words.zh, words.en) }
}

fn holder(state: &State, names: &Names<'_>) -> String {
    if let Some(approve) = &state.approve {
        let roles: Vec<String> = approve.by.iter().map(|p| p.role.clone()).collect();
        let mode = match approve.mode {
            ApproveMode::All => "会签 all agree",
            ApproveMode::Any => "或签 one agrees",
        };
        return format!("{mode}: {}，→ `{}`", both(&names.roles(&roles)), approve.to);
    }
    match state.kind {
        StateKind::Open => both(&names.roles(&state.holder)),
        StateKind::Done => "办结 done".to_owned(),
        StateKind::Void => "不计 does not count".to_owned(),
    }
}

fn term(kind: TermKind, amount: u32) -> Words {
    let (zh, en) = match kind {
        TermKind::UrgentHours => ("紧急工作时", "urgent hour"),
        TermKind::WorkingHours => ("工作时", "working hour"),
        TermKind::WorkingDays => ("工作日", "working day"),
        TermKind::NaturalDays => ("自然日", "day"),
    };
    let several = if amount == 1 { "" } else { "s" };
    Words { zh: format!("{amount} {zh}"), en: format!("{amount} {en}{several}") }
}

fn due_words(kind: TermKind, amount: u32, handling: bool) -> String {
    let said = both(&term(kind, amount));
    if handling { format!("{said}（或按类别 or that of the code）") } else { said }
}

fn overdue(overdue: &Overdue, names: &Names<'_>) -> String {
    let mut said = Vec::new();
    if !overdue.notify.is_empty() {
        said.push(format!("通知 tell {}", both(&names.roles(&overdue.notify))));
    }
    if overdue.supervise {
        said.push("督办 supervised".to_owned());
    }
    said.join("；")
}

fn doers(workflow: &Workflow, row: &Row, names: &Names<'_>) -> String {
    let mut roles: Vec<String> = Vec::new();
    for from in &row.from {
        for role in workflow.doers(row, from) {
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
    }
    let mut said = both(&names.roles(&roles));
    if !row.not_by.is_empty() {
        let before: Vec<String> = row.not_by.iter().map(|verb| format!("`{verb}`")).collect();
        let _ = write!(said, "，不是办过 {} 的人 not who did it", before.join(" "));
    }
    said
}

fn needs(row: &Row) -> String {
    let said = row.needs.iter().map(|need| match need {
        Need::Note => "意见 note",
        Need::Files => "照片 files",
        Need::Organisation => "单位 organisation",
    });
    said.collect::<Vec<_>>().join("，")
}

fn assigned(workflow: &Workflow, row: &Row) -> &'static str {
    if workflow.state(&row.to).is_some_and(|to| to.kind != StateKind::Open) {
        return "—";
    }
    match row.assign {
        Assign::Anyone => "该岗位的人 anyone with the role",
        Assign::Input => "所选单位 the organisation given",
        Assign::Same => "上次经办的 whoever held it there before",
        Assign::Keep => "现在的单位 whoever holds it now",
    }
}

/// Who decides on what every workflow knows.
fn decided(out: &mut String, workflow: &Workflow, names: &Names<'_>) {
    let def = &workflow.def;
    // Extension and suspension go from one to the next; the others may be done by each.
    let chain = |roles: &[String]| -> String {
        roles.iter().map(|role| both(&names.role(role))).collect::<Vec<_>>().join(" → ")
    };
    let lines = [
        ("延期 Extension", chain(&def.extend)),
        ("挂账 Suspension", chain(&def.suspend)),
        ("督办 Supervision", both(&names.roles(&def.supervise))),
        ("并案、拆分、转办 Merge, split, transfer", both(&names.roles(&def.manage))),
    ];
    for (what, who) in lines.into_iter().filter(|(_, who)| !who.is_empty()) {
        let _ = writeln!(out, "- {what}: {who}");
    }
    if let Some(reopen) = &def.reopen {
        let who = both(&names.roles(&reopen.who));
        let _ = writeln!(out, "- 重新打开 Reopened to `{}`: {who}", reopen.to);
    }
    if let Some(same) = &def.duplicates {
        let (metres, hours) = (same.metres, same.hours);
        let _ = writeln!(
            out,
            "- 疑似重复 Taken for the same: {metres} 米、{hours} 小时内同类 the same kind within {metres} m and {hours} h"
        );
    }
    for (code, handling) in &def.handling {
        let title = workflow.codes.get(code).map(|s| format!(" {} · {}", s.title.zh, s.title.en));
        let sample = if handling.sample { "，外地样例 sample of another place" } else { "" };
        let _ = writeln!(
            out,
            "- 处置时限 Handling time `{code}`{}: {}{sample}",
            title.unwrap_or_default(),
            both(&term(handling.kind, handling.amount)),
        );
    }
    out.push('\n');
}
