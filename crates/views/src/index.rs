//! Which index entries an entity has, and how values are put in order.

use std::collections::{BTreeMap, BTreeSet};

use nacre_model::{AttributeKind, Content, Entity, Instant, Iri, Value};

use crate::cells::cells_of;
use crate::keys;

/// Texts are indexed by their first bytes; what a lookup finds is checked against the entity anyway.
const TEXT_BYTES_MAX: usize = 96;

/// Attributes whose values are indexed because a pack declares it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexPlan {
    /// Expanded attribute names.
    pub attributes: BTreeSet<Iri>,
}

impl IndexPlan {
    /// A stable text of the plan, kept with the views: other text, other indexes.
    pub fn fingerprint(&self) -> Vec<u8> {
        self.attributes.iter().map(Iri::as_str).collect::<Vec<_>>().join("\n").into_bytes()
    }
}

/// All index keys of an entity's current state.
pub fn entries(entity: &Entity, plan: &IndexPlan) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    for t in &entity.types {
        keys.insert(keys::entry(keys::TYPE, t.as_str(), &entity.id));
    }
    keys.extend(next_expiry(entity).map(|at| keys::expiry(at, Some(&entity.id))));
    for (name, instances) in &entity.attributes {
        for instance in instances {
            match &instance.attribute.content {
                Content::Geo(geometry) => {
                    for cell in cells_of(geometry) {
                        let mut key = keys::prefix(keys::GEO, name.as_str());
                        key.extend_from_slice(&cell.key());
                        key.extend_from_slice(entity.id.as_str().as_bytes());
                        keys.insert(key);
                    }
                }
                content => {
                    for object in content.objects() {
                        keys.insert(keys::relation(object.as_str(), name.as_str(), &entity.id));
                    }
                    if plan.attributes.contains(name) {
                        for value in indexed_values(content) {
                            keys.insert(value_key(name, value, entity));
                        }
                    }
                }
            }
        }
    }
    keys
}

fn value_key(name: &Iri, value: &Value, entity: &Entity) -> Vec<u8> {
    let mut key = keys::prefix(keys::VALUE, name.as_str());
    key.extend_from_slice(&ordered(value));
    key.extend_from_slice(&[0, 1]);
    key.extend_from_slice(entity.id.as_str().as_bytes());
    key
}

/// Values of a property under which its entity is found: a list counts item by item.
fn indexed_values(content: &Content) -> Vec<&Value> {
    let scalar = |v: &&Value| matches!(v, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_));
    match content {
        Content::Property(Value::List(items)) | Content::List(items) => {
            items.iter().map(untyped).filter(scalar).collect()
        }
        Content::Property(value) => Some(untyped(value)).filter(scalar).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The value inside a typed value (`{"@type": "DateTime", "@value": …}`).
fn untyped(value: &Value) -> &Value {
    value.get("@value").unwrap_or(value)
}

/// A value as bytes whose order is the order of values: booleans, then numbers, instants, texts.
pub fn ordered(value: &Value) -> Vec<u8> {
    match value {
        Value::Bool(b) => vec![1, u8::from(*b) + 1],
        Value::Int(_) | Value::Float(_) => {
            let mut key = vec![2];
            escape(&mut key, &ordered_number(value.as_number().unwrap_or_default()));
            key
        }
        Value::Text(text) => {
            let mut key = vec![4];
            let mut end = text.len().min(TEXT_BYTES_MAX);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            escape(&mut key, &text.as_bytes()[..end]);
            key
        }
        _ => vec![5],
    }
}

/// A zero byte becomes `00 ff`, so that `00 01` can end a value.
fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    for b in bytes {
        out.push(*b);
        if *b == 0 {
            out.push(0xff);
        }
    }
}

fn ordered_number(n: f64) -> [u8; 8] {
    let n = if n == 0.0 { 0.0 } else { n };
    let bits = n.to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    ordered.to_be_bytes()
}

/// Counters an entity contributes one to.
pub fn counters(entity: &Entity) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    if next_expiry(entity).is_some() {
        keys.insert(keys::counter("", None));
    }
    for t in &entity.types {
        keys.insert(keys::counter(t.as_str(), None));
        for (name, instances) in &entity.attributes {
            let kinds: BTreeSet<AttributeKind> =
                instances.iter().map(|i| i.attribute.content.kind()).collect();
            for kind in kinds {
                keys.insert(keys::counter(t.as_str(), Some((name.as_str(), kind))));
            }
        }
    }
    keys
}

/// Whether two states of an entity can differ in index entries or counters; most updates only change values that are
/// not indexed, and skip all the work above.
pub fn same_entries(before: &Entity, after: &Entity, plan: &IndexPlan) -> bool {
    let plain =
        |content: &Content| matches!(content, Content::Property(_) | Content::Json(_) | Content::Language(_));
    before.types == after.types
        && next_expiry(before) == next_expiry(after)
        && before.attributes.len() == after.attributes.len()
        && before.attributes.iter().zip(&after.attributes).all(|((name, a), (other, b))| {
            name == other
                && a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| {
                    let (a, b) = (&a.attribute.content, &b.attribute.content);
                    a == b || (a.kind() == b.kind() && plain(a) && !plan.attributes.contains(name))
                })
        })
}

/// Changes of counters collected over a batch.
#[derive(Debug, Default)]
pub struct CounterChanges(pub BTreeMap<Vec<u8>, i64>);

impl CounterChanges {
    /// Notes that an entity went from one state to another.
    pub fn note(&mut self, before: Option<&Entity>, after: Option<&Entity>) {
        for key in before.map(counters).unwrap_or_default() {
            *self.0.entry(key).or_default() -= 1;
        }
        for key in after.map(counters).unwrap_or_default() {
            *self.0.entry(key).or_default() += 1;
        }
    }
}

/// When the entity or one of its attributes expires next, for sweeping; `None` when nothing expires.
pub fn next_expiry(entity: &Entity) -> Option<Instant> {
    let attributes = entity.attributes.values().flatten().filter_map(|i| i.attribute.expires_at);
    attributes.chain(entity.expires_at).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_keep_their_order(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let (x, y) = (ordered(&Value::Float(a)), ordered(&Value::Float(b)));
            prop_assert_eq!(a.partial_cmp(&b), Some(x.cmp(&y)));
        }

        #[test]
        fn texts_keep_their_order(a in ".{0,20}", b in ".{0,20}") {
            let (x, y) = (ordered(&Value::from(a.as_str())), ordered(&Value::from(b.as_str())));
            prop_assert_eq!(a.as_bytes().cmp(b.as_bytes()), x.cmp(&y));
        }
    }

    #[test]
    fn whole_and_broken_numbers_share_one_order() {
        assert_eq!(ordered(&Value::Int(52)), ordered(&Value::Float(52.0)));
        assert_eq!(ordered(&Value::Float(-0.0)), ordered(&Value::Int(0)));
    }
}
