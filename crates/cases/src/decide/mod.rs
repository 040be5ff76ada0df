//! The verbs: from a case, somebody and what he gives to the case after it, or a refusal. Pure.
//!
//! A good sibling here: one file a family of verbs; it checks who and when, changes the case, and says what was done. Rows of
//! a workflow are in [`mod@row`]; what every workflow knows is in [`hand`] (transfer, delegate, urge, circulate …), [`approve`],
//! [`ask`] (extend, suspend), [`family`] (merge, split, reopen, rate) and [`timer`].

mod approve;
mod ask;
mod family;
mod hand;
mod open;
mod possible;
mod row;
mod timer;

use nacre_calendar::Calendar;
use nacre_model::{EntityId, Instant};
use serde::{Deserialize, Serialize};

use crate::case::{Case, FileRef, Step};
use crate::duty::{At, Due, Holder};
use crate::error::CaseError;
use crate::workflow::{State, StateKind, Workflow};

pub use open::{Opening, open};
pub use possible::{Possible, possible, title as verb_title};
pub use timer::{enter_year, tick};

/// The state of a case that was merged into another; a workflow that merges has it.
pub const MERGED: &str = "merged";

/// Longest text of a step.
pub const NOTE_MAX: usize = 2_000;
/// Most files of a step, and of a case.
pub const FILES_MAX: usize = 20;
/// See [`FILES_MAX`].
pub const FILES_OF_CASE_MAX: usize = 200;
/// Most posts a case is sent to at once.
pub const COPIES_MAX: usize = 50;
/// It is not urged again within so many minutes.
pub const URGE_MINUTES: i64 = 10;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Who {
    /// The role of the post.
    pub role: String,
    /// Local id of its organisation.
    pub organisation: String,
    /// Local id of the person, where the post says so.
    pub person: Option<String>,
    /// As it stands in records.
    pub actor: String,
    /// Whoever reported it, who has no post.
    pub reporter: bool,
    /// The platform itself.
    pub system: bool,
}

/// What is given with a verb.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Input {
    /// In words.
    pub note: Option<String>,
    /// Local id of an organisation.
    pub organisation: Option<String>,
    /// A role.
    pub role: Option<String>,
    /// Local id of a person.
    pub person: Option<String>,
    /// A state.
    pub to: Option<String>,
    /// Posts: `role@organisation`.
    pub posts: Vec<String>,
    /// Files.
    pub files: Vec<FileRef>,
    /// How many more.
    pub amount: Option<u32>,
    /// Until when.
    pub until: Option<String>,
    /// Another case.
    pub into: Option<String>,
    /// 1 to 5.
    pub stars: Option<u8>,
    /// Title of a part.
    pub title: Option<String>,
    /// Code of a part, or a corrected one.
    pub code: Option<String>,
    /// Further members.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// The record the asker saw.
    pub seen: Option<u64>,
}

/// Somebody is told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom.
    pub to: Holder,
    /// In a line.
    pub subject: String,
    /// In words.
    pub text: String,
    /// `info`, `warning`, `urgent`.
    pub severity: &'static str,
}

/// What a verb came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The case after it.
    pub case: Case,
    /// Other cases it changed.
    pub others: Vec<Case>,
    /// A part it opened.
    pub part: Option<Opening>,
    /// Who is told.
    pub notices: Vec<Notice>,
}

/// What a verb may look at.
pub struct Scene<'a> {
    /// The workflow of the case.
    pub workflow: &'a Workflow,
    /// Days and hours.
    pub calendar: &'a Calendar,
    /// The present.
    pub now: Instant,
    /// Another case.
    pub find: &'a dyn Fn(&EntityId) -> Result<Case, CaseError>,
}

/// A verb on a case.
pub fn act(
    case: Case,
    who: &Who,
    verb: &str,
    input: &Input,
    scene: &Scene<'_>,
) -> Result<Outcome, CaseError> {
    check_input(&case, input)?;
    // Words and receipts disturb nobody; everything else is refused to whoever looked before the last move.
    let harmless =
        matches!(verb, "comment" | "attach" | "read" | "circulate" | "urge" | "supervise" | "rate");
    if !harmless && input.seen.is_some_and(|seen| seen < case.seq) {
        let (by, verb) = case.duty.last.clone().unwrap_or_default();
        return Err(CaseError::Moved { by, verb });
    }
    let mut work = Work {
        step: Step {
            verb: verb.to_owned(),
            by: who.actor.clone(),
            at: At(scene.now),
            note: input.note.as_deref().map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned),
            from: None,
            to: None,
            files: input.files.iter().map(|f| f.sha256.clone()).collect(),
            data: serde_json::Value::Null,
        },
        case,
        who,
        input,
        scene,
        others: Vec::new(),
        part: None,
        notices: Vec::new(),
    };
    work.run(verb)?;
    Ok(work.finish(verb))
}

