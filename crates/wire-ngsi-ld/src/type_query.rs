//! Selection of entities by type (CIM 009 §4.17): `A,B|(C;D)`.
//!
//! `,` and `|` both mean or; `;` means and, and stands in parentheses only. A type is a short name or a URI without
//! these signs.

use nacre_kernel::query::TypeSelection;
use nacre_model::Iri;
use nacre_model::id::is_uri;

use crate::context::Context;
use crate::errors::NgsiError;

/// Most names in one selection.
pub const NAMES_MAX: usize = 500;

/// Reads a selection of types.
pub fn parse(text: &str, context: &Context) -> Result<TypeSelection, NgsiError> {
    let any = disjunction(text, "type", |name| expand(name, context))?;
    let group = |all: Vec<Iri>| one_or(all.into_iter().map(TypeSelection::Is).collect(), TypeSelection::All);
    Ok(one_or(any.into_iter().map(group).collect(), TypeSelection::Any))
}

/// All types a selection names.
pub fn types_of(selection: &TypeSelection) -> Vec<&Iri> {
    match selection {
        TypeSelection::Is(one) => vec![one],
        TypeSelection::Any(all) | TypeSelection::All(all) => all.iter().flat_map(types_of).collect(),
    }
}

fn expand(name: &str, context: &Context) -> Result<Iri, String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let short = name.starts_with(char::is_alphabetic) && name.chars().all(plain);
    if !short && !is_uri(name) {
        return Err("a type is a name of letters, digits and `_`, or a URI".into());
    }
    context.expand(name).map_err(|e| e.detail)
}

/// One as itself, several as `many` makes of them.
pub(crate) fn one_or<T>(mut all: Vec<T>, many: impl FnOnce(Vec<T>) -> T) -> T {
    if all.len() == 1 { all.swap_remove(0) } else { many(all) }
}

/// Reads `x,y|(z;w)` as an or of ands; `leaf` makes something of each name or says why it cannot.
pub(crate) fn disjunction<T>(
    text: &str,
    parameter: &str,
    mut leaf: impl FnMut(&str) -> Result<T, String>,
) -> Result<Vec<Vec<T>>, NgsiError> {
    let error = |at: usize, what: &str| {
        let position = text[..at].chars().count() + 1;
        NgsiError::bad(format!("`{parameter}` cannot be read at position {position}: {what}")).at(parameter)
    };
    let (mut any, mut group, mut at, mut names) = (Vec::new(), None::<Vec<T>>, 0, 0);
    loop {
        if group.is_none() && text[at..].starts_with('(') {
            group = Some(Vec::new());
            at += 1;
        }
        let rest = &text[at..];
        let end = rest.find([',', '|', ';', '(', ')']).unwrap_or(rest.len());
        let name = rest[..end].trim();
        if name.is_empty() {
            return Err(error(at, "a name is expected"));
        }
        names += 1;
        if names > NAMES_MAX {
            return Err(error(at, &format!("more than {NAMES_MAX} names")));
        }
        let value = leaf(name).map_err(|why| error(at, &why))?;
        at += end;
        let mut next = text[at..].chars().next();
        match &mut group {
            None => any.push(vec![value]),
            Some(all) => {
                all.push(value);
                if next == Some(')') {
                    any.extend(group.take());
                    at += 1;
                    next = text[at..].chars().next();
                } else if next != Some(';') {
                    return Err(error(at, "`;` or `)` is expected"));
                }
            }
        }
        match next {
            None => return Ok(any),
            Some(',' | '|' | ';') if group.is_some() => at += 1,
            Some(',' | '|') => at += 1,
            Some(';') => return Err(error(at, "`;` (and) stands in parentheses only")),
            Some(_) => return Err(error(at, "`,` or `|` is expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is(name: &str) -> TypeSelection {
        TypeSelection::Is(Context::core().expand(name).expect("a name"))
    }

    fn read(text: &str) -> TypeSelection {
        parse(text, &Context::core()).expect(text)
    }

    #[test]
    fn comma_and_bar_are_or_and_groups_are_and() {
        assert_eq!(read("A"), is("A"));
        let group = TypeSelection::All(vec![is("C"), is("D")]);
        assert_eq!(read("A,B|(C;D)"), TypeSelection::Any(vec![is("A"), is("B"), group.clone()]));
        assert_eq!(read("(C;D)"), group);
        assert_eq!(
            read("(C),https://example.org/X"),
            TypeSelection::Any(vec![is("C"), read("https://example.org/X")])
        );
        assert_eq!(types_of(&read("A,(C;D)")).len(), 3);
    }

    #[test]
    fn what_is_no_selection_is_refused() {
        for bad in ["", ",", "A,", "A;B", "(A;B", "A)", "(A,B)", "A B", "()", "A(B)", "1A", "A-B", "\"A\""] {
            assert!(parse(bad, &Context::core()).is_err(), "{bad}");
        }
        let error = parse("A,海;B", &Context::core()).expect_err("no parentheses");
        assert!(error.detail.contains("position 4"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall(text in "[AB区(),;| :/]{0,20}") {
            let _ = parse(&text, &Context::core());
        }
    }
}
