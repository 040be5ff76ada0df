//! Each kind of rule over a small world whose clock stands still until told.

use std::cell::RefCell;
use std::collections::BTreeMap;

use nacre_model::{Attribute, Content, Entity, Geometry, Instance, Iri, Position, Value};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::compile::{Complaint, Options};
use crate::dry_run::{Past, dry_run};
use crate::firing::{Effect, Kind};
use crate::functions::Functions;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn iri(short: &str) -> Iri {
    Iri::trusted(&format!("https://example.org/{short}"))
}

fn urn(id: &str) -> EntityId {
    EntityId::new(&format!("urn:ngsi-ld:{id}")).expect("a URN")
}

/// 2026-11-23 00:00 in the district.
fn midnight() -> i64 {
    Instant::parse("2026-11-23T00:00:00+08:00").expect("a date-time").0
}

#[derive(Default)]
struct Small {
    entities: BTreeMap<EntityId, Arc<Entity>>,
    history: RefCell<BTreeMap<(EntityId, String), BTreeMap<Instant, f64>>>,
}

impl World for Small {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        self.entities.get(id).cloned()
    }
    fn history(&self, id: &EntityId, attribute: &str, from: Instant, to: Instant) -> Vec<(Instant, f64)> {
        let all = self.history.borrow();
        let Some(points) = all.get(&(id.clone(), attribute.to_string())) else { return Vec::new() };
        points.iter().filter(|(at, _)| **at > from && **at <= to).map(|(at, v)| (*at, *v)).collect()
    }
    fn of_type(&self, short: &str) -> Vec<EntityId> {
        let of = |e: &Entity| e.types.iter().any(|t| self.short(t) == short);
        self.entities.values().filter(|e| of(e)).map(|e| e.id.clone()).collect()
    }
    fn short(&self, iri: &Iri) -> String {
        iri.as_str().rsplit('/').next().unwrap_or_default().to_string()
    }
}

/// A world with an engine, and a journal that counts.
struct Bench {
    world: Small,
    engine: Engine,
    seq: u64,
    now: i64,
}

fn compile(def: serde_json::Value) -> Result<Rule, Vec<Complaint>> {
    let functions = Functions::new();
    let def = serde_json::from_value(def).expect("a definition");
    Rule::compile("water.rule", def, &Options { offset_minutes: 480, functions: &functions })
}

/// A definition with what most tests do not look at.
fn def(more: serde_json::Value) -> serde_json::Value {
    let mut whole = json!({
        "title": "rule", "on": { "type": "Section" }, "when": "change",
        "then": [{ "notify": { "role": "river-chief", "text": "'断面 ' + id" } }],
    });
    for (name, value) in more.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    whole
}

impl Bench {
    fn new(more: serde_json::Value) -> Bench {
        let rule = compile(def(more)).unwrap_or_else(|c| panic!("{c:?}"));
        Bench { world: Small::default(), engine: Engine::new(vec![Arc::new(rule)]), seq: 0, now: midnight() }
    }

    /// Time passes, with a tick whenever one is due.
    fn wait(&mut self, ms: i64) -> Vec<Firing> {
        let until = Instant(self.now + ms);
        let mut out = Vec::new();
        while let Some(at) = self.engine.next_tick().filter(|at| *at <= until) {
            let at = at.max(Instant(self.now));
            self.now = at.0;
            out.extend(self.engine.tick(at, &self.world));
        }
        self.now = until.0;
        out
    }

    fn set(&mut self, id: &str, all: &[(&str, Value)]) -> Vec<Firing> {
        let all: Vec<(&str, Attribute)> = all
            .iter()
            .map(|(n, v)| (*n, Attribute::property(v.clone()).observed(Instant(self.now))))
            .collect();
        self.state(id, "Section", &all)
    }

    fn level(&mut self, level: f64) -> Vec<Firing> {
        self.set("Section:1", &[("level", Value::Float(level))])
    }

