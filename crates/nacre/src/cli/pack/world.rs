//! The world of a scenario: a kernel in memory on a manual clock, and over it the same operations that the server runs, with
//! the workflows, rules, feeds and posts of the packs. What is refused over HTTP for the post or the type is refused here too.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context as Waking, Poll, Wake, Waker};
use std::thread::Thread;

use nacre_access::{OpenDoor, owner};
use nacre_cases::case::{attribute, iri, urn};
use nacre_cases::{ActOnCase, OpenCase, Opening, Who};
use nacre_kernel::open::OpenError;
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_kernel::{
    Act, Command, EntityDraft, Kernel, Options, Principal, Refusal, Submission, Tenant, Verb,
};
use nacre_model::{
    Actor, Attribute, Change, Content, Entity, EntityId, Instant, Iri, ManualClock, Seq, TenantId,
};
use nacre_operations::alert::{ActOnAlert, Alert};
use nacre_operations::fire::rule_entity;
use nacre_operations::ingest::{Incoming, Verdict};
use nacre_operations::{Operations, system};
use nacre_pack::access::Role;
use nacre_pack::runner::Refused;
use nacre_pack::scenario::{AlertStep, CaseStep, GivenEntity, OpenStep};
use nacre_pack::{Extent, Pack, TypeDef, World, written};
use nacre_wire_ngsi_ld::Context;
use serde_json::Value as Json;

/// Most rounds of what follows by itself after one step: a rule that wakes itself does not run for ever.
const ROUNDS_MAX: usize = 10_000;
/// Most records of a rule that are counted.
const FIRINGS_MAX: usize = 100_000;

/// See the module.
pub struct KernelWorld {
    kernel: Kernel,
    tenant: Tenant,
    clock: Arc<ManualClock>,
    operations: Operations,
    types: HashMap<String, Arc<TypeDef>>,
    roles: Vec<Role>,
    context: Arc<Context>,
    /// Numbers the ids of cases.
    cases: u32,
    begun: bool,
}

impl KernelWorld {
    /// An empty world of these packs.
    pub fn new(packs: &[Arc<Pack>]) -> Result<KernelWorld, OpenError> {
        let clock = Arc::new(ManualClock::default());
        let mut options = Options::new(Arc::new(OpenDoor));
        options.clock = clock.clone();
        let kernel = Kernel::in_memory(options)?;
        let tenant = kernel
            .tenant(&TenantId::default_tenant())
            .map_err(|e| OpenError::Folder { path: "memory".into(), why: e.to_string() })?;
        let types = packs.iter().flat_map(|pack| pack.types.values());
        let roles = packs.iter().flat_map(|pack| &pack.roles).filter(|role| role.level.is_some());
        Ok(KernelWorld {
            operations: Operations::new(tenant.clone(), packs),
            types: types.map(|def| (def.name.clone(), def.clone())).collect(),
            roles: roles.cloned().collect(),
            kernel,
            tenant,
            clock,
            context: Context::core(),
            cases: 0,
            begun: false,
        })
    }

    /// Ends its threads.
    pub fn close(self) {
        self.kernel.close();
    }

    fn draft(
        &self,
        id: &str,
        types: &[&str],
        attributes: &[(String, Attribute)],
    ) -> Result<EntityDraft, String> {
        let expand = |name: &str| self.context.expand(name).map_err(|e| e.detail);
        let named = |(name, attribute): &(String, Attribute)| Ok((expand(name)?, vec![attribute.clone()]));
        Ok(EntityDraft {
            id: EntityId::new(id).map_err(|e| e.to_string())?,
            types: types.iter().map(|t| expand(t)).collect::<Result<_, _>>()?,
            scopes: None,
            expires_at: None,
            attributes: attributes.iter().map(named).collect::<Result<_, String>>()?,
        })
    }

    /// Hands in a command; what follows by itself has happened when it returns.
    fn submit(&self, principal: Principal, command: Command) -> Result<(), Refused> {
        let answer = self.tenant.submit_blocking(vec![Submission::new(principal, command)]).pop();
        let answer = answer.map_or(Ok(()), |answer| answer.map(|_| ()).map_err(|e| refused(&e)));
        self.settle();
        answer
    }

    fn verb(&self, who: &Who, verb: impl Verb + 'static) -> Result<(), Refused> {
        let principal = Principal { actor: Actor::new(&who.actor) };
        self.submit(principal, Command::Act(Act(Arc::new(verb))))
    }

    /// What follows by itself, until nothing more does.
    fn settle(&self) {
        for _ in 0..ROUNDS_MAX {
            if !matches!(self.operations.step(), Ok(true)) {
                return;
            }
        }
    }

    fn entity(&self, id: &str) -> Option<Arc<Entity>> {
        let id = EntityId::new(id).ok()?;
        self.tenant.entity(&owner(), &id, AsOf::Now).ok().flatten()
    }

