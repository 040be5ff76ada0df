//! Formulas and conditions: CEL over named values. CEL has no loops and no side effects, and a pack's expressions are
//! short; still each is bounded in length.

use std::collections::BTreeMap;

use cel::{Context, Program, Value};
use thiserror::Error;

/// Longest expression, bytes.
pub const LENGTH_MAX: usize = 2_000;

/// Why an expression gives no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormulaError {
    /// It is not CEL.
    #[error("{0}")]
    Syntax(String),
    /// It has no value with these inputs.
    #[error("{0}")]
    Value(String),
}

/// A value of a name in a condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
}

/// An expression that was understood.
pub struct Formula {
    program: Program,
}

impl Formula {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        if text.len() > LENGTH_MAX {
            return Err(FormulaError::Syntax(format!("longer than {LENGTH_MAX} bytes")));
        }
        let program = Program::compile(text)
            .map_err(|e| FormulaError::Syntax(format!("`{text}` is no CEL expression: {e}")))?;
        Ok(Formula { program })
    }

    /// The names it uses.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.program.references().variables().into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    /// Its value as a number.
    pub fn number(&self, values: &BTreeMap<&str, f64>) -> Result<f64, FormulaError> {
        let values: BTreeMap<&str, Scalar> = values.iter().map(|(n, v)| (*n, Scalar::Number(*v))).collect();
        let number = match self.run(&values)? {
            Value::Float(n) => n,
            Value::Int(n) => n as f64,
            Value::UInt(n) => n as f64,
            other => return Err(FormulaError::Value(format!("gives {other:?}, not a number"))),
        };
        // A division by zero is no figure.
        if number.is_finite() { Ok(number) } else { Err(FormulaError::Value("division by zero".into())) }
    }

    /// Its value as yes or no.
    pub fn holds(&self, values: &BTreeMap<&str, Scalar>) -> Result<bool, FormulaError> {
        match self.run(values)? {
            Value::Bool(b) => Ok(b),
            other => Err(FormulaError::Value(format!("gives {other:?}, not yes or no"))),
        }
    }

    fn run(&self, values: &BTreeMap<&str, Scalar>) -> Result<Value, FormulaError> {
        let mut context = Context::default();
        for (name, value) in values {
            let value = match value {
                Scalar::Bool(b) => Value::Bool(*b),
                Scalar::Int(n) => Value::Int(*n),
                Scalar::Number(n) => Value::Float(*n),
            };
            context.add_variable_from_value(name.to_string(), value);
        }
        self.program.execute(&context).map_err(|e| FormulaError::Value(e.to_string()))
    }
}
