//! Decides one rule about one entity: is it watched, does the condition hold, is it over, what does that bring.

use nacre_model::{EntityId, Instant, Position, Seq};

use super::tell;
use super::{Areas, Entry, Timers, Track};
use crate::definition::GeoEvent;
use crate::expression::Trouble;
use crate::expression::fast::{Said, Seen};
use crate::fence;
use crate::firing::{Firing, Kind};
use crate::rule::{AreaOf, Condition, Waking};
use crate::scene::{Scene, Sym, View};
use crate::state::{Phase, State, Step};
use crate::window::{Stat, Window};

/// Why a rule is looked at.
#[derive(Clone, Copy)]
pub enum Cause<'c> {
    /// Something was observed; the question is whether an attribute (short name) was.
    Observed(&'c dyn Fn(&str) -> bool),
    /// A deadline passed.
    Time,
    /// The clock came round.
    Clock,
}

/// The parts of the engine that weighing needs, with the entity's own.
pub struct Weighing<'w> {
    entries: &'w mut Vec<Entry>,
    timers: &'w mut Timers,
    areas: &'w Areas,
    track: &'w mut Track,
    out: &'w mut Vec<Firing>,
    seq: Option<Seq>,
    /// Where the search for the next state begins, as rules come in order.
    cursor: usize,
}

impl<'w> Weighing<'w> {
    /// Ready to weigh.
    pub fn new(
        (entries, timers, areas): (&'w mut Vec<Entry>, &'w mut Timers, &'w Areas),
        track: &'w mut Track,
        out: &'w mut Vec<Firing>,
        seq: Option<Seq>,
    ) -> Weighing<'w> {
        Weighing { entries, timers, areas, track, out, seq, cursor: 0 }
    }

    /// Adds what was observed to the windows of the rules; the rules that have one.
    pub fn feed(&mut self, picked: &[u32], scene: &Scene<'_>, reported: &dyn Fn(&str) -> bool) -> Vec<u32> {
        let (mut fed, mut done) = (Vec::new(), Vec::new());
        for number in picked {
            let Some(Entry { rule, enabled: true, window: Some(shared), .. }) =
                self.entries.get(*number as usize)
            else {
                continue;
            };
            let Waking::Window { attribute, over_ms, .. } = &rule.waking else { continue };
            fed.push(*number);
            if done.contains(shared) {
                continue;
            }
            done.push(*shared);
            let at = window(&mut self.track.windows, *shared, (attribute, *over_ms), scene);
            let Some((_, window)) = self.track.windows.get_mut(at) else { continue };
            if !reported(attribute) {
                continue;
            }
            let Some(row) = scene.row(attribute) else { continue };
            if scene.row_before(attribute).is_some_and(|before| before.same(row)) {
                // The attribute was touched and stands as before: something older came in behind it.
                load(window, attribute, *over_ms, scene);
            } else if let Some(number) = row.number() {
                window.add(row.at(), number, scene.now);
            }
        }
        fed
    }

    /// An absence rule expects the attribute, last reported then.
    pub fn expect(&mut self, number: u32, id: &EntityId, reported: Instant) {
        let (place, mut state) = self.take(number);
        if state.reported.is_none() && !state.active() {
            state.reported = Some(reported);
        }
        self.put(number, place, state, id, None, (reported, false));
    }

    /// Ends all rules that watch types the entity is no longer of.
    pub fn leave(&mut self, kinds: &[String], scene: &Scene<'_>) {
        let numbers: Vec<u32> = self.track.states.iter().map(|(n, _)| *n).collect();
        self.cursor = 0;
        for number in numbers {
            let Some(entry) = self.entries.get_mut(number as usize) else { continue };
            if kinds.iter().any(|k| k == entry.rule.on()) || !entry.enabled {
                continue;
            }
            let (place, state) = self.take(number);
            self.end(number, state.active(), scene);
            let timer = state.timer;
            if let Some(timer) = timer {
                self.timers.remove(&(timer, number, scene.id.clone()));
            }
            if let Ok(place) = place {
                self.track.states.remove(place);
            }
        }
    }

    fn end(&mut self, number: u32, active: bool, scene: &Scene<'_>) {
        if let (true, Some(entry)) = (active, self.entries.get_mut(number as usize)) {
            entry.stats.clears += 1;
            self.out.push(tell::ended(&entry.rule, scene.id, scene.now, self.seq));
        }
    }

    /// The state of a rule, taken out, and its place.
    fn take(&mut self, number: u32) -> (Result<usize, usize>, State) {
        let states = &mut self.track.states;
        let from = self.cursor.min(states.len());
        let from = if from > 0 && states[from - 1].0 >= number { 0 } else { from };
        let place = match states[from..].binary_search_by_key(&number, |(n, _)| *n) {
            Ok(at) => Ok(from + at),
            Err(at) => Err(from + at),
        };
        let (Ok(at) | Err(at)) = place;
        self.cursor = at;
        let state = place.map(|at| std::mem::take(&mut states[at].1)).unwrap_or_default();
        (place, state)
    }

