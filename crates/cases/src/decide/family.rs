//! Cases among cases: merge duplicates, split into parts, open again, rate.

use nacre_model::EntityId;
use serde_json::json;

use super::{MERGED, Opening, Work};
use crate::case::{Case, Rating, urn};
use crate::duty::{At, Holder};
use crate::error::CaseError;
use crate::workflow::StateKind;

impl Work<'_> {
    fn other(&self, field: &'static str, text: Option<&str>) -> Result<Case, CaseError> {
        let wrong = || CaseError::form(field, "没有这个案件", "there is no such case");
        let text = text.map(str::trim).filter(|t| !t.is_empty()).ok_or_else(wrong)?;
        let id = if text.starts_with("urn:") { text.to_owned() } else { urn("Case", text) };
        (self.scene.find)(&EntityId::new(&id).map_err(|_| wrong())?).map_err(|_| wrong())
    }

    pub(super) fn merge(&mut self) -> Result<(), CaseError> {
        self.open_only("merge")?;
        self.role_only(&self.scene.workflow.def.manage, "merge")?;
        let mut into = self.other("into", self.input.into.as_deref())?;
        let other_kind = self.scene.workflow.state(&into.state).map(|s| s.kind);
        if into.id == self.case.id || into.workflow != self.case.workflow {
            return Err(CaseError::form(
                "into",
                "只能并入同一流程的另一案件",
                "needs another case of the same workflow",
            ));
        }
        if other_kind != Some(StateKind::Open) {
            return Err(CaseError::form("into", "要并入的案件已经结束", "the other case is closed"));
        }
        if self.case.duty.open_children > 0 {
            return Err(CaseError::ChildrenOpen(self.case.duty.open_children as usize));
        }
        self.step.data = json!({ "into": into.number });
        self.case.merged_into = Some(into.id.clone());
        self.enter(MERGED, Holder::default());
        self.case.duty.due = None;
        self.case.duty.undo = None;
        self.tell_parent(true);
        // The photos of both belong to the one that goes on.
        let new = self.case.files.iter().filter(|f| !into.files.iter().any(|k| k.sha256 == f.sha256));
        let new: Vec<_> = new.cloned().collect();
        into.files.extend(new);
        let mut step = self.step.clone();
        "absorb".clone_into(&mut step.verb);
        (step.from, step.to) = (None, None);
        step.data = json!({ "from": self.case.number, "case": self.case.id.as_str() });
        into.step = Some(step);
        into.duty.last = Some((self.who.actor.clone(), "absorb".into()));
        self.others.push(into);
        Ok(())
    }

    pub(super) fn split(&mut self) -> Result<(), CaseError> {
        self.open_only("split")?;
        let manages = self.scene.workflow.def.manage.contains(&self.who.role);
        if !manages {
            self.holder_only()?;
        }
        let title = self.input.title.as_deref().map(str::trim).filter(|t| !t.is_empty());
        let Some(title) = title else {
            return Err(CaseError::form("title", "请写明子案件的标题", "a sub-case needs a title"));
        };
        if self.case.duty.open_children >= 50 {
            return Err(CaseError::form("title", "子案件最多 50 个", "at most 50 open sub-cases"));
        }
        self.case.duty.open_children += 1;
        self.step.data = json!({ "title": title });
        self.part = Some(Opening {
            workflow: self.case.workflow.clone(),
            title: title.to_owned(),
            description: self.step.note.clone(),
            code: self.input.code.clone().or_else(|| self.case.code.clone()),
            street: self.case.street.clone(),
            location: self.case.location,
            address: self.case.address.clone(),
            source: "case".into(),
            priority: Some(self.case.priority.clone()),
            about: self.case.about.clone(),
            parent: Some(self.case.id.clone()),
            organisation: self.input.organisation.clone().filter(|o| !o.is_empty()),
            simulated: self.case.simulated,
            ..Opening::default()
        });
        Ok(())
    }

    /// A part that ended is no longer waited for.
    pub(super) fn tell_parent(&mut self, closes: bool) {
        let Some(parent) = self.case.parent.clone().filter(|_| closes) else { return };
        let Ok(mut parent) = (self.scene.find)(&parent) else { return };
        parent.duty.open_children = parent.duty.open_children.saturating_sub(1);
        let mut step = self.step.clone();
        "part-closed".clone_into(&mut step.verb);
        (step.from, step.to, step.note) = (None, None, None);
        step.files.clear();
        step.data = json!({ "number": self.case.number, "case": self.case.id.as_str() });
        parent.step = Some(step);
        self.others.push(parent);
    }

    pub(super) fn reopen(&mut self) -> Result<(), CaseError> {
        let def = &self.scene.workflow.def;
        let Some(reopen) = def.reopen.as_ref().filter(|_| self.kind() == StateKind::Done) else {
            return Err(self.not_now("reopen"));
        };
        self.role_only(&reopen.who, "reopen")?;
        self.note()?;
        let held = self.case.duty.held.get(&reopen.to).cloned().unwrap_or_default();
        let roles = self.scene.workflow.state(&reopen.to).map(|s| s.holder.clone()).unwrap_or_default();
        self.case.duty.reopened += 1;
        self.case.duty.done.clear();
        self.case.duty.agreed.clear();
        self.case.duty.passed.clear();
        self.enter(&reopen.to.clone(), Holder { roles, ..held });
        self.case.duty.undo = None;
        if let Some(parent) = self.case.parent.clone()
            && let Ok(mut parent) = (self.scene.find)(&parent)
        {
            parent.duty.open_children += 1;
            self.others.push(parent);
        }
        Ok(())
    }

    pub(super) fn rate(&mut self) -> Result<(), CaseError> {
        if self.kind() != StateKind::Done {
            return Err(self.not_now("rate"));
        }
        if !self.who.reporter {
            self.role_only(&self.scene.workflow.def.manage, "rate")?;
        }
        let Some(stars) = self.input.stars.filter(|s| (1..=5).contains(s)) else {
            return Err(CaseError::form("stars", "评分是 1 到 5", "1 to 5 stars"));
        };
        self.case.rating = Some(Rating { stars, note: self.step.note.clone(), at: At(self.scene.now) });
        self.step.data = json!({ "stars": stars });
        Ok(())
    }
}
