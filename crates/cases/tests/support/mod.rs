//! A kernel in memory on a manual clock, and two workflows.

#![allow(dead_code)]

use std::collections::HashMap;
use std::sync::Arc;

use nacre_calendar::{Calendar, Hours};
use nacre_cases::acts::Office;
use nacre_cases::workflow::{Subject, Words};
use nacre_cases::{ActOnCase, Case, Input, OpenCase, Opening, Tick, Who, Workflow};
use nacre_kernel::query::AsOf;
use nacre_kernel::{Act, Command, Door, Kernel, Options, Principal, Refusal, Right, Submission, Tenant};
use nacre_model::{Entity, EntityId, Instant, ManualClock, TenantId};
use serde_json::json;

/// Everybody may do everything: the policies are tested where they live.
struct OpenDoor;

impl Door for OpenDoor {
    fn permit(&self, _: &Principal, _: &TenantId, _: Right) -> Result<(), Refusal> {
        Ok(())
    }

    fn permit_entity(&self, _: &Principal, _: &TenantId, _: Right, _: &Entity) -> Result<(), Refusal> {
        Ok(())
    }

    fn sees_all(&self, _: &Principal, _: &TenantId) -> bool {
        true
    }
}

fn owner() -> Principal {
    Principal::system("test")
}

/// See the module.
pub struct House {
    pub kernel: Kernel,
    pub tenant: Tenant,
    pub clock: Arc<ManualClock>,
    pub office: Office,
    next: u32,
}

pub fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}+08:00")).expect("an instant")
}

/// `role@organisation`.
pub fn who(post: &str) -> Who {
    let (role, organisation) = post.split_once('@').expect("a post");
    let (organisation, person) =
        organisation.split_once('/').map_or((organisation, None), |(o, p)| (o, Some(p.to_owned())));
    Who { role: role.into(), organisation: organisation.into(), person, actor: post.into(), ..Who::default() }
}

fn words(zh: &str) -> serde_json::Value {
    json!({"zh": zh, "en": zh})
}

fn workflows() -> HashMap<String, Arc<Workflow>> {
    let state = |zh: &str, holder: &str| json!({"title": words(zh), "holder": [holder]});
    let row = |from: &str, command: &str, to: &str| json!({"from": [from], "command": command, "to": to, "title": words(command)});
    let with = |mut base: serde_json::Value, more: serde_json::Value| {
        let members = more.as_object().expect("members").clone();
        base.as_object_mut().expect("members").extend(members);
        base
    };
    let event = json!({
        "title": words("网格事件"), "number": "WG", "start": "reported", "codes": "event", "handling": {"E-06010": {"kind": "working-days", "amount": 1, "source": "test"}},
        "states": {
            "reported": state("待立案", "acceptor"),
            "filed": with(state("待派遣", "dispatcher"), json!({"files": true})),
            "handling": with(state("处置中", "handler"), json!({"due": {"kind": "working-hours", "amount": 5, "handling": true}, "onOverdue": {"notify": ["supervisor"], "supervise": true}})),
            "checking": state("待核查", "inspector"),
            "closed": {"title": words("已结案"), "kind": "done"},
            "refused": {"title": words("不予立案"), "kind": "void"},
            "merged": {"title": words("已并案"), "kind": "void"}
        },
        "rows": [
            row("reported", "file", "filed"),
            with(row("reported", "decline", "refused"), json!({"needs": ["note"]})),
            with(row("filed", "dispatch", "handling"), json!({"needs": ["organisation"], "assign": "input", "primary": true})),
            with(row("handling", "return", "filed"), json!({"needs": ["note"]})),
            with(row("handling", "finish", "checking"), json!({"needs": ["note"]})),
            with(row("checking", "pass", "closed"), json!({"notBy": ["finish"], "who": ["inspector", "handler"]})),
            with(row("checking", "redo", "handling"), json!({"needs": ["note"], "assign": "same"}))
        ],
        "extend": ["handler-lead", "dispatcher"], "suspend": ["dispatcher"], "supervise": ["supervisor"], "manage": ["dispatcher"],
        "reopen": {"to": "filed", "who": ["dispatcher"]}, "duplicates": {"metres": 100, "hours": 48}
    });
    let paper = json!({
        "title": words("请示"), "number": "QS", "start": "draft",
        "states": {
            "draft": state("拟稿", "clerk"),
            "checked": state("核稿", "checker"),
            "signing": {"title": words("会签"), "approve": {"mode": "all", "by": [{"role": "finance"}, {"role": "legal"}], "to": "done"}},
            "quick": {"title": words("或签"), "approve": {"mode": "any", "by": [{"role": "finance"}, {"role": "legal"}], "to": "done"}},
            "done": {"title": words("办结"), "kind": "done"}
        },
        "rows": [row("draft", "submit", "checked"), row("checked", "pass", "signing"), row("checked", "hurry", "quick")]
    });
    let made = |id: &str, def: serde_json::Value| {
        let def = serde_json::from_value(def).expect("a workflow");
        let garbage =
            Subject { title: Words::new("暴露垃圾", "Exposed rubbish"), group: None, heading: false };
        let codes = [("E-06010".to_owned(), garbage)].into_iter().collect();
        let workflow = Workflow { id: id.into(), def, codes };
        assert_eq!(workflow.check(), [], "{id}");
        (id.to_owned(), Arc::new(workflow))
    };
    HashMap::from([made("grid.event", event), made("office.paper", paper)])
}