    fn state(&mut self, id: &str, kind: &str, all: &[(&str, Attribute)]) -> Vec<Firing> {
        let id = urn(id);
        let at = Instant(self.now);
        let before = self.world.entity(&id);
        let mut after = before.as_deref().cloned().unwrap_or_else(|| Entity {
            id: id.clone(),
            types: vec![iri(kind)],
            scopes: Vec::new(),
            attributes: Default::default(),
            created_at: at,
            modified_at: at,
            expires_at: None,
            seq: Seq::ZERO,
            revision: 0,
        });
        self.seq += 1;
        for (name, attribute) in all {
            let number = match &attribute.content {
                Content::Property(v) => v.as_number(),
                _ => None,
            };
            if let Some(v) = number {
                let key = (id.clone(), (*name).to_string());
                let observed = attribute.observed_at.unwrap_or(at);
                self.world.history.borrow_mut().entry(key).or_default().insert(observed, v);
            }
            let instance = Instance { attribute: attribute.clone(), created_at: at, modified_at: at };
            after.attributes.insert(iri(name), vec![instance]);
        }
        let after = Arc::new(after);
        self.world.entities.insert(id.clone(), after.clone());
        let changed: Vec<Iri> = all.iter().map(|(n, _)| iri(n)).collect();
        let o = Observed {
            id: &id,
            before: before.as_deref(),
            after: Some(&after),
            changed: &changed,
            seq: Seq(self.seq),
            at,
        };
        self.engine.observe(&o, &self.world)
    }

    fn delete(&mut self, id: &str) -> Vec<Firing> {
        let id = urn(id);
        let before = self.world.entities.remove(&id);
        self.seq += 1;
        let o = Observed {
            id: &id,
            before: before.as_deref(),
            after: None,
            changed: &[],
            seq: Seq(self.seq),
            at: Instant(self.now),
        };
        self.engine.observe(&o, &self.world)
    }
}

/// The kinds in a word: `R` raised, `C` cleared.
fn kinds(firings: &[Firing]) -> String {
    firings.iter().map(|f| if f.kind == Kind::Raise { 'R' } else { 'C' }).collect()
}

#[test]
fn an_engine_may_move_between_threads() {
    fn movable<T: Send>() {}
    movable::<Engine>();
    movable::<Firing>();
}

#[test]
fn a_change_raises_once_and_clears_once() {
    let mut bench = Bench::new(json!({ "if": "level > 2" }));
    let told: Vec<String> = [1.0, 3.0, 3.5, 2.5, 1.0, 0.5, 9.0].map(|l| kinds(&bench.level(l))).to_vec();
    assert_eq!(told, ["", "R", "", "", "C", "", "R"]);
    assert_eq!(bench.engine.active("water.rule"), [urn("Section:1")]);
    let stats = bench.engine.stats("water.rule");
    assert_eq!((stats.evaluations, stats.firings, stats.clears, stats.errors), (7, 2, 1, 0));
    assert_eq!(kinds(&bench.delete("Section:1")), "C", "what is gone is over");
}

#[test]
fn hysteresis_keeps_what_hovers_from_flapping() {
    let mut bench = Bench::new(json!({ "if": "level > 2", "clear": "level < 1.8" }));
    let told: Vec<String> = [2.1, 1.9, 2.1, 1.9, 1.7, 1.9].map(|l| kinds(&bench.level(l))).to_vec();
    assert_eq!(told, ["R", "", "", "", "C", ""]);
}

#[test]
fn a_condition_must_hold_and_an_end_too() {
    let mut bench = Bench::new(json!({ "if": "level > 2", "hold": "5m", "clearHold": "2m" }));
    assert_eq!(kinds(&bench.level(3.0)), "");
    assert_eq!(kinds(&bench.wait(4 * MINUTE)), "");
    assert_eq!(kinds(&bench.level(1.0)), "", "a break");
    assert_eq!(kinds(&bench.level(3.0)), "");
    assert_eq!(kinds(&bench.wait(5 * MINUTE - 1)), "");
    let fired = bench.wait(1);
    assert_eq!((kinds(&fired).as_str(), fired[0].seq), ("R", None));
    assert_eq!(kinds(&bench.level(1.0)), "");
    assert_eq!(kinds(&bench.wait(MINUTE)), "");
    assert_eq!(kinds(&bench.level(3.0)), "", "it came back");
    assert_eq!(kinds(&bench.level(1.0)), "");
    assert_eq!(kinds(&bench.wait(2 * MINUTE)), "C");
    assert_eq!(bench.engine.next_tick(), None, "no timer is left behind");
}

