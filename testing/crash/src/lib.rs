//! The crash test: a real server, real requests, `kill -9` at a random moment, and then proof.
//!
//! Reading order: [`http`] (a client that knows whether it was answered) → [`server`] (the process) → [`load`] (clients that
//! remember what was acknowledged) → [`follow`] (the event stream) → [`prove`] (what must hold after a restart) →
//! [`rounds`].
//!
//! What is proven in each round: nothing acknowledged is lost; nothing is half-applied, neither an entity (all its
//! attributes carry the same number) nor a batch; a retry with the same key is done once; `nacre verify` and `nacre doctor`
//! find nothing wrong in the files the dead server left; the event stream goes on where it ended, each record once and in
//! order; inclusion proofs verify; the log continues every checkpoint that was ever seen.

pub mod follow;
pub mod http;
pub mod load;
pub mod prove;
pub mod rounds;
pub mod server;

/// What did not hold.
pub type Checked<T = ()> = Result<T, String>;

/// Fails with a text unless something holds.
#[macro_export]
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}
