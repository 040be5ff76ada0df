//! Queries of the standard, of the conformance suite and of nobody.

use std::sync::Arc;

use nacre_kernel::query::Query;
use nacre_kernel::query::matching::{NoLinks, matches};
use nacre_model::{Attribute, Change, EntityId, Seq, change::apply};
use proptest::prelude::*;

use super::*;

fn context() -> Arc<Context> {
    Context::core()
}

fn read(q: &str) -> Filter {
    parse(q, &context(), &[]).unwrap_or_else(|e| panic!("{q}: {e}"))
}

#[test]
fn examples_of_the_standard_are_read() {
    for q in [
        "temperature",
        "temperature==20",
        "brandName!=\"Mercedes\"",
        "isParked==\"urn:ngsi-ld:OffStreetParking:Downtown1\"",
        "isParked==urn:ngsi-ld:OffStreetParking:Downtown1",
        "speed>50;brandName!=\"Mercedes\"",
        "((speed>50|rpm>3000);brandName==\"Mercedes\")",
        "(temperature>=20;temperature<=25)|capacity<=10",
        "temperature.observedAt>=2017-12-24T12:00:00Z",
        "address[city]==\"Berlin\"",
        "sensor.rawdata[airquality.particulate]==40",
        "sensor{humidity}==40",
        "sensor{Device:humidity}==40",
        "sensor{Device,Meter:at{Place:name}}==\"x\"",
        "sensor{Device}.humidity==40",
        "color[*]!=\"red\"",
        "color==\"black\",\"red\"",
        "temperature==10..20",
        "when==2020-01-01T00:00:00.5Z..2021-01-01T00:00:00,5Z",
        "day>2020-01-01;at<12:00:00Z",
        "name!~=\"^Eiffel\"",
        "name~=^(a|b)[;)]c|!other",
        "name~=\"\\d+\"",
        "模型~=.*区",
        "ex:name==true",
        "modifiedAt>\"2020-01-01T00:00:00Z\"",
    ] {
        read(q);
    }
}

#[test]
fn what_is_not_a_query_is_refused_with_its_position() {
    for (q, position) in [
        ("", 1),
        ("a==", 4),
        ("a==1;", 6),
        ("a>4..5", 4),
        ("a>1,2", 4),
        ("a>true", 7),
        ("a>urn:x:y", 10),
        ("(a==1", 6),
        ("a==1)", 5),
        ("a==\"x", 4),
        ("a==x y", 4),
        ("a b", 2),
        ("1a==1", 1),
        ("a[", 3),
        ("a[]==1", 3),
        ("a[x", 3),
        ("a{b", 4),
        ("a{b,c}==1", 6),
        ("a..b", 3),
        ("a:b:c==1", 4),
        ("a-b==1", 2),
        ("a=1", 2),
        ("a==true..false", 10),
        ("区 ==1", 2),
        ("a~=\"[\"", 7),
        ("a~=(", 5),
        ("https://example.org/a==1", 1),
    ] {
        let error = parse(q, &context(), &[]).expect_err(q);
        assert!(error.detail.contains(&format!("position {position}:")), "{q}: {error}");
    }
    let deep = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(20), &context(), &[]).is_ok());
    assert!(parse(&deep(5_000), &context(), &[]).is_err());
    assert!(parse(&"a{".repeat(5_000), &context(), &[]).is_err());
    assert!(parse(&vec!["a"; 501].join(";"), &context(), &[]).is_err());
    assert!(parse(&"a".repeat(LENGTH_MAX + 1), &context(), &[]).is_err());
}

#[test]
fn and_binds_before_or() {
    let Filter::Any(all) = read("a;b|c;d") else { panic!("an or") };
    assert!(all.iter().all(|f| matches!(f, Filter::All(both) if both.len() == 2)));
}

#[test]
fn links_count_as_depth() {
    assert_eq!(link_depth(&read("a;(b|c{d})")), 1);
    assert_eq!(link_depth(&read("c{d{e}}==1")), 2);
}