#[test]
fn the_cooldown_delays_the_next_time() {
    let mut bench = Bench::new(json!({ "if": "level > 2", "cooldown": "10m" }));
    assert_eq!(kinds(&bench.level(3.0)), "R");
    bench.wait(MINUTE);
    assert_eq!(kinds(&bench.level(1.0)), "C");
    assert_eq!(kinds(&bench.level(3.0)), "");
    assert_eq!(kinds(&bench.wait(8 * MINUTE)), "");
    assert_eq!(kinds(&bench.wait(MINUTE)), "R");
}

#[test]
fn an_unknown_attribute_neither_raises_nor_clears_and_is_reported() {
    let mut bench = Bench::new(json!({ "if": "level > 2 && depth > 1" }));
    assert_eq!(kinds(&bench.level(3.0)), "");
    let stats = bench.engine.stats("water.rule");
    assert_eq!(stats.errors, 1);
    assert!(
        stats
            .last_error
            .is_some_and(|e| e.contains("attribute `depth` is missing") && e.contains("没有属性"))
    );
    assert_eq!(kinds(&bench.set("Section:1", &[("depth", 2.0.into())])), "R");
    // The level becomes a text: nobody knows whether the condition holds.
    assert_eq!(kinds(&bench.set("Section:1", &[("level", "high".into())])), "");
    assert_eq!(kinds(&bench.level(1.0)), "C");
}

#[test]
fn only_what_the_selection_watches_fires_and_leaving_it_clears() {
    let on = json!({ "type": "Section", "where": "!has(self.tidal) || tidal != true" });
    let mut bench = Bench::new(json!({ "on": on, "if": "level > 2" }));
    assert_eq!(kinds(&bench.set("Section:1", &[("level", 3.0.into()), ("tidal", true.into())])), "");
    assert_eq!(kinds(&bench.set("Section:1", &[("tidal", false.into())])), "R");
    assert_eq!(kinds(&bench.set("Section:1", &[("tidal", true.into())])), "C");
    assert_eq!(kinds(&bench.set("Section:2", &[("level", 3.0.into())])), "R");
}

#[test]
fn a_rule_about_one_entity_is_found_by_its_id() {
    let on = json!({ "type": "Section", "where": "id == 'urn:ngsi-ld:Section:2'" });
    let mut bench = Bench::new(json!({ "on": on, "if": "level > 2" }));
    assert_eq!(kinds(&bench.level(3.0)), "");
    assert_eq!(bench.engine.stats("water.rule").evaluations, 0, "not even looked at");
    assert_eq!(kinds(&bench.set("Section:2", &[("level", 3.0.into())])), "R");
}

#[test]
fn a_step_is_seen_against_what_was_before() {
    let mut bench = Bench::new(json!({ "if": "level - previous.level > 1" }));
    let told: Vec<String> = [1.0, 2.5, 2.6, 5.0].map(|l| kinds(&bench.level(l))).to_vec();
    assert_eq!(told, ["", "R", "C", "R"]);
}

#[test]
fn related_entities_are_seen() {
    let mut bench = Bench::new(json!({
        "if": "level > rel.river.limit",
        "then": [{ "notify": { "role": "chief", "text": "rel.river.name + '：' + level" } }],
    }));
    bench.state(
        "River:1",
        "River",
        &[("limit", Attribute::property(2.0)), ("name", Attribute::property("石榴岗河"))],
    );
    let river = Attribute::relationship(Iri::trusted("urn:ngsi-ld:River:1"));
    assert_eq!(kinds(&bench.state("Section:1", "Section", &[("river", river)])), "");
    let fired = bench.level(2.5);
    assert_eq!(
        fired[0].effects,
        [Effect::Notify { role: "chief".into(), organisation: None, text: "石榴岗河：2.5".into() }]
    );
    let names: Vec<&str> = fired[0].inputs.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["level", "rel.river.limit"]);
    assert_eq!(fired[0].inputs[0].observed_at, Some(Instant(midnight())));
}