    /// The type of an entity that exists, where a pack defines it.
    fn type_of(&self, entity: &Entity) -> Option<&Arc<TypeDef>> {
        let short = |iri: &Iri| iri.as_str().rsplit('/').next().unwrap_or_default().to_owned();
        entity.types.iter().find_map(|t| self.types.get(&short(t)))
    }

    /// Attributes as they are stored, numbers with check digits as their standard writes them; or the rule they break.
    fn checked(
        &self,
        def: Option<&Arc<TypeDef>>,
        extent: Extent,
        attributes: &[(String, Attribute)],
    ) -> Result<Vec<(String, Attribute)>, Refused> {
        let mut stored = attributes.to_vec();
        let Some(def) = def else { return Ok(stored) };
        let broken = def.check(extent, attributes.iter().map(|(n, a)| (n.as_str(), a)));
        if let Some(first) = broken.into_iter().next() {
            return Err(Refused::new(first.rule.name(), first.message));
        }
        def.normalise(stored.iter_mut().map(|(name, attribute)| (name.as_str(), attribute)));
        Ok(stored)
    }

    /// Refuses whoever has no such post, or not the verb.
    fn post(&self, who: &Who, verb: Option<&str>) -> Result<(), Refused> {
        if who.reporter {
            return Ok(());
        }
        let organisation = self.entity(&urn("Organization", &who.organisation));
        let Some(organisation) = organisation else {
            let message = format!("there is no organisation `{}`", who.organisation);
            return Err(Refused::new("invalid_post", message));
        };
        let kind = match attribute(&organisation, "orgKind") {
            Some(Content::Property(kind)) => kind.as_text().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let here = |role: &&Role| role.organisations.is_empty() || role.organisations.contains(&kind);
        let mut held = self.roles.iter().filter(|role| role.name == who.role).filter(here).peekable();
        if held.peek().is_none() {
            let message = format!("`{}` ({kind}) has no post `{}`", who.organisation, who.role);
            return Err(Refused::new("invalid_post", message));
        }
        match verb {
            Some(verb) if !held.any(|role| role.verbs.iter().any(|v| v == verb)) => {
                Err(Refused::new("post_required", format!("`{}` may not do `{verb}`", who.actor)))
            }
            _ => Ok(()),
        }
    }

    /// Refuses what is not there, as the edge does.
    fn there(&self, kind: &str, local: Option<&str>, field: &str) -> Result<(), Refused> {
        match local.filter(|local| !local.is_empty() && !self.exists(&urn(kind, local))) {
            Some(local) => Err(Refused::new("case_form", format!("`{field}`: there is no {kind} `{local}`"))),
            None => Ok(()),
        }
    }

    fn new_case(&mut self) -> Result<EntityId, Refused> {
        self.cases += 1;
        let id = urn("Case", &format!("c-s{:05}", self.cases));
        EntityId::new(&id).map_err(|e| Refused::new("case_unknown", e.to_string()))
    }
}

fn refused(refusal: &Refusal) -> Refused {
    let reason = match refusal {
        Refusal::Act { code, .. } => code,
        Refusal::EntityExists(_) => "exists",
        Refusal::EntityNotFound(_) => "missing",
        other => other.code(),
    };
    Refused::new(reason, refusal.to_string())
}

/// What cannot be named is not there.
fn nameless(message: String) -> Refused {
    Refused::new("missing", message)
}

impl World for KernelWorld {
    fn create(&mut self, entity: &GivenEntity) -> Result<(), Refused> {
        if self.exists(&entity.id) {
            return Err(Refused::new("exists", format!("`{}` exists already", entity.id)));
        }
        let def = self.types.get(&entity.entity_type);
        let stored = self.checked(def, Extent::Whole, &entity.attributes)?;
        let draft = self.draft(&entity.id, &[&entity.entity_type], &stored).map_err(nameless)?;
        self.submit(owner(), Command::CreateEntity(draft))
    }

    fn observe(&mut self, id: &str, attributes: &[(String, Attribute)]) -> Result<(), Refused> {
        let entity = self.entity(id).ok_or_else(|| nameless(format!("there is no `{id}`")))?;
        let stored = self.checked(self.type_of(&entity), Extent::Part, attributes)?;
        let draft = self.draft(id, &[], &stored).map_err(nameless)?;
        self.submit(owner(), Command::AppendAttributes { draft, no_overwrite: false })
    }

    fn report(&mut self, device: &str, payload: &Json) -> Result<(), Refused> {
        let local = nacre_cases::case::local(device).to_owned();
        let incoming = Incoming {
            topic: format!("devices/{local}"),
            device: Some(local),
            payload: payload.to_string().into_bytes(),
        };
        let verdicts = wait_for(self.operations.take(incoming)).map_err(|e| refused(&e))?;
        self.settle();
        let bad = verdicts.into_iter().find_map(|verdict| match verdict {
            Verdict::Held(why) | Verdict::Refused(why) => Some(why),
            _ => None,
        });
        bad.map_or(Ok(()), |why| Err(Refused::new(&why.code, why.words)))
    }