    /// Puts a state back with its timer set to the earliest of its deadlines.
    fn put(
        &mut self,
        number: u32,
        place: Result<usize, usize>,
        mut state: State,
        id: &EntityId,
        leaves: Option<Instant>,
        (now, passed): (Instant, bool),
    ) {
        let Some(entry) = self.entries.get(number as usize) else { return };
        let mut deadline = state.deadline(&entry.terms).into_iter().chain(leaves).min();
        if let (Waking::Absence { lasting_ms, .. }, Phase::Idle) = (&entry.rule.waking, state.phase) {
            deadline = state.reported.map(|at| at.plus_ms(*lasting_ms));
            // It was due, and the conditions did not hold or are not known: look again after the same time.
            if passed {
                deadline = deadline.map(|at| if at <= now { now.plus_ms(*lasting_ms) } else { at });
            }
        }
        if deadline != state.timer {
            if let Some(old) = state.timer {
                self.timers.remove(&(old, number, id.clone()));
            }
            if let Some(new) = deadline {
                self.timers.insert((new, number, id.clone()));
            }
            state.timer = deadline;
        }
        match place {
            Ok(at) if state.blank(now, &entry.terms) => {
                self.track.states.remove(at);
            }
            Ok(at) => self.track.states[at].1 = state,
            Err(_) if state.blank(now, &entry.terms) => {}
            Err(at) => self.track.states.insert(at, (number, state)),
        }
    }

    /// Decides one rule about the entity of the scene.
    pub fn weigh(&mut self, number: u32, scene: &Scene<'_>, cause: Cause<'_>) {
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        if !entry.enabled || entry.rule.only().is_some_and(|id| id != scene.id.as_str()) {
            return;
        }
        entry.stats.evaluations += 1;
        let stands = self.track.states.binary_search_by_key(&number, |(n, _)| *n).is_ok();
        if !stands && entry.plainly_idle(scene) {
            return;
        }
        let rule = entry.rule.clone();
        let terms = entry.terms;
        let (mut windowed, mut leaves) = (None, None);
        if let (Waking::Window { attribute, over_ms, .. }, Some(shared)) = (&rule.waking, entry.window) {
            let at = window(&mut self.track.windows, shared, (attribute, *over_ms), scene);
            if let Some((_, window)) = self.track.windows.get_mut(at) {
                window.advance(window.newest().map_or(scene.now, |at| at.max(scene.now)));
                leaves = window.next_leaves();
            }
            windowed = Some(at);
        }
        let (place, mut state) = self.take(number);
        let window = windowed.and_then(|at| self.track.windows.get(at)).map(|(_, w)| w);
        let Some(entry) = self.entries.get_mut(number as usize) else { return };
        let view = View { scene, on: rule.on(), window };
        let mut asking = Asking { entry, view: &view };
        let Verdict { condition, over, area } = asking.verdict(&mut state, cause, self.areas, window);
        // Leaving the selection ends at once; an end that the clear condition brings may have to hold.
        let step = match over {
            Over::AtOnce => {
                let active = state.active();
                state = State {
                    reported: state.reported,
                    inside: state.inside,
                    timer: state.timer,
                    last_fired: state.last_fired,
                    ..State::default()
                };
                leaves = leaves.filter(|_| active);
                if active { Step::Clear } else { Step::Nothing }
            }
            Over::If(over) => state.step(condition, over, scene.now, &terms),
        };
        // A rule of the clock has no edge: each time it comes round counts, unless one just did.
        let again = matches!(cause, Cause::Clock)
            && step == Step::Nothing
            && condition == Some(true)
            && state.last_fired.is_none_or(|at| at.plus_ms(terms.cooldown_ms) <= scene.now)
            && state.active();
        if again {
            state.last_fired = Some(scene.now);
        }
        let kind = match step {
            Step::Raise => Some(Kind::Raise),
            Step::Clear => Some(Kind::Clear),
            Step::Nothing if again => Some(Kind::Raise),
            Step::Nothing => None,
        };
        if let Some(kind) = kind {
            let firing = tell::told(asking.entry, &view, kind, self.seq, area);
            self.out.push(firing);
        }
        self.put(number, place, state, scene.id, leaves, (scene.now, !matches!(cause, Cause::Observed(_))));
    }
}

