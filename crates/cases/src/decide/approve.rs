//! Approvals: 会签 all agree, 或签 one agrees, 加签 another is asked, 驳回 it goes back to a chosen step.

use serde_json::json;

use super::{Work, holds, person};
use crate::duty::{Approval, Approvals, At, Back, Holder, Vote};
use crate::error::CaseError;
use crate::workflow::{ApproveMode, StateKind};

impl Work<'_> {
    /// Asks whoever the state names; who agreed in an earlier round is not asked again.
    pub(super) fn begin_approvals(&mut self, state: &str) {
        let def = self.scene.workflow.state(state).and_then(|s| s.approve.as_ref());
        self.case.duty.approvals = def.map(|def| {
            let asked = def.by.iter().map(|party| {
                let of = Holder {
                    roles: vec![party.role.clone()],
                    organisation: party.organisation.clone(),
                    person: None,
                };
                let before = self.case.duty.agreed.iter().find(|(s, a)| s == state && a.of == of);
                before.map_or(
                    Approval { of, vote: None, by: None, at: None, note: None, added_by: None },
                    |(_, a)| a.clone(),
                )
            });
            Approvals { mode: def.mode, parties: asked.collect() }
        });
        if self.case.duty.approvals.is_some() {
            self.await_approvers();
            // Everybody agreed before: it goes on by itself.
            self.conclude(state.to_owned());
        }
    }

    /// The turn is with those who have not voted.
    pub(super) fn await_approvers(&mut self) {
        let Some(approvals) = &self.case.duty.approvals else { return };
        let open = approvals.parties.iter().filter(|p| p.vote.is_none());
        let mut roles: Vec<String> = Vec::new();
        let mut organisations: Vec<Option<String>> = Vec::new();
        for party in open {
            roles.extend(party.of.roles.iter().filter(|r| !roles.contains(r)).cloned().collect::<Vec<_>>());
            organisations.push(party.of.organisation.clone());
        }
        let one = organisations.first().cloned().flatten().filter(|_| organisations.len() == 1);
        self.case.duty.holder = Holder { roles, organisation: one, person: None };
    }

    fn my_turn(&self, verb: &str) -> Result<usize, CaseError> {
        let Some(approvals) = &self.case.duty.approvals else { return Err(self.not_now(verb)) };
        let mine = approvals.parties.iter().position(|p| p.vote.is_none() && holds(&p.of, self.who));
        mine.ok_or_else(|| {
            let asked: Vec<String> = self.asked_now().iter().map(Holder::words).collect();
            CaseError::Holder { holder: asked.join("、"), you: self.who.actor.clone() }
        })
    }

    fn vote(&mut self, index: usize, vote: Vote) {
        let (by, at, note) = (self.who.actor.clone(), At(self.scene.now), self.step.note.clone());
        if let Some(party) = self.case.duty.approvals.as_mut().and_then(|a| a.parties.get_mut(index)) {
            party.vote = Some(vote);
            party.by = Some(by);
            party.at = Some(at);
            party.note = note;
        }
    }

    pub(super) fn agree(&mut self) -> Result<(), CaseError> {
        let index = self.my_turn("agree")?;
        let me = &self.who.actor;
        let twice =
            self.case.duty.approvals.iter().flat_map(|a| &a.parties).any(|p| p.by.as_ref() == Some(me));
        if twice {
            return Err(CaseError::SamePerson(self.title("agree")));
        }
        self.vote(index, Vote::Agree);
        let state = self.case.state.clone();
        if let Some(party) = self.case.duty.approvals.as_ref().and_then(|a| a.parties.get(index)).cloned() {
            self.case.duty.agreed.push((state.clone(), party));
        }
        self.await_approvers();
        self.conclude(state);
        Ok(())
    }

    /// Goes on when enough have agreed.
    fn conclude(&mut self, state: String) {
        let Some(approvals) = &self.case.duty.approvals else { return };
        let mut votes = approvals.parties.iter().map(|p| p.vote == Some(Vote::Agree));
        let enough = match approvals.mode {
            ApproveMode::All => votes.all(|v| v),
            ApproveMode::Any => votes.any(|v| v),
        };
        if !enough {
            return;
        }
        let workflow = self.scene.workflow;
        let Some(to) = workflow.state(&state).and_then(|s| s.approve.as_ref()).map(|a| a.to.clone()) else {
            return;
        };
        let next = workflow.state(&to);
        let roles = next.map(|s| s.holder.clone()).unwrap_or_default();
        let before = self.case.duty.held.get(&to).cloned().unwrap_or_default();
        let from = self.step.from.clone();
        let closes = next.is_some_and(|s| s.kind != StateKind::Open);
        self.case.duty.approvals = None;
        self.enter(&to, Holder { roles, ..before });
        if let Some(from) = from.filter(|f| *f != state) {
            // Passed through without anybody's vote: the step tells of the whole way.
            self.step.from = Some(from);
        }
        self.tell_parent(closes);
    }

    pub(super) fn reject(&mut self) -> Result<(), CaseError> {
        let index = self.my_turn("reject")?;
        self.note()?;
        let passed = self.case.duty.passed.clone();
        let to = self.input.to.clone().or_else(|| passed.last().cloned()).unwrap_or_default();
        if !passed.contains(&to) {
            let (zh, en) = (
                format!("只能驳回到经过的环节：{}", passed.join("、")),
                format!("it passed {}", passed.join(", ")),
            );
            return Err(CaseError::form("to", zh, en));
        }
        let state = self.case.state.clone();
        let Some(mut approvals) = self.case.duty.approvals.take() else { return Err(self.not_now("reject")) };
        // Those who agreed have agreed; the rejecter is asked again, and at once, when it comes back.
        if let Some(party) = approvals.parties.get_mut(index) {
            *party = Approval { vote: None, by: None, at: None, note: None, ..party.clone() };
        }
        let holder = self.case.duty.held.get(&to).cloned().unwrap_or_default();
        self.enter(&to, holder);
        self.case.duty.back = Some(Back { state, sent_to: to, approvals });
        let (holder, title) = (self.case.duty.holder.clone(), self.case.title.clone());
        let words = self.note()?;
        self.tell(holder, "warning", format!("驳回：{title}"), words);
        Ok(())
    }

    pub(super) fn add_approver(&mut self) -> Result<(), CaseError> {
        let index = self.my_turn("add-approver")?;
        let role = self.input.role.as_deref().map(str::trim).filter(|r| !r.is_empty());
        let Some(role) = role else {
            return Err(CaseError::form("role", "请选择加签岗位", "say which role is asked too"));
        };
        let of = Holder {
            roles: vec![role.to_owned()],
            organisation: self.input.organisation.clone().filter(|o| !o.is_empty()),
            person: person(self.input)?,
        };
        let added_by = Some(self.who.actor.clone());
        let Some(approvals) = &mut self.case.duty.approvals else { return Ok(()) };
        if approvals.parties.iter().any(|p| p.of == of) {
            return Err(CaseError::form("role", "已在会签名单中", "is asked already"));
        }
        if approvals.parties.len() >= 20 {
            return Err(CaseError::form("role", "会签最多 20 个岗位", "at most 20 are asked"));
        }
        let words = of.words();
        let asked = Approval { of: of.clone(), vote: None, by: None, at: None, note: None, added_by };
        approvals.parties.insert(index, asked);
        self.step.data = json!({ "added": words });
        self.await_approvers();
        let (title, note) = (self.case.title.clone(), self.step.note.clone().unwrap_or_default());
        self.tell(of, "info", format!("加签：{title}"), note);
        Ok(())
    }
}
