//! Which members of an entity are shown: `pick` and `omit` (CIM 009 §4.21), with terms for linked entities.
//!
//! `name(,|\|)name…`, each name optionally followed by `{…}` for the entity a relationship leads to.

use nacre_model::Iri;
use nacre_model::id::is_uri;

use crate::context::Context;
use crate::errors::NgsiError;

/// How deep `{…}` may be nested.
pub const DEPTH_MAX: usize = 10;
/// How many names one projection may hold.
pub const TERMS_MAX: usize = 500;

/// A list of members.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Projection {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    member: Member,
    linked: Option<Projection>,
}

/// A member of an entity that can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Member {
    Id,
    Type,
    Scope,
    CreatedAt,
    ModifiedAt,
    ExpiresAt,
    Attribute(Iri),
}

impl Member {
    fn parse(name: &str, context: &Context) -> Result<Member, NgsiError> {
        Ok(match name {
            "id" | "@id" => Member::Id,
            "type" | "@type" => Member::Type,
            "scope" => Member::Scope,
            "createdAt" => Member::CreatedAt,
            "modifiedAt" => Member::ModifiedAt,
            "expiresAt" => Member::ExpiresAt,
            name => Member::Attribute(context.expand(name)?),
        })
    }
}

impl Projection {
    /// Reads a `pick` or `omit` parameter.
    pub fn parse(text: &str, context: &Context) -> Result<Projection, NgsiError> {
        let mut reader = Reader { text, at: 0, context, terms: 0 };
        let projection = reader.list(0)?;
        if reader.at < text.len() {
            return Err(reader.error("a `,` or the end is expected"));
        }
        Ok(projection)
    }

    /// Makes one of single names, as subscriptions hold them.
    pub fn of_names<'a>(
        names: impl IntoIterator<Item = &'a str>,
        context: &Context,
    ) -> Result<Projection, NgsiError> {
        let mut terms = Vec::new();
        for name in names {
            terms.extend(Projection::parse(name, context)?.terms);
        }
        Ok(Projection { terms })
    }

    /// The terms one by one, each as [`Projection::parse`] reads it; `name` shows an attribute.
    pub fn print(&self, name: &dyn Fn(&Iri) -> String) -> Vec<String> {
        self.terms.iter().map(|t| t.print(name)).collect()
    }

    /// Whether a member other than an attribute is named.
    pub fn names(&self, member: &Member) -> bool {
        self.terms.iter().any(|t| t.member == *member && t.linked.is_none())
    }

    /// Whether an attribute is named, with or without a part for linked entities.
    pub fn names_attribute(&self, name: &Iri) -> bool {
        self.terms.iter().any(|t| matches!(&t.member, Member::Attribute(n) if n == name))
    }

    /// Whether the whole attribute is named, not only something behind it.
    pub fn names_whole(&self, name: &Iri) -> bool {
        self.terms
            .iter()
            .any(|t| t.linked.is_none() && matches!(&t.member, Member::Attribute(n) if n == name))
    }

    /// The part for the entities an attribute leads to.
    pub fn linked(&self, name: &Iri) -> Option<&Projection> {
        self.terms
            .iter()
            .filter(|t| matches!(&t.member, Member::Attribute(n) if n == name))
            .find_map(|t| t.linked.as_ref())
    }

    /// How many relationships in a row it follows; a request that joins fewer levels is too deep.
    pub fn depth(&self) -> u32 {
        self.terms.iter().filter_map(|t| t.linked.as_ref()).map(|l| 1 + l.depth()).max().unwrap_or(0)
    }

    /// Whether both name the same member: `pick` and `omit` may not.
    pub fn overlaps(&self, other: &Projection) -> bool {
        self.terms.iter().any(|t| {
            other.terms.iter().any(|o| {
                t.member == o.member
                    && match (&t.linked, &o.linked) {
                        (Some(a), Some(b)) => a.overlaps(b),
                        _ => true,
                    }
            })
        })
    }

    /// The attributes named.
    pub fn attributes(&self) -> impl Iterator<Item = &Iri> {
        self.terms.iter().filter_map(|t| match &t.member {
            Member::Attribute(name) => Some(name),
            _ => None,
        })
    }
}

