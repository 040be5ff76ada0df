//! A case as an answer: a line of a list, and the whole of it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use nacre_cases::decide::{Who, possible, post};
use nacre_cases::desk::{Desk, Line};
use nacre_cases::duty::{AskKind, At, Holder};
use nacre_cases::workflow::{ApproveMode, StateKind};
use nacre_cases::{Case, Workflow};
use nacre_indicators::{Party, Words};
use nacre_kernel::query::AsOf;
use nacre_model::{EntityId, Instant};
use serde::Serialize;
use serde_json::Value as Json_;
use utoipa::ToSchema;

use super::timeline::{Step, timeline};
use super::verbs::{VerbInfo, verbs};
use crate::plan::post::{Post, roles};
use crate::plan::session::text;
use crate::plan::store::{Simple, blocking, one as entity, urn};
use crate::problem::Problem;
use crate::state::App;

/// A line of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct CaseRow {
    pub id: String,
    pub number: String,
    pub workflow: String,
    pub title: String,
    pub state: String,
    pub state_title: Words,
    pub kind: String,
    pub code: Option<String>,
    pub code_title: Option<Words>,
    pub street: Option<String>,
    pub street_name: Option<String>,
    pub organisation: Option<Party>,
    pub role: Option<String>,
    pub role_title: Option<Words>,
    pub person: Option<String>,
    pub location: Option<[f64; 2]>,
    pub address: Option<String>,
    pub created_at: String,
    pub since: String,
    pub due_at: Option<String>,
    pub provisional: bool,
    pub light: String,
    pub overdue: bool,
    pub urged: u32,
    pub supervised: bool,
    pub suspended: bool,
    pub simulated: bool,
    pub source: String,
    pub priority: String,
    pub files: usize,
    pub thumbnail: Option<String>,
    pub satisfaction: Option<u8>,
    pub seq: u64,
}

/// A file of a case.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct CaseFile {
    pub sha256: String,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub by: String,
    pub verb: String,
    pub at: Option<String>,
}

/// Another case, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct CaseRef {
    pub id: String,
    pub number: String,
    pub title: String,
}

/// Who reported it, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Reporter {
    pub anonymous: bool,
    pub name: Option<String>,
    pub phone: Option<String>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct HolderInfo {
    pub roles: Vec<String>,
    pub role_title: Option<Words>,
    pub organisation: Option<Party>,
    pub person: Option<String>,
}

/// The term that runs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct DueInfo {
    pub kind: String,
    pub words: Words,
    pub amount: u32,
    pub from: String,
    pub at: String,
    pub provisional: bool,
    pub paused: bool,
    pub passed: bool,
}

/// Somebody who is asked to agree.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ApprovalInfo {
    pub role: String,
    pub role_title: Words,
    pub organisation: Option<Party>,
    pub person: Option<String>,
    pub decision: Option<String>,
    pub by: Option<String>,
    pub at: Option<String>,
    pub note: Option<String>,
    pub added_by: Option<String>,
}

/// What waits for a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct AskInfo {
    pub verb: String,
    pub by: String,
    pub at: String,
    pub amount: Option<u32>,
    pub until: Option<String>,
    pub reason: String,
    pub asked_of: Option<String>,
    pub stage: Words,
}

/// Who was to read it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct CopyInfo {
    pub to: String,
    pub to_title: String,
    pub by: String,
    pub at: String,
    pub read_at: Option<String>,
}

/// Who acts in whose place.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct DelegationInfo {
    pub from: String,
    pub to: String,
    pub at: String,
}

/// Standing still.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct SuspensionInfo {
    pub since: String,
    pub until: String,
    pub reason: String,
}

/// An entity, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct About {
    /// URN.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A rating.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct RatingInfo {
    pub stars: u8,
    pub note: Option<String>,
    pub at: String,
}

/// A case, whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct CaseInfo {
    #[serde(flatten)]
    pub row: CaseRow,
    pub description: Option<String>,
    #[schema(value_type = Object)]
    pub fields: serde_json::Map<String, Json_>,
    pub field_titles: HashMap<String, Words>,
    pub reporter: Option<Reporter>,
    pub holder: HolderInfo,
    pub due: Option<DueInfo>,
    pub approvals: Vec<ApprovalInfo>,
    pub approval_mode: Option<String>,
    pub ask: Option<AskInfo>,
    pub circulated: Vec<CopyInfo>,
    pub delegated: Option<DelegationInfo>,
    pub suspension: Option<SuspensionInfo>,
    pub parent: Option<CaseRef>,
    pub children: Vec<CaseRow>,
    pub merged_into: Option<CaseRef>,
    pub merged: Vec<CaseRef>,
    pub duplicates: Vec<CaseRow>,
    pub about: Option<About>,
    pub alert: Option<About>,
    pub file_list: Vec<CaseFile>,
    pub verbs: Vec<VerbInfo>,
    pub timeline: Vec<Step>,
    pub rating: Option<RatingInfo>,
    pub overdue_count: u32,
    pub reopened: u32,
}