#[test]
fn values_are_expanded_only_where_asked() {
    let context = context();
    let gender = context.expand("gender").expect("a name");
    let parsed = parse("gender==Male,\"Female\"", &context, &[gender]).expect("valid");
    let Filter::Compare { operand: Operand::List(all), .. } = parsed else { panic!("a list") };
    assert!(matches!(&all[0], Operand::Term { iri, .. } if *iri == context.expand("Male").expect("a name")));
    assert!(matches!(&all[1], Operand::Term { text, .. } if &**text == "Female"));
    let plain = read("gender==Male");
    assert!(matches!(plain, Filter::Compare { operand: Operand::Value(Value::Text(_)), .. }));
}

#[test]
fn a_street_lamp_is_found_by_what_it_says() {
    let context = context();
    let id = EntityId::new("urn:ngsi-ld:Lamp:1").expect("a URI");
    let set = |name: &str, value: Value| Change::SetAttribute {
        entity: id.clone(),
        name: context.expand(name).expect("a name"),
        attribute: Attribute::property(value).observed(Instant(1_700_000_000_000)),
    };
    let create = Change::CreateEntity {
        entity: id.clone(),
        types: vec![context.expand("Lamp").expect("a name")],
        scopes: vec![],
        expires_at: None,
    };
    let address = Value::Map(vec![("city".into(), Value::text("广州"))]);
    let changes = [create, set("power", Value::Int(20)), set("address", address)];
    let lamp = apply(None, &changes, Seq(1), Instant(5)).expect("exists");
    for (q, wanted) in [
        ("power==20.0", true),
        ("power==10..19", false),
        ("power!=10..19", true),
        ("power==1,20", true),
        ("power>19;power<21|missing", true),
        ("!missing", true),
        ("!power", false),
        ("address[city]==\"广州\"", true),
        ("address[town]", false),
        ("address[city]~=^广", true),
        ("power.observedAt>=2023-11-14T22:13:20Z", true),
        ("power.observedAt>2023-11-14T22:13:20Z", false),
        ("power==\"20\"", false),
    ] {
        let query = Query { filter: Some(read(q)), ..Query::default() };
        assert_eq!(matches(&query, &lamp, Instant(10), &NoLinks), wanted, "{q}");
    }
}

/// Writes a filter as a query again.
fn print(filter: &Filter, context: &Context) -> String {
    let join = |all: &[Filter], sign: &str| {
        let parts: Vec<String> = all.iter().map(|f| print(f, context)).collect();
        format!("({})", parts.join(sign))
    };
    match filter {
        Filter::All(all) => join(all, ";"),
        Filter::Any(all) => join(all, "|"),
        Filter::Exists(path) => print_path(path, context),
        Filter::Absent(path) => format!("!{}", print_path(path, context)),
        Filter::Compare { path, operator, operand } => {
            let sign = OPERATORS.iter().find(|(_, o)| o == operator).map_or("", |(s, _)| s);
            format!("{}{sign}{}", print_path(path, context), print_operand(operand))
        }
    }
}

fn print_path(path: &Path, context: &Context) -> String {
    let steps: Vec<String> = path
        .names
        .iter()
        .map(|step| match step {
            PathStep::Attribute(name) => context.compact(name.as_str()).into_owned(),
            PathStep::System(SystemMember::CreatedAt) => "createdAt".into(),
            PathStep::System(SystemMember::ModifiedAt) => "modifiedAt".into(),
            PathStep::System(SystemMember::ObservedAt) => "observedAt".into(),
            PathStep::System(SystemMember::UnitCode) => "unitCode".into(),
            PathStep::System(SystemMember::DatasetId) => "datasetId".into(),
            PathStep::System(SystemMember::ExpiresAt) => "expiresAt".into(),
        })
        .collect();
    let mut out = steps.join(".");
    if !path.members.is_empty() {
        out += &format!("[{}]", path.members.join("."));
    }
    if let Some(linked) = &path.linked {
        let types: Vec<_> = linked.types.iter().map(|t| context.compact(t.as_str())).collect();
        let colon = if types.is_empty() { "" } else { ":" };
        out += &format!("{{{}{colon}{}}}", types.join(","), print_path(&linked.path, context));
    }
    out
}

