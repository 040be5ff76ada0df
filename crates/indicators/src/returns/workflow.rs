//! Who may do what with a return next: filled in by a clerk, approved at street (in a department: by its head) and then
//! at district level. Nobody approves what he entered or approved before.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{Decision, ReturnRow, Severity};

/// Where a return stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Being filled in.
    Draft,
    /// Waits for the street or the head of the department.
    Submitted,
    /// Waits for the district.
    StreetApproved,
    /// Counts.
    Approved,
    /// Sent back to whoever filled it in.
    Returned,
    /// Taken back; never counts.
    Withdrawn,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Verb {
    Edit,
    Submit,
    Approve,
    SendBack,
    Withdraw,
}

/// Who acts.
#[derive(Debug, Clone, Copy)]
pub struct Acting<'a> {
    /// Role: `clerk`, `street-approver`, `district-approver`.
    pub role: &'a str,
    /// Local id of the organisation.
    pub organisation: &'a str,
    /// How the actor stands in records.
    pub actor: &'a str,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What.
    pub verb: String,
    /// What was said.
    pub note: Option<String>,
    /// In which record; known once it is durable.
    #[serde(default)]
    pub seq: Option<u64>,
}

/// Why a verb is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WorkflowError {
    /// The state does not allow it.
    #[error("a return in state `{state}` cannot be {verb}")]
    NotNow {
        /// The state.
        state: &'static str,
        /// The verb.
        verb: &'static str,
    },
    /// Another role does this.
    #[error("`{verb}` in state `{state}` is done by {wanted}, not by `{role}`")]
    NotYou {
        /// The verb.
        verb: &'static str,
        /// The state.
        state: &'static str,
        /// Who does it.
        wanted: &'static str,
        /// Who asked.
        role: String,
    },
    /// The return is of another organisation.
    #[error("the return is of `{of}`; you act for `{you}`")]
    NotYours {
        /// Whose it is.
        of: String,
        /// For whom the asker acts.
        you: String,
    },
    /// Four eyes.
    #[error("{0} entered or approved this return before; somebody else approves it")]
    SamePerson(String),
    /// Rows have errors.
    #[error("{0} rows have errors; correct or remove them first")]
    RowErrors(usize),
    /// A refusal without a reason.
    #[error("row {0}: a refused row needs a reason")]
    NoReason(u32),
    /// Sending back without a reason.
    #[error("say why it is sent back")]
    NoNote,
    /// A decision about a row that is not there.
    #[error("there is no row {0}")]
    NoRow(u32),
    /// Nothing to do it with.
    #[error("the return has no rows")]
    Empty,
}

impl WorkflowError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            WorkflowError::NotNow { .. } => "return_state",
            WorkflowError::NotYou { .. } => "return_role",
            WorkflowError::NotYours { .. } => "return_organisation",
            WorkflowError::SamePerson(_) => "return_same_person",
            WorkflowError::RowErrors(_) => "return_row_errors",
            WorkflowError::NoReason(_) | WorkflowError::NoNote => "return_reason_missing",
            WorkflowError::NoRow(_) => "return_row_unknown",
            WorkflowError::Empty => "return_empty",
        }
    }
}

impl State {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::StreetApproved => "street-approved",
            State::Approved => "approved",
            State::Returned => "returned",
            State::Withdrawn => "withdrawn",
        }
    }

    /// The state of a name.
    pub fn parse(name: &str) -> Option<State> {
        use State::{Approved, Draft, Returned, StreetApproved, Submitted, Withdrawn};
        [Draft, Submitted, StreetApproved, Approved, Returned, Withdrawn]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

impl Verb {
    /// All, in the order shown.
    pub const ALL: [Verb; 5] = [Verb::Submit, Verb::Approve, Verb::SendBack, Verb::Edit, Verb::Withdraw];

    /// The name in JSON and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Edit => "edit",
            Verb::Submit => "submit",
            Verb::Approve => "approve",
            Verb::SendBack => "send-back",
            Verb::Withdraw => "withdraw",
        }
    }

    /// The verb of a name.
    pub fn parse(name: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|v| v.name() == name)
    }
}

