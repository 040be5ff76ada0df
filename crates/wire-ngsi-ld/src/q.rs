//! The query language `q` (CIM 009 §4.9): from text to the kernel's [`Filter`].
//!
//! ```text
//! or      = and *("|" and)
//! and     = term *(";" term)                       ; ";" binds before "|"
//! term    = "(" or ")" / "!" path / path [operator value]
//! path    = names [ "{" [types ":"] path "}" / "[" members "]" ]
//! names   = name *("." name)
//! ```
//!
//! Beyond the grammar of the standard we read `!a` (the attribute is not there), parentheses at any depth,
//! `a{Type}.b` for `a{Type:b}`, and one prefix in a name. Limits: [`LENGTH_MAX`] bytes, [`DEPTH_MAX`] levels,
//! [`TERMS_MAX`] terms. What is wrong is said with its position, counted in characters from 1.

#[cfg(test)]
mod tests;

use nacre_kernel::query::{Filter, LinkedPath, Operand, Operator, Path, PathStep, Pattern, SystemMember};
use nacre_model::{Instant, Iri, Value};

use crate::context::Context;
use crate::errors::NgsiError;

/// Longest query in bytes.
pub const LENGTH_MAX: usize = 16_384;
/// Deepest nesting of parentheses, and of links.
pub const DEPTH_MAX: usize = 20;
/// Most terms, and most values in one list.
pub const TERMS_MAX: usize = 500;

/// Reads a query. Values compared with an attribute of `expand_values` are terms of the context.
pub fn parse(q: &str, context: &Context, expand_values: &[Iri]) -> Result<Filter, NgsiError> {
    if q.len() > LENGTH_MAX {
        return Err(NgsiError::bad(format!("a query of more than {LENGTH_MAX} bytes")).at("q"));
    }
    let mut parser = Parser { text: q, at: 0, context, expand_values, terms: 0 };
    let filter = parser.any(0)?;
    match parser.peek() {
        None => Ok(filter),
        Some(c) => Err(parser.error(&format!("`{c}` is not expected here"))),
    }
}

/// How many relationships in a row a filter follows; a request that joins fewer levels is too deep.
pub fn link_depth(filter: &Filter) -> u32 {
    fn of(path: &Path) -> u32 {
        path.linked.as_ref().map_or(0, |l| 1 + of(&l.path))
    }
    match filter {
        Filter::All(all) | Filter::Any(all) => all.iter().map(link_depth).max().unwrap_or(0),
        Filter::Exists(path) | Filter::Absent(path) | Filter::Compare { path, .. } => of(path),
    }
}