#[test]
fn all_effects_are_final_and_a_bad_text_does_not_lose_an_alert() {
    let then = json!([
        { "alert": { "severity": "level > 3 ? 'red' : 'orange'", "scheme": "national-four", "category": "water",
                     "title": "'水位 ' + depth", "group": "'g'" } },
        { "case": { "workflow": "water.rectify", "title": "'超标'", "role": "river-chief",
                    "fields": { "level": "level", "depth": "depth" } } },
        { "set": { "attribute": "waterClass", "value": "level > 2 ? '劣V' : 'IV'", "unit": "C62" } },
        { "set": { "attribute": "other", "value": "depth" } },
    ]);
    let mut bench = Bench::new(json!({ "if": "level > 2", "then": then }));
    let fired = bench.level(4.0);
    let text = |t: &str| Some(t.to_string());
    assert_eq!(
        fired[0].effects,
        [
            Effect::Alert {
                severity: text("red"),
                scheme: "national-four".into(),
                category: "water".into(),
                title: "water.rule".into(),
                group: text("g"),
            },
            Effect::Case {
                workflow: "water.rectify".into(),
                title: "超标".into(),
                description: None,
                organisation: None,
                role: text("river-chief"),
                fields: vec![("level".into(), Value::Int(4))],
            },
            Effect::Set { attribute: "waterClass".into(), value: "劣V".into(), unit: text("C62") },
        ]
    );
    assert_eq!(bench.engine.stats("water.rule").errors, 3);
}

fn window(more: serde_json::Value) -> Bench {
    let mut whole = json!({ "when": "window", "window": { "attribute": "level", "over": "1h" } });
    for (name, value) in more.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    Bench::new(whole)
}

#[test]
fn a_window_fires_and_ends_as_values_leave_it() {
    let mut bench = window(json!({ "if": "window.count >= 3 && window.avg > 2" }));
    assert_eq!(kinds(&bench.level(3.0)), "");
    bench.wait(10 * MINUTE);
    assert_eq!(kinds(&bench.level(3.0)), "");
    bench.wait(10 * MINUTE);
    let fired = bench.level(3.0);
    assert_eq!(kinds(&fired), "R");
    assert!(fired[0].inputs.iter().any(|i| i.name == "window.count" && i.value == json!(3)));
    assert_eq!(kinds(&bench.wait(39 * MINUTE)), "");
    assert_eq!(kinds(&bench.wait(MINUTE)), "C", "the first value is an hour old");
    bench.wait(2 * HOUR);
    assert_eq!(bench.engine.next_tick(), None);
}

#[test]
fn a_rise_per_hour_is_seen_and_too_few_values_say_nothing() {
    let mut bench = window(json!({
        "window": { "attribute": "level", "over": "1h", "count": 3 }, "if": "window.rate > 1"
    }));
    for (level, told) in [(1.0, ""), (1.2, ""), (1.5, "R")] {
        assert_eq!(kinds(&bench.level(level)), told);
        bench.wait(10 * MINUTE);
    }
}

#[test]
fn a_window_begins_with_what_history_has_and_late_values_are_put_in_order() {
    let mut bench = window(json!({ "if": "window.count == 3 && window.change == 2" }));
    let now = bench.now;
    let key = (urn("Section:1"), "level".to_string());
    bench
        .world
        .history
        .borrow_mut()
        .entry(key)
        .or_default()
        .extend([(Instant(now - 2 * HOUR), 7.0), (Instant(now - 50 * MINUTE), 1.0)]);
    assert_eq!(kinds(&bench.level(3.0)), "");
    // A reading that was kept back for half an hour and overwrites what stands.
    let late = Attribute::property(9.0).observed(Instant(now - 30 * MINUTE));
    assert_eq!(kinds(&bench.state("Section:1", "Section", &[("level", late)])), "R");
    let too_late = Attribute::property(9.0).observed(Instant(now - 3 * HOUR));
    assert_eq!(kinds(&bench.state("Section:1", "Section", &[("level", too_late)])), "", "dropped");
}

