//! From a definition to a [`Rule`]: every complaint at once, each with the place in the file.

use std::collections::BTreeSet;

use nacre_model::{Geometry, Position};

use crate::definition::{
    AlertDef, AreaDef, CaseDef, GeoEvent, GeofenceDef, NotifyDef, RuleDef, ScheduleDef, SetDef, ThenDef, When,
};
use crate::duration;
use crate::expression::fast::demanded_id;
use crate::expression::node::Read;
use crate::expression::{BadExpression, Expression};
use crate::fence::Area;
use crate::functions::Functions;
use crate::rule::{Act, AreaOf, Condition, Rule, Waking};
use crate::schedule::{self, Schedule};

/// Most things one rule lets happen.
pub const ACTS_MAX: usize = 20;
/// Most corners of a written polygon.
pub const CORNERS_MAX: usize = 2_000;

/// What a rule is compiled with.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// How far district time is ahead of UTC, minutes; 480 in China.
    pub offset_minutes: i32,
    /// Functions besides those of CEL.
    pub functions: &'a Functions,
}

/// Something that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where in the file, a JSON pointer (RFC 6901); empty for the file.
    pub path: String,
    /// What is wrong, in Chinese.
    pub message_zh: String,
    /// What is wrong, in English.
    pub message_en: String,
}

impl Rule {
    /// Understands a definition. `id` is `pack.name`.
    pub fn compile(id: &str, def: RuleDef, options: &Options<'_>) -> Result<Rule, Vec<Complaint>> {
        let mut work = Compiling { options, complaints: Vec::new(), reads: BTreeSet::new() };
        let rule = work.rule(id, def);
        if work.complaints.is_empty() { Ok(rule) } else { Err(work.complaints) }
    }
}

struct Compiling<'a> {
    options: &'a Options<'a>,
    complaints: Vec<Complaint>,
    reads: BTreeSet<Read>,
}

