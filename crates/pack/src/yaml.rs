//! YAML read into a tree in which every key and value knows its line and column.
//!
//! Packs are data, so this reader takes the plain part of YAML and refuses the rest: anchors and aliases (a few
//! hundred bytes of them can stand for gigabytes), tags, several documents in a file, keys that are no text. It
//! walks the event stream of `saphyr-parser` with its own stack, so no input can exhaust the machine's.
//!
//! Scalars follow the core schema of YAML 1.2 with one care for codes: a number with a leading zero (`001`) stays a
//! text, and so do `.inf`, `.nan`, hexadecimal and octal numbers.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::code;
use crate::finding::{Findings, Place};

/// Deepest nesting.
pub const DEPTH_MAX: usize = 24;
/// Most values in one file.
pub const NODES_MAX: usize = 50_000;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value begins.
    pub at: Place,
    /// The value.
    pub value: Yaml,
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it stands.
    pub at: Place,
}

/// A value of YAML, without what this reader refuses.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Yaml {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

impl Node {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is one.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Yaml::Int(n) => Some(n as f64),
            Yaml::Float(n) => Some(n),
            _ => None,
        }
    }

    /// The truth value, when it is one.
    pub fn boolean(&self) -> Option<bool> {
        match self.value {
            Yaml::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The items of a list; none when it is no list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Yaml::List(items) => items,
            _ => &[],
        }
    }

    /// The members of a map; none when it is no map.
    pub fn members(&self) -> &[(Key, Node)] {
        match &self.value {
            Yaml::Map(members) => members,
            _ => &[],
        }
    }

    /// The member with a name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members().iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// The text of the member with a name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::text)
    }

    /// True when nothing was written.
    pub fn is_null(&self) -> bool {
        self.value == Yaml::Null
    }

    /// The value that a JSON pointer names.
    pub fn node_at(&self, pointer: &str) -> Option<&Node> {
        pointer.split('/').skip(1).try_fold(self, |node, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            node.get(&step).or_else(|| node.items().get(step.parse::<usize>().ok()?))
        })
    }

    /// The value as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.value {
            Yaml::Null => Value::Null,
            Yaml::Bool(b) => (*b).into(),
            Yaml::Int(n) => (*n).into(),
            Yaml::Float(n) => (*n).into(),
            Yaml::Text(text) => text.as_str().into(),
            Yaml::List(items) => items.iter().map(Node::to_json).collect(),
            Yaml::Map(members) => members.iter().map(|(k, v)| (k.name.clone(), v.to_json())).collect(),
        }
    }

    /// The place that a JSON pointer names, as far as it leads.
    pub fn place_of(&self, pointer: &str) -> Place {
        let mut node = self;
        let mut at = self.at;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            match &node.value {
                Yaml::Map(members) => match members.iter().find(|(key, _)| key.name == step) {
                    Some((key, value)) => (node, at) = (value, key.at),
                    None => return at,
                },
                Yaml::List(items) => match step.parse::<usize>().ok().and_then(|i| items.get(i)) {
                    Some(item) => (node, at) = (item, item.at),
                    None => return at,
                },
                _ => return at,
            }
        }
        at
    }

    /// The place of a key of this map, else the place of the map.
    pub fn key_place(&self, name: &str) -> Place {
        self.members().iter().find(|(key, _)| key.name == name).map_or(self.at, |(key, _)| key.at)
    }
}

/// A container that is being filled.
enum Open {
    List { at: Place, items: Vec<Node> },
    Map { at: Place, members: Vec<(Key, Node)>, key: Option<Key>, lines: HashMap<String, u32> },
}

/// Reads a file. Findings are added for all that is wrong; `None` when no tree came out of it.
pub fn parse(file: &str, text: &str, findings: &mut Findings) -> Option<Node> {
    let mut parser = Parser::new_from_str(text);
    let mut reader = Reader { file, findings, stack: Vec::new(), root: None, nodes: 0, broken: false };
    let mut documents = 0;
    while let Some(next) = parser.next_event() {
        let (event, span) = match next {
            Ok(event) => event,
            Err(error) => {
                reader.findings.push(
                    code::YAML_SYNTAX,
                    file,
                    place(error.marker()),
                    error.info().to_lowercase(),
                );
                return None;
            }
        };
        let at = place(&span.start);
        let more = match event {
            Event::DocumentStart(_) => {
                documents += 1;
                documents == 1 || reader.refuse(code::YAML_SYNTAX, at, "a second document in one file")
            }
            Event::Alias(_) => reader.refuse(code::YAML_ALIAS, at, "an alias (`*name`)"),
            Event::Scalar(text, style, anchor, tag) => {
                reader.plain(anchor, tag.is_some(), at) && reader.scalar(&text, style, at)
            }
            Event::SequenceStart(anchor, tag) => {
                reader.plain(anchor, tag.is_some(), at)
                    && reader.open(Open::List { at, items: Vec::new() }, at)
            }
            Event::MappingStart(anchor, tag) => {
                reader.plain(anchor, tag.is_some(), at)
                    && reader
                        .open(Open::Map { at, members: Vec::new(), key: None, lines: HashMap::new() }, at)
            }
            Event::SequenceEnd | Event::MappingEnd => reader.close(),
            Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => true,
        };
        if !more {
            return None;
        }
    }
    if reader.root.is_none() && !reader.broken {
        reader.findings.push(code::YAML_SYNTAX, file, Place::START, "the file holds no value");
    }
    reader.root
}