#[test]
fn a_value_that_came_in_behind_the_present_one_is_fetched_from_history() {
    let mut bench = window(json!({ "if": "window.max > 5" }));
    assert_eq!(kinds(&bench.level(1.0)), "");
    let id = urn("Section:1");
    let key = (id.clone(), "level".to_string());
    bench.world.history.borrow_mut().entry(key).or_default().insert(Instant(bench.now - MINUTE), 9.0);
    let entity = bench.world.entity(&id).expect("it exists");
    let o = Observed {
        id: &id,
        before: Some(&entity),
        after: Some(&entity),
        changed: &[iri("level")],
        seq: Seq(99),
        at: Instant(bench.now),
    };
    assert_eq!(kinds(&bench.engine.observe(&o, &bench.world)), "R");
}

fn absence(more: serde_json::Value) -> Bench {
    let mut whole = json!({ "when": "absence", "absence": { "attribute": "level", "for": "30m" } });
    for (name, value) in more.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    Bench::new(whole)
}

#[test]
fn what_stays_away_raises_and_coming_back_clears() {
    let mut bench = absence(json!({}));
    bench.level(1.0);
    assert_eq!(kinds(&bench.wait(29 * MINUTE)), "");
    bench.level(1.0);
    assert_eq!(kinds(&bench.wait(29 * MINUTE)), "");
    assert_eq!(
        kinds(&bench.set("Section:1", &[("depth", 1.0.into())])),
        "",
        "another attribute is no report"
    );
    let fired = bench.wait(MINUTE);
    assert_eq!(kinds(&fired), "R");
    assert_eq!(kinds(&bench.wait(5 * HOUR)), "", "once");
    assert_eq!(kinds(&bench.level(1.0)), "C");
    assert_eq!(kinds(&bench.wait(30 * MINUTE)), "R");
}

#[test]
fn what_never_reported_is_missed_too_and_old_news_is_no_report() {
    let mut bench = absence(json!({}));
    bench.set("Section:1", &[("name", "a".into())]);
    assert_eq!(kinds(&bench.wait(30 * MINUTE)), "R");
    let old = Attribute::property(1.0).observed(Instant(bench.now - 2 * HOUR));
    assert_eq!(kinds(&bench.state("Section:1", "Section", &[("level", old)])), "");
    assert_eq!(kinds(&bench.level(1.0)), "C");
}

#[test]
fn entities_from_before_the_start_are_missed_as_well() {
    let mut bench = absence(json!({}));
    bench.level(1.0);
    let rule = bench.engine.rules().next().expect("one").clone();
    bench.engine = Engine::new(vec![rule.clone()]);
    assert_eq!(kinds(&bench.wait(29 * MINUTE)), "");
    assert_eq!(kinds(&bench.wait(MINUTE)), "R");
    // After another start the alert stands already.
    bench.engine = Engine::new(vec![rule]);
    bench.engine.restore("water.rule", &urn("Section:1"), Instant(bench.now));
    assert_eq!(kinds(&bench.wait(5 * HOUR)), "");
    assert_eq!(kinds(&bench.level(1.0)), "C");
}

#[test]
fn an_absence_nobody_asks_about_is_looked_at_again_later() {
    let mut bench = absence(json!({ "if": "inService == true" }));
    bench.set("Section:1", &[("level", 1.0.into()), ("inService", false.into())]);
    assert_eq!(kinds(&bench.wait(45 * MINUTE)), "");
    bench.set("Section:1", &[("inService", true.into())]);
    assert_eq!(kinds(&bench.wait(15 * MINUTE)), "R");
}

