//! What follows from records by itself is done here: when something was recorded, or is due.

use std::time::Duration;

use nacre_operations::Operations;

/// Looked after at least so often: a clock may be set.
const IDLE: Duration = Duration::from_millis(500);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(2);

/// Steps for ever.
pub async fn run(operations: Operations) {
    let mut recorded = operations.tenant().feed().watch();
    loop {
        let stepping = operations.clone();
        let stepped = tokio::task::spawn_blocking(move || stepping.step()).await;
        match stepped {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => {}
            Ok(Err(refusal)) => {
                tracing::warn!(code = refusal.code(), "what follows from records waits: {refusal}");
                tokio::time::sleep(PAUSE).await;
            }
            Err(panicked) => {
                tracing::error!("a step panicked: {panicked}");
                tokio::time::sleep(PAUSE).await;
            }
        }
        let due = operations.next_due().map_or(IDLE, |at| {
            let ms = (at.0 - operations.tenant().now().0).max(1);
            IDLE.min(Duration::from_millis(ms.unsigned_abs()))
        });
        tokio::select! {
            changed = recorded.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep(due) => {}
        }
    }
}
