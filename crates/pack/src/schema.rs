//! The JSON Schemas of `packs/schema/`, the same files that editors complete from, applied to a located tree.

use std::sync::LazyLock;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::code;
use crate::finding::{Findings, Place};
use crate::near::{did_you_mean, did_you_mean_or_list};
use crate::yaml::Node;

macro_rules! schemas {
    ($($variant:ident $name:literal)*) => {
        /// A kind of YAML file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Schema { $($variant),* }

        /// Every schema with its name and text.
        pub const ALL: &[(Schema, &str, &str)] = &[$((
            Schema::$variant,
            $name,
            include_str!(concat!("../../../packs/schema/", $name, ".schema.json")),
        )),*];
    };
}

schemas! {
    Pack "pack"
    Type "type"
    Fragment "fragment"
    Codes "codes"
    Text "text"
    View "view"
    Access "access"
    Scenario "scenario"
    Quality "quality"
    District "district"
    Indicator "indicator"
    Status "status"
    Lights "lights"
    Workflow "workflow"
    Calendar "calendar"
    Feed "feed"
    Rule "rule"
    Escalation "escalation"
}

struct Compiled {
    schema: Value,
    validator: Validator,
}

static COMPILED: LazyLock<Vec<Option<Compiled>>> = LazyLock::new(|| {
    let compile = |text: &str| {
        let schema: Value = serde_json::from_str(text).ok()?;
        let validator = jsonschema::draft202012::new(&schema).ok()?;
        Some(Compiled { schema, validator })
    };
    ALL.iter().map(|(_, _, text)| compile(text)).collect()
});

impl Schema {
    /// Adds a finding for each place where the tree breaks the schema. True when there was none.
    pub fn check(self, file: &str, tree: &Node, findings: &mut Findings) -> bool {
        // The test below proves that all embedded schemas compile.
        let Some(Some(compiled)) = COMPILED.get(self as usize) else { return true };
        let instance = tree.to_json();
        let mut fits = true;
        for error in compiled.validator.iter_errors(&instance) {
            fits = false;
            let pointer = error.instance_path().to_string();
            let at = tree.place_of(&pointer);
            report(&compiled.schema, file, tree, &pointer, at, &error, findings);
        }
        fits
    }
}

fn report(
    schema: &Value,
    file: &str,
    tree: &Node,
    pointer: &str,
    at: Place,
    error: &jsonschema::ValidationError<'_>,
    findings: &mut Findings,
) {
    let name = pointer.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("the file");
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let known = known_keys(schema, &error.schema_path().to_string());
            for key in unexpected {
                let place =
                    tree.place_of(&format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")));
                let hollow = tree.node_at(pointer).and_then(|map| map.get(key)).is_some_and(Node::is_null);
                let help = if hollow && key.contains(' ') {
                    Some("a text with a comma inside `{ }` needs quotes".to_owned())
                } else {
                    did_you_mean_or_list(key, &known)
                };
                findings.push_with_help(code::UNKNOWN_KEY, file, place, format!("unknown key `{key}`"), help);
            }
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let message = format!("`{name}` has no `{key}`");
            findings.push(code::MISSING_KEY, file, at, message);
        }
        Kind::Enum { options } => {
            let options: Vec<&str> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let found = error.instance().as_str().unwrap_or_default();
            let help = did_you_mean(found, options.iter().copied())
                .or_else(|| Some(format!("allowed: `{}`", options.join("`, `"))));
            let message = format!("`{name}` is {}", shown(error.instance()));
            findings.push_with_help(code::BAD_VALUE, file, at, message, help);
        }
        Kind::Pattern { pattern } => {
            let message = format!("`{name}` is {}, which does not fit `{pattern}`", shown(error.instance()));
            findings.push(code::BAD_VALUE, file, at, message);
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            findings.push(code::BAD_VALUE, file, at, format!("`{name}` has more than {limit} members"));
        }
        Kind::MaxLength { limit } => {
            findings.push(code::BAD_VALUE, file, at, format!("`{name}` is longer than {limit} characters"));
        }
        Kind::MinLength { .. } | Kind::MinItems { .. } | Kind::MinProperties { .. } => {
            findings.push(code::BAD_VALUE, file, at, format!("`{name}` is empty"));
        }
        Kind::PropertyNames { error: inner } => {
            let key = inner.instance().as_str().unwrap_or_default().to_owned();
            let place = tree.place_of(&format!("{pointer}/{key}"));
            let help = match inner.kind() {
                Kind::Pattern { pattern } => Some(format!("names fit `{pattern}`")),
                Kind::Enum { options } => {
                    let options: Vec<&str> =
                        options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    did_you_mean_or_list(&key, &options)
                }
                _ => None,
            };
            findings.push_with_help(code::UNKNOWN_KEY, file, place, format!("`{key}` is no name here"), help);
        }
        _ => {
            let message = format!("`{name}`: {}", clipped(&error.to_string()));
            findings.push(code::BAD_VALUE, file, at, message);
        }
    }
}