    fn open(&mut self, step: &OpenStep) -> Result<String, Refused> {
        self.post(&step.by, Some("case.report"))?;
        self.there("Street", step.opening.street.as_deref(), "street")?;
        self.there("Organization", step.opening.organisation.as_deref(), "organisation")?;
        let (id, office) = (self.new_case()?, self.operations.office());
        let (opening, who) = (step.opening.clone(), step.by.clone());
        self.verb(&step.by, OpenCase { id: id.clone(), opening, who, office })?;
        Ok(id.to_string())
    }

    fn act(&mut self, case: &str, step: &CaseStep) -> Result<(), Refused> {
        self.post(&step.by, None)?;
        self.there("Organization", step.input.organisation.as_deref(), "organisation")?;
        let id = EntityId::new(case).map_err(|e| nameless(e.to_string()))?;
        let (verb, input, who) = (step.verb.clone(), step.input.clone(), step.by.clone());
        let act =
            ActOnCase { id, verb, input, who, part: self.new_case()?, office: self.operations.office() };
        self.verb(&step.by, act)
    }

    fn alert(&mut self, alert: &str, step: &AlertStep) -> Result<(), Refused> {
        self.post(&step.by, Some("alert.act"))?;
        self.there("Organization", step.organisation.as_deref(), "organisation")?;
        let stands = self.entity(alert).as_deref().and_then(Alert::read);
        let stands =
            stands.ok_or_else(|| Refused::new("alert_unknown", format!("there is no alert `{alert}`")))?;
        let case = match &step.workflow {
            None => None,
            Some(workflow) => Some(OpenCase {
                id: self.new_case()?,
                opening: Opening {
                    workflow: workflow.clone(),
                    title: stands.title.clone(),
                    description: step.note.clone(),
                    location: stands.location,
                    source: "rule".into(),
                    about: stands.about.clone(),
                    alert: Some(Iri::trusted(stands.id.as_str())),
                    organisation: step.organisation.clone(),
                    simulated: stands.simulated,
                    ..Opening::default()
                },
                who: step.by.clone(),
                office: self.operations.office(),
            }),
        };
        let act = ActOnAlert {
            id: stands.id,
            verb: step.verb.clone(),
            who: step.by.clone(),
            note: step.note.clone(),
            until: step.until,
            case,
        };
        self.verb(&step.by, act)
    }

    fn advance(&mut self, to: Instant) {
        if !self.begun {
            // Nothing is there yet: the clock begins here.
            self.begun = true;
            self.clock.set(to);
            self.settle();
            return;
        }
        for _ in 0..ROUNDS_MAX {
            let now = self.tenant.now();
            // What is overdue and cannot be done stays so; the clock goes on.
            match self.operations.next_due().filter(|due| *due > now && *due <= to) {
                Some(due) => self.clock.set(due),
                None => break,
            }
            self.settle();
        }
        self.clock.set(to);
        self.settle();
    }

    fn value(&self, id: &str, attribute: &str) -> Option<Json> {
        let name = self.context.expand(attribute).ok()?;
        let entity = self.entity(id)?;
        entity.instance(name.as_str(), None).map(|i| written::reduced(&i.attribute))
    }

    fn exists(&self, id: &str) -> bool {
        self.entity(id).is_some()
    }

    fn entities(&self, entity_type: &str) -> Vec<String> {
        let query = Query { types: Some(TypeSelection::Is(iri(entity_type))), ..Query::default() };
        let page = Page { offset: 0, limit: u64::MAX, count: false };
        let Ok(answer) = self.tenant.scan(&system(), &query, page, AsOf::Now) else { return Vec::new() };
        let mut found: Vec<_> = answer.entities.iter().map(|e| (e.created_at, e.id.to_string())).collect();
        found.sort();
        found.into_iter().map(|(_, id)| id).collect()
    }

    fn fired(&self, rule: &str, about: Option<&str>) -> u64 {
        let Some(id) = rule_entity(rule) else { return 0 };
        let rows = self.tenant.history(&system(), &id, (Seq(1), Seq(u64::MAX)), true, FIRINGS_MAX);
        let raised = |change: &Change| match change {
            Change::SetAttribute { name, attribute, .. } if *name == iri("firing") => {
                let firing = written::reduced(attribute);
                firing["kind"] == "raise" && about.is_none_or(|about| firing["about"] == about)
            }
            _ => false,
        };
        rows.unwrap_or_default().iter().flat_map(|row| &row.changes).filter(|change| raised(change)).count()
            as u64
    }
}

/// Waits for an answer of the kernel on this thread.
fn wait_for<T>(answer: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut waking = Waking::from_waker(&waker);
    let mut answer = std::pin::pin!(answer);
    loop {
        match answer.as_mut().poll(&mut waking) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}
