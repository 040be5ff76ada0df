//! Selection of entities by type (CIM 009 §4.17): `A,B|(C;D)`.
//!
//! `,` and `|` both mean or; `;` means and, binds closer, and stands in parentheses only. Parentheses may be nested
//! and may hold an or, which the grammar of the standard does not foresee but its own tests use. A type is a short
//! name or a URI without these signs.

use nacre_kernel::query::TypeSelection;
use nacre_model::Iri;
use nacre_model::id::is_uri;

use crate::context::Context;
use crate::errors::NgsiError;

/// Most names in one selection.
pub const NAMES_MAX: usize = 500;
/// Deepest nesting of parentheses.
pub const DEPTH_MAX: usize = 20;

/// Reads a selection of types.
pub fn parse(text: &str, context: &Context) -> Result<TypeSelection, NgsiError> {
    let leaf = |name: &str| expand(name, context).map(TypeSelection::Is);
    selection(text, "type", leaf, TypeSelection::Any, TypeSelection::All)
}

/// Writes a selection so that [`parse`] reads it again; `name` shows a type.
pub fn print(selection: &TypeSelection, name: &dyn Fn(&Iri) -> String) -> String {
    let inner = |all: &[TypeSelection], sign: &str| {
        let parts: Vec<String> = all.iter().map(|s| print_inner(s, name)).collect();
        parts.join(sign)
    };
    match selection {
        TypeSelection::Any(all) => inner(all, ","),
        other => print_inner(other, name),
    }
}

fn print_inner(selection: &TypeSelection, name: &dyn Fn(&Iri) -> String) -> String {
    let group = |all: &[TypeSelection], sign: &str| {
        let parts: Vec<String> = all.iter().map(|s| print_inner(s, name)).collect();
        format!("({})", parts.join(sign))
    };
    match selection {
        TypeSelection::Is(one) => name(one),
        TypeSelection::Any(all) => group(all, "|"),
        TypeSelection::All(all) => group(all, ";"),
    }
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

/// Reads `x,y|(z;w)` with what makes a leaf of a name (or says why it cannot), an or, and an and.
pub(crate) fn selection<T>(
    text: &str,
    parameter: &str,
    leaf: impl Fn(&str) -> Result<T, String>,
    any: fn(Vec<T>) -> T,
    all: fn(Vec<T>) -> T,
) -> Result<T, NgsiError> {
    let mut reader = Reader { text, parameter, at: 0, names: 0, leaf, any, all };
    let read = reader.any(0)?;
    match reader.peek() {
        None => Ok(read),
        Some(';') => Err(reader.error("`;` (and) stands in parentheses only")),
        Some(_) => Err(reader.error("`,` or `|` is expected")),
    }
}

struct Reader<'a, T, L> {
    text: &'a str,
    parameter: &'a str,
    at: usize,
    names: usize,
    leaf: L,
    any: fn(Vec<T>) -> T,
    all: fn(Vec<T>) -> T,
}

impl<T, L: Fn(&str) -> Result<T, String>> Reader<'_, T, L> {
    fn error(&self, what: &str) -> NgsiError {
        let (name, position) = (self.parameter, self.text[..self.at].chars().count() + 1);
        NgsiError::bad(format!("`{name}` cannot be read at position {position}: {what}")).at(name)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn any(&mut self, depth: usize) -> Result<T, NgsiError> {
        let mut found = vec![self.all(depth)?];
        while matches!(self.peek(), Some(',' | '|')) {
            self.at += 1;
            found.push(self.all(depth)?);
        }
        Ok(if found.len() == 1 { found.swap_remove(0) } else { (self.any)(found) })
    }

    fn all(&mut self, depth: usize) -> Result<T, NgsiError> {
        let mut found = vec![self.term(depth)?];
        while depth > 0 && self.peek() == Some(';') {
            self.at += 1;
            found.push(self.term(depth)?);
        }
        Ok(if found.len() == 1 { found.swap_remove(0) } else { (self.all)(found) })
    }

    fn term(&mut self, depth: usize) -> Result<T, NgsiError> {
        if self.peek() == Some('(') {
            if depth >= DEPTH_MAX {
                return Err(self.error("parentheses are nested too deep"));
            }
            self.at += 1;
            let inner = self.any(depth + 1)?;
            if self.peek() != Some(')') {
                return Err(self.error("`;`, `,`, `|` or `)` is expected"));
            }
            self.at += 1;
            return Ok(inner);
        }
        let rest = &self.text[self.at..];
        let end = rest.find([',', '|', ';', '(', ')']).unwrap_or(rest.len());
        let name = rest[..end].trim();
        self.names += 1;
        if name.is_empty() {
            return Err(self.error("a name is expected"));
        }
        if self.names > NAMES_MAX {
            return Err(self.error(&format!("more than {NAMES_MAX} names")));
        }
        let value = (self.leaf)(name).map_err(|why| self.error(&why))?;
        self.at += end;
        Ok(value)
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
        assert_eq!(read("(A|B)"), TypeSelection::Any(vec![is("A"), is("B")]));
        assert_eq!(types_of(&read("A,(C;D)")).len(), 3);
    }

    #[test]
    fn what_is_no_selection_is_refused() {
        for bad in ["", ",", "A,", "A;B", "(A;B", "A)", "(A,B", "A B", "()", "A(B)", "1A", "A-B", "\"A\""] {
            assert!(parse(bad, &Context::core()).is_err(), "{bad}");
        }
        let error = parse("A,海;B", &Context::core()).expect_err("no parentheses");
        assert!(error.detail.contains("position 4"), "{error}");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |n: usize| format!("{}A{}", "(".repeat(n), ")".repeat(n));
        assert_eq!(read(&deep(DEPTH_MAX)), is("A"));
        assert!(parse(&deep(50_000), &Context::core()).is_err());
    }

    fn selections() -> impl Strategy<Value = TypeSelection> {
        let leaf = "[A-D]".prop_map(|n| is(&n));
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(TypeSelection::Any),
                prop::collection::vec(inner, 2..4).prop_map(TypeSelection::All),
            ]
        })
    }

    proptest! {
        #[test]
        fn printed_then_read_is_the_same(selection in selections()) {
            let context = Context::core();
            let text = print(&selection, &|iri| context.compact(iri.as_str()).into_owned());
            prop_assert_eq!(read(&text), selection, "{}", text);
        }

        #[test]
        fn no_text_makes_it_fall(text in "[AB区(),;| :/]{0,20}") {
            let _ = parse(&text, &Context::core());
        }
    }
}