/// The keys that the schema knows at the place of the failed `additionalProperties`.
fn known_keys<'a>(schema: &'a Value, schema_path: &str) -> Vec<&'a str> {
    let mut here = schema;
    let mut steps: Vec<&str> = schema_path.split('/').skip(1).collect();
    steps.pop();
    for step in steps {
        if step == "$ref" {
            continue;
        }
        let target = here.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        here = target.and_then(|pointer| schema.pointer(pointer)).unwrap_or(here);
        let next = here.get(step).or_else(|| step.parse::<usize>().ok().and_then(|i| here.get(i)));
        let Some(next) = next else { return Vec::new() };
        here = next;
    }
    if let Some(pointer) = here.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
        here = schema.pointer(pointer).unwrap_or(here);
    }
    let properties = here.get("properties").and_then(Value::as_object);
    properties.map(|p| p.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", clipped(text)),
        Value::Null => "empty".to_owned(),
        other => format!("`{}`", clipped(&other.to_string())),
    }
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= 120 {
        text.to_owned()
    } else {
        text.chars().take(120).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_schemas_compile_and_describe_every_key() {
        for ((_, name, _), compiled) in ALL.iter().zip(COMPILED.iter()) {
            let compiled = compiled.as_ref().unwrap_or_else(|| panic!("{name} does not compile"));
            described(name, &compiled.schema);
        }
    }

    fn described(name: &str, schema: &Value) {
        for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            assert!(
                property.get("description").is_some() || key == "may",
                "{name}: `{key}` has no description"
            );
            described(name, property);
        }
        for part in ["items", "additionalProperties", "else"] {
            schema.get(part).into_iter().for_each(|inner| described(name, inner));
        }
    }

    #[test]
    fn fragments_and_types_share_one_attribute() {
        let of = |schema: Schema| {
            COMPILED[schema as usize].as_ref().map(|c| c.schema["$defs"]["attribute"].clone())
        };
        assert_eq!(of(Schema::Type), of(Schema::Fragment));
    }

    #[test]
    fn errors_name_line_column_and_the_nearest_word() {
        let text = "title: { zh: 街道, en: Street }\ndescription: { zh: 街, en: s }\nattributes:\n  name:\n    \
                    titel: { zh: a, en: b }\n    kind: propery\n";
        let mut findings = Findings::default();
        let tree = crate::yaml::parse("t.yaml", text, &mut findings).expect("reads");
        assert!(!Schema::Type.check("t.yaml", &tree, &mut findings));
        let lines: Vec<String> = findings.into_sorted().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "t.yaml:4:3: error[pack/missing-key]: `name` has no `title`",
                "t.yaml:5:5: error[pack/unknown-key]: unknown key `titel`; did you mean `title`?",
                "t.yaml:6:5: error[pack/bad-value]: `kind` is `propery`; did you mean `property`?",
            ]
        );
    }
}
