//! What waits for a post: its cases, approvals, questions, copies to read, notices.

use axum::Json;
use axum::extract::State;
use nacre_cases::decide::{holds, post as parse_post};
use nacre_cases::desk::{Filter, Light, Sort};
use nacre_cases::duty::AskKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::notices::{Notice, of};
use super::shown::{CaseRow, Names, who};
use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Most cases of each kind.
const EACH_MAX: usize = 200;

/// A case that was sent to be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unread {
    /// The case.
    pub case: CaseRow,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: String,
}

/// How many.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct WorkCounts {
    pub mine: usize,
    pub overdue: usize,
    pub approvals: usize,
    pub asks: usize,
    pub unread: usize,
    pub notices: usize,
}

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Work {
    pub mine: Vec<CaseRow>,
    pub approvals: Vec<CaseRow>,
    pub asks: Vec<CaseRow>,
    pub unread: Vec<Unread>,
    pub delegated: Vec<CaseRow>,
    pub notices: Vec<Notice>,
    pub counts: WorkCounts,
    pub seq: u64,
}

/// What waits for the post.
#[utoipa::path(get, path = "/api/work", tag = "cases", responses((status = 200, body = Work)))]
pub async fn work(State(app): State<App>, post: Post) -> Result<Json<Work>, Problem> {
    blocking(move || {
        let me = who(&post);
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let desk = app.operations().desk()?;
        let turn = desk.list(&Filter { mine: Some(me.clone()), ..Filter::default() }, Sort::Due, now);
        let (approvals, mine): (Vec<_>, Vec<_>) =
            turn.into_iter().partition(|l| l.case.duty.approvals.is_some());
        let asks: Vec<_> = desk
            .open()
            .filter(|l| {
                let Some(ask) = &l.case.duty.ask else { return false };
                let Some(workflow) = desk.workflow(&l.case.workflow) else { return false };
                let deciders = match ask.kind {
                    AskKind::Extend => &workflow.def.extend,
                    AskKind::Suspend => &workflow.def.suspend,
                };
                deciders.get(ask.stage) == Some(&me.role)
            })
            .cloned()
            .collect();
        let copies: Vec<_> = desk
            .all()
            .filter_map(|l| {
                let mut sent = l.case.duty.copies.iter().rev();
                let copy =
                    sent.find(|c| c.read_at.is_none() && parse_post(&c.to).is_some_and(|p| holds(&p, &me)))?;
                Some((l.clone(), copy.by.clone(), copy.at.0.to_string()))
            })
            .take(EACH_MAX)
            .collect();
        let delegated: Vec<_> = desk
            .open()
            .filter(|l| l.case.duty.delegation.as_ref().is_some_and(|d| holds(&d.from, &me)))
            .cloned()
            .collect();
        let workflows = app.operations().office().workflows;
        drop(desk);
        let mut names = Names::new(&app);
        let overdue = mine.iter().filter(|l| l.light(now) == Light::Red).count();
        let notices: Vec<Notice> = of(&app, &post)?.into_iter().filter(|n| n.read_at.is_none()).collect();
        let counts = WorkCounts {
            mine: mine.len(),
            overdue,
            approvals: approvals.len(),
            asks: asks.len(),
            unread: copies.len(),
            notices: notices.len(),
        };
        let mut rows = |lines: &[std::sync::Arc<nacre_cases::desk::Line>]| -> Vec<CaseRow> {
            lines.iter().take(EACH_MAX).map(|l| names.row(l, workflows.get(&l.case.workflow), now)).collect()
        };
        let (mine, approvals, asks, delegated) =
            (rows(&mine), rows(&approvals), rows(&asks), rows(&delegated));
        let unread = copies
            .into_iter()
            .map(|(line, by, at)| Unread {
                case: names.row(&line, workflows.get(&line.case.workflow), now),
                by: names.post(&by),
                at,
            })
            .collect();
        let notices = notices.into_iter().take(EACH_MAX).collect();
        Ok(Json(Work {
            mine,
            approvals,
            asks,
            unread,
            delegated,
            notices,
            counts,
            seq: tenant.status().applied.0,
        }))
    })
    .await
}
