//! Checks the attributes of an entity against its type. Used for sample and seed data, for scenarios, and by the
//! server before a command reaches the kernel.

use nacre_model::{Attribute, Content, Geometry, Instant, Value};
use time::Date;

use crate::near::did_you_mean;
use crate::type_def::{AttributeDef, Kind, Shape, TextRule, TypeDef};
use crate::{code_list::CodeList, units};

/// Which rule of a type a value breaks. The names are what scenarios write after `refused:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Rule {
    Required,
    Type,
    Range,
    Enum,
    Code,
    Pattern,
    Check,
    Unit,
    UnknownAttribute,
    Target,
}

impl Rule {
    /// The name of the rule.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Required => "required",
            Rule::Type => "type",
            Rule::Range => "range",
            Rule::Enum => "enum",
            Rule::Code => "code",
            Rule::Pattern => "pattern",
            Rule::Check => "check",
            Rule::Unit => "unit",
            Rule::UnknownAttribute => "unknown-attribute",
            Rule::Target => "target",
        }
    }
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Short name of the attribute.
    pub attribute: String,
    /// The rule.
    pub rule: Rule,
    /// What is wrong, lower case, the user's word in backticks.
    pub message: String,
}

/// Whether the attributes are all of an entity or a part that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All attributes: required ones must be there.
    Whole,
    /// Some attributes: an observation, a patch.
    Part,
}

impl TypeDef {
    /// All rules that the attributes break. Names are short names; what the type does not define is reported as
    /// [`Rule::UnknownAttribute`], and the caller decides whether that matters.
    pub fn check<'a>(
        &self,
        extent: Extent,
        attributes: impl IntoIterator<Item = (&'a str, &'a Attribute)>,
    ) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (name, attribute) in attributes {
            seen.push(name);
            match self.attribute(name) {
                Some(def) => def.check(attribute, &mut found),
                None => {
                    let help = did_you_mean(name, self.attributes.iter().map(|a| a.name.as_str()));
                    let help = help.map_or_else(String::new, |help| format!("; {help}"));
                    let message = format!("`{}` has no attribute `{name}`{help}", self.name);
                    found.push(Violation {
                        attribute: name.to_owned(),
                        rule: Rule::UnknownAttribute,
                        message,
                    });
                }
            }
        }
        if extent == Extent::Whole {
            for def in self.attributes.iter().filter(|d| d.required && !seen.contains(&d.name.as_str())) {
                let message = format!("`{}` is required", def.name);
                found.push(Violation { attribute: def.name.clone(), rule: Rule::Required, message });
            }
        }
        found
    }

    /// Puts checked numbers (统一社会信用代码, 公民身份号码) into the form that is stored, in place.
    pub fn normalise<'a>(&self, attributes: impl IntoIterator<Item = (&'a str, &'a mut Attribute)>) {
        for (name, attribute) in attributes {
            let Some(Kind::Text(TextRule::Check(check))) = self.attribute(name).map(|def| &def.kind) else {
                continue;
            };
            if let Content::Property(Value::Text(text)) = &mut attribute.content
                && let Ok(stored) = check.normalise(text)
            {
                *text = stored.into();
            }
        }
    }
}

impl AttributeDef {
    /// Adds what the attribute breaks.
    pub fn check(&self, attribute: &Attribute, found: &mut Vec<Violation>) {
        let mut fail = |rule: Rule, message: String| {
            found.push(Violation {
                attribute: self.name.clone(),
                rule,
                message: format!("`{}` {message}", self.name),
            });
        };
        match (&self.kind, &attribute.content) {
            (
                Kind::Relationship { to },
                content @ (Content::Relationship { .. } | Content::ListRelationship { .. }),
            ) => {
                let objects = content.objects();
                if objects.len() > 1 && !self.many {
                    fail(Rule::Type, format!("points to {} entities, one is allowed", objects.len()));
                }
                for object in objects {
                    let kind =
                        object.as_str().strip_prefix("urn:ngsi-ld:").and_then(|rest| rest.split(':').next());
                    if let Some(kind) = kind
                        && !to.is_empty()
                        && !to.iter().any(|t| t == kind)
                    {
                        fail(Rule::Target, format!("points to a `{kind}`, allowed: `{}`", to.join("`, `")));
                    }
                }
            }
            (Kind::Geo(shape), Content::Geo(geometry)) => {
                if let Some(shape) = shape
                    && !fits(*shape, geometry)
                {
                    fail(Rule::Type, format!("is a {}, not a {}", geometry.type_name(), self.kind.name()));
                }
            }
            (Kind::Language, Content::Language(_)) => {}
            (Kind::Json, Content::Property(_) | Content::Json(_) | Content::List(_)) => {}
            (Kind::Relationship { .. } | Kind::Geo(_) | Kind::Language, content) => {
                fail(Rule::Type, format!("is a {}, not a {}", content.kind().name(), self.kind.name()));
            }
            (_, Content::Property(value)) => self.values(value, attribute.unit_code.as_deref(), &mut fail),
            (_, Content::List(values)) => {
                for value in values {
                    self.value(value, &mut fail);
                }
            }
            (_, content) => fail(Rule::Type, format!("is a {}, not a Property", content.kind().name())),
        }
    }

