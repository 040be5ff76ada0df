//! Why a verb is refused.

use nacre_kernel::{Fault, Refusal};
use thiserror::Error;

/// A refusal; its code is stable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseError {
    /// The state does not allow it.
    #[error(
        "案件处于「{state}」，不能“{verb}”；现在可以：{possible}。 / In state `{state}` a case cannot be `{verb}`; possible now: {possible}."
    )]
    NotNow {
        /// The state.
        state: String,
        /// What was asked.
        verb: String,
        /// What would be possible.
        possible: String,
    },
    /// Somebody acted since the asker looked.
    #[error(
        "您打开之后，案件已由 {by} 办理（{verb}）；请看过最新情况再办。 / {by} acted (`{verb}`) since you looked; look again before you act."
    )]
    Moved {
        /// Who.
        by: String,
        /// What.
        verb: String,
    },
    /// Another role does this.
    #[error(
        "“{verb}”由 {wanted} 办理，您的岗位是 {role}。 / `{verb}` is done by {wanted}; you act as `{role}`."
    )]
    Role {
        /// What was asked.
        verb: String,
        /// Roles that do it.
        wanted: String,
        /// Role of the asker.
        role: String,
    },
    /// Another organisation or person holds the case.
    #[error("案件现由 {holder} 办理，您是 {you}。 / The case is with {holder}; you are {you}.")]
    Holder {
        /// Who holds it.
        holder: String,
        /// Who asked.
        you: String,
    },
    /// Four eyes.
    #[error("您办理过“{0}”，这一步须由他人办理。 / You did `{0}`; somebody else must do this step.")]
    SamePerson(String),
    /// Words are needed.
    #[error("请说明理由（`note`）。 / Say why, in `note`.")]
    NoNote,
    /// Something given does not fit.
    #[error("{field}：{zh} / `{field}`: {en}")]
    Form {
        /// Which member.
        field: &'static str,
        /// What is wrong.
        zh: String,
        /// The same.
        en: String,
    },
    /// There is no such workflow.
    #[error("没有流程 `{0}`。 / There is no workflow `{0}`.")]
    NoWorkflow(String),
    /// There is no such case.
    #[error("没有案件 `{0}`。 / There is no case `{0}`.")]
    NoCase(String),
    /// A parent waits for its parts.
    #[error("还有 {0} 个子案件未办结。 / {0} sub-cases are still open.")]
    ChildrenOpen(usize),
    /// Asked again too soon.
    #[error("{0} 分钟内已催办过。 / It was urged within the last {0} minutes.")]
    UrgedBefore(i64),
    /// What is stored cannot be read.
    #[error("案件 `{0}` 的存储内容不能识别。 / What is stored of case `{0}` cannot be read.")]
    Unreadable(String),
}

impl CaseError {
    /// A member that does not fit.
    pub fn form(field: &'static str, zh: impl Into<String>, en: impl Into<String>) -> CaseError {
        CaseError::Form { field, zh: zh.into(), en: en.into() }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            CaseError::NotNow { .. } => "case_state",
            CaseError::Moved { .. } => "case_moved",
            CaseError::Role { .. } => "case_role",
            CaseError::Holder { .. } => "case_holder",
            CaseError::SamePerson(_) => "case_same_person",
            CaseError::NoNote => "case_note_missing",
            CaseError::Form { .. } => "case_form",
            CaseError::NoWorkflow(_) => "case_workflow_unknown",
            CaseError::NoCase(_) => "case_unknown",
            CaseError::ChildrenOpen(_) => "case_children_open",
            CaseError::UrgedBefore(_) => "case_urged_before",
            CaseError::Unreadable(_) => "case_unreadable",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            CaseError::NotNow { .. }
            | CaseError::Moved { .. }
            | CaseError::ChildrenOpen(_)
            | CaseError::UrgedBefore(_)
            | CaseError::Unreadable(_) => Fault::Conflict,
            CaseError::Role { .. } | CaseError::Holder { .. } | CaseError::SamePerson(_) => Fault::Forbidden,
            CaseError::NoNote | CaseError::Form { .. } | CaseError::NoWorkflow(_) => Fault::Invalid,
            CaseError::NoCase(_) => Fault::Missing,
        }
    }
}

impl From<CaseError> for Refusal {
    fn from(error: CaseError) -> Refusal {
        Refusal::Act { code: error.code(), fault: error.fault(), detail: error.to_string() }
    }
}
