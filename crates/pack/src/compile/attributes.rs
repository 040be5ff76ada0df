//! One attribute of a type or fragment.

use super::{Scope, codes, texts, words};
use crate::checks::Check;
use crate::code;
use crate::finding::{Findings, Place};
use crate::near::did_you_mean;
use crate::type_def::{AttributeDef, Classification, Kind, Shape, TextRule};
use crate::written;
use crate::yaml::{Key, Node};

/// Names with a meaning of their own in the NGSI-LD core context.
const RESERVED: &[&str] = &[
    "id",
    "type",
    "value",
    "values",
    "object",
    "objects",
    "objectType",
    "objectList",
    "valueList",
    "languageMap",
    "vocab",
    "json",
    "lang",
    "unitCode",
    "observedAt",
    "createdAt",
    "modifiedAt",
    "deletedAt",
    "expiresAt",
    "datasetId",
    "instanceId",
    "scope",
    "entity",
    "entities",
    "entityId",
    "attributes",
    "geometry",
    "coordinates",
    "properties",
    "features",
    "bbox",
    "ngsildproof",
    "previousValue",
    "previousObject",
    "previousJson",
    "previousVocab",
    "sample",
];

/// Where names are looked up, and where findings go.
pub(super) struct Context<'a> {
    pub(super) file: &'a str,
    pub(super) scope: &'a Scope,
    /// Names of the pack's own types, which are compiled later than this.
    pub(super) own_types: &'a [String],
    pub(super) classification: Classification,
}

pub(super) fn compile(
    context: &Context<'_>,
    key: &Key,
    node: &Node,
    findings: &mut Findings,
) -> AttributeDef {
    let file = context.file;
    if RESERVED.contains(&key.name.as_str()) {
        let message = format!("`{}` has a meaning of its own in NGSI-LD", key.name);
        findings.push(code::RESERVED_NAME, file, key.at, message);
    }
    let classification = node.text_of("classification").and_then(Classification::parse);
    let def = AttributeDef {
        name: key.name.clone(),
        title: words(node.get("title")).unwrap_or_default(),
        description: words(node.get("description")),
        kind: kind(context, node, findings),
        many: node.get("many").and_then(Node::boolean).unwrap_or(false),
        required: node.get("required").and_then(Node::boolean).unwrap_or(false),
        index: node.get("index").and_then(Node::boolean).unwrap_or(false),
        classification: classification.unwrap_or(context.classification),
        example: node.get("example").map(Node::to_json),
        source: node.text_of("source").map(str::to_owned),
    };
    if matches!(def.kind, Kind::Text(TextRule::Check(Check::CitizenId)))
        && def.classification < Classification::Personal
    {
        let message = format!("`{}` holds a citizen id and is `{}`", def.name, def.classification.name());
        let help = Some("write `classification: personal` or `sensitive`".to_owned());
        findings.push_with_help(code::CLASSIFICATION, file, key.at, message, help);
    }
    if let Some(example) = &def.example {
        let at = node.key_place("example");
        match written::attribute(&def, example) {
            Err(why) => findings.push(code::BAD_EXAMPLE, file, at, format!("the example {why}")),
            Ok(attribute) => {
                let mut broken = Vec::new();
                def.check(&attribute, &mut broken);
                for violation in broken {
                    findings.push(
                        code::BAD_EXAMPLE,
                        file,
                        at,
                        format!("the example of {}", violation.message),
                    );
                }
            }
        }
    }
    def
}

fn kind(context: &Context<'_>, node: &Node, findings: &mut Findings) -> Kind {
    let value = node.text_of("value");
    let wanted = node.text_of("kind").unwrap_or("property");
    let shape = match value {
        Some("point") => Some(Shape::Point),
        Some("line") => Some(Shape::Line),
        Some("polygon") => Some(Shape::Polygon),
        _ => None,
    };
    let kind = match (wanted, value) {
        ("relationship", _) => Kind::Relationship { to: targets(context, node, findings) },
        ("geo", _) => Kind::Geo(shape),
        ("language", _) => Kind::Language,
        (_, Some("number" | "integer")) => number(context, node, value == Some("integer"), findings),
        (_, Some("boolean")) => Kind::Boolean,
        (_, Some("date")) => Kind::Date,
        (_, Some("datetime")) => Kind::DateTime,
        (_, Some("uri")) => Kind::Uri,
        (_, Some("json")) => Kind::Json,
        _ => Kind::Text(text_rule(context, node, findings)),
    };
    let mut strays: Vec<(&str, &str)> = Vec::new();
    let is_number = matches!(kind, Kind::Number { .. });
    let is_text = matches!(kind, Kind::Text(_));
    for key in ["min", "max"] {
        if node.get(key).is_some() && !is_number {
            findings.push(
                code::BAD_RANGE,
                context.file,
                node.key_place(key),
                format!("`{key}` needs a number"),
            );
        }
    }
    if node.get("unit").is_some() && !is_number {
        let message = "only `value: number` and `value: integer` have a unit";
        findings.push(code::UNIT_WITHOUT_NUMBER, context.file, node.key_place("unit"), message);
    }
    if node.get("to").is_some() && !matches!(kind, Kind::Relationship { .. }) {
        strays.push(("to", "`kind: relationship`"));
    }
    for key in ["enum", "codes", "pattern", "check"] {
        if node.get(key).is_some() && !is_text {
            strays.push((key, "texts"));
        }
    }
    if shape.is_some() && wanted != "geo" {
        strays.push(("value", "`kind: geo`"));
    }
    if value.is_some() && shape.is_none() && wanted != "property" {
        strays.push(("value", "properties"));
    }
    for (key, owner) in strays {
        let message = format!("`{key}: {}` is for {owner}", node.text_of(key).unwrap_or("…"));
        findings.push(code::CONFLICTING_KEYS, context.file, node.key_place(key), message);
    }
    kind
}