/// Words of a workflow as words of an answer.
pub fn words(words: &nacre_cases::Words) -> Words {
    Words::new(words.zh.as_str(), words.en.as_str())
}

/// How a state counts, as text.
pub fn kind_name(kind: StateKind) -> &'static str {
    match kind {
        StateKind::Open => "open",
        StateKind::Done => "done",
        StateKind::Void => "void",
    }
}

/// Who acts, from a post.
pub fn who(post: &Post) -> Who {
    Who {
        role: post.role.clone(),
        organisation: post.organisation.clone(),
        person: post.person.clone(),
        actor: post.actor(),
        ..Who::default()
    }
}

/// Names of entities and roles, each looked up once an answer.
pub struct Names<'a> {
    app: &'a App,
    known: HashMap<String, Option<String>>,
    roles: HashMap<String, Words>,
}

impl<'a> Names<'a> {
    /// Nothing known yet.
    pub fn new(app: &'a App) -> Names<'a> {
        let roles = roles(app).map(|(pack, role)| (role.name.clone(), text(pack, &role.title))).collect();
        Names { app, known: HashMap::new(), roles }
    }

    /// Where people reach the server, for addresses that leave it.
    pub fn base(&self) -> &str {
        &self.app.settings().public_url
    }

    /// The name of an entity.
    pub fn of(&mut self, kind: &str, id: &str) -> Option<String> {
        let urn = urn(kind, id);
        if let Some(known) = self.known.get(&urn) {
            return known.clone();
        }
        let tenant = self.app.tenant(None).ok()?;
        let found = entity(&tenant, &self.app.principal(), &urn, AsOf::Now).ok().flatten();
        let name = found.and_then(|e: Simple| e.some_text("name"));
        self.known.insert(urn, name.clone());
        name
    }

    /// An organisation with its name.
    pub fn party(&mut self, id: &str) -> Party {
        Party { id: id.to_owned(), name: self.of("Organization", id).unwrap_or_else(|| id.to_owned()) }
    }

    /// What a role is called.
    pub fn role(&self, role: &str) -> Words {
        self.roles.get(role).cloned().unwrap_or_else(|| Words::new(role, role))
    }

    /// A post in words: 派遣员（区政府）.
    pub fn post(&mut self, written: &str) -> String {
        let Some(holder) = post(written) else { return written.to_owned() };
        let role = holder.roles.first().map(|r| self.role(r).zh).unwrap_or_default();
        let place = holder.organisation.map(|o| self.party(&o).name).unwrap_or_default();
        match holder.person {
            Some(person) => format!("{role}（{place} {person}）"),
            None => format!("{role}（{place}）"),
        }
    }

    /// An entity with name and type.
    pub fn about(&mut self, urn: &str) -> About {
        let kind = urn.split(':').nth(2).unwrap_or_default().to_owned();
        let name = self.of(&kind, urn).unwrap_or_else(|| urn.to_owned());
        About { id: urn.to_owned(), kind, name }
    }

    /// A line of a list.
    pub fn row(&mut self, line: &Line, workflow: Option<&Arc<Workflow>>, now: Instant) -> CaseRow {
        self.row_of(&line.case, line.kind, line.light(now), workflow)
    }

    fn row_of(
        &mut self,
        case: &Case,
        kind: StateKind,
        light: nacre_cases::desk::Light,
        workflow: Option<&Arc<Workflow>>,
    ) -> CaseRow {
        let state = workflow.and_then(|w| w.state(&case.state));
        let code = case.code.as_ref().and_then(|c| workflow?.codes.get(c)).map(|s| words(&s.title));
        let holder = &case.duty.holder;
        let picture = case.files.iter().find(|f| f.media_type.starts_with("image/"));
        CaseRow {
            id: nacre_cases::case::local(case.id.as_str()).to_owned(),
            number: case.number.clone(),
            workflow: case.workflow.clone(),
            title: case.title.clone(),
            state: case.state.clone(),
            state_title: state.map_or_else(|| Words::new(&*case.state, &*case.state), |s| words(&s.title)),
            kind: kind_name(kind).to_owned(),
            code: case.code.clone(),
            code_title: code,
            street: case.street.clone(),
            street_name: case.street.as_ref().and_then(|s| self.of("Street", s)),
            organisation: holder.organisation.as_ref().map(|o| self.party(o)),
            role: holder.roles.first().cloned(),
            role_title: holder.roles.first().map(|r| self.role(r)),
            person: holder.person.clone(),
            location: case.location.map(|p| [p.longitude, p.latitude]),
            address: case.address.clone(),
            created_at: case.created.to_string(),
            since: case.since.to_string(),
            due_at: case.duty.due.as_ref().map(|d| d.at.0.to_string()),
            provisional: case.duty.due.as_ref().is_some_and(|d| d.provisional),
            light: light.name().to_owned(),
            overdue: case.duty.overdue > 0,
            urged: case.duty.urged,
            supervised: case.duty.supervised,
            suspended: case.duty.suspension.is_some(),
            simulated: case.simulated,
            source: case.source.clone(),
            priority: case.priority.clone(),
            files: case.files.len(),
            thumbnail: picture.map(|f| f.sha256.clone()),
            satisfaction: case.rating.as_ref().map(|r| r.stars),
            seq: case.seq,
        }
    }

    /// A holder in words.
    pub fn holder(&mut self, holder: &Holder) -> HolderInfo {
        HolderInfo {
            roles: holder.roles.clone(),
            role_title: holder.roles.first().map(|r| self.role(r)),
            organisation: holder.organisation.as_ref().map(|o| self.party(o)),
            person: holder.person.clone(),
        }
    }
}

/// The name kept of somebody, with all but the first character hidden.
pub fn masked_name(name: &str) -> String {
    let first: String = name.chars().take(1).collect();
    format!("{first}{}", "＊".repeat(name.chars().count().saturating_sub(1).clamp(1, 3)))
}

/// A telephone number with its middle hidden.
pub fn masked_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    if digits.len() < 8 {
        return "****".to_owned();
    }
    let (first, last): (String, String) =
        (digits.iter().take(3).collect(), digits.iter().skip(digits.len() - 4).collect());
    format!("{first}****{last}")
}

