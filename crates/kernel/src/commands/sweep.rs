//! Sweeping what has expired. Between the sweeper's look and the decision it may have been written again: then nothing
//! is to do, which is no error.

use nacre_model::{Change, DeleteReach, Iri};

use super::{Decision, Subject};
use crate::refusal::Refusal;

pub(super) fn entity(subject: &Subject) -> Result<Decision, Refusal> {
    let gone = subject.remains.then(|| Change::DeleteEntity { entity: subject.id.clone() });
    Ok(Decision::done(gone.into_iter().collect()))
}

pub(super) fn attribute(subject: &Subject, name: &Iri, dataset: Option<&Iri>) -> Result<Decision, Refusal> {
    let standing = subject.entity.as_ref().and_then(|e| e.instance(name.as_str(), dataset));
    let gone = standing.filter(|i| i.expired(subject.now)).map(|_| Change::DeleteAttribute {
        entity: subject.id.clone(),
        name: name.clone(),
        reach: DeleteReach::Dataset(dataset.cloned()),
    });
    Ok(Decision::done(gone.into_iter().collect()))
}
