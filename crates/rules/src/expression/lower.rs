//! From text to nodes: limits first, then the parser of `cel`, then names and functions.
//!
//! The parser recurses, so the text is bounded before it is parsed. Loops arrive here already expanded to folds; they
//! are recognised by their shape, and any other fold is refused.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo,
    operators as op,
};
use regex::RegexBuilder;

use crate::expression::calls::{self, Builtin};
use crate::expression::node::{Host, Loop, Node, Op, Read};
use crate::expression::{BRACKETS_MAX, BadExpression, DEPTH_MAX, LENGTH_MAX, LOOPS_MAX, OPERATORS_MAX};
use crate::functions::Functions;
use crate::value::Val;
use crate::window::Stat;

/// Largest compiled pattern, bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Names that are never attributes.
const RESERVED: [&str; 8] = ["self", "previous", "id", "type", "now", "observedAt", "rel", "window"];

type Bad = Vec<BadExpression>;

/// Reads a text.
pub fn lower(text: &str, functions: &Functions) -> Result<(Node, Vec<Read>), Bad> {
    bounded(text).map_err(|bad| vec![bad])?;
    // The parser is generated code of another project; should it ever panic on some text, that is one more bad
    // expression and not the end of the server.
    let parsed = catch_unwind(AssertUnwindSafe(|| cel::Program::compile(text)));
    let program = match parsed {
        Ok(Ok(program)) => program,
        Ok(Err(errors)) => return Err(errors.errors.iter().map(syntax).collect()),
        Err(_) => {
            return Err(vec![BadExpression {
                place: None,
                zh: "不是 CEL 表达式".into(),
                en: "is no CEL expression".into(),
            }]);
        }
    };
    let mut lowering = Lowering {
        info: program.source_info(),
        text,
        functions,
        reads: Vec::new(),
        bad: Vec::new(),
        locals: Vec::new(),
        loops: 0,
    };
    let root = lowering.node(program.expression(), 0);
    let Lowering { reads, bad, .. } = lowering;
    if bad.is_empty() { Ok((root, reads)) } else { Err(bad) }
}

fn syntax(error: &cel::ParseError) -> BadExpression {
    let place = match error.pos {
        (line, column) if line > 0 => {
            Some((usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1).max(1)))
        }
        _ => None,
    };
    let message: String = error.msg.chars().take(300).collect();
    BadExpression {
        place,
        zh: format!("不是 CEL 表达式：{message}"),
        en: format!("is no CEL expression: {message}"),
    }
}

/// Refuses what could exhaust the parser's stack, by a look at the characters outside of texts.
fn bounded(text: &str) -> Result<(), BadExpression> {
    let bad = |zh: String, en: String| Err(BadExpression { place: None, zh, en });
    if text.trim().is_empty() {
        return bad("表达式为空".into(), "is empty".into());
    }
    if text.len() > LENGTH_MAX {
        return bad(
            format!("表达式有 {} 字节，超过 {LENGTH_MAX}", text.len()),
            format!("has {} bytes; at most {LENGTH_MAX} are allowed", text.len()),
        );
    }
    let (mut depth, mut deepest, mut operators) = (0usize, 0usize, 0usize);
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for c in text.chars() {
        if let Some(q) = quote {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == q {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '+' | '-' | '*' | '/' | '%' | '?' | '!' | '<' | '>' | '=' | '.' | '&' | '|' => operators += 1,
            _ => {}
        }
    }
    // Quotes in raw and triple-quoted texts confuse this look; what it misses there, the same count without any regard
    // to quotes bounds.
    let all_brackets = text.bytes().filter(|b| matches!(b, b'(' | b'[' | b'{')).count();
    let all_operators = text.bytes().filter(|b| b"+-*/%?!<>=.&|".contains(b)).count();
    if deepest > BRACKETS_MAX || all_brackets > 20 * BRACKETS_MAX {
        return bad(
            format!("括号嵌套超过 {BRACKETS_MAX} 层，或括号过多"),
            format!("nests brackets deeper than {BRACKETS_MAX}, or has too many"),
        );
    }
    if operators > OPERATORS_MAX || all_operators > 3 * OPERATORS_MAX {
        return bad(
            format!("运算符超过 {OPERATORS_MAX} 个"),
            format!("has more than {OPERATORS_MAX} operator characters"),
        );
    }
    Ok(())
}

struct Lowering<'a> {
    info: &'a SourceInfo,
    text: &'a str,
    functions: &'a Functions,
    reads: Vec<Read>,
    bad: Bad,
    locals: Vec<String>,
    loops: usize,
}

