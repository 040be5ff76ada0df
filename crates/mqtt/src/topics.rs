//! Topic names and filters (MQTT 5 §4.7), and the tree that finds the subscriptions of a topic.
//!
//! [`matches`] is the definition, [`FilterTree`] the fast way; a property test holds them together. Depth is bounded by
//! the caller ([`crate::Limits::topic_levels_max`]), because the tree walks recursively.

use std::collections::HashMap;
use std::hash::Hash;

/// Whether `topic` can be published to: not empty, at most 65 535 bytes, no wildcard, no NUL, at most `levels_max`
/// levels.
pub fn is_topic(topic: &str, levels_max: usize) -> bool {
    !topic.is_empty() && plain(topic, levels_max) && !topic.contains(['+', '#'])
}

/// Whether `filter` can be subscribed to: `+` fills a level, `#` fills the last one.
pub fn is_filter(filter: &str, levels_max: usize) -> bool {
    if filter.is_empty() || !plain(filter, levels_max) {
        return false;
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let ok = match level {
            "#" => levels.peek().is_none(),
            "+" => true,
            other => !other.contains(['+', '#']),
        };
        if !ok {
            return false;
        }
    }
    true
}

fn plain(text: &str, levels_max: usize) -> bool {
    text.len() <= usize::from(u16::MAX) && !text.contains('\0') && text.split('/').count() <= levels_max
}

/// Whether `filter` covers `topic`. A filter that begins with a wildcard does not cover topics that begin with `$`
/// (MQTT-4.7.2-1).
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut wanted = filter.split('/');
    let mut levels = topic.split('/');
    loop {
        match (wanted.next(), levels.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(_)) => {}
            (Some(want), Some(level)) if want == level => {}
            _ => return false,
        }
    }
}

/// Values under filters and keys, found by topic.
///
/// A filter and a key hold at most one value; empty branches are cut when their last value goes.
#[derive(Debug)]
pub struct FilterTree<K, V> {
    root: Node<K, V>,
    len: usize,
}

#[derive(Debug)]
struct Node<K, V> {
    levels: HashMap<Box<str>, Node<K, V>>,
    any: Option<Box<Node<K, V>>>,
    here: HashMap<K, V>,
    rest: HashMap<K, V>,
}

impl<K, V> Default for Node<K, V> {
    fn default() -> Self {
        Self { levels: HashMap::new(), any: None, here: HashMap::new(), rest: HashMap::new() }
    }
}

impl<K, V> Node<K, V> {
    fn is_empty(&self) -> bool {
        self.levels.is_empty() && self.any.is_none() && self.here.is_empty() && self.rest.is_empty()
    }
}

impl<K, V> Default for FilterTree<K, V> {
    fn default() -> Self {
        Self { root: Node::default(), len: 0 }
    }
}

impl<K: Eq + Hash, V> FilterTree<K, V> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a value under `filter` and `key`; returns the one it replaces.
    pub fn insert(&mut self, filter: &str, key: K, value: V) -> Option<V> {
        let mut node = &mut self.root;
        let mut slot_is_rest = false;
        for level in filter.split('/') {
            match level {
                "#" => {
                    slot_is_rest = true;
                    break;
                }
                "+" => node = &mut **node.any.get_or_insert_default(),
                other => node = node.levels.entry(other.into()).or_default(),
            }
        }
        let slot = if slot_is_rest { &mut node.rest } else { &mut node.here };
        let old = slot.insert(key, value);
        self.len += usize::from(old.is_none());
        old
    }

    /// Takes away what is under `filter` and `key`.
    pub fn remove(&mut self, filter: &str, key: &K) -> Option<V> {
        let levels: Vec<&str> = filter.split('/').collect();
        let old = remove_from(&mut self.root, &levels, key);
        self.len -= usize::from(old.is_some());
        old
    }

    /// Calls `found` for every value whose filter covers `topic`; once for each, in no certain order.
    pub fn visit<'a>(&'a self, topic: &str, found: &mut dyn FnMut(&'a K, &'a V)) {
        let levels: Vec<&str> = topic.split('/').collect();
        visit_from(&self.root, &levels, topic.starts_with('$'), found);
    }
}

