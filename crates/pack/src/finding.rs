//! What the checker says: one [`Finding`] a place, with a stable code, and the [`Findings`] list that collects
//! them. Checking never stops at the first one; a file that cannot be read costs only what depends on it.

use std::fmt;

use crate::code::Code;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The pack does not load.
    Error,
    /// The pack loads; somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// A place in a file; both numbers begin at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Place {
    /// The first character of a file.
    pub const START: Place = Place { line: 1, column: 1 };

    /// A place.
    pub fn new(line: usize, column: usize) -> Place {
        let clamp = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
        Place { line: clamp(line), column: clamp(column) }
    }
}

/// One thing that is wrong, or odd, in a pack or a district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file as the user would type it, with `/` between folders.
    pub file: String,
    /// Where in the file.
    pub place: Place,
    /// Which kind of finding; [`Code::page`] explains it.
    pub code: Code,
    /// What is wrong, lower case, the user's own word in backticks.
    pub message: String,
    /// What to do, where the checker can tell.
    pub help: Option<String>,
}

impl Finding {
    /// Error or warning: it follows from the code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The finding as JSON, for `--json`.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "file": self.file, "line": self.place.line, "column": self.place.column,
            "code": self.code.name(), "severity": self.severity().to_string(),
            "message": self.message, "help": self.help,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, place, code, message, help } = self;
        write!(f, "{file}:{}:{}: {}[{code}]: {message}", place.line, place.column, self.severity())?;
        help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// Most findings kept; a broken file of a million rows must not fill memory or the screen.
pub const FINDINGS_MAX: usize = 2_000;

/// The findings of one run, in the order found.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    dropped: usize,
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, code: Code, file: &str, place: Place, message: impl Into<String>) {
        self.push_with_help(code, file, place, message, None);
    }

    /// Adds a finding that can say what to do.
    pub fn push_with_help(
        &mut self,
        code: Code,
        file: &str,
        place: Place,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        if self.list.len() >= FINDINGS_MAX {
            self.dropped += 1;
            return;
        }
        self.list.push(Finding { file: file.to_owned(), place, code, message: message.into(), help });
    }

    /// Takes over the findings of another run.
    pub fn extend(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            self.push_with_help(finding.code, &finding.file, finding.place, finding.message, finding.help);
        }
    }

    /// The findings by file, line and column. A last line says how many were left out.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.list.sort_by(|a, b| {
            (&a.file, a.place, a.code.name(), &a.message).cmp(&(&b.file, b.place, b.code.name(), &b.message))
        });
        self.list.dedup();
        if self.dropped > 0 {
            let message = format!("{} more findings are not shown; mend these first", self.dropped);
            let file = self.list.last().map_or_else(String::new, |f| f.file.clone());
            self.list.push(Finding {
                file,
                place: Place::START,
                code: crate::code::TOO_MANY,
                message,
                help: None,
            });
        }
        self.list
    }
}

/// True when no finding is an error.
pub fn is_loadable(findings: &[Finding]) -> bool {
    findings.iter().all(|f| f.severity() != Severity::Error)
}
