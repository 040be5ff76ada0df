//! Functions that other crates add to expressions, such as a water-quality standard: `gb3838(self)`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::value::Val;

/// A function: values in, a value or a readable reason out.
pub type Function = dyn Fn(&[Val]) -> Result<Val, String> + Send + Sync;

/// Functions by name.
#[derive(Clone, Default)]
pub struct Functions {
    all: BTreeMap<String, (Arc<Function>, usize, usize)>,
}

impl Functions {
    /// No functions.
    pub fn new() -> Functions {
        Functions::default()
    }

    /// Adds one that takes `least` to `most` arguments. It must always give the same value for the same arguments, and
    /// must not panic. A later one of the same name takes the place of the earlier.
    #[must_use]
    pub fn with(
        mut self,
        name: &str,
        (least, most): (usize, usize),
        function: impl Fn(&[Val]) -> Result<Val, String> + Send + Sync + 'static,
    ) -> Functions {
        self.all.insert(name.to_string(), (Arc::new(function), least, most));
        self
    }

    /// Names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// The function with its least and most arguments.
    pub fn get(&self, name: &str) -> Option<(&Arc<Function>, usize, usize)> {
        self.all.get(name).map(|(f, least, most)| (f, *least, *most))
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.all.keys()).finish()
    }
}
