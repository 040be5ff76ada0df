//! What an expression becomes: a tree whose names are resolved, and the list of what it reads.

use std::fmt;
use std::sync::Arc;

use regex::Regex;

use crate::expression::calls::Builtin;
use crate::functions::Function;
use crate::value::Val;
use crate::window::Stat;

/// Something an expression reads from its surroundings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// An attribute, by short name.
    Attribute(String),
    /// An attribute as it was before the change.
    Previous(String),
    /// When an attribute was observed.
    ObservedAt(String),
    /// An attribute of the entity a relationship points at; all of them when none is named.
    Related(String, Option<String>),
    /// A figure of the window.
    Window(Stat),
    /// All attributes.
    Whole,
    /// All attributes as they were before the change.
    WholePrevious,
    /// The entity's id.
    Id,
    /// The entity's type.
    Type,
    /// The present.
    Now,
}

/// An operator with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
}

/// A loop over a list, or over the names of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Loop {
    All,
    Exists,
    ExistsOne,
    Map,
}

/// A function of another crate.
#[derive(Clone)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// What it does.
    pub call: Arc<Function>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A node.
#[derive(Debug, Clone)]
pub enum Node {
    /// A constant.
    Literal(Val),
    /// A variable of a loop, counted from the outermost.
    Local(usize),
    /// Something from outside.
    Read(Read),
    /// Whether something from outside is there.
    HasRead(Read),
    /// A member.
    Select(Box<Node>, Arc<str>),
    /// Whether a member is there.
    Has(Box<Node>, Arc<str>),
    /// `a[b]`.
    Index(Box<Node>, Box<Node>),
    /// `!a`.
    Not(Box<Node>),
    /// `-a`.
    Negate(Box<Node>),
    /// `a && b`.
    And(Box<Node>, Box<Node>),
    /// `a || b`.
    Or(Box<Node>, Box<Node>),
    /// `a ? b : c`.
    Choice(Box<Node>, Box<Node>, Box<Node>),
    /// An operator.
    Binary(Op, Box<Node>, Box<Node>),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{a: b}`.
    Map(Vec<(Node, Node)>),
    /// A loop (`filter` is a `Map` with a condition): over what, the condition, then what is made or tested.
    Loop(Loop, Box<Node>, Option<Box<Node>>, Box<Node>),
    /// A function of CEL.
    Call(Builtin, Vec<Node>),
    /// `text.matches('pattern')`.
    Matches(Box<Node>, Regex),
    /// A function of another crate.
    Host(Host, Vec<Node>),
}