impl Lowering<'_> {
    fn bad(&mut self, at: &IdedExpr, zh: impl Into<String>, en: impl Into<String>) -> Node {
        let place = self.info.offset_for(at.id).map(|(start, _)| {
            // The parser counts characters.
            let before: Vec<char> = self.text.chars().take(usize::try_from(start).unwrap_or(0)).collect();
            let line = 1 + before.iter().filter(|c| **c == '\n').count();
            let column = 1 + before.iter().rev().take_while(|c| **c != '\n').count();
            (line, column)
        });
        self.bad.push(BadExpression { place, zh: zh.into(), en: en.into() });
        Node::Literal(Val::Null)
    }

    fn read(&mut self, read: Read) -> Node {
        self.reads.push(read.clone());
        Node::Read(read)
    }

    fn node(&mut self, e: &IdedExpr, depth: usize) -> Node {
        if depth > DEPTH_MAX {
            return self.bad(e, format!("嵌套超过 {DEPTH_MAX} 层"), format!("nests deeper than {DEPTH_MAX}"));
        }
        let depth = depth + 1;
        match &e.expr {
            Expr::Literal(literal) => match literal_val(literal) {
                Some(val) => Node::Literal(val),
                None => self.bad(e, "不支持字节串", "byte strings are not supported"),
            },
            Expr::Ident(name) => self.ident(e, name),
            Expr::Select(select) => self.select(e, select, depth),
            Expr::List(list) => Node::List(list.elements.iter().map(|i| self.node(i, depth)).collect()),
            Expr::Map(map) => {
                let mut members = Vec::new();
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        members.push((self.node(&entry.key, depth), self.node(&entry.value, depth)));
                    }
                }
                Node::Map(members)
            }
            Expr::Comprehension(fold) => self.fold(e, fold, depth),
            Expr::Call(call) => self.call(e, call, depth),
            Expr::Struct(_) | Expr::Unspecified => {
                self.bad(e, "不支持构造消息", "messages cannot be made here")
            }
        }
    }

    fn ident(&mut self, e: &IdedExpr, name: &str) -> Node {
        let name = name.strip_prefix('.').unwrap_or(name);
        if let Some(at) = self.locals.iter().rposition(|l| l == name) {
            return Node::Local(at);
        }
        match name {
            "self" => self.read(Read::Whole),
            "previous" => self.read(Read::WholePrevious),
            "id" => self.read(Read::Id),
            "type" => self.read(Read::Type),
            "now" => self.read(Read::Now),
            "observedAt" => {
                self.bad(e, "写明属性：`observedAt.属性`", "name the attribute: `observedAt.attribute`")
            }
            "rel" => self.bad(
                e,
                "写明关系：`rel.关系.属性`",
                "name the relationship: `rel.relationship.attribute`",
            ),
            "window" => self.bad(e, "写明统计量：`window.avg`", "name the figure: `window.avg`"),
            name if name.starts_with('@') => self.bad(e, "不支持的循环", "a loop of an unknown shape"),
            name => self.read(Read::Attribute(name.to_string())),
        }
    }

    /// A member: of what comes from outside directly, so that nothing is read that is not asked for.
    fn select(&mut self, e: &IdedExpr, select: &SelectExpr, depth: usize) -> Node {
        if let Some(read) = self.outside(e, select) {
            return match read {
                Some(read) => {
                    self.reads.push(read.clone());
                    if select.test { Node::HasRead(read) } else { Node::Read(read) }
                }
                None => Node::Literal(Val::Null),
            };
        }
        let operand = Box::new(self.node(&select.operand, depth));
        let field: Arc<str> = select.field.as_str().into();
        if select.test { Node::Has(operand, field) } else { Node::Select(operand, field) }
    }

    /// `self.x`, `previous.x`, `observedAt.x`, `window.x`, `rel.x`, `rel.x.y`: `Some(None)` when the name is wrong.
    fn outside(&mut self, e: &IdedExpr, select: &SelectExpr) -> Option<Option<Read>> {
        let field = select.field.clone();
        match &select.operand.expr {
            Expr::Ident(root) if !self.locals.contains(root) => Some(match root.as_str() {
                "self" => Some(Read::Attribute(field)),
                "previous" => Some(Read::Previous(field)),
                "observedAt" => Some(Read::ObservedAt(field)),
                "rel" => Some(Read::Related(field, None)),
                "window" => match Stat::named(&field) {
                    Some(stat) => Some(Read::Window(stat)),
                    None => {
                        self.bad(
                            e,
                            format!("窗口没有 `{field}`；可用：{}", Stat::NAMES),
                            format!("a window has no `{field}`; there are {}", Stat::NAMES),
                        );
                        None
                    }
                },
                _ => return None,
            }),
            Expr::Select(inner) if !inner.test => match &inner.operand.expr {
                Expr::Ident(root) if root == "rel" && !self.locals.contains(root) => {
                    Some(Some(Read::Related(inner.field.clone(), Some(field))))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn boxed(&mut self, e: &IdedExpr, depth: usize) -> Box<Node> {
        Box::new(self.node(e, depth))
    }

    fn call(&mut self, e: &IdedExpr, call: &CallExpr, depth: usize) -> Node {
        if let (None, [a, b]) = (&call.target, call.args.as_slice()) {
            let found = match call.func_name.as_str() {
                op::LOGICAL_AND => return Node::And(self.boxed(a, depth), self.boxed(b, depth)),
                op::LOGICAL_OR => return Node::Or(self.boxed(a, depth), self.boxed(b, depth)),
                op::INDEX => return Node::Index(self.boxed(a, depth), self.boxed(b, depth)),
                op::ADD => Some(Op::Add),
                op::SUBSTRACT => Some(Op::Sub),
                op::MULTIPLY => Some(Op::Mul),
                op::DIVIDE => Some(Op::Div),
                op::MODULO => Some(Op::Rem),
                op::EQUALS => Some(Op::Eq),
                op::NOT_EQUALS => Some(Op::Ne),
                op::LESS => Some(Op::Lt),
                op::LESS_EQUALS => Some(Op::Le),
                op::GREATER => Some(Op::Gt),
                op::GREATER_EQUALS => Some(Op::Ge),
                op::IN => Some(Op::In),
                _ => None,
            };
            if let Some(found) = found {
                return Node::Binary(found, self.boxed(a, depth), self.boxed(b, depth));
            }
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_NOT, [a]) if call.target.is_none() => return Node::Not(self.boxed(a, depth)),
            (op::NEGATE, [a]) if call.target.is_none() => return Node::Negate(self.boxed(a, depth)),
            (op::CONDITIONAL, [a, b, c]) if call.target.is_none() => {
                return Node::Choice(self.boxed(a, depth), self.boxed(b, depth), self.boxed(c, depth));
            }
            _ => {}
        }
        self.function(e, call, depth)
    }

    fn function(&mut self, e: &IdedExpr, call: &CallExpr, depth: usize) -> Node {
        let name = call.func_name.as_str();
        let mut given: Vec<&IdedExpr> = Vec::new();
        given.extend(call.target.as_deref());
        given.extend(&call.args);
        if name == "matches" && given.len() == 2 {
            return self.matches(e, given[0], given[1], depth);
        }
        if let (Some((host, least, most)), None) = (self.functions.get(name), &call.target) {
            if !(least..=most).contains(&given.len()) {
                return self.arguments(e, name, least, most, given.len());
            }
            let host = Host { name: name.to_string(), call: host.clone() };
            return Node::Host(host, given.into_iter().map(|a| self.node(a, depth)).collect());
        }
        let Some((builtin, least, most)) = Builtin::named(name, call.target.is_some()) else {
            let known: Vec<&str> = self.functions.names().chain(calls::NAMES.iter().copied()).collect();
            let known = known.join(" ");
            return self.bad(
                e,
                format!("没有函数 `{name}`；可用：{known}"),
                format!("there is no function `{name}`; there are {known}"),
            );
        };
        if !(least..=most).contains(&given.len()) {
            return self.arguments(e, name, least, most, given.len());
        }
        Node::Call(builtin, given.into_iter().map(|a| self.node(a, depth)).collect())
    }

    fn arguments(&mut self, e: &IdedExpr, name: &str, least: usize, most: usize, given: usize) -> Node {
        let needed = if least == most { least.to_string() } else { format!("{least}–{most}") };
        self.bad(
            e,
            format!("`{name}` 需要 {needed} 个参数，给了 {given} 个"),
            format!("`{name}` takes {needed} arguments; {given} are given"),
        )
    }

    fn matches(&mut self, e: &IdedExpr, text: &IdedExpr, pattern: &IdedExpr, depth: usize) -> Node {
        let text = self.boxed(text, depth);
        let Expr::Literal(LiteralValue::String(pattern)) = &pattern.expr else {
            return self.bad(
                e,
                "`matches` 的模式须直接写出",
                "the pattern of `matches` must be written out, not computed",
            );
        };
        match RegexBuilder::new(pattern.inner()).size_limit(PATTERN_BYTES_MAX).build() {
            Ok(pattern) => Node::Matches(text, pattern),
            Err(why) => {
                let why: String = why.to_string().chars().take(300).collect();
                self.bad(e, format!("模式有误：{why}"), format!("the pattern cannot be used: {why}"))
            }
        }
    }

    /// `all`, `exists`, `exists_one`, `map`, `filter`, recognised by what the parser expands them to.
    fn fold(&mut self, e: &IdedExpr, fold: &ComprehensionExpr, depth: usize) -> Node {
        if RESERVED.contains(&fold.iter_var.as_str()) {
            let name = &fold.iter_var;
            return self.bad(
                e,
                format!("`{name}` 不能作循环变量"),
                format!("`{name}` cannot name the variable of a loop"),
            );
        }
        if self.loops >= LOOPS_MAX {
            return self.bad(
                e,
                format!("循环嵌套超过 {LOOPS_MAX} 层"),
                format!("nests loops deeper than {LOOPS_MAX}"),
            );
        }
        let Some((kind, condition, body)) = shape(fold) else {
            return self.bad(e, "不支持的循环", "a loop of an unknown shape");
        };
        let range = self.boxed(&fold.iter_range, depth);
        self.locals.push(fold.iter_var.clone());
        self.loops += 1;
        let condition = condition.map(|c| self.boxed(c, depth));
        let body = self.boxed(body, depth);
        self.loops -= 1;
        self.locals.pop();
        Node::Loop(kind, range, condition, body)
    }
}

/// The loop, its condition and what it makes or tests.
fn shape(fold: &ComprehensionExpr) -> Option<(Loop, Option<&IdedExpr>, &IdedExpr)> {
    if fold.iter_var2.is_some() {
        return None;
    }
    let Expr::Call(step) = &fold.loop_step.expr else { return None };
    match (step.func_name.as_str(), step.args.as_slice()) {
        (op::LOGICAL_AND, [_, body]) => Some((Loop::All, None, body)),
        (op::LOGICAL_OR, [_, body]) => Some((Loop::Exists, None, body)),
        (op::CONDITIONAL, [condition, then, _]) if matches!(fold.accu_init.expr, Expr::List(_)) => {
            Some((Loop::Map, Some(condition), made(then)?))
        }
        (op::CONDITIONAL, [condition, _, _]) => Some((Loop::ExistsOne, None, condition)),
        (op::ADD, _) => Some((Loop::Map, None, made(&fold.loop_step)?)),
        _ => None,
    }
}

/// `x` of `accumulator + [x]`.
fn made(e: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::Call(add) = &e.expr else { return None };
    let [_, list] = add.args.as_slice() else { return None };
    let Expr::List(list) = &list.expr else { return None };
    match list.elements.as_slice() {
        [one] if add.func_name == op::ADD => Some(one),
        _ => None,
    }
}

fn literal_val(literal: &LiteralValue) -> Option<Val> {
    Some(match literal {
        LiteralValue::Boolean(b) => Val::Bool(*b.inner()),
        LiteralValue::Double(n) => Val::Float(*n.inner()),
        LiteralValue::Int(n) => Val::Int(*n.inner()),
        LiteralValue::Null => Val::Null,
        LiteralValue::String(text) => Val::text(text.inner()),
        LiteralValue::UInt(n) => Val::Int(i64::try_from(*n.inner()).ok()?),
        LiteralValue::Bytes(_) => return None,
    })
}