impl Compiling<'_> {
    fn say(&mut self, path: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.complaints.push(Complaint {
            path: path.to_string(),
            message_zh: zh.into(),
            message_en: en.into(),
        });
    }

    fn rule(&mut self, id: &str, def: RuleDef) -> Rule {
        self.words(&def);
        self.parts(&def);
        let selection = def.on.filter.as_deref().map(|text| self.expression("/on/where", text));
        let mut wakes: BTreeSet<String> = selection.iter().flat_map(attributes).collect();
        let demanded = selection.as_ref().and_then(|s| demanded_id(s.root()));
        let only = demanded.map(|(id, _)| id.to_string());
        let all_of_it = demanded.is_some_and(|(_, alone)| alone);
        let selection = selection.filter(|_| !all_of_it).map(Condition::new);
        let condition = def.condition.as_deref().map(|text| self.expression("/if", text));
        let clear = def.clear.as_deref().map(|text| self.expression("/clear", text));
        let named: BTreeSet<String> = condition.iter().chain(&clear).flat_map(attributes).collect();
        match (&def.attributes, def.when) {
            (Some(given), When::Change) => wakes.extend(given.iter().cloned()),
            (_, When::Absence | When::Schedule) => {}
            _ => wakes.extend(named),
        }
        let waking = self.waking(&def);
        if let Waking::Window { attribute, .. }
        | Waking::Absence { attribute, .. }
        | Waking::Geofence { attribute, .. } = &waking
        {
            wakes.insert(attribute.clone());
        }
        if def.when == When::Change && wakes.is_empty() && def.condition.is_some() {
            self.say(
                "/attributes",
                "条件没有用到任何属性，请写明由哪些属性的变化触发",
                "the conditions name no attribute; say which ones wake the rule",
            );
        }
        if def.when != When::Window {
            let reads = self.reads.clone();
            if let Some(Read::Window(stat)) = reads.iter().find(|r| matches!(r, Read::Window(_))) {
                self.say(
                    "/if",
                    format!("`window.{stat}` 只能用于 when: window"),
                    format!("`window.{stat}` needs `when: window`"),
                );
            }
        }
        let acts =
            def.then.iter().enumerate().map(|(at, then)| self.act(&format!("/then/{at}"), then)).collect();
        let hold_ms = self.duration("/hold", def.hold.as_deref());
        let clear_hold_ms = self.duration("/clearHold", def.clear_hold.as_deref());
        let cooldown_ms = self.duration("/cooldown", def.cooldown.as_deref());
        Rule {
            id: id.to_string(),
            selection,
            only,
            condition: condition.map(Condition::new),
            clear: clear.map(Condition::new),
            hold_ms,
            clear_hold_ms,
            cooldown_ms,
            waking,
            acts,
            wakes: wakes.into_iter().collect(),
            reads: std::mem::take(&mut self.reads).into_iter().collect(),
            def,
        }
    }

    /// Words that must not be empty.
    fn words(&mut self, def: &RuleDef) {
        let mut need = |path: &str, text: &str| {
            if text.trim().is_empty() {
                self.say(path, "不能为空", "must not be empty");
            }
        };
        need("/title", &def.title);
        need("/on/type", &def.on.kind);
        for (at, name) in def.attributes.iter().flatten().enumerate() {
            need(&format!("/attributes/{at}"), name);
        }
        if let Some(window) = &def.window {
            need("/window/attribute", &window.attribute);
        }
        if let Some(absence) = &def.absence {
            need("/absence/attribute", &absence.attribute);
        }
        if let Some(fence) = &def.geofence {
            need("/geofence/attribute", &fence.attribute);
        }
        if def.then.is_empty() {
            self.say("/then", "没有写明要做什么", "nothing is to happen");
        }
        if def.then.len() > ACTS_MAX {
            self.say(
                "/then",
                format!("超过 {ACTS_MAX} 项"),
                format!("more than {ACTS_MAX} things are to happen"),
            );
        }
    }

    /// Each kind has its own part, and only that.
    fn parts(&mut self, def: &RuleDef) {
        let when = def.when;
        let own = [
            ("window", When::Window, def.window.is_some()),
            ("absence", When::Absence, def.absence.is_some()),
            ("schedule", When::Schedule, def.schedule.is_some()),
            ("geofence", When::Geofence, def.geofence.is_some()),
        ];
        for (name, kind, given) in own {
            let path = format!("/{name}");
            if kind == when && !given {
                self.say(
                    &path,
                    format!("when: {name} 需要 `{name}` 一节"),
                    format!("`when: {name}` needs a part `{name}`"),
                );
            }
            if kind != when && given {
                self.unused(&path, name, when);
            }
        }
        if def.condition.is_none() && !matches!(when, When::Absence | When::Geofence) {
            self.say("/if", "需要条件 `if`", "a condition `if` is needed");
        }
        if def.attributes.is_some() && when != When::Change {
            self.unused("/attributes", "attributes", when);
        }
        if def.attributes.as_ref().is_some_and(Vec::is_empty) {
            self.say("/attributes", "不能为空列表", "must not be an empty list");
        }
        let timed = matches!(when, When::Absence | When::Schedule);
        if timed && def.hold.is_some() {
            self.unused("/hold", "hold", when);
        }
        if timed && def.clear_hold.is_some() {
            self.unused("/clearHold", "clearHold", when);
        }
    }

    fn unused(&mut self, path: &str, name: &str, when: When) {
        let when = format!("{when:?}").to_lowercase();
        self.say(
            path,
            format!("when: {when} 用不到 `{name}`"),
            format!("`{name}` has no use with `when: {when}`"),
        );
    }

    fn duration(&mut self, path: &str, text: Option<&str>) -> i64 {
        let Some(text) = text else { return 0 };
        duration::parse(text).unwrap_or_else(|| {
            self.say(
                path,
                format!("`{text}` 不是时长；写成 `90s`、`5m`、`2h`、`1d` 或 `1w`"),
                format!("`{text}` is no duration; write `90s`, `5m`, `2h`, `1d` or `1w`"),
            );
            0
        })
    }

    /// An expression; a bad one is complained about and replaced by `null`.
    fn expression(&mut self, path: &str, text: &str) -> Expression {
        match Expression::parse(text, self.options.functions) {
            Ok(expression) => {
                self.reads.extend(expression.reads().iter().cloned());
                expression
            }
            Err(all) => {
                for BadExpression { place, zh, en } in all {
                    let (at_zh, at_en) = match place {
                        Some((line, column)) => (
                            format!("第 {line} 行第 {column} 字：",),
                            format!("line {line}, column {column}: "),
                        ),
                        None => (String::new(), String::new()),
                    };
                    self.say(path, format!("{at_zh}{zh}"), format!("{at_en}{en}"));
                }
                Expression::nothing()
            }
        }
    }

    fn waking(&mut self, def: &RuleDef) -> Waking {
        match def.when {
            When::Change => Waking::Change,
            When::Window => {
                let Some(window) = &def.window else { return Waking::Change };
                if window.count == Some(0) {
                    self.say("/window/count", "至少为 1", "must be 1 or more");
                }
                Waking::Window {
                    attribute: window.attribute.clone(),
                    over_ms: self.duration("/window/over", Some(&window.over)),
                    least: window.count.unwrap_or(1) as usize,
                }
            }
            When::Absence => {
                let Some(absence) = &def.absence else { return Waking::Change };
                Waking::Absence {
                    attribute: absence.attribute.clone(),
                    lasting_ms: self.duration("/absence/for", Some(&absence.lasting)),
                }
            }
            When::Schedule => match &def.schedule {
                Some(schedule) => Waking::Schedule(self.schedule(schedule)),
                None => Waking::Change,
            },
            When::Geofence => match &def.geofence {
                Some(fence) => self.geofence(fence),
                None => Waking::Change,
            },
        }
    }

    fn schedule(&mut self, def: &ScheduleDef) -> Schedule {
        let every = schedule::every(&def.every).unwrap_or_else(|| {
            self.say(
                "/schedule/every",
                format!("`{}` 不能作间隔；写 `15m`、`1h`、`1d`、`1w`，一天须能被它整除", def.every),
                format!("`{}` is no interval; write `15m`, `1h`, `1d`, `1w`: it must divide a day or be whole days", def.every),
            );
            86_400_000
        });
        let at = def.at.as_deref().map_or(Some(0), schedule::time_of_day).unwrap_or_else(|| {
            self.say("/schedule/at", "须为 `hh:mm`", "must be `hh:mm`");
            0
        });
        let on = def.on.as_deref().map_or(Some(0), schedule::weekday).unwrap_or_else(|| {
            self.say(
                "/schedule/on",
                "须为 mon tue wed thu fri sat sun",
                "must be mon tue wed thu fri sat sun",
            );
            0
        });
        if def.on.is_some() && !schedule::whole_weeks(every) {
            self.say("/schedule/on", "只有整周的间隔才有星期", "has a use only with whole weeks");
        }
        Schedule::new(every, at, on, self.options.offset_minutes)
    }

    fn geofence(&mut self, def: &GeofenceDef) -> Waking {
        let GeofenceDef { attribute, event, area } = def;
        let event: GeoEvent = *event;
        match self.area(area) {
            Some(area) => Waking::Geofence { attribute: attribute.clone(), event, area },
            None => Waking::Change,
        }
    }

    fn area(&mut self, area: &AreaDef) -> Option<AreaOf> {
        let path = "/geofence/area";
        match (&area.kind, &area.polygon) {
            (Some(kind), None) if kind.trim().is_empty() => {
                self.say(&format!("{path}/type"), "不能为空", "must not be empty");
                None
            }
            (Some(kind), None) => Some(AreaOf::Carried {
                kind: kind.clone(),
                attribute: area.attribute.clone().unwrap_or_else(|| "location".to_string()),
            }),
            (None, Some(corners)) => {
                if area.attribute.is_some() {
                    self.say(
                        &format!("{path}/attribute"),
                        "写了 polygon 就用不到 `attribute`",
                        "`attribute` has no use with `polygon`",
                    );
                }
                self.polygon(&format!("{path}/polygon"), corners)
            }
            _ => {
                self.say(
                    path,
                    "`type` 和 `polygon` 须写其一",
                    "exactly one of `type` and `polygon` is needed",
                );
                None
            }
        }
    }

    fn polygon(&mut self, path: &str, corners: &[[f64; 2]]) -> Option<AreaOf> {
        if corners.len() > CORNERS_MAX {
            self.say(
                path,
                format!("顶点超过 {CORNERS_MAX} 个"),
                format!("has more than {CORNERS_MAX} corners"),
            );
            return None;
        }
        let mut ring: Vec<Position> = corners
            .iter()
            .map(|[longitude, latitude]| Position {
                longitude: *longitude,
                latitude: *latitude,
                altitude: None,
            })
            .collect();
        if let (Some(first), true) = (ring.first().copied(), ring.first() != ring.last()) {
            ring.push(first);
        }
        match Geometry::Polygon(vec![ring]).checked() {
            Ok(shape) => Area::new(None, shape).map(|area| AreaOf::Written(Box::new(area))),
            Err(why) => {
                self.say(path, format!("不是多边形：{why}"), format!("is no polygon: {why}"));
                None
            }
        }
    }

    fn word(&mut self, path: &str, text: &str) -> String {
        if text.trim().is_empty() {
            self.say(path, "不能为空", "must not be empty");
        }
        text.to_string()
    }

    fn maybe(&mut self, path: &str, text: Option<&str>) -> Option<Expression> {
        text.map(|text| self.expression(path, text))
    }

    fn act(&mut self, path: &str, then: &ThenDef) -> Act {
        match then {
            ThenDef::Alert(AlertDef { severity, scheme, category, title, group }) => {
                let path = format!("{path}/alert");
                Act::Alert {
                    severity: self.expression(&format!("{path}/severity"), severity),
                    scheme: self.word(&format!("{path}/scheme"), scheme),
                    category: self.word(&format!("{path}/category"), category),
                    title: self.expression(&format!("{path}/title"), title),
                    group: self.maybe(&format!("{path}/group"), group.as_deref()),
                }
            }
            ThenDef::Case(CaseDef { workflow, title, description, organisation, role, fields }) => {
                let path = format!("{path}/case");
                let mut read = Vec::new();
                for (name, text) in fields {
                    let escaped = name.replace('~', "~0").replace('/', "~1");
                    read.push((name.clone(), self.expression(&format!("{path}/fields/{escaped}"), text)));
                }
                Act::Case {
                    workflow: self.word(&format!("{path}/workflow"), workflow),
                    title: self.expression(&format!("{path}/title"), title),
                    description: self.maybe(&format!("{path}/description"), description.as_deref()),
                    organisation: self.maybe(&format!("{path}/organisation"), organisation.as_deref()),
                    role: role.clone(),
                    fields: read,
                }
            }
            ThenDef::Set(SetDef { attribute, value, unit }) => Act::Set {
                attribute: self.word(&format!("{path}/set/attribute"), attribute),
                value: self.expression(&format!("{path}/set/value"), value),
                unit: unit.clone(),
            },
            ThenDef::Notify(NotifyDef { role, organisation, text }) => Act::Notify {
                role: self.word(&format!("{path}/notify/role"), role),
                organisation: self.maybe(&format!("{path}/notify/organisation"), organisation.as_deref()),
                text: self.expression(&format!("{path}/notify/text"), text),
            },
        }
    }
}

/// Attributes an expression names: what it reads now, and what it compares with before.
fn attributes(expression: &Expression) -> Vec<String> {
    let name = |read: &Read| match read {
        Read::Attribute(name) | Read::Previous(name) | Read::ObservedAt(name) | Read::Related(name, _) => {
            Some(name.clone())
        }
        _ => None,
    };
    expression.reads().iter().filter_map(name).collect()
}
