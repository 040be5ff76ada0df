//! Who is on call, and when nobody is.

use axum::Json;
use axum::extract::State;
use nacre_devices::names::{instant, local, object, text};
use nacre_indicators::{Party, Words};
use nacre_kernel::query::{AsOf, Page, Query as Entities, TypeSelection};
use nacre_model::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use crate::cases::shown::Names;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// A shift.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Shift {
    pub id: String,
    pub role: String,
    pub role_title: Words,
    pub organisation: Option<Party>,
    pub person: Option<String>,
    pub from: String,
    pub to: String,
    pub now: bool,
}

/// A time in which nobody is on call.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Gap {
    pub role: String,
    pub from: String,
    pub to: String,
}

/// Who is on call.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct OnCall {
    pub shifts: Vec<Shift>,
    /// In the coming week.
    pub gaps: Vec<Gap>,
}

/// Who is on call, and when nobody is.
#[utoipa::path(get, path = "/api/on-call", tag = "alerts", responses((status = 200, body = OnCall)))]
pub async fn on_call(State(app): State<App>) -> Result<Json<OnCall>, Problem> {
    blocking(move || {
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let kind = nacre_devices::names::iri("OnCallShift");
        let query = Entities { types: Some(TypeSelection::Is(kind)), ..Entities::default() };
        let page = Page { offset: 0, limit: 5_000, count: false };
        let entities = tenant.scan(&app.principal(), &query, page, AsOf::Now)?.entities;
        let mut names = Names::new(&app);
        let mut found: Vec<(Instant, Instant, Shift)> = entities
            .iter()
            .filter_map(|e| {
                let (from, to) = (instant(e, "shiftFrom")?, instant(e, "shiftTo")?);
                let role = text(e, "shiftRole")?;
                let shift = Shift {
                    id: e.id.to_string(),
                    role_title: names.role(&role),
                    role,
                    organisation: object(e, "organisation").map(|o| names.party(local(&o))),
                    person: text(e, "shiftPerson"),
                    from: from.to_string(),
                    to: to.to_string(),
                    now: (from..to).contains(&now),
                };
                Some((from, to, shift))
            })
            .collect();
        found.sort_by_key(|(from, ..)| *from);
        let week = now.plus_ms(7 * 86_400_000);
        let roles: std::collections::BTreeSet<String> = found.iter().map(|(.., s)| s.role.clone()).collect();
        let mut gaps = Vec::new();
        for role in roles {
            let mut covered = now;
            for (from, to, _) in found.iter().filter(|(_, to, s)| s.role == role && *to > now) {
                if *from > covered && covered < week {
                    gaps.push(Gap {
                        role: role.clone(),
                        from: covered.to_string(),
                        to: (*from).min(week).to_string(),
                    });
                }
                covered = covered.max(*to);
            }
            if covered < week {
                gaps.push(Gap { role, from: covered.to_string(), to: week.to_string() });
            }
        }
        let shifts = found
            .into_iter()
            .filter(|(_, to, _)| *to > now.plus_ms(-7 * 86_400_000))
            .map(|(.., s)| s)
            .collect();
        Ok(Json(OnCall { shifts, gaps }))
    })
    .await
}