impl House {
    pub fn open() -> House {
        let clock = Arc::new(ManualClock::default());
        clock.set(at("2026-11-23T09:00:00"));
        let mut options = Options::new(Arc::new(OpenDoor));
        options.clock = clock.clone();
        let kernel = Kernel::in_memory(options).expect("a kernel");
        let tenant = kernel.tenant(&TenantId::default_tenant()).expect("a tenant");
        let calendar = Arc::new(Calendar::new(Hours::default(), []));
        let office = Office { workflows: Arc::new(workflows()), calendar };
        House { kernel, tenant, clock, office, next: 0 }
    }

    fn submit(&self, verb: impl nacre_kernel::Verb + 'static) -> Result<(), Refusal> {
        let command = Command::Act(Act(Arc::new(verb)));
        let answer = self.tenant.submit_blocking(vec![Submission::new(owner(), command)]).pop();
        answer.expect("an answer").map(|_| ())
    }

    pub fn report(&mut self, opening: Opening) -> EntityId {
        self.next += 1;
        let id = EntityId::new(&format!("urn:ngsi-ld:Case:c{}", self.next)).expect("an id");
        let (who, office) = (who("inspector@grid"), self.office.clone());
        self.submit(OpenCase { id: id.clone(), opening, who, office }).expect("opened");
        id
    }

    pub fn act(&mut self, id: &EntityId, post: &str, verb: &str, input: Input) -> Result<Case, String> {
        self.next += 1;
        let part = EntityId::new(&format!("urn:ngsi-ld:Case:c{}", self.next)).expect("an id");
        let (id, verb, office) = (id.clone(), verb.to_owned(), self.office.clone());
        let act = ActOnCase { id: id.clone(), verb, input, who: who(post), part, office };
        self.submit(act).map_err(|e| e.code().to_owned())?;
        Ok(self.case(&id))
    }

    pub fn go(&mut self, id: &EntityId, steps: &[(&str, &str)]) -> Case {
        for (post, verb) in steps {
            let input = Input {
                note: Some("已办".into()),
                organisation: Some("jianghai".into()),
                ..Input::default()
            };
            self.act(id, post, verb, input).unwrap_or_else(|e| panic!("{post} {verb}: {e}"));
        }
        self.case(id)
    }

    pub fn tick(&self, id: &EntityId) -> bool {
        let before = self.tenant.status().durable;
        self.submit(Tick { id: id.clone(), reckon: false, office: self.office.clone() }).expect("ticked");
        self.tenant.status().durable > before
    }

    pub fn case(&self, id: &EntityId) -> Case {
        let entity = self.tenant.entity(&owner(), id, AsOf::Now).expect("read").expect("there");
        Case::read(&entity).expect("a case")
    }
}

pub fn event(title: &str) -> Opening {
    Opening {
        workflow: "grid.event".into(),
        title: title.into(),
        code: Some("E-06010".into()),
        source: "staff".into(),
        ..Opening::default()
    }
}

pub fn note(text: &str) -> Input {
    Input { note: Some(text.into()), ..Input::default() }
}
