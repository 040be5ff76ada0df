//! A life cycle as a pack writes it: states, and rows that lead from one to the next.

use indexmap::IndexMap;
use nacre_calendar::{Term, TermKind};
use serde::{Deserialize, Serialize};

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// 中文。
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Both.
    pub fn new(zh: &str, en: &str) -> Words {
        Words { zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// A file `workflow/<name>.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkflowDef {
    /// What it is called.
    pub title: Words,
    /// Letters before the numbers of its cases.
    pub number: String,
    /// The state in which a case begins.
    pub start: String,
    /// States, in the order in which boards show them.
    pub states: IndexMap<String, State>,
    /// What leads from state to state.
    pub rows: Vec<Row>,
    /// Code list of the pack that says what a case may be about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<String>,
    /// Handling time of codes 处置时限: configuration, with where each comes from.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub handling: IndexMap<String, Handling>,
    /// Who decides on an extension 延期, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extend: Vec<String>,
    /// Who decides on a suspension 挂账, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspend: Vec<String>,
    /// Who may supervise 督办.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supervise: Vec<String>,
    /// Who may merge duplicates and open sub-cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manage: Vec<String>,
    /// How a closed case is opened again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen: Option<Reopen>,
    /// What is taken for the same thing reported twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Duplicates>,
    /// Citizens may report without a post.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Titles of further members a case of this workflow may carry.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fields: IndexMap<String, Words>,
}

/// How long the handling of a code may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Handling {
    /// How it is counted.
    pub kind: TermKind,
    /// How many.
    pub amount: u32,
    /// Where it comes from.
    pub source: String,
    /// A sample of another place, until the district enters its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// What a state means for counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// Something is to be done.
    #[default]
    Open,
    /// It was done.
    Done,
    /// It never counted: refused, merged into another, withdrawn.
    Void,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct State {
    /// What it is called.
    pub title: Words,
    /// How it counts.
    #[serde(default)]
    pub kind: StateKind,
    /// Roles whose turn it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holder: Vec<String>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DueDef>,
    /// What happens when that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_overdue: Option<Overdue>,
    /// Several have to agree before it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
    /// A case in this state counts as filed 立案; without any such state all do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub files: bool,
}

/// How long a state may last: `{ kind: working-days, amount: 2 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DueDef {
    /// How it is counted.
    pub kind: TermKind,
    /// How many.
    pub amount: u32,
    /// The handling time of the case's code comes first, where it has one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handling: bool,
}

impl DueDef {
    /// The term as written.
    pub fn term(self) -> Term {
        Term { kind: self.kind, amount: self.amount }
    }
}

/// What happens when a term passes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overdue {
    /// Roles that are told, besides the holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<String>,
    /// The case is put under supervision.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supervise: bool,
}

/// Several agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approve {
    /// 会签 all, 或签 any.
    pub mode: ApproveMode,
    /// Who is asked.
    pub by: Vec<Party>,
    /// The state after agreement.
    pub to: String,
}

/// How many have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApproveMode {
    /// 会签.
    All,
    /// 或签.
    Any,
}

/// A role, perhaps of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Party {
    /// The role.
    pub role: String,
    /// Local id of the organisation; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

/// A way from state to state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Row {
    /// States it leads from.
    pub from: Vec<String>,
    /// The verb.
    pub command: String,
    /// What it is called.
    pub title: Words,
    /// The state it leads to.
    pub to: String,
    /// Roles that do it; the holder's where nothing is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<String>,
    /// What has to be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Who holds the case then.
    #[serde(default)]
    pub assign: Assign,
    /// Whoever did one of these verbs in this round does not do this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_by: Vec<String>,
    /// The first button.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

/// What a row needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Need {
    Note,
    Files,
    Organisation,
}

/// Who holds a case after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assign {
    /// Whoever has the role.
    #[default]
    Anyone,
    /// The organisation that is given, and its person where one is given.
    Input,
    /// Whoever held the case when it was last in that state.
    Same,
    /// Whoever holds it now.
    Keep,
}

/// How a closed case is opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reopen {
    /// Into which state.
    pub to: String,
    /// By whom.
    pub who: Vec<String>,
}

/// The same place, time and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Duplicates {
    /// How near.
    pub metres: u32,
    /// How long ago at most.
    pub hours: u32,
}

/// A workflow of a pack, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// `grid-events.event`.
    pub id: String,
    /// As written.
    pub def: WorkflowDef,
    /// What a case may be about, in the order shown.
    pub codes: IndexMap<String, Subject>,
}

/// Something a case may be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// What it is called.
    pub title: Words,
    /// Code of its group.
    pub group: Option<String>,
    /// It only groups others.
    pub heading: bool,
}

/// What is wrong with a workflow: a JSON pointer into its file, and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where.
    pub pointer: String,
    /// What.
    pub words: Words,
}

/// Names that every workflow knows; no row may be called so.
pub const VERBS: [&str; 24] = [
    "comment",
    "attach",
    "transfer",
    "delegate",
    "reclaim",
    "urge",
    "circulate",
    "read",
    "agree",
    "reject",
    "add-approver",
    "ask-extension",
    "ask-suspension",
    "grant",
    "refuse",
    "resume",
    "withdraw",
    "supervise",
    "reopen",
    "merge",
    "split",
    "rate",
    "open",
    "overdue",
];

