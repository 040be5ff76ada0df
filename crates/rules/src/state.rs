//! Where a rule stands with an entity: idle, holding, active.
//!
//! | stands | condition | then |
//! |-|-|-|
//! | idle, holding | not true (false or unknown) | idle |
//! | idle, holding | true, and `hold` and `cooldown` passed | active, *raise* |
//! | idle, holding | true, not yet | holding, with a deadline |
//! | active | over, and `clearHold` passed | idle, *clear* |
//! | active | over, not yet | active, ending, with a deadline |
//! | active | not over (or unknown) | active |

use nacre_model::Instant;

/// Where a rule stands with an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nothing.
    #[default]
    Idle,
    /// The condition holds, not yet long enough.
    Holding {
        /// Since.
        since: Instant,
    },
    /// It fired and is not over.
    Active {
        /// Since.
        since: Instant,
        /// The clear condition holds since, not yet long enough.
        ending: Option<Instant>,
    },
}

/// How long things take, milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The condition must hold so long.
    pub hold_ms: i64,
    /// The clear condition must hold so long.
    pub clear_hold_ms: i64,
    /// Not again within.
    pub cooldown_ms: i64,
}

/// What a step brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// It begins.
    Raise,
    /// It is over.
    Clear,
}

/// All that is remembered of a rule and an entity.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Where it stands.
    pub phase: Phase,
    /// When it last fired.
    pub last_fired: Option<Instant>,
    /// Absence: when the attribute was last reported.
    pub reported: Option<Instant>,
    /// Geofence: whether it was inside when last seen.
    pub inside: Option<bool>,
    /// Geofence: the line was crossed in the direction asked for.
    pub crossed: bool,
    /// The timer that is set.
    pub timer: Option<Instant>,
}

impl State {
    /// Whether it fired and is not over.
    pub fn active(&self) -> bool {
        matches!(self.phase, Phase::Active { .. })
    }

    /// Goes on. `over` counts only while active, `condition` only while not.
    pub fn step(&mut self, condition: Option<bool>, over: bool, now: Instant, terms: &Terms) -> Step {
        match self.phase {
            Phase::Idle | Phase::Holding { .. } => {
                if condition != Some(true) {
                    self.phase = Phase::Idle;
                    return Step::Nothing;
                }
                let since = match self.phase {
                    Phase::Holding { since } => since,
                    _ => now,
                };
                if now < self.due(since, terms) {
                    self.phase = Phase::Holding { since };
                    return Step::Nothing;
                }
                self.phase = Phase::Active { since: now, ending: None };
                self.last_fired = Some(now);
                Step::Raise
            }
            Phase::Active { since, .. } if !over => {
                self.phase = Phase::Active { since, ending: None };
                Step::Nothing
            }
            Phase::Active { since, ending } => {
                let from = ending.unwrap_or(now);
                if now < from.plus_ms(terms.clear_hold_ms) {
                    self.phase = Phase::Active { since, ending: Some(from) };
                    return Step::Nothing;
                }
                self.phase = Phase::Idle;
                Step::Clear
            }
        }
    }

    fn due(&self, since: Instant, terms: &Terms) -> Instant {
        let held = since.plus_ms(terms.hold_ms);
        self.last_fired.map_or(held, |at| held.max(at.plus_ms(terms.cooldown_ms)))
    }

    /// When it must be looked at again though nothing happens.
    pub fn deadline(&self, terms: &Terms) -> Option<Instant> {
        match self.phase {
            Phase::Holding { since } => Some(self.due(since, terms)),
            Phase::Active { ending: Some(from), .. } => Some(from.plus_ms(terms.clear_hold_ms)),
            _ => None,
        }
    }

    /// Whether nothing of it need be remembered at `now`.
    pub fn blank(&self, now: Instant, terms: &Terms) -> bool {
        let cool = self.last_fired.is_none_or(|at| at.plus_ms(terms.cooldown_ms) <= now);
        self.phase == Phase::Idle
            && cool
            && self.timer.is_none()
            && self.reported.is_none()
            && self.inside.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_neither_raises_nor_clears() {
        let terms = Terms { hold_ms: 10, clear_hold_ms: 10, cooldown_ms: 0 };
        let mut state = State::default();
        assert_eq!(state.step(Some(true), false, Instant(0), &terms), Step::Nothing);
        assert_eq!(state.step(None, false, Instant(5), &terms), Step::Nothing);
        assert_eq!(state.step(Some(true), false, Instant(10), &terms), Step::Nothing, "holding began anew");
        assert_eq!(state.step(Some(true), false, Instant(20), &terms), Step::Raise);
        assert_eq!(state.step(None, false, Instant(30), &terms), Step::Nothing);
        assert_eq!(state.step(Some(false), true, Instant(40), &terms), Step::Nothing);
        assert_eq!(state.deadline(&terms), Some(Instant(50)));
        assert_eq!(state.step(Some(false), true, Instant(50), &terms), Step::Clear);
    }

    #[test]
    fn within_the_cooldown_it_waits() {
        let terms = Terms { hold_ms: 0, clear_hold_ms: 0, cooldown_ms: 100 };
        let mut state = State::default();
        assert_eq!(state.step(Some(true), false, Instant(0), &terms), Step::Raise);
        assert_eq!(state.step(Some(false), true, Instant(10), &terms), Step::Clear);
        assert_eq!(state.step(Some(true), false, Instant(20), &terms), Step::Nothing);
        assert_eq!(state.deadline(&terms), Some(Instant(100)));
        assert_eq!(state.step(Some(true), false, Instant(100), &terms), Step::Raise);
    }
}