fn place(mark: &Marker) -> Place {
    Place::new(mark.line(), mark.col() + 1)
}

struct Reader<'a> {
    file: &'a str,
    findings: &'a mut Findings,
    stack: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    broken: bool,
}

impl Reader<'_> {
    fn refuse(&mut self, code: code::Code, at: Place, what: &str) -> bool {
        self.findings.push(code, self.file, at, format!("{what} is not allowed in a pack"));
        self.broken = true;
        false
    }

    fn plain(&mut self, anchor: usize, tagged: bool, at: Place) -> bool {
        if anchor != 0 {
            return self.refuse(code::YAML_ALIAS, at, "an anchor (`&name`)");
        }
        !tagged || self.refuse(code::YAML_SYNTAX, at, "a tag (`!name`)")
    }

    fn open(&mut self, container: Open, at: Place) -> bool {
        if self.stack.len() >= DEPTH_MAX {
            let message = format!("nested deeper than {DEPTH_MAX} levels");
            self.findings.push(code::TOO_DEEP, self.file, at, message);
            return false;
        }
        if let Some(Open::Map { key: None, .. }) = self.stack.last() {
            return self.refuse(code::YAML_SYNTAX, at, "a key that is a list or a map");
        }
        self.stack.push(container);
        true
    }

    fn close(&mut self) -> bool {
        let node = match self.stack.pop() {
            Some(Open::List { at, items }) => Node { at, value: Yaml::List(items) },
            Some(Open::Map { at, members, .. }) => Node { at, value: Yaml::Map(members) },
            None => return false,
        };
        self.put(node)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Place) -> bool {
        if let Some(Open::Map { key: key @ None, .. }) = self.stack.last_mut() {
            *key = Some(Key { name: text.to_owned(), at });
            return true;
        }
        let value = if style == ScalarStyle::Plain { resolve(text) } else { Yaml::Text(text.to_owned()) };
        self.put(Node { at, value })
    }

    fn put(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message = format!("more than {NODES_MAX} values in one file");
            self.findings.push(code::TOO_LARGE, self.file, node.at, message);
            return false;
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { members, key, lines, .. }) => {
                let Some(key) = key.take() else { return false };
                if let Some(first) = lines.get(&key.name) {
                    let message = format!("key `{}` stands twice, first on line {first}", key.name);
                    self.findings.push(code::DUPLICATE_KEY, self.file, key.at, message);
                } else {
                    lines.insert(key.name.clone(), key.at.line);
                    members.push((key, node));
                }
            }
        }
        true
    }
}

/// The core schema of YAML 1.2, without hexadecimal, octal, infinity and leading zeros.
fn resolve(text: &str) -> Yaml {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Yaml::Null,
        "true" | "True" | "TRUE" => return Yaml::Bool(true),
        "false" | "False" | "FALSE" => return Yaml::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts = digits.bytes().next().is_some_and(|b| b.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    if !starts || leading_zero {
        return Yaml::Text(text.to_owned());
    }
    if digits.bytes().all(|b| b.is_ascii_digit())
        && let Ok(n) = text.parse()
    {
        return Yaml::Int(n);
    }
    let numeric = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    match text.parse::<f64>() {
        Ok(n) if numeric && n.is_finite() => Yaml::Float(n),
        _ => Yaml::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Node>, Vec<&'static str>) {
        let mut findings = Findings::default();
        let node = parse("a.yaml", text, &mut findings);
        (node, findings.into_sorted().iter().map(|f| f.code.name()).collect())
    }

    #[test]
    fn places_are_of_keys_and_values() {
        let (node, findings) = read("a: 1\nb:\n  - x\n  - { 中: 2.5, d: 001 }\n");
        let node = node.expect("reads");
        assert!(findings.is_empty());
        assert_eq!(node.place_of("/b/1/d"), Place::new(4, 15));
        assert_eq!(node.get("b").map(|b| b.items()[1].get("d").and_then(Node::text)), Some(Some("001")));
        assert_eq!(node.to_json(), serde_json::json!({"a": 1, "b": ["x", {"中": 2.5, "d": "001"}]}));
    }

    #[test]
    fn what_packs_do_not_need_is_refused() {
        for (text, code) in [
            ("a: &x [1]\nb: *x\n", "pack/yaml-alias"),
            ("a: !!str 1\n", "pack/yaml-syntax"),
            ("a: 1\n---\nb: 2\n", "pack/yaml-syntax"),
            ("? [a]\n: 1\n", "pack/yaml-syntax"),
            ("a: 1\na: 2\n", "pack/duplicate-key"),
            ("a: [1\n", "pack/yaml-syntax"),
            ("# nothing\n", "pack/yaml-syntax"),
            ("", "pack/yaml-syntax"),
        ] {
            assert_eq!(read(text).1, [code], "{text:?}");
        }
        assert_eq!(read(&"[".repeat(60)).1, ["pack/too-deep"]);
        assert_eq!(read(&"- 1\n".repeat(NODES_MAX + 10)).1, ["pack/too-large"]);
    }
}
