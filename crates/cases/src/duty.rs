//! Whose turn it is, until when, and who agreed: what a case remembers between two verbs.

use std::collections::BTreeMap;

use nacre_calendar::TermKind;
use nacre_model::Instant;
use serde::{Deserialize, Serialize};

use crate::workflow::ApproveMode;

/// Milliseconds since 1970, as instants stand in stored duties.
mod ms {
    use nacre_model::Instant;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Instant, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(at.0)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Instant, D::Error> {
        i64::deserialize(d).map(Instant)
    }
}

/// An instant in a stored duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct At(#[serde(with = "ms")] pub Instant);

/// Who holds a case, or is asked: a role, perhaps of one organisation, perhaps one person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Holder {
    /// Roles, any of which will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Local id of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Local id of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}

impl Holder {
    /// In words, for messages: `handler@jianghai/wang`.
    pub fn words(&self) -> String {
        let mut words = self.roles.join("|");
        if let Some(organisation) = &self.organisation {
            words.push('@');
            words.push_str(organisation);
        }
        if let Some(person) = &self.person {
            words.push('/');
            words.push_str(person);
        }
        words
    }
}

/// A term that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// How it is counted.
    pub kind: TermKind,
    /// How many.
    pub amount: u32,
    /// Since when.
    pub from: At,
    /// Until when.
    pub at: At,
    /// It depends on a year whose table is not known yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// It passed, and that was acted upon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fired: bool,
    /// It stands still since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<At>,
    /// It stood still once: it can no longer be reckoned from its beginning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shifted: bool,
}

/// What an approver decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Vote {
    Agree,
    Reject,
}

/// Somebody who is asked to agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Who is asked.
    pub of: Holder,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<Vote>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who added this one 加签.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<String>,
}

/// A state in which several agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// 会签 or 或签.
    pub mode: ApproveMode,
    /// Who is asked, in the order shown.
    pub parties: Vec<Approval>,
}

/// A rejected case that comes straight back to whoever rejected it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// The state in which it was rejected.
    pub state: String,
    /// The state it was sent to.
    pub sent_to: String,
    /// Approvals as they stood, the rejecter's taken back.
    pub approvals: Approvals,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskKind {
    /// 延期.
    Extend,
    /// 挂账.
    Suspend,
}

/// An extension or suspension that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What.
    pub kind: AskKind,
    /// By whom.
    pub by: String,
    /// When.
    pub at: At,
    /// How many more, of the kind of the running term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// Suspended until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
    /// Why.
    pub reason: String,
    /// How many have granted it so far.
    pub stage: usize,
}

/// A case that stands still 挂账.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Since when.
    pub since: At,
    /// Until when at most.
    pub until: At,
    /// Why.
    pub reason: String,
}

/// Somebody who is to read it 传阅.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Copy {
    /// A post: `role@organisation`, or with a person.
    pub to: String,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: At,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<At>,
}

/// Somebody acts in another's place 委托.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Who gave it away.
    pub from: Holder,
    /// Who acts.
    pub to: Holder,
    /// Who did that.
    pub by: String,
    /// When.
    pub at: At,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Duty {
    /// Whose turn it is.
    pub holder: Holder,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Who is asked to agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Approvals>,
    /// Who agreed in an earlier round: state and who was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agreed: Vec<(String, Approval)>,
    /// Comes straight back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<Back>,
    /// Waits for a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// Stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// Who is to read it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Copy>,
    /// Acts in another's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegation: Option<Delegation>,
    /// Who held it when it was last in a state.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Holder>,
    /// Who did which verb in this round.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub done: BTreeMap<String, String>,
    /// States passed, oldest first, without repetition: where it may be rejected to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<String>,
    /// The last move, for taking it back: state before, holder before, term before, by whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Box<Undo>>,
    /// How often a term passed.
    #[serde(skip_serializing_if = "is_zero")]
    pub overdue: u32,
    /// The term that runs passed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// How often it was urged, and when last.
    #[serde(skip_serializing_if = "is_zero")]
    pub urged: u32,
    /// When last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urged_at: Option<At>,
    /// Under supervision.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub supervised: bool,
    /// How often it was opened again.
    #[serde(skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// Open parts of it.
    #[serde(skip_serializing_if = "is_zero")]
    pub open_children: u32,
    /// Notices made so far: numbers their ids.
    #[serde(skip_serializing_if = "is_zero")]
    pub notices: u32,
    /// Who acted last, and how: told to whoever comes too late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<(String, String)>,
}

/// What a move can be taken back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// By whom the move was made.
    pub by: String,
    /// The state before.
    pub state: String,
    /// Its holder.
    pub holder: Holder,
    /// Its term.
    pub due: Option<Due>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Duty {
    /// When something happens by itself next.
    pub fn next_timer(&self) -> Option<Instant> {
        let due = self.due.as_ref().filter(|d| !d.fired && d.paused.is_none()).map(|d| d.at.0);
        let until = self.suspension.as_ref().map(|s| s.until.0);
        due.into_iter().chain(until).min()
    }
}