fn number(context: &Context<'_>, node: &Node, integer: bool, findings: &mut Findings) -> Kind {
    let bound = |key: &str| node.get(key).and_then(Node::number);
    let (min, max) = (bound("min"), bound("max"));
    if let (Some(min), Some(max)) = (min, max)
        && max < min
    {
        let message = format!("`min: {min}` is larger than `max: {max}`");
        findings.push(code::BAD_RANGE, context.file, node.key_place("min"), message);
    }
    let unit = node
        .text_of("unit")
        .and_then(|written| codes::unit(context.file, written, node.key_place("unit"), findings));
    Kind::Number { integer, unit, min, max }
}

fn text_rule(context: &Context<'_>, node: &Node, findings: &mut Findings) -> TextRule {
    let rules: Vec<&str> =
        ["enum", "codes", "pattern", "check"].into_iter().filter(|key| node.get(key).is_some()).collect();
    if let [first, second, ..] = rules.as_slice() {
        let message = format!("`{first}` and `{second}` together; one rule is enough");
        findings.push(code::CONFLICTING_KEYS, context.file, node.key_place(second), message);
    }
    match rules.first() {
        Some(&"enum") => TextRule::Enum(texts(node.get("enum"))),
        Some(&"codes") => code_list(context, node, findings),
        Some(&"pattern") => pattern(context.file, node, findings),
        Some(&"check") => {
            node.text_of("check").and_then(Check::parse).map_or(TextRule::Free, TextRule::Check)
        }
        _ => TextRule::Free,
    }
}

fn code_list(context: &Context<'_>, node: &Node, findings: &mut Findings) -> TextRule {
    let Some(name) = node.text_of("codes") else { return TextRule::Free };
    match context.scope.code_list(name) {
        Some(list) => TextRule::Codes(list.clone()),
        None if context.scope.unread.contains(name) => TextRule::Free,
        None => {
            let help = did_you_mean(name, context.scope.code_list_names());
            let message = format!("there is no code list `{name}`");
            findings.push_with_help(
                code::UNKNOWN_CODE_LIST,
                context.file,
                node.key_place("codes"),
                message,
                help,
            );
            TextRule::Free
        }
    }
}

fn pattern(file: &str, node: &Node, findings: &mut Findings) -> TextRule {
    let Some(written) = node.text_of("pattern") else { return TextRule::Free };
    let build = |pattern: &str| regex::RegexBuilder::new(pattern).size_limit(1 << 18).build();
    // Alone first: `a)|(b` is no pattern, though it is one between brackets.
    match build(written).and_then(|_| build(&format!("^(?:{written})$"))) {
        Ok(regex) => TextRule::Pattern(regex),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            findings.push(code::BAD_PATTERN, file, node.key_place("pattern"), format!("`{written}`: {why}"));
            TextRule::Free
        }
    }
}

fn targets(context: &Context<'_>, node: &Node, findings: &mut Findings) -> Vec<String> {
    let mut to = Vec::new();
    let Some(written) = node.get("to") else { return to };
    let mut one = |name: &str, at: Place| {
        if context.own_types.iter().any(|own| own == name) || context.scope.entity_type(name).is_some() {
            to.push(name.to_owned());
        } else if !context.scope.unread.contains(name) {
            let own = context.own_types.iter().map(String::as_str);
            let help = did_you_mean(name, own.chain(context.scope.all_types().map(|t| t.name.as_str())));
            findings.push_with_help(
                code::UNKNOWN_TYPE,
                context.file,
                at,
                format!("there is no type `{name}`"),
                help,
            );
        }
    };
    match written.text() {
        Some(name) => one(name, node.key_place("to")),
        None => written
            .items()
            .iter()
            .filter_map(|i| Some((i.text()?, i.at)))
            .for_each(|(name, at)| one(name, at)),
    }
    to
}