fn print_operand(operand: &Operand) -> String {
    let value = |v: &Value| crate::json::value_out(v).to_string();
    match operand {
        Operand::Value(v) => value(v),
        Operand::Term { text, .. } => value(&Value::Text(text.clone())),
        Operand::List(all) => all.iter().map(print_operand).collect::<Vec<_>>().join(","),
        Operand::Range(low, high) => format!("{}..{}", value(low), value(high)),
        Operand::Pattern(pattern) => serde_json::Value::from(pattern.0.as_str()).to_string(),
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-d区][a-z0-9_区]{0,3}"
}

fn path() -> impl Strategy<Value = Path> {
    let names = prop::collection::vec(name(), 1..3);
    let step = |n: String| PathStep::Attribute(context().expand(&n).expect("a name"));
    let plain = (names, prop::option::of("[a-z]{1,3}(\\.[a-z]{1,3})?|\\*|fr-CH"), any::<bool>()).prop_map(
        move |(names, members, observed)| {
            let mut names: Vec<PathStep> = names.into_iter().map(step).collect();
            if observed {
                names.push(PathStep::System(SystemMember::ObservedAt));
            }
            let members = members.map(|m| m.split('.').map(Box::from).collect()).unwrap_or_default();
            Path { names, members, linked: None }
        },
    );
    plain.prop_recursive(2, 4, 1, move |inner| {
        (name(), prop::collection::vec(name(), 0..3), inner).prop_map(move |(name, types, path)| {
            let types = types.iter().map(|t| context().expand(t).expect("a name")).collect();
            let linked = Some(Box::new(LinkedPath { types, path }));
            Path { names: vec![step(name)], members: Vec::new(), linked }
        })
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Float),
        any::<String>().prop_map(Value::text),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let equal = prop_oneof![Just(Operator::Equal), Just(Operator::Unequal)];
    let order = prop_oneof![
        Just(Operator::Greater),
        Just(Operator::GreaterEqual),
        Just(Operator::Less),
        Just(Operator::LessEqual)
    ];
    let pattern = prop_oneof![Just(Operator::MatchPattern), Just(Operator::NotMatchPattern)];
    let regex =
        "[a-z\"区]{0,4}(\\\\d|\\(a\\|b\\))?".prop_map(|p| Operand::Pattern(Pattern::new(&p).expect("valid")));
    let equality = prop_oneof![
        scalar().prop_map(Operand::Value),
        any::<bool>().prop_map(|b| Operand::Value(Value::Bool(b))),
        (scalar(), scalar()).prop_map(|(a, b)| Operand::Range(a, b)),
        prop::collection::vec(scalar().prop_map(Operand::Value), 2..4).prop_map(Operand::List),
    ];
    let compare = |(path, operator, operand)| Filter::Compare { path, operator, operand };
    let term = prop_oneof![
        path().prop_map(Filter::Exists),
        path().prop_map(Filter::Absent),
        (path(), equal, equality).prop_map(compare),
        (path(), order, scalar().prop_map(Operand::Value)).prop_map(compare),
        (path(), pattern, regex).prop_map(compare),
    ];
    term.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::All),
            prop::collection::vec(inner, 2..4).prop_map(Filter::Any),
        ]
    })
}

proptest! {
    #[test]
    fn printed_then_read_is_the_same(filter in filter()) {
        let context = context();
        let q = print(&filter, &context);
        let again = parse(&q, &context, &[]).unwrap_or_else(|e| panic!("{q}: {e}"));
        prop_assert_eq!(format!("{again:?}"), format!("{filter:?}"), "{}", q);
    }

    #[test]
    fn no_text_makes_the_parser_fall(q in "[a-c0-9.\\[\\]{}();|!=<>~,\":\\\\ 区-]{0,40}") {
        let _ = parse(&q, &context(), &[]);
    }
}