/// A verb at work.
struct Work<'a> {
    case: Case,
    who: &'a Who,
    input: &'a Input,
    scene: &'a Scene<'a>,
    step: Step,
    others: Vec<Case>,
    part: Option<Opening>,
    notices: Vec<Notice>,
}

impl Work<'_> {
    fn run(&mut self, verb: &str) -> Result<(), CaseError> {
        match verb {
            "comment" => self.comment(),
            "attach" => self.attach(),
            "transfer" => self.transfer(),
            "delegate" => self.delegate(),
            "reclaim" => self.reclaim(),
            "urge" => self.urge(),
            "circulate" => self.circulate(),
            "read" => self.read(),
            "supervise" => self.supervise(),
            "withdraw" => self.withdraw(),
            "agree" => self.agree(),
            "reject" => self.reject(),
            "add-approver" => self.add_approver(),
            "ask-extension" => self.ask_extension(),
            "ask-suspension" => self.ask_suspension(),
            "grant" => self.grant(),
            "refuse" => self.refuse(),
            "resume" => self.resume(),
            "reopen" => self.reopen(),
            "merge" => self.merge(),
            "split" => self.split(),
            "rate" => self.rate(),
            _ => self.row(verb),
        }
    }

    fn finish(mut self, verb: &str) -> Outcome {
        let at = Some(At(self.scene.now));
        for file in &self.input.files {
            let kept = FileRef { by: self.who.actor.clone(), verb: verb.to_owned(), at, ..file.clone() };
            self.case.files.push(kept);
        }
        self.case.duty.last = Some((self.who.actor.clone(), verb.to_owned()));
        self.case.step = Some(self.step);
        Outcome { case: self.case, others: self.others, part: self.part, notices: self.notices }
    }

    fn state(&self) -> Result<&State, CaseError> {
        let unreadable = || CaseError::Unreadable(self.case.number.clone());
        self.scene.workflow.state(&self.case.state).ok_or_else(unreadable)
    }

    fn kind(&self) -> StateKind {
        self.state().map_or(StateKind::Void, |s| s.kind)
    }

    fn title(&self, verb: &str) -> String {
        possible::title(self.scene.workflow, verb).zh
    }

    /// What the state does not allow.
    fn not_now(&self, verb: &str) -> CaseError {
        let state = self.state().map(|s| s.title.zh.clone()).unwrap_or_else(|_| self.case.state.clone());
        let possible = possible(&self.case, self.who, self.scene.workflow);
        let names: Vec<String> = possible.iter().map(|p| p.title.zh.clone()).collect();
        let possible = if names.is_empty() { "—".to_owned() } else { names.join("、") };
        CaseError::NotNow { state, verb: self.title(verb), possible }
    }

    fn open_only(&self, verb: &str) -> Result<(), CaseError> {
        match self.kind() {
            StateKind::Open => Ok(()),
            _ => Err(self.not_now(verb)),
        }
    }

    fn note(&self) -> Result<String, CaseError> {
        self.step.note.clone().ok_or(CaseError::NoNote)
    }

    /// Refuses whoever is not the holder.
    fn holder_only(&self) -> Result<(), CaseError> {
        if self.who.system || holds(&self.case.duty.holder, self.who) {
            return Ok(());
        }
        Err(CaseError::Holder { holder: self.case.duty.holder.words(), you: self.who.actor.clone() })
    }

    /// Refuses whoever has none of the roles.
    fn role_only(&self, roles: &[String], verb: &str) -> Result<(), CaseError> {
        if self.who.system || roles.contains(&self.who.role) {
            return Ok(());
        }
        let (verb, wanted) = (self.title(verb), roles.join(", "));
        Err(CaseError::Role { verb, wanted, role: self.who.role.clone() })
    }

    /// The case goes into a state; its term begins, approvals are asked for.
    fn enter(&mut self, to: &str, holder: Holder) {
        let (before, now) = (self.case.state.clone(), self.scene.now);
        self.step.from = Some(before.clone());
        self.step.to = Some(to.to_owned());
        let duty = &mut self.case.duty;
        duty.held.insert(before.clone(), duty.holder.clone());
        if !duty.passed.contains(&before) {
            duty.passed.push(before.clone());
        }
        if let Some(known) = duty.passed.iter().position(|p| p == to) {
            duty.passed.truncate(known);
        }
        duty.undo = Some(Box::new(crate::duty::Undo {
            by: self.who.actor.clone(),
            state: before,
            holder: duty.holder.clone(),
            due: duty.due.clone(),
        }));
        duty.holder = holder;
        duty.ask = None;
        duty.delegation = None;
        duty.late = false;
        self.case.state = to.to_owned();
        self.case.since = now;
        let state = self.scene.workflow.state(to);
        self.case.duty.due =
            state.and_then(|s| due_of(&self.case, s, self.scene.workflow, self.scene.calendar, now));
        let kind = state.map_or(StateKind::Void, |s| s.kind);
        if self.case.filed.is_none() && state.is_some_and(|s| s.files) {
            self.case.filed = Some(now);
        }
        self.case.closed = (kind != StateKind::Open).then_some(now);
        if kind != StateKind::Open {
            self.case.duty.holder = Holder::default();
            self.case.duty.suspension = None;
        }
        self.begin_approvals(to);
    }

    fn tell(&mut self, to: Holder, severity: &'static str, subject: String, text: String) {
        if self.notices.len() < COPIES_MAX + 10 {
            self.notices.push(Notice { to, subject, text, severity });
        }
    }
}