fn said(at: At) -> String {
    at.0.to_string()
}

/// One case, by id or number.
#[utoipa::path(get, path = "/api/cases/{id}", tag = "cases", params(("id" = String, Path)),
    responses((status = 200, body = CaseInfo), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
) -> Result<Json<CaseInfo>, Problem> {
    blocking(move || whole(&app, &id, &who(&post)).map(Json)).await
}

/// The case of a text: id, URN or number.
pub fn found(app: &App, desk: &Desk, text: &str) -> Result<EntityId, Problem> {
    let missing = || Problem::not_found(format!("没有案件 `{text}`。 / There is no case `{text}`."));
    if let Some(line) = desk.find(text) {
        return Ok(line.case.id.clone());
    }
    let id = EntityId::new(&urn("Case", text)).map_err(|_| missing())?;
    let there = app.tenant(None)?.entity(&app.principal(), &id, AsOf::Now)?;
    there.map(|_| id).ok_or_else(missing)
}

/// Everything about a case.
pub fn whole(app: &App, text: &str, who: &Who) -> Result<CaseInfo, Problem> {
    let operations = app.operations();
    let desk = operations.desk()?;
    let id = found(app, &desk, text)?;
    let tenant = app.tenant(None)?;
    let stored = tenant.entity(&app.principal(), &id, AsOf::Now)?;
    let stored = stored.ok_or_else(|| Problem::not_found("the case is gone"))?;
    let case = Case::read(&stored).map_err(nacre_kernel::Refusal::from)?;
    let workflow = operations.office().workflow(&case.workflow).map_err(nacre_kernel::Refusal::from)?.clone();
    let now = tenant.now();
    let mut names = Names::new(app);
    let kind = workflow.state(&case.state).map_or(StateKind::Void, |s| s.kind);
    let light = desk.find(id.as_str()).map_or(nacre_cases::desk::Light::None, |l| l.light(now));
    let row = names.row_of(&case, kind, light, Some(&workflow));
    let rows = |names: &mut Names<'_>, lines: Vec<&Arc<Line>>| -> Vec<CaseRow> {
        lines.into_iter().take(100).map(|l| names.row(l, desk.workflow(&l.case.workflow), now)).collect()
    };
    let children = rows(&mut names, desk.children(&id));
    let duplicates = match kind {
        StateKind::Open => rows(&mut names, desk.duplicates(&case)),
        _ => Vec::new(),
    };
    let reference = |l: &Arc<Line>| CaseRef {
        id: nacre_cases::case::local(l.case.id.as_str()).to_owned(),
        number: l.case.number.clone(),
        title: l.case.title.clone(),
    };
    let named = |id: &EntityId| desk.find(id.as_str()).map(reference);
    let merged = desk.merged(&id).into_iter().take(100).map(reference).collect();
    let parent = case.parent.as_ref().and_then(named);
    let merged_into = case.merged_into.as_ref().and_then(named);
    drop(desk);
    let duty = &case.duty;
    let possible = possible(&case, who, &workflow);
    let ask = duty.ask.as_ref().map(|ask| {
        let (verb, deciders, zh, en) = match ask.kind {
            AskKind::Extend => ("extend", &workflow.def.extend, "延期", "More time"),
            AskKind::Suspend => ("suspend", &workflow.def.suspend, "挂账", "Suspension"),
        };
        let asked_of = deciders.get(ask.stage).cloned();
        let of = asked_of.as_deref().map(|r| names.role(r)).unwrap_or_else(|| Words::new("", ""));
        AskInfo {
            verb: verb.to_owned(),
            by: names.post(&ask.by),
            at: said(ask.at),
            amount: ask.amount,
            until: ask.until.map(said),
            reason: ask.reason.clone(),
            asked_of,
            stage: Words::new(format!("{zh}，待{}审批", of.zh), format!("{en}: waits for {}", of.en)),
        }
    });
    let approvals = duty.approvals.iter().flat_map(|a| &a.parties).map(|party| {
        let role = party.of.roles.first().cloned().unwrap_or_default();
        ApprovalInfo {
            role_title: names.role(&role),
            role,
            organisation: party.of.organisation.as_ref().map(|o| names.party(o)),
            person: party.of.person.clone(),
            decision: party.vote.map(|v| {
                match v {
                    nacre_cases::duty::Vote::Agree => "agree",
                    nacre_cases::duty::Vote::Reject => "reject",
                }
                .to_owned()
            }),
            by: party.by.clone(),
            at: party.at.map(said),
            note: party.note.clone(),
            added_by: party.added_by.clone(),
        }
    });
    let approvals = approvals.collect();
    let circulated = duty.copies.iter().map(|copy| CopyInfo {
        to: copy.to.clone(),
        to_title: names.post(&copy.to),
        by: names.post(&copy.by),
        at: said(copy.at),
        read_at: copy.read_at.map(said),
    });
    let circulated = circulated.collect();
    let reporter =
        (case.anonymous || case.reporter_name.is_some() || case.reporter_phone.is_some()).then(|| Reporter {
            anonymous: case.anonymous,
            name: case.reporter_name.as_deref().map(masked_name),
            phone: case.reporter_phone.as_deref().map(masked_phone),
        });
    Ok(CaseInfo {
        description: case.description.clone(),
        fields: case.fields.clone(),
        field_titles: workflow.def.fields.iter().map(|(n, t)| (n.clone(), words(t))).collect(),
        reporter,
        holder: names.holder(&duty.holder),
        due: duty.due.as_ref().map(|due| DueInfo {
            kind: serde_json::to_value(due.kind)
                .ok()
                .and_then(|k| k.as_str().map(str::to_owned))
                .unwrap_or_default(),
            words: super::workflows::term_words(due.kind, due.amount),
            amount: due.amount,
            from: said(due.from),
            at: said(due.at),
            provisional: due.provisional,
            paused: due.paused.is_some(),
            passed: due.fired,
        }),
        approvals,
        approval_mode: duty.approvals.as_ref().map(|a| {
            match a.mode {
                ApproveMode::All => "all",
                ApproveMode::Any => "any",
            }
            .to_owned()
        }),
        ask,
        circulated,
        delegated: duty.delegation.as_ref().map(|d| DelegationInfo {
            from: d.from.words(),
            to: d.to.words(),
            at: said(d.at),
        }),
        suspension: duty.suspension.as_ref().map(|s| SuspensionInfo {
            since: said(s.since),
            until: said(s.until),
            reason: s.reason.clone(),
        }),
        parent,
        children,
        merged_into,
        merged,
        duplicates,
        about: case.about.as_ref().map(|a| names.about(a.as_str())),
        alert: case.alert.as_ref().map(|a| names.about(a.as_str())),
        file_list: case
            .files
            .iter()
            .map(|f| CaseFile {
                sha256: f.sha256.clone(),
                name: f.name.clone(),
                media_type: f.media_type.clone(),
                bytes: f.bytes,
                by: names.post(&f.by),
                verb: f.verb.clone(),
                at: f.at.map(said),
            })
            .collect(),
        verbs: verbs(&case, &workflow, &possible),
        timeline: timeline(app, &case, &workflow, &mut names)?,
        rating: case.rating.as_ref().map(|r| RatingInfo {
            stars: r.stars,
            note: r.note.clone(),
            at: said(r.at),
        }),
        overdue_count: duty.overdue,
        reopened: duty.reopened,
        row,
    })
}
