//! How long an observation takes with a thousand rules: `cargo run --release --example load`.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant as Watch;

use nacre_model::{Attribute, Entity, EntityId, Instance, Instant, Iri, Seq};
use nacre_rules::{Engine, Functions, Observed, Options, Rule, World};

const RULES: usize = 1_000;
const OBSERVATIONS: usize = 5_000;
const ROUNDS: usize = 20;

struct Empty;

impl World for Empty {
    fn entity(&self, _: &EntityId) -> Option<Arc<Entity>> {
        None
    }
    fn history(&self, _: &EntityId, _: &str, _: Instant, _: Instant) -> Vec<(Instant, f64)> {
        Vec::new()
    }
    fn of_type(&self, _: &str) -> Vec<EntityId> {
        Vec::new()
    }
    fn short(&self, iri: &Iri) -> String {
        iri.as_str().rsplit('/').next().unwrap_or_default().to_string()
    }
}

fn name(short: &str) -> Iri {
    Iri::trusted(&format!("https://example.org/{short}"))
}

fn entity(at: usize, level: f64) -> Entity {
    let mut entity = Entity {
        id: EntityId::new(&format!("urn:ngsi-ld:WaterSection:{at}")).expect("a URN"),
        types: vec![name("WaterSection")],
        scopes: Vec::new(),
        attributes: Default::default(),
        created_at: Instant(0),
        modified_at: Instant(0),
        expires_at: None,
        seq: Seq(1),
        revision: 1,
    };
    let mut set = |short: &str, attribute: Attribute| {
        let instance = Instance { attribute, created_at: Instant(0), modified_at: Instant(0) };
        entity.attributes.insert(name(short), vec![instance]);
    };
    set("level", Attribute::property(level));
    for other in ["name", "river", "targetClass", "owner", "street", "remark", "code", "source", "model"] {
        set(other, Attribute::property("文字"));
    }
    entity
}

fn rules(make: impl Fn(usize) -> serde_json::Value) -> Engine {
    let functions = Functions::new();
    let options = Options { offset_minutes: 480, functions: &functions };
    let one = |n: usize| {
        let def = serde_json::from_value(make(n)).expect("a definition");
        Arc::new(Rule::compile(&format!("load.rule-{n}"), def, &options).expect("a rule"))
    };
    Engine::new((0..RULES).map(one).collect())
}

fn run(what: &str, mut engine: Engine, per_observation: usize) -> std::io::Result<()> {
    let changed = [name("level")];
    let readings: Vec<(Entity, Entity)> = (0..OBSERVATIONS)
        .map(|i| (entity(i % RULES, 1.0), entity(i % RULES, (i % 97) as f64 / 100.0)))
        .collect();
    let (mut fired, mut seq) = (0, 1);
    let watch = Watch::now();
    for _ in 0..ROUNDS {
        for (before, after) in &readings {
            seq += 1;
            let at = Instant(seq);
            let seq = Seq(seq.unsigned_abs());
            let o = Observed {
                id: &after.id,
                before: Some(before),
                after: Some(after),
                changed: &changed,
                seq,
                at,
            };
            fired += engine.observe(&o, &Empty).len();
        }
    }
    let took = watch.elapsed();
    let observations = OBSERVATIONS * ROUNDS;
    let per = took.as_nanos() as f64 / observations as f64;
    writeln!(
        std::io::stdout(),
        "{what}: {per:.0} ns an observation, {:.1} ns an evaluation; 5,000 observations take {:.1} ms; {fired} firings",
        per / per_observation as f64,
        took.as_secs_f64() * 1_000.0 / ROUNDS as f64,
    )
}

fn rule(filter: Option<String>, condition: String) -> serde_json::Value {
    let mut on = serde_json::json!({ "type": "WaterSection" });
    if let Some(filter) = filter {
        on["where"] = filter.into();
    }
    serde_json::json!({
        "title": "load", "on": on, "when": "change", "if": condition,
        "then": [{ "notify": { "role": "nobody", "text": "'level ' + level" } }],
    })
}

fn main() -> std::io::Result<()> {
    let own = |n| rule(Some(format!("id == 'urn:ngsi-ld:WaterSection:{n}'")), "level > 2".into());
    run("(a) 1,000 rules, each its own entity", rules(own), 1)?;
    let quiet = |n| rule(None, format!("level > {}", 2 + n));
    run("(b) 1,000 rules on one attribute, none true", rules(quiet), RULES)?;
    let joined = |n| rule(None, format!("level > {} && targetClass == '文字' || level < -1", 2 + n));
    run("(c) the same with three comparisons", rules(joined), RULES)?;
    let slow = |n| rule(None, format!("level * 2.0 > {}.0", 4 + n));
    run("(d) the same by full evaluation", rules(slow), RULES)?;
    let half = |n: usize| rule(None, format!("level > {}", if n.is_multiple_of(2) { 0.48 } else { 9.0 }));
    run("(e) half of the rules change with every second reading", rules(half), RULES)
}