fn remove_from<K: Eq + Hash, V>(node: &mut Node<K, V>, levels: &[&str], key: &K) -> Option<V> {
    let Some((first, others)) = levels.split_first() else { return node.here.remove(key) };
    match *first {
        "#" => node.rest.remove(key),
        "+" => {
            let next = node.any.as_deref_mut()?;
            let old = remove_from(next, others, key);
            if next.is_empty() {
                node.any = None;
            }
            old
        }
        level => {
            let next = node.levels.get_mut(level)?;
            let old = remove_from(next, others, key);
            if next.is_empty() {
                node.levels.remove(level);
            }
            old
        }
    }
}

fn visit_from<'a, K, V>(
    node: &'a Node<K, V>,
    levels: &[&str],
    hidden: bool,
    found: &mut dyn FnMut(&'a K, &'a V),
) {
    // `hidden` holds on the first level only: wildcards there do not see `$` topics.
    if !hidden {
        node.rest.iter().for_each(|(key, value)| found(key, value));
    }
    let Some((first, others)) = levels.split_first() else {
        node.here.iter().for_each(|(key, value)| found(key, value));
        return;
    };
    if let Some(next) = node.levels.get(*first) {
        visit_from(next, others, false, found);
    }
    if let (Some(next), false) = (&node.any, hidden) {
        visit_from(next, others, false, found);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_standard_match_as_it_says() {
        for (filter, topic, expected) in [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
            ("sport/#", "sport", true),
            ("#", "sport/tennis", true),
            ("sport/tennis/+", "sport/tennis/player1", true),
            ("sport/tennis/+", "sport/tennis/player1/ranking", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/uptime", false),
            ("+/uptime", "$SYS/uptime", false),
            ("$SYS/#", "$SYS/uptime", true),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} on {topic}");
        }
    }

    #[test]
    fn a_wildcard_that_does_not_fill_its_level_is_no_filter() {
        for (filter, expected) in [
            ("a/+/b", true),
            ("#", true),
            ("a/#", true),
            ("a#", false),
            ("a/#/b", false),
            ("a+/b", false),
            ("", false),
        ] {
            assert_eq!(is_filter(filter, 32), expected, "{filter}");
        }
        assert!(!is_topic("a/+", 32) && !is_topic("", 32) && !is_topic("a\0", 32));
        assert!(is_topic("a/b", 2) && !is_topic("a/b/c", 2));
    }

    fn level() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a", "b", "", "$x"])
    }

    fn topic() -> impl Strategy<Value = String> {
        prop::collection::vec(level(), 1..5).prop_map(|levels| levels.join("/"))
    }

    fn filter() -> impl Strategy<Value = String> {
        let inner = prop_oneof![3 => level(), 2 => Just("+")];
        (prop::collection::vec(inner, 0..4), any::<bool>()).prop_map(|(mut levels, rest)| {
            if rest || levels.is_empty() {
                levels.push("#");
            }
            levels.join("/")
        })
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_the_definition_finds(
            steps in prop::collection::vec((filter(), 0_u8..3, any::<bool>()), 0..40),
            topics in prop::collection::vec(topic(), 1..8),
        ) {
            let mut tree = FilterTree::default();
            let mut model: BTreeMap<(String, u8), usize> = BTreeMap::new();
            for (at, (filter, key, add)) in steps.into_iter().enumerate() {
                if add {
                    prop_assert_eq!(tree.insert(&filter, key, at), model.insert((filter.clone(), key), at));
                } else {
                    prop_assert_eq!(tree.remove(&filter, &key), model.remove(&(filter, key)));
                }
                prop_assert_eq!(tree.len(), model.len());
            }
            for topic in topics {
                let mut found = BTreeSet::new();
                tree.visit(&topic, &mut |key, value| assert!(found.insert((*key, *value)), "found twice"));
                let expected: BTreeSet<(u8, usize)> = model
                    .iter()
                    .filter(|((filter, _), _)| matches(filter, &topic))
                    .map(|((_, key), value)| (*key, *value))
                    .collect();
                prop_assert_eq!(found, expected);
            }
            for (filter, key) in model.keys() {
                tree.remove(filter, key);
            }
            prop_assert!(tree.is_empty() && tree.root.is_empty());
        }

        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,40}", levels in 0_usize..4) {
            let _ = (is_topic(&text, levels), is_filter(&text, levels), matches(&text, &text));
        }
    }
}
