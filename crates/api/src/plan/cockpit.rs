//! The cockpit 驾驶舱: what needs somebody, what changed, how far from the goals; all from one record.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use nacre_indicators::Words;
use nacre_indicators::board::IndicatorView;
use nacre_indicators::definition::Status;
use nacre_indicators::task::Light;
use nacre_model::Seq;
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::{AsOfInfo, AsOfParam};
use super::returns::{moment, waiting};
use super::store::blocking;
use super::{comments, tasks};
use crate::problem::Problem;
use crate::state::App;

/// How many records are shown as news.
const RECENT: u64 = 8;

/// The cockpit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cockpit {
    /// As of when.
    pub as_of: AsOfInfo,
    /// Title.
    pub title: Words,
    /// Goals by status.
    pub counts: BTreeMap<Status, usize>,
    /// The goals of the plan.
    pub goals: Vec<IndicatorView>,
    /// Tasks by light.
    pub tasks: TaskCounts,
    /// What needs somebody.
    pub attention: Vec<Attention>,
    /// What changed last.
    pub recent: Vec<Recent>,
}

/// Tasks by light.
#[derive(Debug, Default, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct TaskCounts {
    pub green: usize,
    pub yellow: usize,
    pub red: usize,
    pub total: usize,
}

/// Something that needs somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attention {
    /// conflict, no-data, approval, task, comment.
    pub kind: String,
    /// In words.
    pub title: Words,
    /// More words.
    pub detail: Words,
    /// Where in the console.
    pub link: String,
    /// How many.
    pub count: usize,
}

/// Something that changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recent {
    /// The record.
    pub seq: u64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What.
    pub title: Words,
    /// Which entity.
    pub entity: Option<String>,
}

/// The cockpit as of one record.
#[utoipa::path(get, path = "/api/cockpit", tag = "plan", params(AsOfParam),
    responses((status = 200, body = Cockpit), (status = 400, body = Problem)))]
pub async fn cockpit(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<Cockpit>, Problem> {
    blocking(move || read(&app, param.as_of.as_deref()).map(Json)).await
}

/// Counts tasks by light.
pub fn lights<'a>(tasks: impl Iterator<Item = &'a tasks::Task>) -> TaskCounts {
    let mut counts = TaskCounts::default();
    for task in tasks {
        counts.total += 1;
        match task.light {
            Light::Green => counts.green += 1,
            Light::Yellow => counts.yellow += 1,
            Light::Red => counts.red += 1,
        }
    }
    counts
}

fn read(app: &App, as_of: Option<&str>) -> Result<Cockpit, Problem> {
    let snapshot = app.snapshot(as_of)?;
    // Everything else is read as of the very record of the snapshot.
    let own = snapshot.info.seq.to_string();
    let at = moment(app, Some(&own))?;
    let goals: Vec<IndicatorView> = snapshot.board.indicators.iter().filter(|i| i.goal).cloned().collect();
    let mut counts = BTreeMap::new();
    for goal in &goals {
        *counts.entry(goal.status).or_insert(0) += 1;
    }
    let tasks = lights(tasks::tasks(app, &snapshot, at)?.iter());
    let mut attention = Vec::new();
    let mut add = |kind: &str, count: usize, zh: String, en: String, detail: Words, link: &str| {
        if count > 0 {
            let (title, link) = (Words::new(zh, en), link.to_owned());
            attention.push(Attention { kind: kind.into(), title, detail, link, count });
        }
    };
    let open: Vec<_> = snapshot.board.conflicts.iter().filter(|c| c.resolution.is_none()).collect();
    let names = |all: Vec<&Words>| {
        let zh: Vec<&str> = all.iter().map(|w| w.zh.as_str()).take(3).collect();
        let en: Vec<&str> = all.iter().map(|w| w.en.as_str()).take(3).collect();
        let more = if all.len() > 3 { ("等", " …") } else { ("", "") };
        Words::new(format!("{}{}", zh.join("、"), more.0), format!("{}{}", en.join(", "), more.1))
    };
    let n = open.len();
    add(
        "conflict",
        n,
        format!("{n} 处口径冲突待裁定"),
        format!("{n} conflicts to resolve"),
        names(open.iter().map(|c| &c.indicator_title).collect()),
        "/conflicts",
    );
    let (street, district) = waiting(app, at)?;
    add(
        "approval",
        street + district,
        format!("{} 份填报待审批", street + district),
        format!("{} returns wait for approval", street + district),
        Words::new(
            format!("街道（部门）级 {street} 份，区级 {district} 份"),
            format!("{street} at street or department level, {district} at district level"),
        ),
        "/returns",
    );
    let missing: Vec<_> = goals.iter().filter(|g| g.actual.is_none()).collect();
    let n = missing.len();
    add(
        "no-data",
        n,
        format!("{n} 项目标没有实际数"),
        format!("{n} goals have no actual figure"),
        names(missing.iter().map(|g| &g.title).collect()),
        "/indicators?status=no-data",
    );
    add(
        "task",
        tasks.red,
        format!("{} 项重点工作亮红灯", tasks.red),
        format!("{} tasks are red", tasks.red),
        Words::new(
            format!("共 {} 项：绿 {}、黄 {}、红 {}", tasks.total, tasks.green, tasks.yellow, tasks.red),
            format!("of {}: {} green, {} yellow, {} red", tasks.total, tasks.green, tasks.yellow, tasks.red),
        ),
        "/tasks?light=red",
    );
    let (unanswered, overdue) = comments::unanswered(app, at, &snapshot.today)?;
    add(
        "comment",
        unanswered,
        format!("{unanswered} 条公众意见待答复"),
        format!("{unanswered} comments wait for a reply"),
        Words::new(format!("其中逾期 {overdue} 条"), format!("{overdue} of them overdue")),
        "/comments",
    );
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let mut recent = Vec::new();
    for seq in (1..=snapshot.info.seq).rev().take(RECENT as usize) {
        let Some(record) = tenant.record(&who, Seq(seq))? else { continue };
        let entity = record.changes.iter().find_map(|c| c.entity()).map(ToString::to_string);
        let kind = entity.as_deref().and_then(|e| e.split(':').nth(2)).unwrap_or("—").to_owned();
        let zh_kind = app.settings().type_titles.get(&kind).cloned().unwrap_or_else(|| kind.clone());
        let (zh, en) = match record.command.as_ref() {
            "entity.create" => ("新增", "created"),
            "entity.delete" => ("删除", "deleted"),
            "document.put" | "document.delete" => ("配置", "configured"),
            _ => ("更新", "updated"),
        };
        recent.push(Recent {
            seq,
            at: record.at.to_string(),
            actor: record.actor.to_string(),
            title: Words::new(format!("{zh}{zh_kind}"), format!("{kind} {en}")),
            entity,
        });
    }
    let (zh, en) = &app.settings().district;
    Ok(Cockpit {
        as_of: snapshot.info.clone(),
        title: Words::new(format!("{zh}数字经济发展规划"), format!("{en}: plan for the digital economy")),
        counts,
        goals,
        tasks,
        attention,
        recent,
    })
}
