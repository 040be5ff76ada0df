//! Selection of entities by scope (CIM 009 §4.19): `/a/+/c`, `/a/#`, `(/a;/b),/c`.

use nacre_kernel::query::{ScopeLevel, ScopeQuery};

use crate::errors::NgsiError;
use crate::type_query::selection;

/// Reads a `scopeQ` parameter.
pub fn parse(text: &str) -> Result<ScopeQuery, NgsiError> {
    selection(text, "scopeQ", |pattern| levels(pattern).map(ScopeQuery::Is), ScopeQuery::Any, ScopeQuery::All)
}

/// One pattern; the first slash may be missing, as it may in a scope.
fn levels(pattern: &str) -> Result<Vec<ScopeLevel>, String> {
    let mut levels = Vec::new();
    let mut parts = pattern.strip_prefix('/').unwrap_or(pattern).split('/').peekable();
    while let Some(part) = parts.next() {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        levels.push(match part {
            "+" => ScopeLevel::One,
            "#" if parts.peek().is_none() => ScopeLevel::Below,
            "#" => return Err("`#` stands last only".into()),
            name if !name.is_empty() && name.chars().all(plain) => ScopeLevel::Name(name.into()),
            _ => return Err("levels of letters, digits and `_` between single slashes are expected".into()),
        });
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: &str) -> ScopeLevel {
        ScopeLevel::Name(n.into())
    }

    #[test]
    fn patterns_have_levels_and_groups() {
        let madrid = ScopeQuery::Is(vec![name("Madrid"), ScopeLevel::One, name("园")]);
        assert_eq!(parse("/Madrid/+/园"), Ok(madrid));
        assert_eq!(parse("/a/#"), Ok(ScopeQuery::Is(vec![name("a"), ScopeLevel::Below])));
        assert_eq!(parse("/#"), Ok(ScopeQuery::Is(vec![ScopeLevel::Below])));
        let both = ScopeQuery::All(vec![ScopeQuery::Is(vec![name("a")]), ScopeQuery::Is(vec![name("b")])]);
        let other = ScopeQuery::Is(vec![name("c")]);
        assert_eq!(parse("(/a;/b),c"), Ok(ScopeQuery::Any(vec![both, other])));
    }

    #[test]
    fn broken_patterns_are_refused() {
        for bad in ["", "/", "//a", "/a//b", "/#/a", "/a;/b", "/a/", "/a/b+", "(/a"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
