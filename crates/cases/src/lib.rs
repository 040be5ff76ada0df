//! Cases: something is reported, somebody is told to act, the result is checked and counted.
//!
//! Reading order: [`workflow`] (a life cycle as rows of a pack) → [`duty`] (whose turn it is, until when, who agreed) →
//! [`case`] (a case, from and to an entity) → [`decide`] (the verbs: pure functions from a case to a case) → [`acts`] (the
//! same verbs as commands of the kernel) → [`desk`] (every case in memory, for lists, maps and figures).
//!
//! A case is one entity of type `Case`. One verb is one record: state, duty and the step that was done change together, so the
//! timeline of a case is the history of its attribute `step`, and each step has its proof.

pub mod acts;
pub mod case;
pub mod decide;
pub mod desk;
pub mod duty;
pub mod error;
pub mod value;
pub mod workflow;

pub use acts::{ActOnCase, OpenCase, Tick};
pub use case::{Case, FileRef, Step};
pub use decide::{Input, Opening, Who, act, open};
pub use duty::{Due, Duty, Holder};
pub use error::CaseError;
pub use workflow::{Words, Workflow, WorkflowDef};