/// Longest operators first.
const OPERATORS: [(&str, Operator); 8] = [
    ("!~=", Operator::NotMatchPattern),
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    (">=", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("~=", Operator::MatchPattern),
    (">", Operator::Greater),
    ("<", Operator::Less),
];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    context: &'a Context,
    expand_values: &'a [Iri],
    terms: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn error(&self, what: &str) -> NgsiError {
        let position = self.text[..self.at].chars().count() + 1;
        NgsiError::bad(format!("the query cannot be read at position {position}: {what}")).at("q")
    }

    fn count(&mut self) -> Result<(), NgsiError> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(self.error(&format!("more than {TERMS_MAX} terms and values")));
        }
        Ok(())
    }

    fn any(&mut self, depth: usize) -> Result<Filter, NgsiError> {
        let mut all = vec![self.all(depth)?];
        while self.take("|") {
            all.push(self.all(depth)?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Filter::Any(all) })
    }

    fn all(&mut self, depth: usize) -> Result<Filter, NgsiError> {
        let mut all = vec![self.term(depth)?];
        while self.take(";") {
            all.push(self.term(depth)?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Filter::All(all) })
    }

    fn term(&mut self, depth: usize) -> Result<Filter, NgsiError> {
        self.count()?;
        if depth > DEPTH_MAX {
            return Err(self.error(&format!("more than {DEPTH_MAX} parentheses in each other")));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            if !self.take(")") {
                return Err(self.error("`)` is expected"));
            }
            return Ok(inner);
        }
        if self.take("!") {
            return Ok(Filter::Absent(self.path(0)?));
        }
        let path = self.path(0)?;
        let Some((sign, operator)) = OPERATORS.iter().find(|(sign, _)| self.rest().starts_with(sign)) else {
            return Ok(Filter::Exists(path));
        };
        self.at += sign.len();
        let operand = match operator {
            Operator::MatchPattern | Operator::NotMatchPattern => self.pattern()?,
            Operator::Equal | Operator::Unequal => self.values(&path)?,
            _ => self.comparable(sign)?,
        };
        Ok(Filter::Compare { path, operator: *operator, operand })
    }

    fn path(&mut self, depth: usize) -> Result<Path, NgsiError> {
        if depth > DEPTH_MAX {
            return Err(self.error(&format!("more than {DEPTH_MAX} links in a row")));
        }
        let mut names = vec![self.step(depth)?];
        while self.rest().starts_with('.') {
            self.at += 1;
            names.push(self.step(depth)?);
        }
        let mut path = Path { names, members: Vec::new(), linked: None };
        if self.take("[") {
            path.members = self.members()?;
        } else if self.take("{") {
            path.linked = Some(Box::new(self.linked(depth + 1)?));
        }
        Ok(path)
    }

    fn name(&mut self, prefixed: bool) -> Result<&'a str, NgsiError> {
        let rest = self.rest();
        let mut colons_left = u8::from(prefixed);
        let end = rest.find(|c: char| {
            if c == ':' && colons_left > 0 {
                colons_left -= 1;
                return false;
            }
            !(c.is_alphanumeric() || c == '_')
        });
        let name = &rest[..end.unwrap_or(rest.len())];
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') || name.ends_with(':') {
            return Err(self.error("the short name of an attribute is expected, beginning with a letter"));
        }
        self.at += name.len();
        Ok(name)
    }

    fn step(&mut self, depth: usize) -> Result<PathStep, NgsiError> {
        let name = self.name(depth == 0)?;
        Ok(match name {
            "createdAt" => PathStep::System(SystemMember::CreatedAt),
            "modifiedAt" => PathStep::System(SystemMember::ModifiedAt),
            "observedAt" => PathStep::System(SystemMember::ObservedAt),
            "unitCode" => PathStep::System(SystemMember::UnitCode),
            "datasetId" => PathStep::System(SystemMember::DatasetId),
            "expiresAt" => PathStep::System(SystemMember::ExpiresAt),
            name => PathStep::Attribute(self.context.expand(name)?),
        })
    }

    fn members(&mut self) -> Result<Vec<Box<str>>, NgsiError> {
        let Some(end) = self.rest().find(']') else { return Err(self.error("`]` is expected")) };
        let members: Vec<Box<str>> = self.rest()[..end].split('.').map(Box::from).collect();
        let bad = |m: &str| m.is_empty() || m.contains(['[', '"', ';', '|', '=']);
        if members.iter().any(|m| bad(m)) || members.len() > DEPTH_MAX {
            return Err(self.error("names of members with dots between them are expected"));
        }
        self.at += end + 1;
        Ok(members)
    }

    /// After `{`: `path}`, `T,U:path}` or `T,U}.path`.
    fn linked(&mut self, depth: usize) -> Result<LinkedPath, NgsiError> {
        let start = self.at;
        let mut types = vec![self.name(false)?];
        while self.take(",") {
            types.push(self.name(false)?);
        }
        let outside = self.rest().starts_with("}.");
        if outside || self.rest().starts_with(':') {
            self.at += if outside { 2 } else { 1 };
            let types = types.into_iter().map(|t| self.context.expand(t)).collect::<Result<_, _>>()?;
            let path = self.path(depth)?;
            if !outside && !self.take("}") {
                return Err(self.error("`}` is expected"));
            }
            return Ok(LinkedPath { types, path });
        }
        if types.len() > 1 {
            return Err(self.error("`:` is expected after the types"));
        }
        self.at = start;
        let path = self.path(depth)?;
        if !self.take("}") {
            return Err(self.error("`}` is expected"));
        }
        Ok(LinkedPath { types: Vec::new(), path })
    }

    fn expands(&self, path: &Path) -> bool {
        let own = path
            .names
            .iter()
            .any(|n| matches!(n, PathStep::Attribute(name) if self.expand_values.contains(name)));
        own || path.linked.as_ref().is_some_and(|l| self.expands(&l.path))
    }

    /// One value, a list or a range.
    fn values(&mut self, path: &Path) -> Result<Operand, NgsiError> {
        let expands = self.expands(path);
        let first = self.value()?;
        if self.take("..") {
            let low =
                first.comparable().ok_or_else(|| self.error("a range needs numbers, texts or times"))?;
            let high = self.value()?.comparable();
            let high = high.ok_or_else(|| self.error("a range needs numbers, texts or times"))?;
            return Ok(Operand::Range(low, high));
        }
        let first = self.operand(first, expands)?;
        if !self.rest().starts_with(',') {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.take(",") {
            self.count()?;
            let value = self.value()?;
            all.push(self.operand(value, expands)?);
        }
        Ok(Operand::List(all))
    }

    fn operand(&self, literal: Literal, expands: bool) -> Result<Operand, NgsiError> {
        Ok(match literal.0 {
            Value::Text(text) if expands => {
                let iri = self.context.expand(&text).map_err(|e| self.error(&e.detail))?;
                Operand::Term { text, iri }
            }
            value => Operand::Value(value),
        })
    }

    fn comparable(&mut self, sign: &str) -> Result<Operand, NgsiError> {
        let what = format!("`{sign}` compares with one number, quoted text or time");
        let value = self.value()?.comparable().ok_or_else(|| self.error(&what))?;
        if self.rest().starts_with(',') || self.rest().starts_with("..") {
            return Err(self.error(&what));
        }
        Ok(Operand::Value(value))
    }

    fn value(&mut self) -> Result<Literal, NgsiError> {
        if self.rest().starts_with('"') {
            return Ok(Literal(Value::text(self.quoted()?), Kind::Quoted));
        }
        let rest = self.rest();
        let end = rest.find([';', '|', ')', ',', '"']).unwrap_or(rest.len());
        let mut end = rest[..end].find("..").unwrap_or(end);
        if rest[end..].starts_with(',') {
            // The comma of a list, or of the fraction of a second (CIM 009 §4.6.3)?
            let on = &rest[end + 1..];
            let longer = end + 1 + on.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(on.len());
            if is_time(&rest[..longer]) {
                end = longer;
            }
        }
        let word = rest[..end].trim();
        if word.is_empty() {
            return Err(self.error("a value is expected"));
        }
        if word.contains(char::is_whitespace) {
            return Err(self.error("a text with blanks must stand in quotes"));
        }
        let literal = match word {
            "true" => Literal(Value::Bool(true), Kind::Word),
            "false" => Literal(Value::Bool(false), Kind::Word),
            word => match number(word) {
                Some(number) => Literal(number, Kind::Number),
                None if is_time(word) => Literal(Value::text(word.replace(',', ".")), Kind::Time),
                None => Literal(Value::text(word), Kind::Word),
            },
        };
        self.at += end;
        Ok(literal)
    }

    /// A JSON string (RFC 8259 §7).
    fn quoted(&mut self) -> Result<String, NgsiError> {
        let mut stream = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        match stream.next() {
            Some(Ok(text)) => {
                self.at += stream.byte_offset();
                Ok(text)
            }
            _ => Err(self.error("the text in quotes does not end, or holds an escape JSON does not know")),
        }
    }

    /// A regular expression: in quotes, or up to the end of the term, where brackets hide `|`, `;` and `)`.
    fn pattern(&mut self) -> Result<Operand, NgsiError> {
        let source = if self.rest().starts_with('"') { self.quoted_pattern()? } else { self.bare_pattern() };
        let compiled = Pattern::new(&source)
            .map_err(|e| self.error(&format!("`{source}` is no regular expression: {e}")))?;
        Ok(Operand::Pattern(compiled))
    }

    /// As a JSON string, but what JSON does not know as an escape (`\d`) stays for the expression.
    fn quoted_pattern(&mut self) -> Result<String, NgsiError> {
        let (start, mut escaped) = (self.at, false);
        let inside = &self.rest()[1..];
        let Some(end) = inside.bytes().position(|b| {
            let ends = b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            ends
        }) else {
            return Err(self.error("the text in quotes does not end"));
        };
        self.at += end + 2;
        Ok(serde_json::from_str(&self.text[start..self.at]).unwrap_or_else(|_| inside[..end].to_owned()))
    }

    fn bare_pattern(&mut self) -> String {
        let (mut depth, mut class, mut escaped) = (0_u32, false, false);
        let rest = self.rest();
        let end = rest.find(|c: char| {
            if std::mem::take(&mut escaped) {
                return false;
            }
            match c {
                '\\' => escaped = true,
                ']' => class = false,
                _ if class => {}
                '[' => class = true,
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' | '|' | ';' if depth == 0 => return true,
                _ => {}
            }
            false
        });
        let end = end.unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }
}

/// A value as written.
struct Literal(Value, Kind);

#[derive(PartialEq, Eq)]
enum Kind {
    Quoted,
    Number,
    Time,
    Word,
}

impl Literal {
    /// The value, when it is one that has an order.
    fn comparable(self) -> Option<Value> {
        (self.1 != Kind::Word).then_some(self.0)
    }
}

/// A number of JSON (RFC 8259 §6), kept whole where it is.
fn number(word: &str) -> Option<Value> {
    serde_json::from_str(word).ok().filter(serde_json::Value::is_number)?;
    // Read again by the standard library: it finds the nearest float, which the JSON reader may miss by one digit.
    word.parse().map(Value::Int).or_else(|_| word.parse::<f64>().map(Value::from)).ok()
}

/// A date-time, date or time (CIM 009 §4.6.3).
fn is_time(word: &str) -> bool {
    let date = |t: &str| Instant::parse(&format!("{t}T00:00:00Z")).is_some();
    let time = |t: &str| t.ends_with('Z') && Instant::parse(&format!("2000-01-01T{t}")).is_some();
    Instant::parse(&word.replace(',', ".")).is_some() || date(word) || time(word)
}
