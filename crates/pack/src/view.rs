//! Views of a pack: lists, forms, maps and detail pages, declared by naming fields and drawn by the console.

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The type it shows.
    pub entity_type: String,
    /// Text key of its title.
    pub title: String,
    /// What kind of view, with what belongs to it.
    pub kind: ViewKind,
}

/// Kinds of view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewKind {
    /// A table.
    List {
        /// Columns, in order.
        columns: Vec<String>,
        /// Fields to filter by.
        filters: Vec<String>,
        /// Field to sort by, and whether downwards.
        sort: Option<(String, bool)>,
    },
    /// A form to enter or change.
    Form {
        /// Sections with fields.
        sections: Vec<Section>,
    },
    /// A layer on the map.
    Map {
        /// The geo attribute.
        geometry: String,
        /// What stands beside a mark.
        label: Option<String>,
        /// The field that gives the colour.
        colour: Option<String>,
        /// Fields shown on a click.
        popup: Vec<String>,
    },
    /// The page of one entity.
    Detail {
        /// Sections with fields.
        sections: Vec<Section>,
        /// Entities that point here.
        related: Vec<Related>,
    },
}

/// A part of a form or detail page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Text key.
    pub title: String,
    /// Fields, in order.
    pub fields: Vec<String>,
}

/// Entities listed on a detail page because they point to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Text key.
    pub title: String,
    /// Their type.
    pub entity_type: String,
    /// Their relationship.
    pub by: String,
}

impl View {
    /// Every field of the view's own type that it shows.
    pub fn fields(&self) -> Vec<&str> {
        match &self.kind {
            ViewKind::List { columns, .. } => columns.iter().map(String::as_str).collect(),
            ViewKind::Form { sections } | ViewKind::Detail { sections, .. } => {
                sections.iter().flat_map(|s| s.fields.iter().map(String::as_str)).collect()
            }
            ViewKind::Map { geometry, label, colour, popup } => {
                [Some(geometry), label.as_ref(), colour.as_ref()]
                    .into_iter()
                    .flatten()
                    .chain(popup)
                    .map(String::as_str)
                    .collect()
            }
        }
    }
}