/// The term of a state a case enters.
fn due_of(case: &Case, state: &State, workflow: &Workflow, calendar: &Calendar, now: Instant) -> Option<Due> {
    let def = state.due?;
    let own = case.code.as_ref().filter(|_| def.handling).and_then(|c| workflow.def.handling.get(c));
    let term = own.map_or_else(|| def.term(), |h| nacre_calendar::Term { kind: h.kind, amount: h.amount });
    let end = calendar.end(now, term);
    Some(Due {
        kind: term.kind,
        amount: term.amount,
        from: At(now),
        at: At(end.at),
        provisional: end.provisional,
        fired: false,
        paused: None,
        shifted: false,
    })
}

/// Whether somebody is the holder.
pub fn holds(holder: &Holder, who: &Who) -> bool {
    let role = holder.roles.contains(&who.role);
    let organisation = holder.organisation.as_ref().is_none_or(|o| *o == who.organisation);
    let person = match (&holder.person, &who.person) {
        (None, _) => true,
        (Some(wanted), Some(person)) => wanted == person,
        (Some(_), None) => false,
    };
    role && organisation && person
}

/// A post in text: `role@organisation`, or `role@organisation/person`.
pub fn post(text: &str) -> Option<Holder> {
    let (role, rest) = text.trim().split_once('@')?;
    let (organisation, person) = match rest.split_once('/') {
        None => (rest, None),
        Some((organisation, person)) => (organisation, Some(person)),
    };
    let plain = |t: &str| !t.is_empty() && t.len() <= 128 && !t.contains(char::is_whitespace);
    let fine = plain(role) && plain(organisation) && person.is_none_or(plain);
    fine.then(|| Holder {
        roles: vec![role.to_owned()],
        organisation: Some(organisation.to_owned()),
        person: person.map(str::to_owned),
    })
}

/// The person of a form, if it is a name that can stand in a post.
fn person(input: &Input) -> Result<Option<String>, CaseError> {
    let Some(person) = input.person.as_deref().map(str::trim).filter(|p| !p.is_empty()) else {
        return Ok(None);
    };
    if person.len() > 128 || person.contains(|c: char| c.is_whitespace() || c == '/' || c == '@') {
        return Err(CaseError::form("person", "不是人员编号", "is no local id of a person"));
    }
    Ok(Some(person.to_owned()))
}

fn check_input(case: &Case, input: &Input) -> Result<(), CaseError> {
    for (field, text, max) in [
        ("note", &input.note, NOTE_MAX),
        ("title", &input.title, 200),
        ("organisation", &input.organisation, 128),
    ] {
        if text.as_ref().is_some_and(|t| t.chars().count() > max) {
            let (zh, en) = (format!("最多 {max} 字"), format!("at most {max} characters"));
            return Err(CaseError::form(field, zh, en));
        }
    }
    check_files(&input.files)?;
    if case.files.len() + input.files.len() > FILES_OF_CASE_MAX {
        let (zh, en) = (
            format!("一案最多 {FILES_OF_CASE_MAX} 个附件"),
            format!("at most {FILES_OF_CASE_MAX} files a case"),
        );
        return Err(CaseError::form("files", zh, en));
    }
    if input.posts.len() > COPIES_MAX {
        let (zh, en) = (format!("一次最多 {COPIES_MAX} 个"), format!("at most {COPIES_MAX} at once"));
        return Err(CaseError::form("posts", zh, en));
    }
    Ok(())
}

fn check_files(files: &[FileRef]) -> Result<(), CaseError> {
    if files.len() > FILES_MAX {
        let (zh, en) = (format!("一次最多 {FILES_MAX} 个附件"), format!("at most {FILES_MAX} files at once"));
        return Err(CaseError::form("files", zh, en));
    }
    let digest =
        |t: &str| t.len() == 64 && t.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match files.iter().find(|f| !digest(&f.sha256)) {
        Some(_) => Err(CaseError::form("files", "sha256 不是文件摘要", "`sha256` is no digest of a file")),
        None => Ok(()),
    }
}
