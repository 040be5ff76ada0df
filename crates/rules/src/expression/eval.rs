//! The value of a node. Each step costs one of a budget; arithmetic is checked; nothing here panics.
//!
//! `&&`, `||`, `all` and `exists` go by CEL: an error on one side is forgotten when the other side decides alone. So a
//! missing attribute makes a condition unknown only where the rest does not settle it.

use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use nacre_model::Instant;

use crate::expression::calls;
use crate::expression::node::{Loop, Node, Op, Read};
use crate::expression::{LIST_MAX, TEXT_MAX};
use crate::value::{Members, Val};
use crate::window::Stat;

/// What an expression may read. An absent value is `None`.
pub trait Variables {
    /// What `read` says now.
    fn read(&self, read: &Read) -> Option<Val>;
    /// Whether it is there; a cheaper question where one is known.
    fn has(&self, read: &Read) -> bool {
        self.read(read).is_some()
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Trouble {
    /// A reason.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Trouble {
        Trouble { zh: zh.into(), en: en.into() }
    }

    fn missing(read: &Read) -> Trouble {
        match read {
            Read::Attribute(name) => {
                Trouble::new(format!("没有属性 `{name}`"), format!("attribute `{name}` is missing"))
            }
            Read::Previous(name) => Trouble::new(
                format!("变化前没有 `{name}`"),
                format!("`{name}` was missing before the change"),
            ),
            Read::ObservedAt(name) => {
                Trouble::new(format!("`{name}` 没有观测时间"), format!("`{name}` has no time of observation"))
            }
            Read::Related(rel, None) => {
                Trouble::new(format!("关系 `{rel}` 没有对象"), format!("relationship `{rel}` leads nowhere"))
            }
            Read::Related(rel, Some(name)) => {
                Trouble::new(format!("`{rel}` 的对象没有 `{name}`"), format!("`rel.{rel}` has no `{name}`"))
            }
            Read::Window(stat) => {
                Trouble::new(format!("窗口没有 `{stat}`"), format!("the window has no `{stat}` yet"))
            }
            Read::Whole | Read::WholePrevious | Read::Id | Read::Type | Read::Now => {
                Trouble::new("没有对象", "there is no entity")
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

/// One evaluation.
pub struct Run<'a> {
    /// What may be read.
    pub variables: &'a dyn Variables,
    /// Steps that are left.
    pub budget: &'a Cell<u32>,
}

type Locals = Vec<Val>;

impl Run<'_> {
    /// Takes steps from the budget.
    pub fn spend(&self, steps: usize) -> Result<(), Trouble> {
        let left = u32::try_from(steps).ok().and_then(|s| self.budget.get().checked_sub(s));
        match left {
            Some(left) => {
                self.budget.set(left);
                Ok(())
            }
            None => {
                self.budget.set(0);
                Err(Trouble::new("计算量超过上限", "takes more steps than an expression may"))
            }
        }
    }

    /// The value of a node.
    pub fn node(&self, node: &Node, locals: &mut Locals) -> Result<Val, Trouble> {
        self.spend(1)?;
        match node {
            Node::Literal(val) => Ok(val.clone()),
            Node::Local(at) => {
                locals.get(*at).cloned().ok_or_else(|| Trouble::new("循环变量", "no such variable"))
            }
            Node::Read(read) => self.variables.read(read).ok_or_else(|| Trouble::missing(read)),
            Node::HasRead(read) => Ok(Val::Bool(self.variables.has(read))),
            Node::Select(operand, field) => {
                let operand = self.node(operand, locals)?;
                operand.get(field).cloned().ok_or_else(|| {
                    Trouble::new(
                        format!("{} 没有 `{field}`", operand.kind()),
                        format!("the {} has no `{field}`", operand.kind()),
                    )
                })
            }
            Node::Has(operand, field) => match self.node(operand, locals)? {
                Val::Map(members) => Ok(Val::Bool(members.contains_key(field))),
                other => Err(wrong("has()", &[&other])),
            },
            Node::Index(a, b) => {
                let (a, b) = (self.node(a, locals)?, self.node(b, locals)?);
                index(&a, &b)
            }
            Node::Not(a) => match self.node(a, locals)? {
                Val::Bool(b) => Ok(Val::Bool(!b)),
                other => Err(wrong("!", &[&other])),
            },
            Node::Negate(a) => match self.node(a, locals)? {
                Val::Int(n) => n.checked_neg().map(Val::Int).ok_or_else(overflow),
                Val::Float(n) => Ok(Val::Float(-n)),
                Val::Span(ms) => ms.checked_neg().map(Val::Span).ok_or_else(overflow),
                other => Err(wrong("-", &[&other])),
            },
            Node::And(a, b) => self.decide(a, b, false, locals),
            Node::Or(a, b) => self.decide(a, b, true, locals),
            Node::Choice(a, b, c) => match self.node(a, locals)? {
                Val::Bool(true) => self.node(b, locals),
                Val::Bool(false) => self.node(c, locals),
                other => Err(wrong("? :", &[&other])),
            },
            Node::Binary(op, a, b) => {
                let (a, b) = (self.node(a, locals)?, self.node(b, locals)?);
                self.binary(*op, &a, &b)
            }
            Node::List(items) => {
                let items = items.iter().map(|i| self.node(i, locals)).collect::<Result<Vec<_>, _>>()?;
                Ok(Val::List(Arc::new(items)))
            }
            Node::Map(entries) => {
                let mut members = Members::new();
                for (name, value) in entries {
                    let Val::Text(name) = self.node(name, locals)? else {
                        return Err(Trouble::new("映射的键须是文字", "the keys of a map must be texts"));
                    };
                    let value = self.node(value, locals)?;
                    if members.insert(name, value).is_some() {
                        return Err(Trouble::new("映射的键重复", "a key of a map is repeated"));
                    }
                }
                Ok(Val::Map(Arc::new(members)))
            }
            Node::Loop(kind, range, condition, body) => {
                let range = match self.node(range, locals)? {
                    Val::List(items) => items,
                    Val::Map(members) => Arc::new(members.keys().map(|n| Val::Text(n.clone())).collect()),
                    other => return Err(wrong("all, exists, map, filter", &[&other])),
                };
                let depth = locals.len();
                locals.push(Val::Null);
                let result = self.run_loop(*kind, &range, condition.as_deref(), body, locals);
                locals.truncate(depth);
                result
            }
            Node::Call(builtin, given) => {
                let given = given.iter().map(|g| self.node(g, locals)).collect::<Result<Vec<_>, _>>()?;
                calls::call(*builtin, &given, self)
            }
            Node::Matches(text, pattern) => match self.node(text, locals)? {
                Val::Text(text) => {
                    self.spend(text.len() / 8)?;
                    Ok(Val::Bool(pattern.is_match(&text)))
                }
                other => Err(wrong("matches", &[&other])),
            },
            Node::Host(host, given) => {
                let given = given.iter().map(|g| self.node(g, locals)).collect::<Result<Vec<_>, _>>()?;
                self.spend(100)?;
                (host.call)(&given).map_err(|why| {
                    Trouble::new(format!("{}：{why}", host.name), format!("{}: {why}", host.name))
                })
            }
        }
    }

    /// `&&` (`settles` is false) or `||` (`settles` is true).
    fn decide(&self, a: &Node, b: &Node, settles: bool, locals: &mut Locals) -> Result<Val, Trouble> {
        let name = if settles { "||" } else { "&&" };
        let side = |node: &Node, locals: &mut Locals| match self.node(node, locals) {
            Ok(Val::Bool(b)) => Ok(b),
            Ok(other) => Err(wrong(name, &[&other])),
            Err(trouble) => Err(trouble),
        };
        let left = side(a, locals);
        if left == Ok(settles) {
            return Ok(Val::Bool(settles));
        }
        let right = side(b, locals);
        if right == Ok(settles) {
            return Ok(Val::Bool(settles));
        }
        left?;
        right?;
        Ok(Val::Bool(!settles))
    }

    fn run_loop(
        &self,
        kind: Loop,
        range: &[Val],
        condition: Option<&Node>,
        body: &Node,
        locals: &mut Locals,
    ) -> Result<Val, Trouble> {
        let at = locals.len() - 1;
        let mut first_trouble = None;
        let mut hits = 0usize;
        let mut made = Vec::new();
        let test = |node: &Node, locals: &mut Locals| match self.node(node, locals)? {
            Val::Bool(b) => Ok(b),
            other => Err(wrong("all, exists, filter", &[&other])),
        };
        for item in range {
            // The budget ends a loop at once: an error of its body might be one that `all` forgets.
            self.spend(1)?;
            if let Some(slot) = locals.get_mut(at) {
                *slot = item.clone();
            }
            match kind {
                Loop::All | Loop::Exists => match test(body, locals) {
                    Ok(b) if b == (kind == Loop::Exists) => return Ok(Val::Bool(b)),
                    Ok(_) => {}
                    Err(trouble) => first_trouble = first_trouble.or(Some(trouble)),
                },
                Loop::ExistsOne => hits += usize::from(test(body, locals)?),
                Loop::Map => {
                    if condition.map_or(Ok(true), |c| test(c, locals))? {
                        if made.len() >= LIST_MAX {
                            return Err(Trouble::new("列表过长", "makes too long a list"));
                        }
                        made.push(self.node(body, locals)?);
                    }
                }
            }
        }
        match (kind, first_trouble) {
            (_, Some(trouble)) => Err(trouble),
            (Loop::All, None) => Ok(Val::Bool(true)),
            (Loop::Exists, None) => Ok(Val::Bool(false)),
            (Loop::ExistsOne, None) => Ok(Val::Bool(hits == 1)),
            (Loop::Map, None) => Ok(Val::List(Arc::new(made))),
        }
    }

    fn binary(&self, op: Op, a: &Val, b: &Val) -> Result<Val, Trouble> {
        match op {
            Op::Eq => Ok(Val::Bool(self.equal(a, b)?)),
            Op::Ne => Ok(Val::Bool(!self.equal(a, b)?)),
            Op::Lt => Ok(Val::Bool(order(op, a, b)? == Ordering::Less)),
            Op::Le => Ok(Val::Bool(order(op, a, b)? != Ordering::Greater)),
            Op::Gt => Ok(Val::Bool(order(op, a, b)? == Ordering::Greater)),
            Op::Ge => Ok(Val::Bool(order(op, a, b)? != Ordering::Less)),
            Op::In => self.contained(a, b),
            Op::Add => self.add(a, b),
            Op::Sub => sub(a, b),
            Op::Mul | Op::Div | Op::Rem => scale(op, a, b),
        }
    }

    /// Equality; each part that is compared costs a step, since shared parts can unfold without end.
    fn equal(&self, a: &Val, b: &Val) -> Result<bool, Trouble> {
        self.spend(1)?;
        Ok(match (a, b) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Int(a), Val::Int(b)) => a == b,
            (Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => a.number() == b.number(),
            (Val::Text(a), Val::Text(b)) => a == b,
            (Val::Span(a), Val::Span(b)) => a == b,
            (Val::Time(a), other) | (other, Val::Time(a)) => other.time() == Some(*a),
            (Val::List(a), Val::List(b)) => a.len() == b.len() && self.all_equal(a.iter().zip(b.iter()))?,
            (Val::Map(a), Val::Map(b)) => {
                a.len() == b.len() && a.keys().eq(b.keys()) && self.all_equal(a.values().zip(b.values()))?
            }
            _ => false,
        })
    }

    fn all_equal<'v>(&self, mut pairs: impl Iterator<Item = (&'v Val, &'v Val)>) -> Result<bool, Trouble> {
        pairs.try_fold(true, |so_far, (a, b)| Ok(so_far && self.equal(a, b)?))
    }

    fn contained(&self, a: &Val, b: &Val) -> Result<Val, Trouble> {
        match (a, b) {
            (_, Val::List(items)) => {
                for item in items.iter() {
                    if self.equal(a, item)? {
                        return Ok(Val::Bool(true));
                    }
                }
                Ok(Val::Bool(false))
            }
            (Val::Text(name), Val::Map(members)) => Ok(Val::Bool(members.contains_key(name))),
            (_, Val::Map(_)) => Ok(Val::Bool(false)),
            _ => Err(wrong("in", &[a, b])),
        }
    }

    fn add(&self, a: &Val, b: &Val) -> Result<Val, Trouble> {
        match (a, b) {
            (Val::Int(a), Val::Int(b)) => a.checked_add(*b).map(Val::Int).ok_or_else(overflow),
            (Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => {
                finite(a.number().zip(b.number()).map(|(a, b)| a + b))
            }
            (Val::Span(a), Val::Span(b)) => a.checked_add(*b).map(Val::Span).ok_or_else(overflow),
            (Val::Time(at), Val::Span(ms)) | (Val::Span(ms), Val::Time(at)) => shifted(*at, *ms),
            (Val::Text(_), Val::Span(ms)) | (Val::Span(ms), Val::Text(_)) => {
                let text = if let Val::Text(_) = a { a } else { b };
                shifted(text.time().ok_or_else(|| wrong("+", &[a, b]))?, *ms)
            }
            (Val::List(x), Val::List(y)) => {
                if x.len() + y.len() > LIST_MAX {
                    return Err(Trouble::new("列表过长", "makes too long a list"));
                }
                self.spend(x.len() + y.len())?;
                Ok(Val::List(Arc::new(x.iter().chain(y.iter()).cloned().collect())))
            }
            (Val::Text(_), _) | (_, Val::Text(_)) => match (a.printed(), b.printed()) {
                (Some(x), Some(y)) => {
                    if x.len() + y.len() > TEXT_MAX {
                        return Err(Trouble::new("文字过长", "makes too long a text"));
                    }
                    self.spend((x.len() + y.len()) / 64)?;
                    Ok(Val::text(&(x + &y)))
                }
                _ => Err(wrong("+", &[a, b])),
            },
            _ => Err(wrong("+", &[a, b])),
        }
    }
}

fn index(a: &Val, b: &Val) -> Result<Val, Trouble> {
    match (a, b) {
        (Val::List(items), Val::Int(_) | Val::Float(_)) => {
            let at = b.number().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as usize);
            at.and_then(|at| items.get(at)).cloned().ok_or_else(|| {
                Trouble::new(
                    format!("列表只有 {} 项", items.len()),
                    format!("the list has {} items", items.len()),
                )
            })
        }
        (Val::Map(members), Val::Text(name)) => members
            .get(name)
            .cloned()
            .ok_or_else(|| Trouble::new(format!("没有 `{name}`"), format!("the map has no `{name}`"))),
        _ => Err(wrong("[ ]", &[a, b])),
    }
}

fn order(op: Op, a: &Val, b: &Val) -> Result<Ordering, Trouble> {
    let found = match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => {
            a.number().zip(b.number()).and_then(|(a, b)| a.partial_cmp(&b))
        }
        (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Span(a), Val::Span(b)) => Some(a.cmp(b)),
        (Val::Time(_), _) | (_, Val::Time(_)) => a.time().zip(b.time()).map(|(a, b)| a.cmp(&b)),
        _ => None,
    };
    found.ok_or_else(|| wrong(&format!("{op:?}"), &[a, b]))
}

