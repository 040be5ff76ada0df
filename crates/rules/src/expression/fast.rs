//! The frequent forms — `attribute op constant`, joined by `&&`, `||` and `!` — without the tree walk.
//!
//! The answer is yes, no, "an attribute is missing", which the full evaluation would refuse, or "not known here": then the
//! caller asks the full evaluation. So both ways agree by construction wherever this answers, and a test compares them.

use crate::expression::node::{Node, Op, Read};
use crate::value::Val;

/// A constant.
#[derive(Debug, Clone, PartialEq)]
enum Constant {
    Number(f64),
    Text(Box<str>),
    Bool(bool),
}

/// What an attribute says, borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'a> {
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// Yes or no.
    Bool(bool),
    /// Nothing.
    Missing,
    /// Of a kind that only the full evaluation knows.
    Other,
}

/// What a condition of a frequent form says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// An attribute it needs is missing: the full evaluation refuses it too.
    Missing,
    /// Only the full evaluation knows.
    Unsure,
}

impl Said {
    fn of(holds: bool) -> Said {
        if holds { Said::Yes } else { Said::No }
    }
}

/// A condition of a frequent form. Attributes are numbers: their places in [`Fast::attributes`].
#[derive(Debug, Clone)]
pub struct Fast {
    tree: Tree,
    attributes: Vec<String>,
}

#[derive(Debug, Clone)]
enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Is(usize),
    Compare(usize, Op, Constant),
}

impl Fast {
    /// The fast form of a tree, when it has one.
    pub fn of(root: &Node) -> Option<Fast> {
        let mut attributes = Vec::new();
        let tree = tree(root, &mut attributes)?;
        Some(Fast { tree, attributes })
    }

    /// The attributes it asks for, by short name.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Whether it holds, if that is known here. `see` says what the attribute at a place of
    /// [`Fast::attributes`] is.
    pub fn holds<'a>(&self, see: &mut impl FnMut(usize) -> Seen<'a>) -> Said {
        self.tree.holds(see)
    }
}

impl Tree {
    fn holds<'a>(&self, see: &mut impl FnMut(usize) -> Seen<'a>) -> Said {
        match self {
            Tree::Compare(at, op, constant) => match see(*at) {
                Seen::Missing => Said::Missing,
                seen => compare(seen, *op, constant).map_or(Said::Unsure, Said::of),
            },
            Tree::And(all) => joined(all, Said::No, see),
            Tree::Or(all) => joined(all, Said::Yes, see),
            Tree::Not(one) => match one.holds(see) {
                Said::Yes => Said::No,
                Said::No => Said::Yes,
                other => other,
            },
            Tree::Is(at) => match see(*at) {
                Seen::Bool(b) => Said::of(b),
                Seen::Missing => Said::Missing,
                _ => Said::Unsure,
            },
        }
    }
}

/// One that settles it does, whatever the others lack.
fn joined<'a>(all: &[Tree], settles: Said, see: &mut impl FnMut(usize) -> Seen<'a>) -> Said {
    let mut said = if settles == Said::Yes { Said::No } else { Said::Yes };
    for one in all {
        match one.holds(see) {
            found if found == settles => return settles,
            Said::Unsure => said = Said::Unsure,
            Said::Missing if said != Said::Unsure => said = Said::Missing,
            _ => {}
        }
    }
    said
}

fn compare(seen: Seen<'_>, op: Op, constant: &Constant) -> Option<bool> {
    let order = match (seen, constant) {
        (Seen::Number(a), Constant::Number(b)) => {
            return match op {
                Op::Lt => Some(a < *b),
                Op::Le => Some(a <= *b),
                Op::Gt => Some(a > *b),
                Op::Ge => Some(a >= *b),
                Op::Eq => Some(a == *b),
                Op::Ne => Some(a != *b),
                _ => None,
            };
        }
        (Seen::Text(a), Constant::Text(b)) => a.cmp(&**b),
        (Seen::Bool(a), Constant::Bool(b)) => a.cmp(b),
        _ => return None,
    };
    match op {
        Op::Lt => Some(order.is_lt()),
        Op::Le => Some(order.is_le()),
        Op::Gt => Some(order.is_gt()),
        Op::Ge => Some(order.is_ge()),
        Op::Eq => Some(order.is_eq()),
        Op::Ne => Some(order.is_ne()),
        _ => None,
    }
}

fn tree(node: &Node, attributes: &mut Vec<String>) -> Option<Tree> {
    Some(match node {
        Node::And(a, b) => {
            let mut all = Vec::new();
            for side in [tree(a, attributes)?, tree(b, attributes)?] {
                match side {
                    Tree::And(more) => all.extend(more),
                    one => all.push(one),
                }
            }
            Tree::And(all)
        }
        Node::Or(a, b) => {
            let mut all = Vec::new();
            for side in [tree(a, attributes)?, tree(b, attributes)?] {
                match side {
                    Tree::Or(more) => all.extend(more),
                    one => all.push(one),
                }
            }
            Tree::Or(all)
        }
        Node::Not(a) => Tree::Not(Box::new(tree(a, attributes)?)),
        Node::Read(Read::Attribute(name)) => Tree::Is(place(name, attributes)),
        Node::Binary(op, a, b) => match (&**a, &**b) {
            (Node::Read(Read::Attribute(name)), other) => {
                Tree::Compare(place(name, attributes), *op, constant(other)?)
            }
            (other, Node::Read(Read::Attribute(name))) => {
                Tree::Compare(place(name, attributes), turned(*op)?, constant(other)?)
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// The operator with its sides exchanged.
fn turned(op: Op) -> Option<Op> {
    Some(match op {
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
        Op::Eq => Op::Eq,
        Op::Ne => Op::Ne,
        _ => return None,
    })
}

fn constant(node: &Node) -> Option<Constant> {
    match node {
        Node::Literal(Val::Text(text)) => Some(Constant::Text((&**text).into())),
        Node::Literal(Val::Bool(b)) => Some(Constant::Bool(*b)),
        Node::Literal(val) => val.number().map(Constant::Number),
        Node::Negate(inner) => match &**inner {
            Node::Literal(val) => val.number().map(|n| Constant::Number(-n)),
            _ => None,
        },
        _ => None,
    }
}

fn place(name: &str, attributes: &mut Vec<String>) -> usize {
    attributes.iter().position(|a| a == name).unwrap_or_else(|| {
        attributes.push(name.to_string());
        attributes.len() - 1
    })
}

/// The id that a condition demands: `id == '…'`, alone or joined to more by `&&`. The flag says that nothing else is
/// asked.
pub fn demanded_id(node: &Node) -> Option<(&str, bool)> {
    match node {
        Node::Binary(Op::Eq, a, b) => match (&**a, &**b) {
            (Node::Read(Read::Id), Node::Literal(Val::Text(id)))
            | (Node::Literal(Val::Text(id)), Node::Read(Read::Id)) => Some((id, true)),
            _ => None,
        },
        Node::And(a, b) => demanded_id(a).or_else(|| demanded_id(b)).map(|(id, _)| (id, false)),
        _ => None,
    }
}
