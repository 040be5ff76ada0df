//! What somebody may do with a case now: the buttons of its page, and what a refusal names.

use super::{MERGED, Who, holds, post};
use crate::case::Case;
use crate::duty::AskKind;
use crate::workflow::{Need, StateKind, Words, Workflow};

/// A verb that is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possible {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: Words,
    /// The first button.
    pub primary: bool,
    /// It ends or undoes something.
    pub danger: bool,
    /// What has to be given: name and whether it must be.
    pub form: Vec<(&'static str, bool)>,
}

/// What a verb is called.
pub fn title(workflow: &Workflow, verb: &str) -> Words {
    if let Some(row) = workflow.def.rows.iter().find(|r| r.command == verb) {
        return row.title.clone();
    }
    let (zh, en) = match verb {
        "open" => ("上报", "Opened"),
        "comment" => ("批注", "Comment"),
        "attach" => ("补充附件", "Attach files"),
        "transfer" => ("转办", "Transfer"),
        "delegate" => ("委托", "Delegate"),
        "reclaim" => ("收回委托", "Take back"),
        "urge" => ("催办", "Urge"),
        "circulate" => ("传阅", "Circulate"),
        "read" => ("已阅", "Read"),
        "supervise" => ("督办", "Supervise"),
        "withdraw" => ("撤回", "Withdraw"),
        "agree" => ("同意", "Agree"),
        "reject" => ("驳回", "Reject"),
        "add-approver" => ("加签", "Ask another too"),
        "ask-extension" => ("申请延期", "Ask for more time"),
        "ask-suspension" => ("申请挂账", "Ask to suspend"),
        "grant" => ("同意申请", "Grant"),
        "refuse" => ("不同意申请", "Refuse"),
        "resume" => ("恢复办理", "Resume"),
        "reopen" => ("重新打开", "Reopen"),
        "merge" => ("并入重复案件", "Merge"),
        "split" => ("拆分子案件", "Split"),
        "rate" => ("评价", "Rate"),
        "overdue" => ("超期", "Overdue"),
        "resumed" => ("挂账到期", "Suspension ended"),
        "reckoned-again" => ("期限重新计算", "Term reckoned again"),
        "absorb" => ("并入", "Absorbed"),
        "part-closed" => ("子案件办结", "Sub-case closed"),
        other => (other, other),
    };
    Words::new(zh, en)
}

/// What somebody may do now, the most likely first.
pub fn possible(case: &Case, who: &Who, workflow: &Workflow) -> Vec<Possible> {
    let mut all = Vec::new();
    let Some(state) = workflow.state(&case.state) else { return all };
    let duty = &case.duty;
    let mut put = |name: &str, primary: bool, danger: bool, form: &[(&'static str, bool)]| {
        all.push(Possible {
            name: name.to_owned(),
            title: title(workflow, name),
            primary,
            danger,
            form: form.to_vec(),
        });
    };
    let open = state.kind == StateKind::Open;
    let mine = holds(&duty.holder, who);
    let def = &workflow.def;
    let is = |roles: &[String]| roles.contains(&who.role);
    let involved = workflow.roles().contains(who.role.as_str());
    let quiet = duty.suspension.is_none() && duty.approvals.is_none();
    if open && duty.suspension.is_none() {
        for row in workflow.rows_from(&case.state) {
            let may =
                is(workflow.doers(row, &case.state)) && (mine || !duty.holder.roles.contains(&who.role));
            let before = row.not_by.iter().any(|c| duty.done.get(c) == Some(&who.actor));
            if !may || before {
                continue;
            }
            let mut form: Vec<(&'static str, bool)> = Vec::new();
            if row.needs.contains(&Need::Organisation) {
                form.extend([("organisation", true), ("person", false)]);
            }
            form.push(("note", row.needs.contains(&Need::Note)));
            form.push(("files", row.needs.contains(&Need::Files)));
            let ends = workflow.state(&row.to).is_some_and(|s| s.kind == StateKind::Void);
            put(&row.command, row.primary, ends, &form);
        }
    }
    if let Some(approvals) = &duty.approvals
        && approvals.parties.iter().any(|p| p.vote.is_none() && holds(&p.of, who))
    {
        put("agree", true, false, &[("note", false), ("files", false)]);
        put("reject", false, true, &[("to", true), ("note", true)]);
        put("add-approver", false, false, &[("role", true), ("organisation", false), ("note", false)]);
    }
    if let Some(ask) = &duty.ask {
        let deciders = match ask.kind {
            AskKind::Extend => &def.extend,
            AskKind::Suspend => &def.suspend,
        };
        if deciders.get(ask.stage) == Some(&who.role) && ask.by != who.actor {
            put("grant", true, false, &[("note", false)]);
            put("refuse", false, true, &[("note", true)]);
        }
    }
    if duty.copies.iter().any(|c| c.read_at.is_none() && post(&c.to).is_some_and(|p| holds(&p, who))) {
        put("read", true, false, &[]);
    }
    if open
        && duty.undo.as_ref().is_some_and(|u| u.by == who.actor)
        && duty.last.as_ref().is_some_and(|(by, _)| *by == who.actor)
    {
        put("withdraw", false, false, &[("note", false)]);
    }
    if duty.suspension.is_some() && (mine || is(&def.suspend) || is(&def.supervise)) {
        put("resume", true, false, &[("note", false)]);
    }
    if open && quiet && (mine || is(&def.manage)) {
        put("transfer", false, false, &[("organisation", false), ("person", false), ("note", true)]);
    }
    if open && quiet && mine {
        if duty.delegation.is_none() {
            put("delegate", false, false, &[("posts", true), ("note", false)]);
        }
        if duty.ask.is_none() {
            if !def.extend.is_empty() && duty.due.is_some() {
                put("ask-extension", false, false, &[("amount", true), ("note", true)]);
            }
            if !def.suspend.is_empty() {
                put("ask-suspension", false, false, &[("until", true), ("note", true)]);
            }
        }
    }
    if duty.delegation.as_ref().is_some_and(|d| holds(&d.from, who) || d.by == who.actor) {
        put("reclaim", false, false, &[]);
    }
    if open && (mine || is(&def.manage)) {
        put("split", false, false, &[("title", true), ("organisation", false), ("note", false)]);
    }
    if open && is(&def.manage) && def.states.contains_key(MERGED) {
        put("merge", false, true, &[("into", true), ("note", false)]);
    }
    if open && is(&def.supervise) {
        put("supervise", false, false, &[("note", true)]);
    }
    if open && (involved || who.reporter) && !mine {
        put("urge", false, false, &[("note", false)]);
    }
    if involved {
        put("circulate", false, false, &[("posts", true), ("note", false)]);
        put("comment", false, false, &[("note", true), ("files", false)]);
        put("attach", false, false, &[("files", true), ("note", false)]);
    }
    if state.kind == StateKind::Done {
        if def.reopen.as_ref().is_some_and(|r| is(&r.who)) {
            put("reopen", false, false, &[("note", true)]);
        }
        if who.reporter || is(&def.manage) {
            put("rate", false, false, &[("stars", true), ("note", false)]);
        }
    }
    all
}