impl Entry {
    /// Whether nothing stands about the entity and nothing comes of it: the rule waits for a change only, and its fast
    /// form says no. Most evaluations end here.
    fn plainly_idle(&self, scene: &Scene<'_>) -> bool {
        if !matches!(self.rule.waking, Waking::Change) {
            return false;
        }
        let known = |condition: &Option<Condition>, syms: &[Sym]| match condition {
            None => Said::Yes,
            Some(condition) => fast(condition, syms, scene),
        };
        match known(&self.rule.selection, &self.selection) {
            Said::Yes => known(&self.rule.condition, &self.condition) == Said::No,
            Said::No => true,
            Said::Missing | Said::Unsure => false,
        }
    }
}

/// What the fast form says, where there is one and it knows.
fn fast(condition: &Condition, syms: &[Sym], scene: &Scene<'_>) -> Said {
    let Some(fast) = condition.fast.as_ref() else { return Said::Unsure };
    fast.holds(&mut |at| syms.get(at).map_or(Seen::Other, |sym| scene.see(*sym)))
}

/// When an active rule is over.
enum Over {
    /// Now, whatever holds.
    AtOnce,
    /// When this says so long enough.
    If(bool),
}

struct Verdict {
    condition: Option<bool>,
    over: Over,
    /// The area entered, when one is.
    area: Option<EntityId>,
}

impl Verdict {
    fn plain(condition: Option<bool>, over: bool) -> Verdict {
        Verdict { condition, over: Over::If(over), area: None }
    }
}

struct Asking<'q, 's, 'a> {
    entry: &'q mut Entry,
    view: &'q View<'s, 'a>,
}

impl Asking<'_, '_, '_> {
    fn verdict(
        &mut self,
        state: &mut State,
        cause: Cause<'_>,
        areas: &Areas,
        window: Option<&Window>,
    ) -> Verdict {
        let rule = self.entry.rule.clone();
        match self.selected() {
            Some(true) => {}
            Some(false) => {
                let area = None;
                return Verdict { condition: Some(false), over: Over::AtOnce, area };
            }
            // Not known whether it is watched: all stays as it is.
            None => {
                let condition = match state.phase {
                    Phase::Holding { .. } => Some(true),
                    _ => None,
                };
                // A deadline cannot pass on what is not known.
                return Verdict::plain(condition.filter(|_| matches!(cause, Cause::Observed(_))), false);
            }
        }
        match &rule.waking {
            Waking::Change => {
                let condition = self.condition();
                let over = self.over(state, condition);
                Verdict::plain(condition, over)
            }
            Waking::Schedule(_) => {
                let condition = self.condition();
                let over = self.over(state, condition);
                // A time of the clock that falls into the cooldown is let go; the next one comes by itself.
                let cooling = state
                    .last_fired
                    .is_some_and(|at| at.plus_ms(self.entry.terms.cooldown_ms) > self.view.scene.now);
                Verdict::plain(condition.filter(|_| state.active() || !cooling), over)
            }
            Waking::Window { least, .. } => {
                let enough = window.and_then(|w| w.stat(Stat::Count)).is_some_and(|n| n >= *least as f64);
                let condition = if enough { self.condition() } else { None };
                let over = self.over(state, condition);
                Verdict::plain(condition, over)
            }
            Waking::Geofence { attribute, event, area } => {
                self.geofence(state, attribute, *event, area, areas)
            }
            Waking::Absence { attribute, lasting_ms } => self.absence(state, cause, attribute, *lasting_ms),
        }
    }

    fn selected(&mut self) -> Option<bool> {
        let rule = self.entry.rule.clone();
        match &rule.selection {
            None => Some(true),
            Some(condition) => self.ask(condition, |e| &e.selection),
        }
    }

    fn condition(&mut self) -> Option<bool> {
        let rule = self.entry.rule.clone();
        match &rule.condition {
            None => Some(true),
            Some(condition) => self.ask(condition, |e| &e.condition),
        }
    }

    /// Whether an active rule is over: never while the condition holds.
    fn over(&mut self, state: &State, condition: Option<bool>) -> bool {
        if !state.active() || condition == Some(true) {
            return false;
        }
        let rule = self.entry.rule.clone();
        match &rule.clear {
            None => condition == Some(false),
            Some(clear) => self.ask(clear, |e| &e.clear) == Some(true),
        }
    }

    fn ask(&mut self, condition: &Condition, syms: fn(&Entry) -> &Vec<Sym>) -> Option<bool> {
        match fast(condition, syms(self.entry), self.view.scene) {
            Said::Yes => return Some(true),
            Said::No => return Some(false),
            // Said in words once: the same words need not be made again.
            Said::Missing if self.entry.stats.last_error.is_some() => {
                self.entry.stats.errors += 1;
                return None;
            }
            Said::Missing | Said::Unsure => {}
        }
        match condition.expression.holds(self.view) {
            Ok(known) => Some(known),
            Err(trouble) => {
                note(self.entry, condition.expression.text(), &trouble);
                None
            }
        }
    }

    fn geofence(
        &mut self,
        state: &mut State,
        attribute: &str,
        event: GeoEvent,
        area: &AreaOf,
        areas: &Areas,
    ) -> Verdict {
        let scene = self.view.scene;
        let place = |row: Option<&crate::scene::Row<'_>>| row.and_then(|r| r.shape()).and_then(fence::middle);
        let Some(here) = place(scene.row(attribute)) else {
            let trouble = Trouble::new(
                format!("没有位置 `{attribute}`"),
                format!("there is no position `{attribute}`"),
            );
            note(self.entry, attribute, &trouble);
            return Verdict::plain(None, false);
        };
        let (inside, which) = within(area, areas, here);
        let was = state
            .inside
            .or_else(|| place(scene.row_before(attribute)).map(|before| within(area, areas, before).0));
        state.inside = Some(inside);
        let crossed = was.is_some_and(|was| was != inside);
        let stands = match event {
            GeoEvent::Inside => inside,
            GeoEvent::Outside => !inside,
            GeoEvent::Enter => {
                state.crossed = inside && (state.crossed || crossed);
                state.crossed
            }
            GeoEvent::Leave => {
                state.crossed = !inside && (state.crossed || crossed);
                state.crossed
            }
        };
        // An event that a restart has lost sight of goes on as long as the place stays right.
        let right = inside == matches!(event, GeoEvent::Inside | GeoEvent::Enter);
        let stands = stands || (state.active() && right);
        let condition = if stands { self.condition() } else { Some(false) };
        let over = self.over(state, condition);
        Verdict { condition, over: Over::If(over), area: which }
    }

    fn absence(&mut self, state: &mut State, cause: Cause<'_>, attribute: &str, lasting_ms: i64) -> Verdict {
        let scene = self.view.scene;
        let now = scene.now;
        if let Cause::Observed(reported) = cause {
            let row = scene.row(attribute);
            if row.is_some() && reported(attribute) {
                // A device whose clock runs ahead has not reported later than now.
                let at = row.map_or(now, |r| r.at()).min(now);
                state.reported = Some(state.reported.map_or(at, |before| before.max(at)));
            }
            let first = state.reported.is_none();
            if first && !state.active() {
                state.reported = Some(row.map_or(now, |r| r.at()).min(now));
            }
            let back = state.reported.is_some_and(|at| now < at.plus_ms(lasting_ms));
            let over = back && reported(attribute) && {
                let rule = self.entry.rule.clone();
                !state.active() || rule.clear.as_ref().is_none_or(|c| self.ask(c, |e| &e.clear) == Some(true))
            };
            // Between reports nothing is decided; what waits for the end of a cooldown waits on.
            let waiting = matches!(state.phase, Phase::Holding { .. }) && !back;
            return Verdict::plain(waiting.then_some(true).or(Some(false)), over);
        }
        let due = state.reported.is_some_and(|at| at.plus_ms(lasting_ms) <= now);
        let condition = if due { self.condition() } else { Some(false) };
        Verdict::plain(condition, false)
    }
}

