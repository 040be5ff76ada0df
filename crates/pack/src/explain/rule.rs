//! A rule as a sentence, with what it reads and what it does.

use std::fmt::Write as _;

use nacre_rules::Rule;
use nacre_rules::expression::node::Read;

use super::{Names, table};

pub(super) fn rule(out: &mut String, rule: &Rule, names: &Names<'_>) {
    let title = names.pack.text.get(&rule.def().title).cloned().unwrap_or_default();
    let (zh, en) = rule.sentence();
    let _ = writeln!(out, "## 规则 Rule `{}` {} · {}\n\n{zh}\n\n{en}\n", rule.id(), title.zh, title.en);
    let def = names.entity_type(rule.on());
    let mut read: Vec<&str> = rule.attributes().iter().map(String::as_str).collect();
    for one in rule.reads() {
        match one {
            Read::Attribute(name)
            | Read::Previous(name)
            | Read::ObservedAt(name)
            | Read::Related(name, _) => {
                read.push(name);
            }
            _ => {}
        }
    }
    read.sort_unstable();
    read.dedup();
    let wakes = |name: &str| rule.attributes().iter().any(|a| a == name);
    table(
        out,
        &["读取 reads", "中文", "English", "触发 wakes it"],
        read.into_iter().map(|name| {
            let title = def.and_then(|d| d.attribute(name)).map(|a| a.title.clone()).unwrap_or_default();
            vec![
                format!("`{}.{name}`", rule.on()),
                title.zh,
                title.en,
                if wakes(name) { "✓" } else { "" }.to_owned(),
            ]
        }),
    );
}
