//! Named capabilities: what packs call by name in conditions and Rust does, such as a standard of water quality.
//!
//! `gb3838(self)` takes the attributes of a section and gives `class` (`I` to `V`, `劣V`), `deciding` (the parameters that
//! decide, in words) and `rank` (1 to 6).

use std::sync::Arc;

use nacre_rules::{Functions, Val};
use nacre_water::{Body, Class, Parameter, judge};

/// Every function that conditions may call.
pub fn functions() -> Functions {
    Functions::new().with("gb3838", (1, 1), gb3838)
}

fn gb3838(given: &[Val]) -> Result<Val, String> {
    let Some(section) = given.first() else { return Err("gb3838 takes the attributes of a section".into()) };
    let measured: Vec<(Parameter, f64)> = Parameter::ALL
        .into_iter()
        .filter(|p| p.decides())
        .filter_map(|p| Some((p, section.get(p.name())?.number()?)))
        .collect();
    let temperature = section.get("temperature").and_then(Val::number);
    let judgement = judge(&measured, Body::River, temperature);
    let Some(class) = judgement.class else {
        return Err("nothing that GB 3838 judges was measured".into());
    };
    let deciding: Vec<&str> = judgement.deciding.iter().map(|d| d.parameter.title().0).collect();
    let deciding = if deciding.is_empty() { "各项均为 I 类".to_owned() } else { deciding.join("、") };
    let rank = Class::ALL.iter().position(|c| *c == class).map_or(0, |i| i as i64 + 1);
    let members =
        [("class", Val::text(class.name())), ("deciding", Val::text(&deciding)), ("rank", Val::Int(rank))];
    Ok(Val::Map(Arc::new(members.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())))
}
