//! A policy that lets everybody pass, and can hold the sequencer: it asks about each entity that a command touches.

use std::sync::Arc;
use std::time::Duration;

use nacre_kernel::{Door, Principal, Refusal, Right};
use nacre_model::{Actor, Entity, TenantId};
use parking_lot::{Condvar, Mutex};

/// How long anything may take that should happen at once; longer is a deadlock.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
#[derive(Default)]
pub struct GateDoor {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    closed: bool,
    reached: bool,
}

/// Whose commands are held while the gate is closed.
pub fn gatekeeper() -> Principal {
    Principal { actor: Actor::new("sim:gate") }
}

/// Everybody else.
pub fn client() -> Principal {
    Principal { actor: Actor::new("sim:client") }
}

impl GateDoor {
    /// An open one.
    pub fn new() -> Arc<GateDoor> {
        Arc::default()
    }

    /// From now on the gatekeeper's commands are held.
    pub fn close(&self) {
        *self.state.lock() = State { closed: true, reached: false };
    }

    /// Waits until one is. False: none came.
    #[must_use]
    pub fn wait_reached(&self) -> bool {
        let mut state = self.state.lock();
        !self.moved.wait_while_for(&mut state, |s| !s.reached, PATIENCE).timed_out()
    }

    /// Lets it go on.
    pub fn open(&self) {
        *self.state.lock() = State::default();
        self.moved.notify_all();
    }
}

impl Door for GateDoor {
    fn permit(&self, _: &Principal, _: &TenantId, _: Right) -> Result<(), Refusal> {
        Ok(())
    }

    fn permit_entity(
        &self,
        principal: &Principal,
        _: &TenantId,
        _: Right,
        _: &Entity,
    ) -> Result<(), Refusal> {
        if *principal == gatekeeper() {
            let mut state = self.state.lock();
            while state.closed {
                state.reached = true;
                self.moved.notify_all();
                self.moved.wait(&mut state);
            }
        }
        Ok(())
    }

    fn sees_all(&self, _: &Principal, _: &TenantId) -> bool {
        true
    }
}