fn within(area: &AreaOf, areas: &Areas, at: Position) -> (bool, Option<EntityId>) {
    match area {
        AreaOf::Written(area) => (area.holds(at), None),
        AreaOf::Carried { kind, attribute } => {
            let key = (kind.clone(), attribute.clone());
            match areas.get(&key).and_then(|all| all.iter().find(|a| a.holds(at))) {
                Some(found) => (true, found.id.clone()),
                None => (false, None),
            }
        }
    }
}

/// Counts an error and keeps its words.
pub fn note(entry: &mut Entry, what: &str, trouble: &Trouble) {
    entry.stats.errors += 1;
    let what: String = what.chars().take(120).collect();
    entry.stats.last_error = Some(format!("`{what}`：{} / `{what}`: {}", trouble.zh, trouble.en));
}

/// Where the window of a number stands, loaded from history when it is first asked for.
fn window(
    windows: &mut Vec<(u32, Window)>,
    number: u32,
    (attribute, over_ms): (&str, i64),
    scene: &Scene<'_>,
) -> usize {
    match windows.binary_search_by_key(&number, |(n, _)| *n) {
        Ok(at) => at,
        Err(at) => {
            let mut window = Window::new(over_ms);
            load(&mut window, attribute, over_ms, scene);
            windows.insert(at, (number, window));
            at
        }
    }
}

fn load(window: &mut Window, attribute: &str, over_ms: i64, scene: &Scene<'_>) {
    let from = scene.now.plus_ms(-over_ms);
    for (at, value) in scene.world.history(scene.id, attribute, from, scene.now) {
        window.add(at, value, scene.now);
    }
}
