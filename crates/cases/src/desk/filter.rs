//! Which cases, in which order.

use std::sync::Arc;

use nacre_model::{Bounds, Instant};

use super::{Desk, Line, figures};
use crate::decide::{Who, holds};
use crate::workflow::StateKind;

/// How a case stands with its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Light {
    None,
    Green,
    Yellow,
    Red,
    Paused,
    Done,
}

impl Light {
    /// All, in the order shown.
    pub const ALL: [Light; 6] =
        [Light::Red, Light::Yellow, Light::Green, Light::Paused, Light::None, Light::Done];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Light::None => "none",
            Light::Green => "green",
            Light::Yellow => "yellow",
            Light::Red => "red",
            Light::Paused => "paused",
            Light::Done => "done",
        }
    }

    /// The light of a name.
    pub fn parse(name: &str) -> Option<Light> {
        Light::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    Due,
    DueLast,
    Number,
    Moved,
}

impl Sort {
    /// The order of a name: `-createdAt`, `createdAt`, `dueAt`, `-dueAt`, `number`, `-since`.
    pub fn parse(name: &str) -> Option<Sort> {
        Some(match name {
            "-createdAt" => Sort::Newest,
            "createdAt" => Sort::Oldest,
            "dueAt" => Sort::Due,
            "-dueAt" => Sort::DueLast,
            "number" => Sort::Number,
            "-since" => Sort::Moved,
            _ => return None,
        })
    }
}

/// Which cases.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Filter {
    pub workflow: Option<String>,
    pub states: Vec<String>,
    pub kind: Option<StateKind>,
    pub organisation: Option<String>,
    pub role: Option<String>,
    pub person: Option<String>,
    /// Those whose turn it is.
    pub mine: Option<Who>,
    pub street: Option<String>,
    pub code: Option<String>,
    pub source: Option<String>,
    pub text: Option<String>,
    pub light: Option<Light>,
    pub supervised: bool,
    pub simulated: Option<bool>,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    pub area: Option<Bounds>,
    pub about: Option<String>,
    pub parent: Option<String>,
}

impl Line {
    /// How it stands with its term at `now`: yellow in its last fifth.
    pub fn light(&self, now: Instant) -> Light {
        if self.kind != StateKind::Open {
            return Light::Done;
        }
        let duty = &self.case.duty;
        if duty.suspension.is_some() {
            return Light::Paused;
        }
        let Some(due) = &duty.due else { return Light::None };
        let (from, at) = (due.from.0.0, due.at.0.0);
        if now.0 >= at {
            Light::Red
        } else if now.0 - from >= (at - from) / 5 * 4 {
            Light::Yellow
        } else {
            Light::Green
        }
    }
}

impl Filter {
    /// Whether a case fits.
    pub fn fits(&self, line: &Line, now: Instant) -> bool {
        let case = &line.case;
        let holder = &case.duty.holder;
        let is =
            |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|w| found == Some(w));
        self.kind.is_none_or(|k| line.kind == k)
            && is(&self.workflow, Some(&case.workflow))
            && (self.states.is_empty() || self.states.contains(&case.state))
            && self.organisation.as_ref().is_none_or(|w| figures::organisation(line).as_ref() == Some(w))
            && self.role.as_ref().is_none_or(|r| holder.roles.contains(r))
            && is(&self.person, holder.person.as_deref())
            && is(&self.street, case.street.as_deref())
            && is(&self.code, case.code.as_deref())
            && is(&self.source, Some(&case.source))
            && (!self.supervised || case.duty.supervised)
            && self.simulated.is_none_or(|s| case.simulated == s)
            && self.from.is_none_or(|at| case.created >= at)
            && self.to.is_none_or(|at| case.created < at)
            && is(&self.about, case.about.as_ref().map(|a| a.as_str()))
            && is(&self.parent, case.parent.as_ref().map(|p| p.as_str()))
            && self.light.is_none_or(|l| line.light(now) == l)
            && self.mine.as_ref().is_none_or(|who| is_turn(line, who))
            && self.area.as_ref().is_none_or(|b| case.location.is_some_and(|p| inside(b, p)))
            && self.text.as_ref().is_none_or(|t| line.search.contains(t.as_str()))
    }
}

fn inside(b: &Bounds, p: nacre_model::Position) -> bool {
    (b.west..=b.east).contains(&p.longitude) && (b.south..=b.north).contains(&p.latitude)
}

/// Whether it is somebody's turn.
pub fn is_turn(line: &Line, who: &Who) -> bool {
    if line.kind != StateKind::Open {
        return false;
    }
    match &line.case.duty.approvals {
        Some(a) => a.parties.iter().any(|p| p.vote.is_none() && holds(&p.of, who)),
        None => holds(&line.case.duty.holder, who),
    }
}

impl Desk {
    /// Cases that fit, in order.
    pub fn list(&self, filter: &Filter, sort: Sort, now: Instant) -> Vec<Arc<Line>> {
        let open_only = filter.kind == Some(StateKind::Open) || filter.mine.is_some();
        let mut found: Vec<Arc<Line>> = match open_only {
            true => self.open().filter(|l| filter.fits(l, now)).cloned().collect(),
            false => self.all().filter(|l| filter.fits(l, now)).cloned().collect(),
        };
        let due = |l: &Arc<Line>| l.case.duty.due.as_ref().map_or(Instant::MAX, |d| d.at.0);
        match sort {
            // Cases lie in the order in which they came.
            Sort::Oldest => {}
            Sort::Newest => found.reverse(),
            Sort::Due => found.sort_by_key(due),
            Sort::DueLast => found.sort_by_key(|l| std::cmp::Reverse(due(l))),
            Sort::Number => found.sort_by(|a, b| a.case.number.cmp(&b.case.number)),
            Sort::Moved => found.sort_by_key(|l| std::cmp::Reverse(l.case.since)),
        }
        found
    }
}
