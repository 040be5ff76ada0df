//! Where in a body we are: a chain on the stack, made into a JSON pointer only when something is wrong.

use std::fmt;

use crate::errors::{NgsiError, step};

/// A place, and the way to it.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    before: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Nothing,
    Member(&'a str),
    Item(usize),
}

impl Path<'_> {
    /// The whole body.
    pub(super) const ROOT: Path<'static> = Path { before: None, step: Step::Nothing };

    /// A member of the object here.
    pub(super) fn member<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path { before: Some(self), step: Step::Member(name) }
    }

    /// An item of the array here.
    pub(super) fn item(&self, index: usize) -> Path<'_> {
        Path { before: Some(self), step: Step::Item(index) }
    }

    /// Well-formed JSON that is wrong here.
    pub(super) fn bad(&self, detail: impl Into<String>) -> NgsiError {
        NgsiError::bad(detail).at(self.to_string())
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(before) = self.before {
            before.fmt(f)?;
        }
        match self.step {
            Step::Nothing => Ok(()),
            Step::Member(name) => f.write_str(&step("", name)),
            Step::Item(index) => write!(f, "/{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_a_json_pointer() {
        let (attribute, root) = ("a/b", Path::ROOT);
        let (one, two) = (root.item(3), root.item(3));
        assert_eq!(one.member(attribute).to_string(), "/3/a~1b");
        assert_eq!(two.to_string(), "/3");
        assert_eq!(root.to_string(), "");
    }
}
