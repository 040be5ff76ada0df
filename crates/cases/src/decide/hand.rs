//! From hand to hand: comment, transfer 转办, delegate 委托, urge 催办, circulate 传阅, supervise 督办, withdraw 撤回.

use serde_json::json;

use super::{URGE_MINUTES, Work, holds, person, post};
use crate::duty::{At, Copy, Delegation, Holder};
use crate::error::CaseError;
use crate::workflow::StateKind;

impl Work<'_> {
    /// Everybody with a post of the workflow, and whoever it was sent to.
    fn involved(&self) -> Result<(), CaseError> {
        let workflow = self.scene.workflow;
        let sent = self.case.duty.copies.iter().filter_map(|c| post(&c.to)).any(|p| holds(&p, self.who));
        if self.who.system || sent || workflow.roles().contains(self.who.role.as_str()) {
            return Ok(());
        }
        let wanted = workflow.roles().into_iter().collect::<Vec<_>>().join(", ");
        Err(CaseError::Role { verb: self.title(&self.step.verb), wanted, role: self.who.role.clone() })
    }

    pub(super) fn comment(&mut self) -> Result<(), CaseError> {
        if !self.who.reporter {
            self.involved()?;
        }
        self.note().map(|_| ())
    }

    pub(super) fn attach(&mut self) -> Result<(), CaseError> {
        if !self.who.reporter {
            self.involved()?;
        }
        if self.input.files.is_empty() {
            return Err(CaseError::form("files", "请选择文件", "a file is needed"));
        }
        Ok(())
    }

    pub(super) fn transfer(&mut self) -> Result<(), CaseError> {
        self.open_only("transfer")?;
        self.standing("transfer")?;
        self.note()?;
        let manages = self.scene.workflow.def.manage.contains(&self.who.role);
        if !manages {
            self.holder_only()?;
        }
        let given = self.input.organisation.as_deref().map(str::trim).filter(|o| !o.is_empty());
        let person = person(self.input)?;
        if given.is_none() && person.is_none() {
            return Err(CaseError::form("organisation", "请选择转给谁", "say to whom"));
        }
        let before = self.case.duty.holder.clone();
        let organisation = given.map(str::to_owned).or_else(|| before.organisation.clone());
        let holder = Holder { roles: before.roles.clone(), organisation, person };
        if holder == before {
            return Err(CaseError::form("organisation", "案件已在此处", "it is there already"));
        }
        self.step.data = json!({ "from": before.words(), "to": holder.words() });
        self.case.duty.holder = holder.clone();
        self.case.duty.delegation = None;
        self.case.duty.undo = None;
        self.tell(holder, "info", format!("转办：{}", self.case.title), self.note()?);
        Ok(())
    }

    /// Refuses while the case stands still or several are being asked.
    fn standing(&self, verb: &str) -> Result<(), CaseError> {
        match self.case.duty.suspension.is_some() || self.case.duty.approvals.is_some() {
            true => Err(self.not_now(verb)),
            false => Ok(()),
        }
    }

    pub(super) fn delegate(&mut self) -> Result<(), CaseError> {
        self.open_only("delegate")?;
        self.standing("delegate")?;
        self.holder_only()?;
        let to = self.input.posts.first().and_then(|p| post(p));
        let Some(to) = to else {
            return Err(CaseError::form(
                "posts",
                "请写明受托岗位 role@organisation",
                "say which post: role@organisation",
            ));
        };
        if holds(&to, self.who) {
            return Err(CaseError::form("posts", "不能委托给自己", "nobody delegates to himself"));
        }
        if self.case.duty.delegation.is_some() {
            return Err(self.not_now("delegate"));
        }
        let from = self.case.duty.holder.clone();
        self.step.data = json!({ "from": from.words(), "to": to.words() });
        let by = self.who.actor.clone();
        self.case.duty.delegation = Some(Delegation { from, to: to.clone(), by, at: At(self.scene.now) });
        // The one who acts has the roles of the one who gave it away.
        let mut roles = to.roles.clone();
        roles.extend(self.case.duty.holder.roles.iter().filter(|r| !to.roles.contains(r)).cloned());
        self.case.duty.holder = Holder { roles, ..to.clone() };
        let words = self.step.note.clone().unwrap_or_default();
        self.tell(to, "info", format!("委托办理：{}", self.case.title), words);
        Ok(())
    }

    pub(super) fn reclaim(&mut self) -> Result<(), CaseError> {
        let Some(delegation) = self.case.duty.delegation.take() else { return Err(self.not_now("reclaim")) };
        if !holds(&delegation.from, self.who) && delegation.by != self.who.actor {
            let holder = delegation.from.words();
            return Err(CaseError::Holder { holder, you: self.who.actor.clone() });
        }
        self.case.duty.holder = delegation.from;
        Ok(())
    }

    pub(super) fn urge(&mut self) -> Result<(), CaseError> {
        self.open_only("urge")?;
        if !self.who.reporter {
            self.involved()?;
        }
        let since = self.case.duty.urged_at.map_or(i64::MAX, |at| self.scene.now.0 - at.0.0);
        if since < URGE_MINUTES * 60_000 {
            return Err(CaseError::UrgedBefore(URGE_MINUTES));
        }
        self.case.duty.urged += 1;
        self.case.duty.urged_at = Some(At(self.scene.now));
        let (number, title) = (self.case.number.clone(), self.case.title.clone());
        let words = self.step.note.clone().unwrap_or_else(|| format!("{number} 请尽快办理"));
        for to in self.asked_now() {
            self.tell(to, "warning", format!("催办：{title}"), words.clone());
        }
        Ok(())
    }

    /// Whose turn it is, approvers that have not voted included.
    pub(super) fn asked_now(&self) -> Vec<Holder> {
        match &self.case.duty.approvals {
            Some(a) => a.parties.iter().filter(|p| p.vote.is_none()).map(|p| p.of.clone()).collect(),
            None => vec![self.case.duty.holder.clone()],
        }
    }

    pub(super) fn circulate(&mut self) -> Result<(), CaseError> {
        self.involved()?;
        let wrong = || {
            CaseError::form(
                "posts",
                "请写明传阅给谁 role@organisation",
                "say to which posts: role@organisation",
            )
        };
        if self.input.posts.is_empty() {
            return Err(wrong());
        }
        let mut sent = Vec::new();
        for text in &self.input.posts {
            let to = post(text).ok_or_else(wrong)?;
            let words = to.words();
            if !self.case.duty.copies.iter().any(|c| c.to == words) {
                let by = self.who.actor.clone();
                self.case.duty.copies.push(Copy {
                    to: words.clone(),
                    by,
                    at: At(self.scene.now),
                    read_at: None,
                });
                let text = self.step.note.clone().unwrap_or_default();
                self.tell(to, "info", format!("传阅：{}", self.case.title), text);
                sent.push(words);
            }
        }
        if self.case.duty.copies.len() > 200 {
            return Err(CaseError::form("posts", "传阅最多 200 个岗位", "at most 200 posts read one case"));
        }
        if sent.is_empty() {
            return Err(CaseError::form("posts", "已传阅过", "they have it already"));
        }
        self.step.data = json!({ "to": sent });
        Ok(())
    }

    pub(super) fn read(&mut self) -> Result<(), CaseError> {
        let (who, now) = (self.who, self.scene.now);
        let mine = |c: &&mut Copy| c.read_at.is_none() && post(&c.to).is_some_and(|p| holds(&p, who));
        let mut found = false;
        for copy in self.case.duty.copies.iter_mut().filter(|c| mine(c)) {
            copy.read_at = Some(At(now));
            found = true;
        }
        if found { Ok(()) } else { Err(self.not_now("read")) }
    }

    pub(super) fn supervise(&mut self) -> Result<(), CaseError> {
        self.open_only("supervise")?;
        self.role_only(&self.scene.workflow.def.supervise, "supervise")?;
        let words = self.note()?;
        self.case.duty.supervised = true;
        let title = format!("督办：{}", self.case.title);
        for to in self.asked_now() {
            self.tell(to, "urgent", title.clone(), words.clone());
        }
        Ok(())
    }

    /// Takes the last move back, as long as nobody acted upon it.
    pub(super) fn withdraw(&mut self) -> Result<(), CaseError> {
        let moved = self.case.duty.undo.take().filter(|u| u.by == self.who.actor);
        let touched = self.case.duty.last.as_ref().is_none_or(|(by, _)| *by != self.who.actor);
        let voted = self.case.duty.approvals.iter().flat_map(|a| &a.parties);
        let voted = voted.filter(|p| p.at.is_some_and(|at| at.0 >= self.case.since)).count() > 0;
        let Some(undo) = moved.filter(|_| !touched && !voted) else { return Err(self.not_now("withdraw")) };
        if self.kind() != StateKind::Open {
            return Err(self.not_now("withdraw"));
        }
        self.step.from = Some(self.case.state.clone());
        self.step.to = Some(undo.state.clone());
        self.case.state = undo.state;
        self.case.since = self.scene.now;
        self.case.duty.passed.retain(|p| *p != self.case.state);
        self.case.duty.holder = undo.holder;
        self.case.duty.due = undo.due;
        self.case.duty.approvals = None;
        self.case.duty.late = self.case.duty.due.as_ref().is_some_and(|d| d.fired);
        Ok(())
    }
}