impl Workflow {
    /// A state.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.def.states.get(name)
    }

    /// Rows that lead from a state.
    pub fn rows_from<'a>(&'a self, state: &'a str) -> impl Iterator<Item = &'a Row> {
        self.def.rows.iter().filter(move |r| r.from.iter().any(|f| f == state))
    }

    /// Roles that may do a row.
    pub fn doers<'a>(&'a self, row: &'a Row, state: &str) -> &'a [String] {
        match (row.who.is_empty(), self.state(state)) {
            (true, Some(state)) => &state.holder,
            _ => &row.who,
        }
    }

    /// Every role it names.
    pub fn roles(&self) -> std::collections::BTreeSet<&str> {
        let d = &self.def;
        let states = d.states.values().flat_map(|s| {
            let approvers = s.approve.iter().flat_map(|a| a.by.iter().map(|p| &p.role));
            let told = s.on_overdue.iter().flat_map(|o| &o.notify);
            s.holder.iter().chain(approvers).chain(told)
        });
        let rows = d.rows.iter().flat_map(|r| &r.who);
        let reopen = d.reopen.iter().flat_map(|r| &r.who);
        let more = d.extend.iter().chain(&d.suspend).chain(&d.supervise).chain(&d.manage);
        states.chain(rows).chain(reopen).chain(more).map(String::as_str).collect()
    }

    /// Everything wrong with it that the schema cannot see.
    pub fn check(&self) -> Vec<Complaint> {
        let mut wrong = Vec::new();
        let mut complain = |pointer: String, zh: String, en: String| {
            wrong.push(Complaint { pointer, words: Words { zh, en } });
        };
        let d = &self.def;
        let known = |name: &str| d.states.contains_key(name);
        let unknown = |name: &str| (format!("没有状态 `{name}`"), format!("there is no state `{name}`"));
        if !known(&d.start) {
            let (zh, en) = unknown(&d.start);
            complain("/start".into(), zh, en);
        }
        for (i, row) in d.rows.iter().enumerate() {
            for (j, from) in row.from.iter().enumerate().filter(|(_, f)| !known(f)) {
                let (zh, en) = unknown(from);
                complain(format!("/rows/{i}/from/{j}"), zh, en);
            }
            if !known(&row.to) {
                let (zh, en) = unknown(&row.to);
                complain(format!("/rows/{i}/to"), zh, en);
            }
            if VERBS.contains(&row.command.as_str()) {
                let name = &row.command;
                complain(
                    format!("/rows/{i}/command"),
                    format!("`{name}` 是每个流程都有的动词，换一个名字"),
                    format!("`{name}` is a verb of every workflow; choose another name"),
                );
            }
            if row.assign == Assign::Input && !row.needs.contains(&Need::Organisation) {
                complain(
                    format!("/rows/{i}/assign"),
                    "assign: input 要在 needs 中写 organisation".into(),
                    "`assign: input` needs `organisation` among `needs`".into(),
                );
            }
            for other in &d.rows[..i] {
                if other.command == row.command && other.from.iter().any(|f| row.from.contains(f)) {
                    complain(
                        format!("/rows/{i}/command"),
                        format!("同一状态有两行 `{}`", row.command),
                        format!("two rows `{}` lead from one state", row.command),
                    );
                }
            }
            for before in row.not_by.iter().filter(|c| !d.rows.iter().any(|r| r.command == **c)) {
                complain(
                    format!("/rows/{i}/notBy"),
                    format!("没有动词 `{before}`"),
                    format!("there is no row `{before}`"),
                );
            }
        }
        for (name, state) in &d.states {
            let leads = d.rows.iter().any(|r| r.from.contains(name)) || state.approve.is_some();
            if state.kind == StateKind::Open && !leads {
                complain(
                    format!("/states/{name}"),
                    format!("状态 `{name}` 没有出口：写一行，或写 kind: done"),
                    format!("no row leads from `{name}`: write one, or `kind: done`"),
                );
            }
            if state.kind == StateKind::Open && state.holder.is_empty() && state.approve.is_none() {
                complain(
                    format!("/states/{name}/holder"),
                    format!("状态 `{name}` 没有经办岗位"),
                    format!("nobody holds a case in `{name}`"),
                );
            }
            let reached = *name == d.start
                || d.rows.iter().any(|r| r.to == *name)
                || d.states.values().any(|s| s.approve.as_ref().is_some_and(|a| a.to == *name))
                || d.reopen.as_ref().is_some_and(|r| r.to == *name)
                || name == crate::decide::MERGED;
            if !reached {
                complain(
                    format!("/states/{name}"),
                    format!("没有一行到达状态 `{name}`"),
                    format!("no row leads to `{name}`"),
                );
            }
            if let Some(approve) = &state.approve
                && !known(&approve.to)
            {
                let (zh, en) = unknown(&approve.to);
                complain(format!("/states/{name}/approve/to"), zh, en);
            }
            if state.due.is_some_and(|due| due.handling) && d.handling.is_empty() {
                complain(
                    format!("/states/{name}/due/handling"),
                    "流程没有写 handling 处置时限".into(),
                    "the workflow names no handling times".into(),
                );
            }
        }
        if let Some(reopen) = d.reopen.as_ref().filter(|r| !known(&r.to)) {
            let (zh, en) = unknown(&reopen.to);
            complain("/reopen/to".into(), zh, en);
        }
        wrong
    }
}