#[test]
fn the_clock_raises_each_time_it_comes_round() {
    let mut bench = Bench::new(json!({
        "when": "schedule", "schedule": { "every": "1d", "at": "08:00" }, "if": "level > 2",
    }));
    bench.level(3.0);
    bench.set("Section:2", &[("level", 1.0.into())]);
    assert_eq!(kinds(&bench.wait(8 * HOUR - 1)), "");
    let fired = bench.wait(1);
    assert_eq!((kinds(&fired).as_str(), fired[0].at), ("R", Instant(midnight() + 8 * HOUR)));
    assert_eq!(kinds(&bench.wait(48 * HOUR)), "RR");
    bench.level(1.0);
    assert_eq!(kinds(&bench.wait(48 * HOUR)), "C");
    // The server stood still for a week: one time is made up for, not seven.
    bench.level(3.0);
    let late = Instant(bench.now + 7 * 24 * HOUR);
    assert_eq!(kinds(&bench.engine.tick(late, &bench.world)), "R");
}

fn place(longitude: f64, latitude: f64) -> Attribute {
    Attribute::new(Content::Geo(Geometry::Point(Position { longitude, latitude, altitude: None })))
}

fn fence(event: &str, more: serde_json::Value) -> Bench {
    let square = json!([[113.30, 23.10], [113.32, 23.10], [113.32, 23.12], [113.30, 23.12]]);
    let mut whole = json!({
        "when": "geofence",
        "geofence": { "attribute": "location", "event": event, "area": { "polygon": square } },
    });
    for (name, value) in more.as_object().expect("an object") {
        whole[name] = value.clone();
    }
    Bench::new(whole)
}

#[test]
fn crossing_a_line_is_not_the_same_as_being_there() {
    let (inside, outside) = ((113.31, 23.11), (113.40, 23.11));
    let told = |event: &str, path: &[(f64, f64)]| -> String {
        let mut bench = fence(event, json!({}));
        let one =
            |(x, y): &(f64, f64)| kinds(&bench.state("Section:1", "Section", &[("location", place(*x, *y))]));
        path.iter().map(one).collect::<Vec<_>>().join(",")
    };
    let path = [inside, inside, outside, inside, outside];
    assert_eq!(told("inside", &path), "R,,C,R,C");
    assert_eq!(told("outside", &path), ",,R,C,R");
    assert_eq!(told("enter", &path), ",,,R,C");
    assert_eq!(told("leave", &path), ",,R,C,R");
}

#[test]
fn areas_of_other_entities_count_as_they_stand() {
    let area = json!({ "attribute": "location", "event": "inside",
        "area": { "type": "ProtectedArea", "attribute": "extent" } });
    let mut bench = fence("inside", json!({ "geofence": area, "hold": "2m" }));
    let ring = |west: f64| {
        let at = |longitude, latitude| Position { longitude, latitude, altitude: None };
        let east = west + 0.02;
        let ring = vec![at(west, 23.1), at(east, 23.1), at(east, 23.12), at(west, 23.12), at(west, 23.1)];
        Attribute::new(Content::Geo(Geometry::Polygon(vec![ring])))
    };
    bench.state("ProtectedArea:1", "ProtectedArea", &[("extent", ring(113.30))]);
    assert_eq!(kinds(&bench.state("Section:1", "Section", &[("location", place(113.31, 23.11))])), "");
    let fired = bench.wait(2 * MINUTE);
    assert_eq!(kinds(&fired), "R");
    assert!(
        fired[0].inputs.iter().any(|i| i.name == "area" && i.value == json!("urn:ngsi-ld:ProtectedArea:1"))
    );
    // The area moves away; the next position says so.
    bench.state("ProtectedArea:1", "ProtectedArea", &[("extent", ring(114.0))]);
    assert_eq!(kinds(&bench.state("Section:1", "Section", &[("location", place(113.31, 23.11))])), "C");
}

