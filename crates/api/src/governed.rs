//! Entities that change by verbs only: a return that is approved level by level, a freeze, a report, the reply to a comment.
//! Writing such an entity directly would go round its workflow, whoever asks; the platform's own verbs do not pass here.

use nacre_kernel::door::Right;
use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, Refusal, Tenant};
use nacre_model::{Iri, TenantId};

use crate::state::App;

/// The types a command states.
fn stated(command: &Command) -> &[Iri] {
    match command {
        Command::CreateEntity(draft)
        | Command::UpsertEntity { draft, .. }
        | Command::AppendAttributes { draft, .. }
        | Command::ReplaceEntity(draft)
        | Command::AddHistory(draft) => &draft.types,
        Command::UpdateAttributes { types, .. } | Command::MergeEntity { types, .. } => types,
        _ => &[],
    }
}

/// Refuses a command of a client on an entity whose type is governed, by what it states or by what stands.
pub fn refuse(app: &App, tenant: &Tenant, command: &Command) -> Result<(), Refusal> {
    let governed = app.governed();
    let Some(id) = command.entity() else { return Ok(()) };
    if governed.is_empty() || *tenant.id() != TenantId::default_tenant() {
        return Ok(());
    }
    let standing = tenant.entity(&app.principal(), id, AsOf::Now)?;
    let types = standing.iter().flat_map(|e| &e.types).chain(stated(command));
    let Some(found) = types.into_iter().find(|t| governed.contains(*t)) else { return Ok(()) };
    let name = found.as_str().rsplit('/').next().unwrap_or_default();
    Err(Refusal::Forbidden {
        principal: app.principal().actor.to_string(),
        right: Right::Command(command.name()).name(),
        why: format!("entities of type `{name}` change by their verbs only; `/api/openapi.json` lists them"),
    })
}