fn sub(a: &Val, b: &Val) -> Result<Val, Trouble> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => a.checked_sub(*b).map(Val::Int).ok_or_else(overflow),
        (Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => {
            finite(a.number().zip(b.number()).map(|(a, b)| a - b))
        }
        (Val::Span(a), Val::Span(b)) => a.checked_sub(*b).map(Val::Span).ok_or_else(overflow),
        (Val::Time(_) | Val::Text(_), Val::Span(ms)) => {
            let at = a.time().ok_or_else(|| wrong("-", &[a, b]))?;
            shifted(at, ms.checked_neg().ok_or_else(overflow)?)
        }
        (Val::Time(_) | Val::Text(_), Val::Time(_) | Val::Text(_)) => match (a.time(), b.time()) {
            (Some(a), Some(b)) => a.0.checked_sub(b.0).map(Val::Span).ok_or_else(overflow),
            _ => Err(wrong("-", &[a, b])),
        },
        _ => Err(wrong("-", &[a, b])),
    }
}

fn scale(op: Op, a: &Val, b: &Val) -> Result<Val, Trouble> {
    if let (Val::Int(x), Val::Int(y)) = (a, b) {
        if *y == 0 && op != Op::Mul {
            return Err(Trouble::new("除以零", "division by zero"));
        }
        let found = match op {
            Op::Mul => x.checked_mul(*y),
            Op::Div => x.checked_div(*y),
            _ => x.checked_rem(*y),
        };
        return found.map(Val::Int).ok_or_else(overflow);
    }
    let (Some(x), Some(y)) = (a.number(), b.number()) else { return Err(wrong(&format!("{op:?}"), &[a, b])) };
    if y == 0.0 && op != Op::Mul {
        return Err(Trouble::new("除以零", "division by zero"));
    }
    finite(Some(match op {
        Op::Mul => x * y,
        Op::Div => x / y,
        _ => x % y,
    }))
}

/// A figure that is not finite is no figure.
fn finite(n: Option<f64>) -> Result<Val, Trouble> {
    n.filter(|n| n.is_finite()).map(Val::Float).ok_or_else(overflow)
}

fn shifted(at: Instant, ms: i64) -> Result<Val, Trouble> {
    let at = at.0.checked_add(ms).map(Instant).filter(|at| (Instant::MIN..=Instant::MAX).contains(at));
    at.map(Val::Time).ok_or_else(overflow)
}

fn overflow() -> Trouble {
    Trouble::new("数值超出范围", "the result is out of range")
}

fn wrong(name: &str, given: &[&Val]) -> Trouble {
    let kinds: Vec<&str> = given.iter().map(|v| v.kind()).collect();
    let kinds = kinds.join(", ");
    Trouble::new(format!("`{name}` 不能用于（{kinds}）"), format!("`{name}` cannot be used on ({kinds})"))
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
