//! What expressions promise, and that they hold side by side with `cel`.
use std::collections::BTreeMap;
use std::time::{Duration, Instant as Watch};

use nacre_model::Instant;
use proptest::prelude::*;

use super::fast::{Fast, Said, Seen};
use super::*;

/// Named values and nothing else.
#[derive(Default)]
struct Plain(BTreeMap<&'static str, Val>);

impl Variables for Plain {
    fn read(&self, read: &Read) -> Option<Val> {
        match read {
            Read::Attribute(name) => self.0.get(name.as_str()).cloned(),
            Read::Whole => Some(Val::Map(std::sync::Arc::new(
                self.0.iter().map(|(n, v)| ((*n).into(), v.clone())).collect(),
            ))),
            Read::Id => Some(Val::text("urn:x:1")),
            Read::Now => Instant::parse("2026-11-23T10:00:00+08:00").map(Val::Time),
            _ => None,
        }
    }
}

fn plain() -> Plain {
    Plain(BTreeMap::from([
        ("level", Val::Float(2.5)),
        ("name", Val::text("石榴岗河")),
        ("tidal", Val::Bool(true)),
        ("seen", Val::text("2026-11-23T01:00:00Z")),
        ("list", Val::List(std::sync::Arc::new((0..100).map(|n| Val::Float(f64::from(n))).collect()))),
    ]))
}

fn parse(text: &str) -> Expression {
    Expression::parse(text, &Functions::new()).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn check(text: &str, expected: &str) {
    let found = match parse(text).value(&plain()) {
        Ok(value) => value.printed().unwrap_or_else(|| format!("{value:?}")),
        Err(trouble) => format!("unknown: {}", trouble.en),
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn expressions_have_the_values_of_cel() {
    for (text, expected) in [
        ("1 + 2 * 3", "7"),
        ("7 / 2", "3"),
        ("level / 2", "1.25"),
        ("level > 2 && name.startsWith('石')", "true"),
        ("'水位 ' + level + ' m'", "水位 2.5 m"),
        ("has(self.level) && !has(self.depth)", "true"),
        ("list.filter(x, x > 97.0).size()", "2"),
        ("list.exists(x, x == 50)", "true"),
        ("list.all(x, x < 99)", "false"),
        ("list.exists_one(x, x == 3)", "true"),
        ("list.map(x, x > 1, x * 2)[0]", "4"),
        ("size('河涌') == 2", "true"),
        ("name.matches('^石.*河$')", "true"),
        ("'a' in ['a', 'b']", "true"),
        ("'x' in {'x': 1}", "true"),
        ("{'x': {'y': 3}}.x.y", "3"),
        ("now.getHours()", "2"),
        ("now.getHours('+08:00')", "10"),
        ("now.getDayOfWeek('Asia/Shanghai')", "1"),
        ("now - seen", "3600s"),
        ("now - seen > duration('30m')", "true"),
        ("seen > timestamp('2026-11-22T00:00:00Z')", "true"),
        ("seen + duration('1h')", "2026-11-23T02:00:00.000Z"),
        ("tidal ? 'a' : 'b'", "a"),
        ("round(2.345, 2)", "2.35"),
        ("max(1, level, 2)", "2.5"),
        ("[1, 2.5].max() == 1", "unknown: x"),
        ("false && depth > 3", "false"),
        ("depth > 3 && false", "false"),
        ("depth > 3 || true", "true"),
        ("depth > 3", "unknown: attribute `depth` is missing"),
        ("!(depth > 3)", "unknown: attribute `depth` is missing"),
        ("depth == null", "unknown: attribute `depth` is missing"),
        ("level == 'x'", "false"),
        ("level > 'x'", "unknown: `Gt` cannot be used on (double, string)"),
        ("level / 0", "unknown: division by zero"),
        ("9223372036854775807 + 1", "unknown: the result is out of range"),
        ("id == 'urn:x:1'", "true"),
    ] {
        if expected == "unknown: x" {
            assert!(Expression::parse(text, &Functions::new()).is_err(), "{text}");
        } else {
            check(text, expected);
        }
    }
}

#[test]
fn a_bad_expression_says_where() {
    let bad = |text: &str| Expression::parse(text, &Functions::new()).expect_err("bad");
    assert_eq!(bad("level >").len(), 1);
    assert!(bad("level > 2 &&\n gb9999(self)")[0].place.is_some_and(|(line, _)| line == 2));
    assert!(bad("nosuch(1) + other(2)").len() == 2, "all at once");
    assert!(bad("name.matches(name)")[0].en.contains("written out"));
    assert!(bad("name.matches('(')")[0].en.contains("pattern"));
    assert!(bad("window.median > 1")[0].en.contains("there are count avg"));
    assert!(bad("rel == 1")[0].en.contains("rel.relationship"));
    assert!(bad("")[0].en.contains("empty"));
    assert!(bad(&format!("'{}'", "x".repeat(LENGTH_MAX)))[0].en.contains("bytes"));
}

#[test]
fn functions_of_other_crates_are_called_by_name() {
    let functions = Functions::new().with("gb3838", (1, 1), |given| {
        let ammonia = given[0].get("level").and_then(Val::number).ok_or("no level")?;
        Ok(Val::text(if ammonia > 2.0 { "劣V" } else { "IV" }))
    });
    let water = Expression::parse("gb3838(self) == '劣V'", &functions).expect("an expression");
    assert_eq!(water.holds(&plain()), Ok(true));
    assert_eq!(water.holds(&Plain::default()).expect_err("no level").en, "gb3838: no level");
    assert!(Expression::parse("gb3838()", &functions).expect_err("bad")[0].en.contains("takes 1"));
}

#[test]
fn costly_expressions_end() {
    let watch = Watch::now();
    for text in [
        "list.exists(a, list.exists(b, list.exists(c, a + b + c < 0)))".to_string(),
        // Values that double in every step are small in memory and endless when compared.
        format!("[1]{}", ".map(x, [x, x])".repeat(100)),
        format!("[[1]{0}] == [[1]{0}]", ".map(x, [x, x])".repeat(30)),
        format!("['xxxxxxxxxxxxxxxx']{}", ".map(x, x + x)".repeat(60)),
        format!("[list]{}", ".map(x, x + x)".repeat(60)),
    ] {
        if let Ok(expression) = Expression::parse(&text, &Functions::new()) {
            let _ = expression.value(&plain()).map(|v| v.to_model());
        }
    }
    for hostile in
        ["(".repeat(3_000), "-".repeat(3_900), "!".repeat(3_900), "1+".repeat(1_900), "a?b:".repeat(900)]
    {
        assert!(Expression::parse(&hostile, &Functions::new()).is_err());
        assert!(Expression::parse(&format!("{hostile}1"), &Functions::new()).is_err());
    }
    assert!(watch.elapsed() < Duration::from_secs(20), "{:?}", watch.elapsed());
}

/// Expressions over a few names and constants, as text.
fn arbitrary_expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("level".to_string()),
        Just("name".to_string()),
        Just("tidal".to_string()),
        Just("depth".to_string()),
        Just("seen".to_string()),
        (-3i64..4).prop_map(|n| if n < 0 { format!("({n})") } else { n.to_string() }),
        (0..8u8).prop_map(|n| format!("{}.5", n)),
        Just("'石榴岗河'".to_string()),
        Just("'b'".to_string()),
        Just("true".to_string()),
        Just("[1, 2, 3]".to_string()),
        Just("{'k': 1}".to_string()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let op = prop_oneof![
            Just("+"),
            Just("-"),
            Just("*"),
            Just("/"),
            Just("%"),
            Just("<"),
            Just("<="),
            Just(">"),
            Just(">="),
            Just("=="),
            Just("!="),
            Just("&&"),
            Just("||"),
            Just("in"),
        ];
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[1, 2, 3].exists(x, {a} == x || {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}].all(x, x == {a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}].map(x, x)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}].filter(x, x == {b})")),
            inner.clone().prop_map(|a| format!("string({a})")),
            inner.clone().prop_map(|a| format!("int({a})")),
            inner.clone().prop_map(|a| format!("size({a})")),
            inner.prop_map(|a| format!("[1, 2][{a}]")),
        ]
    })
}

