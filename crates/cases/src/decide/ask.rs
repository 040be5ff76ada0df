//! More time 延期 and standing still 挂账: asked for by the holder, granted by one role after the other.

use nacre_calendar::{AMOUNT_MAX, Term};
use nacre_model::Instant;
use serde_json::json;

use super::Work;
use crate::duty::{Ask, AskKind, At, Holder, Suspension};
use crate::error::CaseError;

/// A case stands still for a year at most.
const SUSPENDED_DAYS_MAX: i64 = 366;

impl Work<'_> {
    fn may_ask(&self, verb: &str, deciders: &[String]) -> Result<String, CaseError> {
        self.open_only(verb)?;
        let duty = &self.case.duty;
        if deciders.is_empty() || duty.ask.is_some() || duty.suspension.is_some() || duty.approvals.is_some()
        {
            return Err(self.not_now(verb));
        }
        self.holder_only()?;
        self.note()
    }

    pub(super) fn ask_extension(&mut self) -> Result<(), CaseError> {
        let workflow = self.scene.workflow;
        let reason = self.may_ask("ask-extension", &workflow.def.extend)?;
        if self.case.duty.due.is_none() {
            return Err(self.not_now("ask-extension"));
        }
        let amount = self.input.amount.filter(|a| (1..=AMOUNT_MAX).contains(a));
        let Some(amount) = amount else {
            return Err(CaseError::form("amount", "请写明延长多少", "say how much longer"));
        };
        self.step.data = json!({ "amount": amount });
        self.ask(AskKind::Extend, Some(amount), None, reason, &workflow.def.extend);
        Ok(())
    }

    pub(super) fn ask_suspension(&mut self) -> Result<(), CaseError> {
        let workflow = self.scene.workflow;
        let reason = self.may_ask("ask-suspension", &workflow.def.suspend)?;
        let until = self.input.until.as_deref().and_then(Instant::parse);
        let latest = self.scene.now.plus_ms(SUSPENDED_DAYS_MAX * 86_400_000);
        let Some(until) = until.filter(|u| *u > self.scene.now && *u <= latest) else {
            let en = "an instant in the coming year, such as 2026-12-31T18:00:00+08:00";
            return Err(CaseError::form("until", "请写明挂账到何时（一年之内）", en));
        };
        self.step.data = json!({ "until": until.to_string() });
        self.ask(AskKind::Suspend, None, Some(At(until)), reason, &workflow.def.suspend);
        Ok(())
    }

    fn ask(
        &mut self,
        kind: AskKind,
        amount: Option<u32>,
        until: Option<At>,
        reason: String,
        deciders: &[String],
    ) {
        let (by, at) = (self.who.actor.clone(), At(self.scene.now));
        let words = reason.clone();
        self.case.duty.ask = Some(Ask { kind, by, at, amount, until, reason, stage: 0 });
        self.tell_decider(deciders, 0, words);
    }

    fn tell_decider(&mut self, deciders: &[String], stage: usize, words: String) {
        let Some(role) = deciders.get(stage) else { return };
        let to = Holder { roles: vec![role.clone()], organisation: None, person: None };
        let title = self.case.title.clone();
        self.tell(to, "info", format!("延期/挂账待审批：{title}"), words);
    }

    fn decider(&self, verb: &str) -> Result<(Ask, &[String]), CaseError> {
        let Some(ask) = &self.case.duty.ask else { return Err(self.not_now(verb)) };
        let def = &self.scene.workflow.def;
        let deciders = match ask.kind {
            AskKind::Extend => &def.extend,
            AskKind::Suspend => &def.suspend,
        };
        let role = deciders.get(ask.stage).map(std::slice::from_ref).unwrap_or_default();
        self.role_only(role, verb)?;
        if ask.by == self.who.actor {
            return Err(CaseError::SamePerson(self.title(match ask.kind {
                AskKind::Extend => "ask-extension",
                AskKind::Suspend => "ask-suspension",
            })));
        }
        Ok((ask.clone(), deciders))
    }

    pub(super) fn grant(&mut self) -> Result<(), CaseError> {
        let workflow = self.scene.workflow;
        let (mut ask, count) = self.decider("grant").map(|(ask, all)| (ask, all.len()))?;
        ask.stage += 1;
        if ask.stage < count {
            let deciders = match ask.kind {
                AskKind::Extend => &workflow.def.extend,
                AskKind::Suspend => &workflow.def.suspend,
            };
            let (stage, words) = (ask.stage, ask.reason.clone());
            self.case.duty.ask = Some(ask);
            self.tell_decider(deciders, stage, words);
            return Ok(());
        }
        self.case.duty.ask = None;
        match ask.kind {
            AskKind::Extend => self.extend(ask.amount.unwrap_or_default()),
            AskKind::Suspend => self.suspend(&ask),
        }
        let (holder, title) = (self.case.duty.holder.clone(), self.case.title.clone());
        self.tell(holder, "info", format!("已同意延期/挂账：{title}"), String::new());
        Ok(())
    }

    fn extend(&mut self, amount: u32) {
        let (calendar, now) = (self.scene.calendar, self.scene.now);
        let Some(due) = &mut self.case.duty.due else { return };
        // From the old end where that is still to come, else from now: nobody wins time by asking late.
        let from = due.at.0.max(now);
        let end = calendar.end(from, Term { kind: due.kind, amount });
        self.step.data = json!({ "before": due.at.0.to_string(), "after": end.at.to_string() });
        due.amount = due.amount.saturating_add(amount);
        due.at = At(end.at);
        due.provisional |= end.provisional;
        due.shifted = true;
        due.fired = false;
        self.case.duty.late = false;
    }

    fn suspend(&mut self, ask: &Ask) {
        let now = At(self.scene.now);
        let until = ask.until.unwrap_or(now);
        self.case.duty.suspension = Some(Suspension { since: now, until, reason: ask.reason.clone() });
        if let Some(due) = &mut self.case.duty.due {
            due.paused = Some(now);
        }
    }

    pub(super) fn refuse(&mut self) -> Result<(), CaseError> {
        self.decider("refuse")?;
        let words = self.note()?;
        self.case.duty.ask = None;
        let (holder, title) = (self.case.duty.holder.clone(), self.case.title.clone());
        self.tell(holder, "warning", format!("未同意延期/挂账：{title}"), words);
        Ok(())
    }

    pub(super) fn resume(&mut self) -> Result<(), CaseError> {
        let Some(suspension) = self.case.duty.suspension.take() else { return Err(self.not_now("resume")) };
        let def = &self.scene.workflow.def;
        if !def.suspend.contains(&self.who.role) && !def.supervise.contains(&self.who.role) {
            self.holder_only()?;
        }
        let (calendar, now) = (self.scene.calendar, self.scene.now);
        if let Some(due) = &mut self.case.duty.due {
            due.paused = None;
            if !due.fired {
                let end = calendar.resumed(due.kind, suspension.since.0, now, due.at.0);
                due.at = At(end.at);
                due.provisional |= end.provisional;
                due.shifted = true;
            }
        }
        Ok(())
    }
}