impl Term {
    fn print(&self, name: &dyn Fn(&Iri) -> String) -> String {
        let own = match &self.member {
            Member::Id => "id".to_owned(),
            Member::Type => "type".to_owned(),
            Member::Scope => "scope".to_owned(),
            Member::CreatedAt => "createdAt".to_owned(),
            Member::ModifiedAt => "modifiedAt".to_owned(),
            Member::ExpiresAt => "expiresAt".to_owned(),
            Member::Attribute(iri) => name(iri),
        };
        match &self.linked {
            Some(linked) => format!("{own}{{{}}}", linked.print(name).join(",")),
            None => own,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    context: &'a Context,
    terms: usize,
}

impl Reader<'_> {
    fn error(&self, what: &str) -> NgsiError {
        NgsiError::bad(format!("`{}`: at position {}, {what}", self.text, self.at + 1))
    }

    fn list(&mut self, depth: usize) -> Result<Projection, NgsiError> {
        if depth > DEPTH_MAX {
            return Err(self.error("braces are nested too deep"));
        }
        let mut terms = Vec::new();
        loop {
            terms.push(self.term(depth)?);
            match self.text[self.at..].chars().next() {
                Some(',' | '|') => self.at += 1,
                _ => return Ok(Projection { terms }),
            }
        }
    }

    fn term(&mut self, depth: usize) -> Result<Term, NgsiError> {
        let rest = &self.text[self.at..];
        let end = rest.find([',', '|', '{', '}']).unwrap_or(rest.len());
        let name = rest[..end].trim();
        self.terms += 1;
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '@');
        if name.is_empty() || !(name.chars().all(plain) || is_uri(name)) {
            return Err(self.error("an attribute name is expected"));
        }
        if self.terms > TERMS_MAX {
            return Err(self.error("there are too many names"));
        }
        let member = Member::parse(name, self.context)?;
        self.at += end;
        let mut linked = None;
        if self.text[self.at..].starts_with('{') {
            if !matches!(member, Member::Attribute(_)) {
                return Err(self.error("only a relationship leads to another entity"));
            }
            self.at += 1;
            linked = Some(self.list(depth + 1)?);
            if !self.text[self.at..].starts_with('}') {
                return Err(self.error("`}` is expected"));
            }
            self.at += 1;
        }
        Ok(Term { member, linked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Projection, NgsiError> {
        Projection::parse(text, &Context::core())
    }

    #[test]
    fn names_and_linked_names_are_told_apart() {
        let context = Context::core();
        let p = parse("id,locatedAt{name|isIn{id}}|speed").expect("valid");
        let located = context.expand("locatedAt").expect("a name");
        assert!(p.names(&Member::Id) && !p.names(&Member::Type));
        assert!(p.names_attribute(&located) && !p.names_whole(&located));
        let linked = p.linked(&located).expect("a part for the linked entity");
        assert!(linked.names_whole(&context.expand("name").expect("a name")));
        assert_eq!(p.attributes().count(), 2);
        let again = p.print(&|iri| context.compact(iri.as_str()).into_owned());
        assert_eq!(again, ["id", "locatedAt{name,isIn{id}}", "speed"]);
        let expanded = p.print(&|iri| iri.to_string()).join(",");
        assert_eq!(parse(&expanded), Ok(p.clone()), "{expanded}");
        assert_eq!((p.depth(), parse("a|b").expect("valid").depth()), (2, 0));
        assert!(
            p.overlaps(&parse("speed").expect("valid"))
                && !p.overlaps(&parse("locatedAt{x}").expect("valid"))
        );
    }

    #[test]
    fn broken_projections_say_where() {
        for bad in ["", "a,", ",a", "a{", "a{b", "a{}", "a}b", "id{x}", "a b", "a{b}c", "a{{b}}", "-a", "a#"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&format!("{}x{}", "a{".repeat(50), "}".repeat(50))).is_err());
        assert!(parse("a,,b").expect_err("empty name").detail.contains("position 3"));
    }
}