/// The rows of the workflow: from, verb, by whom, to.
const ROWS: [(State, Verb, &str, State); 12] = [
    (State::Draft, Verb::Edit, "clerk", State::Draft),
    (State::Returned, Verb::Edit, "clerk", State::Returned),
    (State::Draft, Verb::Submit, "clerk", State::Submitted),
    (State::Returned, Verb::Submit, "clerk", State::Submitted),
    (State::Draft, Verb::Withdraw, "clerk", State::Withdrawn),
    (State::Submitted, Verb::Withdraw, "clerk", State::Withdrawn),
    (State::Returned, Verb::Withdraw, "clerk", State::Withdrawn),
    (State::Submitted, Verb::Approve, "street-approver", State::StreetApproved),
    (State::Submitted, Verb::SendBack, "street-approver", State::Returned),
    (State::StreetApproved, Verb::Approve, "district-approver", State::Approved),
    (State::StreetApproved, Verb::SendBack, "district-approver", State::Returned),
    // What was approved by mistake no longer counts from the record in which it is sent back.
    (State::Approved, Verb::SendBack, "district-approver", State::Returned),
];

/// The state after a verb, or why not. `steps` are those done so far.
pub fn next(
    state: State,
    verb: Verb,
    who: Acting<'_>,
    organisation: &str,
    steps: &[Step],
) -> Result<State, WorkflowError> {
    let possible: Vec<_> = ROWS.iter().filter(|r| r.0 == state && r.1 == verb).collect();
    let Some(first) = possible.first() else {
        return Err(WorkflowError::NotNow { state: state.name(), verb: verb.name() });
    };
    let Some(row) = possible.iter().find(|r| r.2 == who.role) else {
        let (verb, state, role) = (verb.name(), state.name(), who.role.to_owned());
        return Err(WorkflowError::NotYou { verb, state, wanted: first.2, role });
    };
    if who.role != "district-approver" && who.organisation != organisation {
        return Err(WorkflowError::NotYours {
            of: organisation.to_owned(),
            you: who.organisation.to_owned(),
        });
    }
    // Only the round since the last submission counts: whoever sent it back may approve it when it comes again.
    let round = steps.iter().rposition(|s| s.verb == Verb::SendBack.name()).map_or(0, |i| i + 1);
    if verb == Verb::Approve && steps[round..].iter().any(|s| s.by == who.actor) {
        return Err(WorkflowError::SamePerson(who.actor.to_owned()));
    }
    Ok(row.3)
}

/// A decision about one row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowDecision {
    /// Which row.
    pub row: u32,
    /// What.
    pub decision: Decision,
    /// Why; needed for a refusal.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Applies a verb to the rows: a submission needs rows without errors; an approval decides each row that was not refused,
/// as the approver says, else as accepted; sending back forgets decisions.
pub fn apply(
    rows: &mut [ReturnRow],
    verb: Verb,
    decisions: &[RowDecision],
    note: Option<&str>,
) -> Result<(), WorkflowError> {
    match verb {
        Verb::Edit | Verb::Withdraw => {}
        Verb::Submit => {
            if rows.is_empty() {
                return Err(WorkflowError::Empty);
            }
            let bad = |r: &&ReturnRow| r.findings.iter().any(|f| f.severity == Severity::Error);
            match rows.iter().filter(bad).count() {
                0 => {}
                n => return Err(WorkflowError::RowErrors(n)),
            }
        }
        Verb::Approve => {
            for decision in decisions {
                let reason = decision.reason.as_deref().map(str::trim).filter(|r| !r.is_empty());
                if decision.decision == Decision::Refused && reason.is_none() {
                    return Err(WorkflowError::NoReason(decision.row));
                }
                let row = rows.iter_mut().find(|r| r.row == decision.row);
                let row = row.ok_or(WorkflowError::NoRow(decision.row))?;
                row.decision = Some(decision.decision);
                row.decision_reason = reason.map(str::to_owned);
            }
            for row in rows.iter_mut().filter(|r| r.decision.is_none()) {
                row.decision = Some(Decision::Accepted);
            }
        }
        Verb::SendBack => {
            if note.is_none_or(|n| n.trim().is_empty()) {
                return Err(WorkflowError::NoNote);
            }
            for row in rows.iter_mut() {
                row.decision = None;
                row.decision_reason = None;
            }
        }
    }
    Ok(())
}