fn as_cel(val: &Val) -> cel::Value {
    match val {
        Val::Bool(b) => cel::Value::Bool(*b),
        Val::Int(n) => cel::Value::Int(*n),
        Val::Float(n) => cel::Value::Float(*n),
        Val::Text(text) => cel::Value::from(&**text),
        Val::List(items) => cel::Value::from(items.iter().map(as_cel).collect::<Vec<_>>()),
        Val::Map(members) => cel::Value::from(
            members
                .iter()
                .map(|(n, v)| (n.to_string(), as_cel(v)))
                .collect::<std::collections::HashMap<_, _>>(),
        ),
        _ => cel::Value::Null,
    }
}

/// What a number looks like does not matter here: a fraction that is whole equals the whole number.
fn alike(a: &cel::Value, b: &cel::Value) -> bool {
    match (a, b) {
        (cel::Value::Int(a), cel::Value::Float(b)) | (cel::Value::Float(b), cel::Value::Int(a)) => {
            *a as f64 == *b
        }
        (cel::Value::List(a), cel::Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn where_cel_gives_a_value_this_gives_the_same(text in arbitrary_expression()) {
        let Ok(expression) = Expression::parse(&text, &Functions::new()) else { return Ok(()) };
        // `cel` takes a list and a map as a sum; the language does not know it.
        if text.contains('{') && text.contains('+') {
            return Ok(());
        }
        let program = cel::Program::compile(&text).expect("parsed before");
        let mut context = cel::Context::default();
        for (name, value) in &plain().0 {
            context.add_variable_from_value(*name, as_cel(value));
        }
        if let Ok(theirs) = program.execute(&context) {
            // Infinity and not-a-number are values there and errors here.
            let finite = !format!("{theirs:?}").contains("inf") && !format!("{theirs:?}").contains("NaN");
            let ours = expression.value(&plain());
            if finite && !text.contains('/') && !text.contains('%') {
                let ours = ours.map_err(|t| TestCaseError::fail(format!("{text}: cel {theirs:?}, here {t}")))?;
                prop_assert!(alike(&as_cel(&ours), &theirs), "{}: cel {:?}, here {:?}", text, theirs, ours);
            }
        }
    }

    #[test]
    fn the_fast_form_says_what_the_full_one_says(text in arbitrary_expression()) {
        let Ok(expression) = Expression::parse(&text, &Functions::new()) else { return Ok(()) };
        let Some(fast) = Fast::of(expression.root()) else { return Ok(()) };
        let variables = plain();
        let known = fast.holds(&mut |at| match variables.0.get(fast.attributes()[at].as_str()) {
            Some(Val::Float(n)) => Seen::Number(*n),
            Some(Val::Text(text)) => Seen::Text(text),
            Some(Val::Bool(b)) => Seen::Bool(*b),
            None => Seen::Missing,
            _ => Seen::Other,
        });
        let full = expression.holds(&variables);
        match known {
            Said::Yes => prop_assert_eq!(full, Ok(true), "{}", text),
            Said::No => prop_assert_eq!(full, Ok(false), "{}", text),
            Said::Missing => prop_assert!(full.is_err(), "{}: {:?}", text, full),
            Said::Unsure => {}
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        if let Ok(expression) = Expression::parse(&text, &Functions::new()) {
            let _ = expression.value(&plain());
        }
    }

    #[test]
    fn no_scrap_of_cel_makes_it_panic(
        scraps in proptest::collection::vec(
            prop_oneof![
                Just("level"), Just("self"), Just("rel.x.y"), Just("("), Just(")"), Just("["), Just("]"), Just("{"),
                Just("}"), Just("&&"), Just("||"), Just("!"), Just("-"), Just("=="), Just("<"), Just("?"), Just(":"),
                Just("."), Just(","), Just("'x'"), Just("1"), Just("2u"), Just("1.5e9"), Just("b'x'"), Just("has("),
                Just("map(x,"), Just("all(x,"), Just("size("), Just("r'\\'"), Just("\"\"\""), Just("@"), Just("\\"),
                Just("in"), Just("null"), Just("\n"), Just("//"), Just("window.avg"), Just("duration('1h')"),
                Just("0x7fffffffffffffff"), Just("9223372036854775808"), Just("now"), Just("Msg{a: 1}"),
            ],
            0..40,
        )
    ) {
        let text = scraps.join(" ");
        if let Ok(expression) = Expression::parse(&text, &Functions::new()) {
            let _ = expression.value(&plain());
        }
    }
}
