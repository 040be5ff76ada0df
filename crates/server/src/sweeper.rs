//! The sweeper: what has expired is invisible at once; a little later it is deleted, by a record like everything else.

use std::time::Duration;

use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, Kernel, Principal, Submission, Tenant};
use nacre_model::EntityId;

const SWEEP_EVERY: Duration = Duration::from_secs(2);
/// Entities swept in one go.
const BATCH: usize = 500;

/// Sweeps for ever.
pub async fn run(kernel: Kernel) {
    let mut timer = tokio::time::interval(SWEEP_EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        for tenant in kernel.tenants() {
            sweep(&tenant).await;
        }
    }
}

async fn sweep(tenant: &Tenant) {
    let who = Principal::system("sweeper");
    let Ok(expired) = tenant.expired(&who, BATCH) else { return };
    let commands: Vec<Submission> = expired
        .iter()
        .flat_map(|id| commands(tenant, &who, id))
        .map(|c| Submission::new(who.clone(), c))
        .collect();
    if commands.is_empty() {
        return;
    }
    let count = commands.len();
    let refused = tenant.submit_batch(commands).await.into_iter().filter_map(Result::err).count();
    tracing::debug!(tenant = %tenant.id(), count, refused, "swept what had expired");
}

fn commands(tenant: &Tenant, who: &Principal, id: &EntityId) -> Vec<Command> {
    let now = tenant.now();
    match tenant.entity(who, id, AsOf::Now) {
        // Not to be seen any more: the entity itself has expired.
        Ok(None) => vec![Command::SweepEntity { entity: id.clone() }],
        Ok(Some(entity)) => {
            let gone = entity.attributes.iter().flat_map(|(name, all)| {
                let dataset = |i: &nacre_model::Instance| i.attribute.dataset_id.clone();
                all.iter().filter(|i| i.expired(now)).map(move |i| (name.clone(), dataset(i)))
            });
            gone.map(|(name, dataset_id)| Command::SweepAttribute { entity: id.clone(), name, dataset_id })
                .collect()
        }
        Err(_) => Vec::new(),
    }
}