#[test]
fn a_rule_that_is_off_does_nothing_until_it_is_on() {
    let mut bench = Bench::new(json!({ "if": "level > 2" }));
    bench.engine.set_enabled("water.rule", false);
    assert_eq!(kinds(&bench.level(3.0)), "");
    bench.engine.set_enabled("water.rule", true);
    assert_eq!(kinds(&bench.level(3.1)), "R");
    bench.engine.set_enabled("water.rule", false);
    assert_eq!(kinds(&bench.level(1.0)), "");
    assert_eq!(bench.engine.active("water.rule").len(), 1, "what stands, stands");
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_where() {
    let wrong = json!({
        "title": "", "on": { "type": "Section", "where": "tidal !=" }, "when": "window",
        "attributes": ["level"], "if": "levl(", "hold": "5 minutes", "cooldown": "x",
        "absence": { "attribute": "level", "for": "30m" },
        "then": [{ "alert": { "severity": "red(", "scheme": "", "category": "water", "title": "nosuch(1)" } }],
    });
    let paths: Vec<String> = compile(wrong).expect_err("wrong").into_iter().map(|c| c.path).collect();
    for path in [
        "/title",
        "/on/where",
        "/attributes",
        "/if",
        "/hold",
        "/cooldown",
        "/absence",
        "/window",
        "/then/0/alert/severity",
        "/then/0/alert/scheme",
        "/then/0/alert/title",
    ] {
        assert!(paths.iter().any(|p| p == path), "{path} is not among {paths:?}");
    }
    let silent = compile(def(json!({ "if": "true" }))).expect_err("nothing wakes it");
    assert_eq!(silent[0].path, "/attributes");
    assert_eq!(compile(def(json!({}))).expect_err("no condition")[0].path, "/if");
    let window = compile(def(json!({ "if": "level > window.avg" }))).expect_err("no window");
    assert!(window[0].message_en.contains("when: window"));
    assert!(
        serde_json::from_value::<crate::RuleDef>(def(json!({ "iff": "true" }))).is_err(),
        "a misspelt part"
    );
}

#[test]
fn a_rule_reads_as_a_sentence() {
    let rule = compile(def(json!({
        "on": { "type": "Section", "where": "tidal != true" }, "attributes": ["level"],
        "if": "level > 2", "clear": "level < 1.8", "hold": "5m", "cooldown": "10m",
    })))
    .expect("a rule");
    let (zh, en) = rule.sentence();
    assert_eq!(
        zh,
        "每个 Section（`tidal != true`），level 变化时，`level > 2` 成立持续 5 分钟，就通知 river-chief：`'断面 ' + id`。`level < 1.8` 成立后解除。同一对象 10 分钟内不重复。"
    );
    assert_eq!(
        en,
        "For each Section with `tidal != true`: when level changes, `level > 2` holds for 5 minutes, notify river-chief: `'断面 ' + id`. It is over once `level < 1.8` holds. Not again for the same one within 10 minutes."
    );
    assert_eq!(rule.attributes(), ["level", "tidal"]);
}

#[test]
fn the_past_tells_how_often_it_would_have_fired() {
    let rule = compile(def(json!({ "if": "level > 2", "hold": "5m" }))).expect("a rule");
    let start = midnight();
    // Every hour: ten minutes above, then below; once only for a minute.
    let past = (0..14).flat_map(|hour| {
        let up = start + hour * HOUR;
        let high = if hour == 7 { MINUTE } else { 10 * MINUTE };
        [(up, 3.0), (up + high, 1.0)].map(|(at, level)| Past {
            id: urn("Section:1"),
            name: iri("level"),
            value: Value::Float(level),
            observed_at: Instant(at),
        })
    });
    let run = dry_run(&Arc::new(rule), &Small::default(), past, Instant(start + 24 * HOUR));
    assert_eq!((run.raised, run.cleared, run.taken, run.out_of_order), (13, 13, 28, 0));
    assert_eq!(run.firings[0].at, Instant(start + 5 * MINUTE), "time passes between observations");
}

#[test]
fn the_past_of_absence_and_of_the_clock_is_told_too() {
    let start = midnight();
    let past = |minutes: &[i64]| -> Vec<Past> {
        let one = |m: &i64| Past {
            id: urn("Section:1"),
            name: iri("level"),
            value: Value::Float(3.0),
            observed_at: Instant(start + m * MINUTE),
        };
        minutes.iter().map(one).collect()
    };
    let more = json!({ "when": "absence", "absence": { "attribute": "level", "for": "30m" } });
    let rule = Arc::new(compile(def(more)).expect("a rule"));
    let run =
        dry_run(&rule, &Small::default(), past(&[0, 10, 60, 70]).into_iter(), Instant(start + 2 * HOUR));
    assert_eq!((run.raised, run.cleared), (2, 1));
    let more = json!({ "when": "schedule", "schedule": { "every": "15m" }, "if": "level > 2" });
    let rule = Arc::new(compile(def(more)).expect("a rule"));
    let run = dry_run(&rule, &Small::default(), past(&[1]).into_iter(), Instant(start + HOUR));
    assert_eq!(run.raised, 4);
}

proptest! {
    /// Observations that are delivered twice and in another order leave the same window behind, and never raise twice
    /// in a row.
    #[test]
    fn shuffled_duplicates_do_no_harm(
        levels in proptest::collection::vec(0i64..5, 1..20),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 1..60),
    ) {
        let rules = [
            ("w.window", json!({ "when": "window", "window": { "attribute": "level", "over": "1h" },
                "if": "window.avg > 2" })),
            ("w.change", json!({ "if": "level > 2" })),
        ];
        let functions = Functions::new();
        let options = Options { offset_minutes: 480, functions: &functions };
        let build = || Engine::new(rules.iter().map(|(id, more)| {
            let def = serde_json::from_value(def(more.clone())).expect("a definition");
            Arc::new(Rule::compile(id, def, &options).expect("a rule"))
        }).collect());
        // One reading a minute; the state after each.
        let id = urn("Section:1");
        let at = |i: usize| Instant(midnight() + i as i64 * MINUTE);
        let states: Vec<Arc<Entity>> = levels.iter().enumerate().map(|(i, level)| {
            let mut bench = Bench::new(json!({ "if": "level > 2" }));
            bench.now = at(i).0;
            bench.level(*level as f64);
            bench.world.entity(&id).expect("it exists")
        }).collect();
        let mut world = Small::default();
        world.entities.insert(id.clone(), states[states.len() - 1].clone());
        let changed = [iri("level")];
        let end = at(states.len() - 1);
        let deliver = |order: &[usize]| {
            let mut engine = build();
            let mut told: Vec<(String, Kind)> = Vec::new();
            for i in order {
                let before = i.checked_sub(1).map(|b| &*states[b]);
                let seq = Seq(*i as u64 + 1);
                let o = Observed { id: &id, before, after: Some(&states[*i]), changed: &changed, seq, at: end };
                for f in engine.observe(&o, &world) {
                    told.push((f.rule.id().to_string(), f.kind));
                }
            }
            let points: Vec<(Instant, f64)> =
                engine.tracks[&id].windows.iter().flat_map(|(_, w)| w.points()).collect();
            (points, engine.active("w.window"), engine.active("w.change"), told)
        };
        let straight: Vec<usize> = (0..states.len()).collect();
        let mut shuffled: Vec<usize> = order.iter().map(|i| i.index(states.len())).collect();
        // Everything arrives at least once, the newest somewhere.
        shuffled.extend(straight.iter().rev());
        let (a, b) = (deliver(&straight), deliver(&shuffled));
        prop_assert_eq!(a.0, b.0);
        prop_assert_eq!(a.1, b.1);
        prop_assert_eq!(a.2, b.2);
        for rule in ["w.window", "w.change"] {
            let kinds: Vec<Kind> = b.3.iter().filter(|(r, _)| r == rule).map(|(_, k)| *k).collect();
            prop_assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]), "{}: {:?}", rule, kinds);
        }
    }
}