    fn values(&self, value: &Value, unit: Option<&str>, fail: &mut impl FnMut(Rule, String)) {
        match value {
            Value::List(items) if self.many => items.iter().for_each(|item| self.value(item, fail)),
            Value::List(_) => fail(Rule::Type, "is a list, one value is allowed".to_owned()),
            _ => self.value(value, fail),
        }
        if let Some(written) = unit {
            match &self.kind {
                Kind::Number { unit: Some(unit), .. } if unit.code == written => {}
                Kind::Number { unit: Some(unit), .. } => {
                    fail(
                        Rule::Unit,
                        format!("has unit `{written}`, it is kept in `{}` ({})", unit.code, unit.symbol),
                    );
                }
                Kind::Number { .. } if units::find(written).is_some() => {}
                Kind::Number { .. } => fail(Rule::Unit, format!("has unknown unit `{written}`")),
                _ => {
                    fail(Rule::Unit, format!("is a {} and has no unit, found `{written}`", self.kind.name()))
                }
            }
        }
    }

    fn value(&self, value: &Value, fail: &mut impl FnMut(Rule, String)) {
        let wrong = || format!("is {}, not a {}", shown(value), self.kind.name());
        match (&self.kind, value) {
            (Kind::Text(rule), Value::Text(text)) => text_rule(rule, text, fail),
            (Kind::Number { integer, min, max, .. }, Value::Int(_) | Value::Float(_)) => {
                let number = value.as_number().unwrap_or(f64::NAN);
                if *integer && !is_whole(value) {
                    fail(Rule::Type, wrong());
                }
                if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                    fail(Rule::Range, format!("is {number}, allowed: {}", range(*min, *max)));
                }
            }
            (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Date, Value::Text(text)) if parse_date(text).is_some() => {}
            (Kind::DateTime, Value::Text(text)) if Instant::parse(text).is_some() => {}
            (Kind::DateTime, Value::Map(_))
                if date_time_text(value).is_some_and(|t| Instant::parse(t).is_some()) => {}
            (Kind::Date, Value::Map(_)) if date_time_text(value).is_some_and(|t| parse_date(t).is_some()) => {
            }
            (Kind::Uri, Value::Text(text)) if nacre_model::id::is_uri(text) => {}
            _ => fail(Rule::Type, wrong()),
        }
    }
}

/// `{"@type": "DateTime", "@value": "…"}`, the written form of NGSI-LD (CIM 009 §4.6.3).
fn date_time_text(value: &Value) -> Option<&str> {
    value.get("@value").and_then(Value::as_text)
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Float(n) => n.fract() == 0.0,
        _ => false,
    }
}

fn text_rule(rule: &TextRule, text: &str, fail: &mut impl FnMut(Rule, String)) {
    match rule {
        TextRule::Free => {}
        TextRule::Enum(words) => {
            if !words.iter().any(|word| word == text) {
                let help = did_you_mean(text, words.iter().map(String::as_str));
                let help = help.unwrap_or_else(|| format!("allowed: `{}`", words.join("`, `")));
                fail(Rule::Enum, format!("is `{text}`; {help}"));
            }
        }
        TextRule::Codes(list) => {
            if list.find(text).is_none() {
                fail(Rule::Code, format!("is `{text}`, no code of `{}`{}", list.name, code_help(list, text)));
            }
        }
        TextRule::Pattern(pattern) => {
            if !pattern.is_match(text) {
                fail(Rule::Pattern, format!("is `{text}`, it does not fit the pattern"));
            }
        }
        TextRule::Check(check) => {
            // The number itself may be personal data and is not repeated.
            if let Err(error) = check.normalise(text) {
                fail(Rule::Check, format!("is no valid {}: {error}", check.name()));
            }
        }
    }
}

fn code_help(list: &CodeList, text: &str) -> String {
    let by_title = list.codes.iter().find(|c| c.title.zh == text || c.title.en == text);
    by_title
        .map(|c| format!("; write `{}`", c.code))
        .or_else(|| {
            did_you_mean(text, list.codes.iter().map(|c| c.code.as_str())).map(|help| format!("; {help}"))
        })
        .unwrap_or_default()
}

fn fits(shape: Shape, geometry: &Geometry) -> bool {
    match shape {
        Shape::Point => matches!(geometry, Geometry::Point(_)),
        Shape::Line => matches!(geometry, Geometry::LineString(_) | Geometry::MultiLineString(_)),
        Shape::Polygon => matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_)),
    }
}

/// A day written `2026-11-23`.
pub fn parse_date(text: &str) -> Option<Date> {
    Date::parse(text, time::macros::format_description!("[year]-[month]-[day]")).ok()
}

fn range(min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} and more"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => "any".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Bool(b) => format!("`{b}`"),
        Value::Int(n) => format!("`{n}`"),
        Value::Float(n) => format!("`{n}`"),
        Value::Text(text) => format!("`{}`", text.chars().take(80).collect::<String>()),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    }
}
