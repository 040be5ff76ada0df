//! Which anchors a document has, each with a number: outputs name their targets by number, never by text from outside.

use std::collections::BTreeMap;

use crate::limits::parts;
use crate::model::{Block, Document};

/// The anchors of a document in the order of printing.
pub(crate) struct Links {
    numbers: BTreeMap<String, usize>,
}

impl Links {
    /// Gathers the anchors.
    pub fn of(document: &Document) -> Links {
        let mut links = Links { numbers: BTreeMap::new() };
        for section in parts(document) {
            links.add(&section.anchor);
            for block in &section.blocks {
                match block {
                    // A table without columns has no rows in print, so nothing in it can be a target.
                    Block::Table(table) if !table.columns.is_empty() => {
                        table.row_anchors.iter().take(table.rows.len()).flatten().for_each(|a| links.add(a));
                    }
                    Block::Chart(chart) => links.add(&chart.anchor),
                    _ => {}
                }
            }
        }
        links
    }

    fn add(&mut self, anchor: &str) {
        if !anchor.is_empty() {
            let next = self.numbers.len();
            self.numbers.entry(anchor.to_owned()).or_insert(next);
        }
    }

    /// Whether a link to this anchor leads somewhere.
    pub fn has(&self, anchor: &str) -> bool {
        self.numbers.contains_key(anchor)
    }

    /// The number of an anchor.
    pub fn number(&self, anchor: &str) -> Option<usize> {
        self.numbers.get(anchor).copied()
    }
}
