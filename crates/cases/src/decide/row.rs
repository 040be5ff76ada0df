//! Rows of the workflow.

use super::{Work, holds, person};
use crate::duty::Holder;
use crate::error::CaseError;
use crate::workflow::{Assign, Need, Row, StateKind};

impl Work<'_> {
    pub(super) fn row(&mut self, verb: &str) -> Result<(), CaseError> {
        let workflow = self.scene.workflow;
        let state = self.case.state.clone();
        let row = workflow.rows_from(&state).find(|r| r.command == verb);
        let Some(row) = row else { return Err(self.not_now(verb)) };
        self.may_do(row)?;
        if self.case.duty.suspension.is_some() {
            return Err(self.not_now(verb));
        }
        if row.needs.contains(&Need::Note) {
            self.note()?;
        }
        if row.needs.contains(&Need::Files) && self.input.files.is_empty() {
            return Err(CaseError::form("files", "请附照片或文件", "a photo or file is needed"));
        }
        let closes = workflow.state(&row.to).is_some_and(|s| s.kind != StateKind::Open);
        if closes && self.case.duty.open_children > 0 {
            return Err(CaseError::ChildrenOpen(self.case.duty.open_children as usize));
        }
        if let Some(code) = &self.input.code {
            self.case.code = Some(code.clone());
        }
        self.fields();
        let holder = self.next_holder(row)?;
        self.case.duty.done.insert(row.command.clone(), self.who.actor.clone());
        // A rejected case goes straight back to whoever rejected it, not through every step again.
        match self.case.duty.back.take() {
            Some(back) if back.sent_to == state => {
                self.enter(&back.state.clone(), Holder::default());
                self.case.duty.approvals = Some(back.approvals);
                self.await_approvers();
            }
            back => {
                self.case.duty.back = back;
                self.enter(&row.to.clone(), holder);
            }
        }
        self.tell_parent(closes);
        Ok(())
    }

    fn may_do(&self, row: &Row) -> Result<(), CaseError> {
        if self.who.system {
            return Ok(());
        }
        let doers = self.scene.workflow.doers(row, &self.case.state);
        self.role_only(doers, &row.command)?;
        // Of the role that holds it, only the holder; other roles of the row act for the district.
        let of_holder = self.case.duty.holder.roles.contains(&self.who.role);
        if of_holder && !holds(&self.case.duty.holder, self.who) {
            self.holder_only()?;
        }
        let me = &self.who.actor;
        match row.not_by.iter().find(|c| self.case.duty.done.get(*c) == Some(me)) {
            Some(before) => Err(CaseError::SamePerson(self.title(before))),
            None => Ok(()),
        }
    }

    fn next_holder(&self, row: &Row) -> Result<Holder, CaseError> {
        let roles = self.scene.workflow.state(&row.to).map(|s| s.holder.clone()).unwrap_or_default();
        let given = self.input.organisation.as_deref().map(str::trim).filter(|o| !o.is_empty());
        if row.needs.contains(&Need::Organisation) && given.is_none() {
            return Err(CaseError::form("organisation", "请选择承办单位", "say which organisation"));
        }
        Ok(match row.assign {
            Assign::Anyone => Holder { roles, organisation: None, person: None },
            Assign::Input => {
                Holder { roles, organisation: given.map(str::to_owned), person: person(self.input)? }
            }
            Assign::Same => {
                let before = self.case.duty.held.get(&row.to).cloned().unwrap_or_default();
                Holder { roles, ..before }
            }
            Assign::Keep => Holder { roles, ..self.case.duty.holder.clone() },
        })
    }

    pub(super) fn fields(&mut self) {
        let known = &self.scene.workflow.def.fields;
        for (name, value) in self.input.fields.iter().filter(|(n, _)| known.contains_key(*n)) {
            self.case.fields.insert(name.clone(), value.clone());
        }
    }
}
