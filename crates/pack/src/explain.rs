//! `nacre pack explain`: a pack as text that people read, a workflow as tables, a rule as a sentence, a code as its page.

mod flow;
mod rule;
mod story;

use std::fmt::Write as _;
use std::sync::Arc;

use crate::code::Code;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::type_def::{AttributeDef, Kind, TextRule, TypeDef, Words};

/// The page of a code, or the nearest code when there is none with that name.
pub fn code(name: &str) -> Result<&'static str, Option<String>> {
    let slug = name.strip_prefix("pack/").unwrap_or(name);
    let known = Code::all().iter().filter_map(|code| code.name().strip_prefix("pack/"));
    Code::find(name).map(Code::page).ok_or_else(|| did_you_mean(slug, known))
}

/// A workflow or a rule of a pack, by its name in the pack; `needs` are the packs that the pack uses.
pub fn part(pack: &Pack, needs: &[Arc<Pack>], name: &str) -> Option<String> {
    let names = Names { pack, needs };
    let mut out = String::new();
    if let Some(workflow) = pack.workflows.get(name) {
        flow::workflow(&mut out, workflow, &names);
    } else if let Some((one, _)) = pack.rules.get(name) {
        rule::rule(&mut out, one, &names);
    } else {
        return None;
    }
    Some(out)
}

/// Names of workflows and rules of a pack, as [`part`] takes them.
pub fn parts(pack: &Pack) -> impl Iterator<Item = &str> {
    pack.workflows.keys().chain(pack.rules.keys()).map(String::as_str)
}

/// What roles and attributes are called.
struct Names<'a> {
    pack: &'a Pack,
    needs: &'a [Arc<Pack>],
}

impl Names<'_> {
    fn packs(&self) -> impl Iterator<Item = &Pack> {
        std::iter::once(self.pack).chain(self.needs.iter().map(Arc::as_ref))
    }

    /// A role in both languages; its name where nobody says what it is called.
    fn role(&self, name: &str) -> Words {
        let found = self.packs().find_map(|pack| {
            let role = pack.roles.iter().find(|role| role.name == name && role.level.is_some())?;
            pack.text.get(&role.title).cloned()
        });
        found.unwrap_or_else(|| Words { zh: name.to_owned(), en: name.to_owned() })
    }

    /// Roles in one line.
    fn roles(&self, names: &[String]) -> Words {
        let all: Vec<Words> = names.iter().map(|name| self.role(name)).collect();
        Words {
            zh: all.iter().map(|w| w.zh.as_str()).collect::<Vec<_>>().join("、"),
            en: all.iter().map(|w| w.en.as_str()).collect::<Vec<_>>().join(", "),
        }
    }

    fn entity_type(&self, name: &str) -> Option<&TypeDef> {
        self.packs().find_map(|pack| pack.types.get(name)).map(Arc::as_ref)
    }
}

/// The whole pack as Markdown; `needs` are the packs it uses.
pub fn pack(pack: &Pack, needs: &[Arc<Pack>]) -> String {
    let names = Names { pack, needs };
    let mut out = String::new();
    let _ = writeln!(out, "# {} · {}\n\n`{}` {}\n", pack.title.zh, pack.title.en, pack.name, pack.version);
    let _ = writeln!(out, "{}\n\n{}\n", pack.description.zh, pack.description.en);
    if !pack.systems.is_empty() {
        let systems: Vec<String> = pack.systems.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "Systems of the plan: {}\n", systems.join(", "));
    }
    for def in pack.types.values() {
        entity_type(&mut out, def);
    }
    for list in pack.codes.values() {
        let _ =
            writeln!(out, "## `{}` {} · {}\n\n{}\n", list.name, list.title.zh, list.title.en, list.standard);
        table(
            &mut out,
            &["code", "中文", "English"],
            list.codes.iter().map(|c| vec![format!("`{}`", c.code), c.title.zh.clone(), c.title.en.clone()]),
        );
    }
    for workflow in pack.workflows.values() {
        flow::workflow(&mut out, workflow, &names);
    }
    for (one, _) in pack.rules.values() {
        rule::rule(&mut out, one, &names);
    }
    for (name, scenario) in &pack.scenarios {
        story::story(&mut out, name, scenario);
    }
    if !pack.sources.is_empty() {
        let _ = writeln!(out, "## Sources\n");
        for source in &pack.sources {
            let details = [&source.url, &source.licence, &source.as_of, &source.note];
            let details: Vec<&str> = details.into_iter().flatten().map(String::as_str).collect();
            let _ = writeln!(
                out,
                "- {}{}{}",
                source.title,
                if details.is_empty() { "" } else { " · " },
                details.join(" · ")
            );
        }
    }
    out
}

fn entity_type(out: &mut String, def: &TypeDef) {
    let _ = writeln!(
        out,
        "## `{}` {} · {}\n\n{}\n\n{}\n",
        def.name, def.title.zh, def.title.en, def.description.zh, def.description.en
    );
    table(
        out,
        &["attribute", "中文", "English", "value", "must", "shown to"],
        def.attributes.iter().map(|a| {
            let index = if a.index { " ⌕" } else { "" };
            vec![
                format!("`{}`{index}", a.name),
                a.title.zh.clone(),
                a.title.en.clone(),
                value(a),
                if a.required { "✓" } else { "" }.to_owned(),
                a.classification.name().to_owned(),
            ]
        }),
    );
}

fn value(def: &AttributeDef) -> String {
    let mut text = match &def.kind {
        Kind::Number { unit, min, max, .. } => {
            let mut text = def.kind.name().to_owned();
            if let Some(unit) = unit {
                let _ = write!(text, " {} ({})", unit.symbol, unit.code);
            }
            match (min, max) {
                (Some(min), Some(max)) => write!(text, ", {min} to {max}"),
                (Some(min), None) => write!(text, ", from {min}"),
                (None, Some(max)) => write!(text, ", up to {max}"),
                (None, None) => Ok(()),
            }
            .ok();
            text
        }
        Kind::Text(TextRule::Codes(list)) => format!("code of `{}`", list.name),
        Kind::Text(TextRule::Enum(words)) => words.join(", "),
        Kind::Text(TextRule::Pattern(pattern)) => format!("text `{}`", pattern.as_str().replace('|', "\\|")),
        Kind::Relationship { to } if !to.is_empty() => format!("→ {}", to.join(", ")),
        kind => kind.name().to_owned(),
    };
    if def.many {
        text.push_str(", several");
    }
    text
}

fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}
