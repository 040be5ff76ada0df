//! A rule as a pack author writes it: one YAML file under `rules/`, read elsewhere into these structs.
//!
//! Unknown members are refused, so that a misspelt one is found and not silently without effect. What is a CEL
//! expression, what a plain word, is said at each member. Durations are written `90s`, `5m`, `2h`, `1d`, `1w`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleDef {
    /// Key of the rule's name in the pack's `text/` files.
    pub title: String,
    /// Which entities it watches.
    pub on: OnDef,
    /// What wakes it.
    pub when: When,
    /// `change`: attributes whose change wakes it, by short name. Those that the conditions name when left out; those
    /// that `on.where` names wake it in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<String>>,
    /// Condition in CEL. `absence` and `geofence` do without; all others need it.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Condition in CEL after which it is over; `if` no longer holding when left out. It never ends while `if` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
    /// How long the condition must hold without a break before it fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// How long the clear condition must hold without a break before it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_hold: Option<String>,
    /// `window`: over which values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowDef>,
    /// `absence`: what stays away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<AbsenceDef>,
    /// `schedule`: at which times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleDef>,
    /// `geofence`: which line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geofence: Option<GeofenceDef>,
    /// It fires for the same entity no sooner than this after it last fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<String>,
    /// What is to happen, in order; at least one.
    pub then: Vec<ThenDef>,
}

/// Which entities a rule watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OnDef {
    /// Short name of the entity type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Only those for which this CEL condition holds. Unknown (an attribute is missing) is not watched: write
    /// `!has(self.tidal) || tidal != true` where an attribute may be missing.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}

/// What wakes a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// An attribute changes.
    Change,
    /// Values of an attribute over a stretch of time.
    Window,
    /// An attribute is not reported.
    Absence,
    /// The clock.
    Schedule,
    /// A place is entered or left.
    Geofence,
}

/// Values of one attribute over a stretch of time; conditions see them as `window.count`, `avg`, `min`, `max`, `sum`,
/// `first`, `last`, `rate` (change per hour) and `change` (last less first).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WindowDef {
    /// Short name of a numeric attribute.
    pub attribute: String,
    /// How far back.
    pub over: String,
    /// Fewest values for the condition to be known at all; 1 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// An attribute that is not reported for some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AbsenceDef {
    /// Short name of the attribute.
    pub attribute: String,
    /// For how long.
    #[serde(rename = "for")]
    pub lasting: String,
}

/// Times at which the condition is looked at, for every entity of the type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleDef {
    /// How often: `15m`, `1h`, `1d`, `1w`; at least a minute.
    pub every: String,
    /// District time `hh:mm` from which the times are counted; `00:00` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Weekday `mon` to `sun`, only with whole weeks; `mon` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

/// A line on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GeofenceDef {
    /// Short name of the attribute with the position; of a shape, the middle of its box counts.
    pub attribute: String,
    /// What must be seen.
    pub event: GeoEvent,
    /// The area.
    pub area: AreaDef,
}

/// What is seen of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GeoEvent {
    /// It was outside and now is inside.
    Enter,
    /// It was inside and now is outside.
    Leave,
    /// It is inside, however it came there.
    Inside,
    /// It is outside, however it came there.
    Outside,
}

/// An area: all polygons that entities of a type carry, or one that is written out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AreaDef {
    /// Short name of the type whose entities are areas.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Short name of their attribute with the polygon; `location` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// `[longitude, latitude]` of each corner, WGS 84; closed by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Vec<[f64; 2]>>,
}

/// One thing that is to happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ThenDef {
    /// Raise an alert.
    Alert(AlertDef),
    /// Open a case.
    Case(CaseDef),
    /// Set an attribute of the entity.
    Set(SetDef),
    /// Tell somebody.
    Notify(NotifyDef),
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlertDef {
    /// CEL that gives the id of a level of the scheme.
    pub severity: String,
    /// Id of the severity scheme, such as `national-four`.
    pub scheme: String,
    /// Category, a plain word.
    pub category: String,
    /// CEL that gives the title.
    pub title: String,
    /// CEL that gives the name of the group; alerts of a group are shown as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseDef {
    /// `pack.workflow`.
    pub workflow: String,
    /// CEL that gives the title.
    pub title: String,
    /// CEL that gives the description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// CEL that gives the organisation it goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Role it goes to, a plain word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// CEL for each field of the case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// A value that follows from others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetDef {
    /// Short name of the attribute.
    pub attribute: String,
    /// CEL that gives its value.
    pub value: String,
    /// Unit code (UN/CEFACT), a plain word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotifyDef {
    /// Role that is told, a plain word.
    pub role: String,
    /// CEL that gives the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// CEL that gives the text.
    pub text: String,
}
