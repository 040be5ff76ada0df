//! A rule as a sentence for people, so that who answers for it can check it without reading YAML.

use crate::definition::{AreaDef, GeoEvent, RuleDef, ThenDef, When};
use crate::duration;

type Pair = (String, String);

/// The sentence, Chinese and English.
pub fn of(def: &RuleDef) -> Pair {
    let (subject_zh, subject_en) = subject(def);
    let (cause_zh, cause_en) = cause(def);
    let (hold_zh, hold_en) = lasting(def.hold.as_deref(), "持续", "for");
    let mut acts = (Vec::new(), Vec::new());
    for then in &def.then {
        let (zh, en) = act(then);
        acts.0.push(zh);
        acts.1.push(en);
    }
    let mut zh = format!("{subject_zh}，{cause_zh}{hold_zh}，就{}。", acts.0.join("，并"));
    let mut en = format!("For {subject_en}: {cause_en}{hold_en}, {}.", acts.1.join(", and "));
    let (end_zh, end_en) = lasting(def.clear_hold.as_deref(), "持续", "for");
    match (&def.clear, def.when) {
        (Some(clear), _) => {
            zh.push_str(&format!("`{clear}` 成立{end_zh}后解除。"));
            en.push_str(&format!(" It is over once `{clear}` holds{end_en}."));
        }
        (None, When::Absence) => {
            zh.push_str("重新上报后解除。");
            en.push_str(" It is over once it is reported again.");
        }
        (None, _) => {
            zh.push_str(&format!("条件不再成立{end_zh}后解除。"));
            en.push_str(&format!(" It is over once that no longer holds{end_en}."));
        }
    }
    if let Some((a, b)) = def.cooldown.as_deref().and_then(duration::parse).map(duration::words) {
        zh.push_str(&format!("同一对象 {a}内不重复。"));
        en.push_str(&format!(" Not again for the same one within {b}."));
    }
    (zh, en)
}

fn lasting(text: Option<&str>, zh: &str, en: &str) -> Pair {
    match text.and_then(duration::parse).map(duration::words) {
        Some((a, b)) => (format!("{zh} {a}"), format!(" {en} {b}")),
        None => Pair::default(),
    }
}

fn span(text: &str) -> Pair {
    duration::parse(text).map_or_else(|| (text.to_string(), text.to_string()), duration::words)
}

fn subject(def: &RuleDef) -> Pair {
    let kind = &def.on.kind;
    match &def.on.filter {
        Some(filter) => (format!("每个 {kind}（`{filter}`）"), format!("each {kind} with `{filter}`")),
        None => (format!("每个 {kind}"), format!("each {kind}")),
    }
}

fn cause(def: &RuleDef) -> Pair {
    let condition = def.condition.as_deref();
    let holds = |zh: String, en: String| match condition {
        Some(c) => (format!("{zh}，`{c}` 成立"), format!("{en}, `{c}` holds")),
        None => (zh, en),
    };
    match def.when {
        When::Change => match &def.attributes {
            Some(names) => {
                holds(format!("{} 变化时", names.join("、")), format!("when {} changes", names.join(" or ")))
            }
            None => {
                let c = condition.unwrap_or("");
                (format!("`{c}` 成立"), format!("when `{c}` holds"))
            }
        },
        When::Window => {
            let Some(window) = &def.window else { return Pair::default() };
            let (zh, en) = span(&window.over);
            holds(
                format!("近 {zh}的 {}", window.attribute),
                format!("over the last {en} of {}", window.attribute),
            )
        }
        When::Absence => {
            let Some(absence) = &def.absence else { return Pair::default() };
            let (zh, en) = span(&absence.lasting);
            holds(
                format!("{} 超过 {zh}没有上报", absence.attribute),
                format!("when {} was not reported for {en}", absence.attribute),
            )
        }
        When::Schedule => {
            let Some(schedule) = &def.schedule else { return Pair::default() };
            let (zh, en) = span(&schedule.every);
            let at = schedule.at.as_deref().unwrap_or("00:00");
            let day = schedule.on.as_deref().unwrap_or("");
            holds(
                format!("从 {day}{at} 起每 {zh}检查一次", day = day_zh(day)),
                format!("every {en} from {day}{gap}{at}", gap = if day.is_empty() { "" } else { " " }),
            )
        }
        When::Geofence => {
            let Some(fence) = &def.geofence else { return Pair::default() };
            let (area_zh, area_en) = area(&fence.area);
            let (zh, en) = match fence.event {
                GeoEvent::Enter => ("进入", "enters"),
                GeoEvent::Leave => ("离开", "leaves"),
                GeoEvent::Inside => ("位于", "is inside"),
                GeoEvent::Outside => ("不在", "is outside"),
            };
            holds(
                format!("{} {zh} {area_zh}", fence.attribute),
                format!("when its {} {en} {area_en}", fence.attribute),
            )
        }
    }
}

fn day_zh(day: &str) -> &'static str {
    match day {
        "mon" => "周一 ",
        "tue" => "周二 ",
        "wed" => "周三 ",
        "thu" => "周四 ",
        "fri" => "周五 ",
        "sat" => "周六 ",
        "sun" => "周日 ",
        _ => "",
    }
}

fn area(def: &AreaDef) -> Pair {
    match &def.kind {
        Some(kind) => (format!("任一 {kind}"), format!("any {kind}")),
        None => {
            let corners = def.polygon.as_ref().map_or(0, Vec::len);
            (format!("所画的 {corners} 点多边形"), format!("the polygon of {corners} points"))
        }
    }
}

fn act(then: &ThenDef) -> Pair {
    match then {
        ThenDef::Alert(a) => (
            format!("发出预警（{}，级别 `{}`）：`{}`", a.category, a.severity, a.title),
            format!("raise an alert ({}, level `{}`): `{}`", a.category, a.severity, a.title),
        ),
        ThenDef::Case(c) => {
            let role = c.role.as_deref();
            (
                format!(
                    "立案 {}{}：`{}`",
                    c.workflow,
                    role.map_or(String::new(), |r| format!("，交 {r}")),
                    c.title
                ),
                format!(
                    "open a case {}{}: `{}`",
                    c.workflow,
                    role.map_or(String::new(), |r| format!(" for {r}")),
                    c.title
                ),
            )
        }
        ThenDef::Set(s) => (
            format!("把 {} 记为 `{}`", s.attribute, s.value),
            format!("set {} to `{}`", s.attribute, s.value),
        ),
        ThenDef::Notify(n) => {
            (format!("通知 {}：`{}`", n.role, n.text), format!("notify {}: `{}`", n.role, n.text))
        }
    }
}
