//! What happens by itself: a term passes, a suspension ends, the table of a year is entered.

use nacre_calendar::{Calendar, Term};
use nacre_model::Instant;
use serde_json::json;

use super::{Notice, Outcome};
use crate::case::{Case, Step};
use crate::duty::{At, Holder};
use crate::workflow::Workflow;

/// Everything that is due by `now`; nothing when it happened before, or is not due any more. It happens once: what has
/// happened is remembered in the case, in the same record.
pub fn tick(mut case: Case, workflow: &Workflow, calendar: &Calendar, now: Instant) -> Option<Outcome> {
    let mut notices = Vec::new();
    let step = |verb: &str, data: serde_json::Value| Step {
        verb: verb.to_owned(),
        by: "system:cases".to_owned(),
        at: At(now),
        note: None,
        from: None,
        to: None,
        files: Vec::new(),
        data,
    };
    if case.duty.suspension.as_ref().is_some_and(|s| s.until.0 <= now) {
        let suspension = case.duty.suspension.take()?;
        if let Some(due) = &mut case.duty.due {
            due.paused = None;
            if !due.fired {
                let end = calendar.resumed(due.kind, suspension.since.0, suspension.until.0, due.at.0);
                (due.at, due.shifted) = (At(end.at), true);
                due.provisional |= end.provisional;
            }
        }
        case.step = Some(step("resumed", json!({ "until": suspension.until.0.to_string() })));
        notices.push(Notice {
            to: case.duty.holder.clone(),
            subject: format!("挂账到期，恢复计时：{}", case.title),
            text: suspension.reason,
            severity: "info",
        });
        return Some(Outcome { case, others: Vec::new(), part: None, notices });
    }
    let due = case.duty.due.as_mut().filter(|d| !d.fired && d.paused.is_none() && d.at.0 <= now)?;
    due.fired = true;
    let at = due.at.0;
    case.duty.overdue += 1;
    case.duty.late = true;
    let overdue = workflow.state(&case.state).and_then(|s| s.on_overdue.clone()).unwrap_or_default();
    case.duty.supervised |= overdue.supervise;
    let subject = format!("超期：{}", case.title);
    let text = format!("{} 应于 {at} 前办结", case.number);
    let asked = match &case.duty.approvals {
        Some(a) => a.parties.iter().filter(|p| p.vote.is_none()).map(|p| p.of.clone()).collect(),
        None => vec![case.duty.holder.clone()],
    };
    let told = overdue.notify.iter().map(|role| Holder {
        roles: vec![role.clone()],
        organisation: None,
        person: None,
    });
    for to in asked.into_iter().chain(told) {
        notices.push(Notice { to, subject: subject.clone(), text: text.clone(), severity: "urgent" });
    }
    case.step = Some(step("overdue", json!({ "due": at.to_string() })));
    Some(Outcome { case, others: Vec::new(), part: None, notices })
}

/// A provisional term reckoned again, now that more of the calendar is known; nothing when it stays the same.
pub fn enter_year(mut case: Case, calendar: &Calendar, now: Instant) -> Option<Case> {
    let due = case.duty.due.as_mut().filter(|d| d.provisional && !d.fired && !d.shifted)?;
    let end = calendar.end(due.from.0, Term { kind: due.kind, amount: due.amount });
    if end.at == due.at.0 && end.provisional == due.provisional {
        return None;
    }
    let before = due.at.0;
    (due.at, due.provisional) = (At(end.at), end.provisional);
    case.step = Some(Step {
        verb: "reckoned-again".into(),
        by: "system:cases".into(),
        at: At(now),
        note: None,
        from: None,
        to: None,
        files: Vec::new(),
        data: json!({ "before": before.to_string(), "after": end.at.to_string() }),
    });
    Some(case)
}
