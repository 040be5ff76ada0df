//! CEL expressions within limits: read by the crate `cel`, lowered to nodes whose names are resolved, evaluated here.
//!
//! Why not evaluated by `cel`: an expression of a pack runs for every reading of every sensor, and must neither cost
//! more than a known amount nor panic; `cel` has no budget. Where `cel` gives a value, this gives the same one (tested
//! side by side). Beyond CEL: whole numbers and fractions mix, a text and a scalar join with `+`, a text that reads as
//! a date-time is a time where one is needed, and `abs floor ceil round min max` exist.
//!
//! Layout: [`node`] (what an expression becomes), `lower` (from text), `eval` (the value), `calls` (functions),
//! [`fast`] (comparisons without any of this).
//!
//! Limits: length, nesting, operators, loops within loops, steps, and the size of texts and lists.

use std::cell::Cell;

use crate::functions::Functions;
use crate::value::Val;

mod calls;
mod eval;
pub mod fast;
mod lower;
pub mod node;

pub use eval::{Trouble, Variables};
use node::{Node, Read};

/// Longest expression, bytes.
pub const LENGTH_MAX: usize = 4_000;
/// Deepest nesting of brackets.
pub const BRACKETS_MAX: usize = 24;
/// Most operator characters; a chain of operators is a tree as deep.
pub const OPERATORS_MAX: usize = 400;
/// Deepest tree.
pub const DEPTH_MAX: usize = 100;
/// Most loops (`all`, `exists`, `map`, `filter`) within one another.
pub const LOOPS_MAX: usize = 3;
/// Most steps of one evaluation.
pub const STEPS_MAX: u32 = 100_000;
/// Longest text an expression may make, bytes.
pub const TEXT_MAX: usize = 65_536;
/// Longest list an expression may make.
pub const LIST_MAX: usize = 10_000;

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadExpression {
    /// Where: line and column from 1, columns count characters; none when it concerns the whole.
    pub place: Option<(usize, usize)>,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// An expression that was understood.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    root: Node,
    reads: Vec<Read>,
}

impl Expression {
    /// Reads an expression; all that is wrong with it, at once.
    pub fn parse(text: &str, functions: &Functions) -> Result<Expression, Vec<BadExpression>> {
        let (root, mut reads) = lower::lower(text, functions)?;
        reads.sort_unstable();
        reads.dedup();
        Ok(Expression { text: text.to_string(), root, reads })
    }

    /// The expression `null`, in the place of one that could not be read.
    pub fn nothing() -> Expression {
        Expression { text: "null".into(), root: Node::Literal(Val::Null), reads: Vec::new() }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it reads, sorted.
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// Its root node.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Its value.
    pub fn value(&self, variables: &dyn Variables) -> Result<Val, Trouble> {
        let budget = Cell::new(STEPS_MAX);
        eval::Run { variables, budget: &budget }.node(&self.root, &mut Vec::new())
    }

    /// Its value as yes or no.
    pub fn holds(&self, variables: &dyn Variables) -> Result<bool, Trouble> {
        match self.value(variables)? {
            Val::Bool(b) => Ok(b),
            other => Err(Trouble::new(
                format!("`{}` 的结果是 {}，不是真假", self.text, other.kind()),
                format!("`{}` gives a {}, not true or false", self.text, other.kind()),
            )),
        }
    }

    /// Its value as a text; numbers, times and the like are printed.
    pub fn printed(&self, variables: &dyn Variables) -> Result<String, Trouble> {
        let value = self.value(variables)?;
        value.printed().ok_or_else(|| {
            Trouble::new(
                format!("`{}` 的结果是 {}，不是文字", self.text, value.kind()),
                format!("`{}` gives a {}, not a text", self.text, value.kind()),
            )
        })
    }
}

#[cfg(test)]
mod tests;
