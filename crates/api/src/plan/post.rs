//! Who acts: a post 岗位, which is a role of a pack held in an organisation.
//!
//! While the door is open, the post is what the request says in the header `Nacre-Post: role@organisation` (or
//! `role@organisation/person`, where cases are handed to one person); every answer
//! says that the door is open. The verbs of a role are those of the packs' `access.yaml`; what is not written is refused.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use nacre_kernel::door::Principal;
use nacre_model::Actor;

use crate::problem::Problem;
use crate::state::App;

/// Header in which a request states its post.
pub const HEADER: &str = "nacre-post";

/// The post of a request; a reader when it states none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Role: `clerk`.
    pub role: String,
    /// Local id of the organisation.
    pub organisation: String,
    /// Local id of the person, where the request states one.
    pub person: Option<String>,
    verbs: Vec<String>,
}

impl Post {
    /// Somebody who may read what is public.
    pub fn reader() -> Post {
        Post { role: "reader".into(), organisation: String::new(), person: None, verbs: Vec::new() }
    }

    /// How the post stands in records.
    pub fn actor(&self) -> String {
        match (self.organisation.is_empty(), &self.person) {
            (true, _) => self.role.clone(),
            (false, None) => format!("{}@{}", self.role, self.organisation),
            (false, Some(person)) => format!("{}@{}/{person}", self.role, self.organisation),
        }
    }

    /// Who asks, for the kernel.
    pub fn principal(&self) -> Principal {
        Principal { actor: Actor::new(&self.actor()) }
    }

    /// Whether the post has a verb.
    pub fn has(&self, verb: &str) -> bool {
        self.verbs.iter().any(|v| v == verb)
    }

    /// Refuses when the post does not have a verb, and says who has it.
    pub fn needs(&self, app: &App, verb: &str) -> Result<(), Problem> {
        if self.has(verb) {
            return Ok(());
        }
        let holders: Vec<String> = roles(app)
            .filter(|(_, role)| role.verbs.iter().any(|v| v == verb))
            .map(|(pack, role)| {
                let title = pack.text.get(&role.title).map(|w| w.zh.clone()).unwrap_or_default();
                format!("{} ({title})", role.name)
            })
            .collect();
        let detail = format!(
            "`{verb}` needs one of these posts: {}; you act as `{}`. State a post in the header `Nacre-Post: role@organisation`",
            holders.join(", "),
            self.actor()
        );
        Err(Problem::new(StatusCode::FORBIDDEN, "post_required", detail))
    }
}

/// Roles that are posts, with the pack that has them.
pub fn roles(app: &App) -> impl Iterator<Item = (&nacre_pack::Pack, &nacre_pack::access::Role)> {
    let packs = app.settings().packs.iter();
    packs.flat_map(|pack| pack.roles.iter().map(move |r| (&**pack, r))).filter(|(_, r)| r.level.is_some())
}

tokio::task_local! {
    /// Who acts in the request at hand, when it states a post.
    static ACTING: Principal;
}

/// The principal of the request at hand, when it states a post.
pub fn acting() -> Option<Principal> {
    ACTING.try_with(Clone::clone).ok()
}

/// Lets the post of a request that changes something act in every route, also in those of a standard that knows no posts.
pub async fn act_as(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match Post::from_request_parts(&mut parts, &app).await {
        Ok(post) => ACTING.scope(post.principal(), next.run(Request::from_parts(parts, body))).await,
        Err(problem) => problem.into_response(),
    }
}

impl FromRequestParts<App> for Post {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Post, Problem> {
        let Some(header) = parts.headers.get(HEADER) else { return Ok(Post::reader()) };
        let wrong = |why: String| Problem::bad("invalid_post", why);
        let text = header.to_str().map_err(|_| wrong("the header Nacre-Post is no plain text".into()))?;
        let Some((name, organisation)) = text.trim().split_once('@') else {
            return Err(wrong(format!("the header Nacre-Post is `{text}`; needed: role@organisation")));
        };
        let (organisation, person) = match organisation.split_once('/') {
            None => (organisation, None),
            Some((organisation, person)) => (organisation, Some(person)),
        };
        let plain = |p: &str| {
            (1..=64).contains(&p.len())
                && p.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        if person.is_some_and(|p| !plain(p)) {
            return Err(wrong(format!("`{text}`: a person is named by letters, digits, `-`, `_` and `.`")));
        }
        let matching: Vec<_> = roles(app).filter(|(_, r)| r.name == name).map(|(_, r)| r).collect();
        if matching.is_empty() {
            let mut known: Vec<&str> = roles(app).map(|(_, r)| r.name.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            return Err(wrong(format!("there is no post `{name}`; there are: {}", known.join(", "))));
        }
        let kind = super::store::organisation_kind(app, organisation)?;
        let Some(kind) = kind else {
            return Err(wrong(format!("there is no organisation `{organisation}`")));
        };
        let here =
            |r: &&nacre_pack::access::Role| r.organisations.is_empty() || r.organisations.contains(&kind);
        let verbs: Vec<String> =
            matching.iter().copied().filter(here).flat_map(|r| r.verbs.iter().cloned()).collect();
        if verbs.is_empty() {
            return Err(wrong(format!("`{organisation}` ({kind}) has no post `{name}`")));
        }
        let person = person.map(str::to_owned);
        Ok(Post { role: name.to_owned(), organisation: organisation.to_owned(), person, verbs })
    }
}
