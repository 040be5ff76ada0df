//! One seed: commands and accidents, and after each what must hold.
//!
//! 1. What was acknowledged is there, after any accident, for good.
//! 2. What was not acknowledged is there whole or not at all: a job is one unit, and what survives of several jobs is the
//!    first of them, in order.
//! 3. Every answer, every state, and every state of the past are the model's.
//! 4. Nobody sees what is not durable.
//! 5. After a failed write or sync nothing is written, and the kernel says so; after a full disk it goes on.
//! 6. The log's tree continues every root that was ever seen.
//! 7. A command with a key is done once, however often and whenever it is repeated.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nacre_kernel::options::SeededEntropy;
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_kernel::tenant::Answers;
use nacre_kernel::{Kernel, Options, Refusal, Tenant};
use nacre_ledger::{Frontier, Hash, MemoryTiles, consistency_proof, root_of, verify_consistency};
use nacre_model::{Instant, ManualClock, Seq, TenantId, Value};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::oneshot::Receiver;

use crate::action::{self, DOCUMENTS, GATE, IDS, TYPES, entity_id, some_action, some_draft, submission};
use crate::door::{GateDoor, client, gatekeeper};
use crate::rig::Rig;
use crate::world::{Action, Ask, REPEATED, Reply, Thing, World};

/// What one seed did; the same for the same seed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records in the journal at the end.
    pub records: u64,
    /// Root of the log at the end.
    pub root: Option<Hash>,
    /// Operations of the disk.
    pub operations: u64,
    /// Times the kernel was opened again.
    pub restarts: u64,
    /// Times the power was cut.
    pub cuts: u64,
    /// Times the journal stopped because a write or sync failed.
    pub stops: u64,
    /// Jobs refused because the disk was full.
    pub full: u64,
    /// Jobs that nobody acknowledged and that were found whole after a restart.
    pub found: u64,
    /// Retries that were answered as repeated.
    pub repeated: u64,
}

/// Records are small and segments too, so that a seed sees many of them.
const SEGMENT_BYTES: u64 = 8192;
/// Steps of a seed.
const STEPS: u32 = 40;

macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err(format!($($why)+));
        }
    };
}

type Checked<T = ()> = Result<T, String>;
/// Commands that are decided together and are there together.
type Job = Vec<Ask>;

struct Sim {
    random: StdRng,
    rig: Rig,
    door: Arc<GateDoor>,
    clock: Arc<ManualClock>,
    options: Options,
    kernel: Option<(Kernel, Tenant)>,
    /// The model after each record; the first is the empty world.
    worlds: Vec<World>,
    /// Roots that somebody has seen, by size.
    roots: BTreeMap<u64, Hash>,
    /// Jobs since the last opening that the kernel could not write.
    unknown: Vec<Job>,
    /// Something may go wrong, because it was arranged.
    armed: bool,
    value: i64,
    summary: Summary,
}

/// Runs a seed. The error says what did not hold.
pub fn run(seed: u64) -> Result<Summary, String> {
    let mut sim = Sim::new(seed);
    sim.open(false)?;
    for step in 0..STEPS {
        sim.step().map_err(|why| format!("step {step}: {why}"))?;
    }
    sim.finish().map_err(|why| format!("at the end: {why}"))
}

impl Sim {
    fn new(seed: u64) -> Sim {
        let door = GateDoor::new();
        let clock = Arc::new(ManualClock::at(Instant(1_700_000_000_000)));
        let count = AtomicU64::new(0);
        let entropy = move || -> Box<dyn nacre_model::Entropy> {
            let life = count.fetch_add(1, Ordering::SeqCst);
            Box::new(SeededEntropy::new(seed.wrapping_mul(1_000).wrapping_add(life)))
        };
        let options = Options {
            clock: clock.clone(),
            entropy: Arc::new(entropy),
            segment_bytes: SEGMENT_BYTES,
            ..Options::new(door.clone())
        };
        Sim {
            random: StdRng::seed_from_u64(seed),
            rig: Rig::new(seed),
            door,
            clock,
            options,
            kernel: None,
            worlds: vec![World::default()],
            roots: BTreeMap::new(),
            unknown: Vec::new(),
            armed: false,
            value: 0,
            summary: Summary::default(),
        }
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.random.random_range(0..n) == 0
    }

    fn world(&self) -> World {
        self.worlds.last().cloned().unwrap_or_default()
    }

    fn tenant(&self) -> Checked<Tenant> {
        self.kernel.as_ref().map(|(_, t)| t.clone()).ok_or_else(|| "no kernel runs".into())
    }

    fn step(&mut self) -> Checked {
        if self.one_in(4) {
            self.arrange_accident();
        }
        self.clock.advance_ms(self.random.random_range(0..3));
        match self.random.random_range(0..10) {
            0..6 => {
                let job = self.some_job();
                self.run_job(job)?;
            }
            6 | 7 => self.burst()?,
            8 => self.check_past(3)?,
            _ => {
                // Somebody stops the server, or the power fails while nothing happens.
                let cut = self.one_in(2);
                self.reopen(cut)?;
            }
        }
        self.recover()?;
        self.check_now()
    }

    /// Restarts a kernel whose journal has stopped. What is asked again meanwhile may stop it again.
    fn recover(&mut self) -> Checked {
        while self.stopped()? {
            self.summary.stops += 1;
            self.after_a_stop()?;
            let cut = self.one_in(2);
            self.reopen(cut)?;
        }
        Ok(())
    }

    fn arrange_accident(&mut self) {
        let sim = self.rig.sim().clone();
        self.armed = true;
        match self.random.random_range(0..6) {
            0 => sim.fail_sync(self.random.random_range(0..4)),
            1 => {
                let short = self.one_in(2);
                sim.fail_write(self.random.random_range(0..4), short);
            }
            2 | 3 => {
                let done = self.one_in(2);
                self.rig.cut_in(self.random.random_range(0..8), done);
            }
            4 => sim.set_bytes_left(Some(self.random.random_range(0..2 * SEGMENT_BYTES))),
            _ => sim.set_bytes_left(None),
        }
    }

    fn disarm(&mut self) {
        // A countdown of a write or sync that has not come is left to the next opening or wiped by the next cut.
        self.rig.disarm();
        self.rig.sim().set_bytes_left(None);
    }

    fn next_value(&mut self) -> i64 {
        self.value += 1;
        self.value
    }

    fn some_ask(&mut self) -> Ask {
        let value = self.next_value();
        let action = some_action(&mut self.random, value);
        let digest = action::bits(&mut self.random);
        let key = self.one_in(3).then(|| (format!("key-{value}"), digest));
        Ask { key, action }
    }

    fn some_job(&mut self) -> Job {
        let count = if self.one_in(3) { self.random.random_range(1..12) } else { 1 };
        (0..count).map(|_| self.some_ask()).collect()
    }

    fn gate_ask(&mut self) -> Ask {
        let value = self.next_value();
        let draft = some_draft(&mut self.random, GATE, value);
        Ask { key: None, action: Action::Upsert { draft, update: true } }
    }

    /// One job, and its answers.
    fn run_job(&mut self, job: Job) -> Checked {
        let tenant = self.tenant()?;
        let submissions = job.iter().map(|ask| submission(ask, client())).collect();
        let answers = tenant.submit_blocking(submissions);
        self.judge(job, &answers)?;
        self.see_root()
    }

    /// Several jobs while the disk is busy with the first: they are decided on states that are not durable, and
    /// written together.
    fn burst(&mut self) -> Checked {
        let first = self.gate_ask();
        if !self.world().things.contains_key(&GATE) || self.rig.is_off() {
            return self.run_job(vec![first]);
        }
        let tenant = self.tenant()?;
        let enqueue = |job: &Job, principal: nacre_kernel::Principal| {
            tenant.enqueue(job.iter().map(|ask| submission(ask, principal.clone())).collect())
        };
        let mut waiting: Vec<(Job, Result<Receiver<Answers>, Refusal>)> = Vec::new();
        self.rig.hold();
        let job = vec![first];
        let answers = enqueue(&job, client());
        waiting.push((job, answers));
        let held = self.rig.wait_held();
        self.door.close();
        for _ in 0..self.random.random_range(1..8) {
            let job = self.some_job();
            let answers = enqueue(&job, client());
            waiting.push((job, answers));
        }
        let last = vec![self.gate_ask()];
        let last_answers = enqueue(&last, gatekeeper());
        let reached = self.door.wait_reached();
        // Everything is decided, nothing is durable: nobody must see any of it.
        let unseen = self.check_things(AsOf::Now, &self.world());
        self.rig.release();
        let mut answered = Vec::new();
        for (job, answers) in waiting {
            let answers = received(answers, job.len())?;
            answered.push((job, answers));
        }
        self.door.open();
        answered.push((last, received(last_answers, 1)?));
        ensure!(held && reached, "a thread of the kernel hangs");
        unseen?;
        for (job, answers) in answered {
            self.judge(job, &answers)?;
        }
        self.see_root()
    }

    /// Compares the answers of a job with the model's.
    fn judge(&mut self, job: Job, answers: &Answers) -> Checked {
        ensure!(answers.len() == job.len(), "{} answers to {} commands", answers.len(), job.len());
        let all = |code: &str| answers.iter().all(|a| a.as_ref().is_err_and(|r| r.code() == code));
        if all("journal_stopped") {
            ensure!(self.armed, "the journal stopped by itself: {:?}", answers[0]);
            self.unknown.push(job);
            return Ok(());
        }
        if all("storage_full") {
            ensure!(self.armed, "full by itself");
            self.summary.full += 1;
            return Ok(());
        }
        let mut world = self.world();
        let mut after = Vec::new();
        for (ask, answer) in job.iter().zip(answers) {
            let before = world.seq;
            let expected = world.ask(ask);
            let got = action::reply(answer);
            ensure!(got == expected, "{ask:?}: the kernel says {got:?}, the model {expected:?}");
            if matches!(&got, Reply::Accepted(_, kind) if kind == REPEATED) {
                self.summary.repeated += 1;
            }
            if world.seq > before {
                after.push(world.clone());
            }
        }
        ensure!(
            after.is_empty() || self.unknown.is_empty(),
            "a record was accepted after the journal stopped"
        );
        self.worlds.extend(after);
        Ok(())
    }

    /// Remembers the root of the log, as somebody who was shown a checkpoint would.
    fn see_root(&mut self) -> Checked {
        let tenant = self.tenant()?;
        let text = |e: Refusal| e.to_string();
        // A query waits for the views, and with them for the tiles.
        tenant.type_counts(&client()).map_err(text)?;
        let (tiles, size) = tenant.log(&client()).map_err(text)?;
        ensure!(size == self.world().seq, "the log has {size} leaves, the model {}", self.world().seq);
        if size > 0 {
            let root = root_of(&tiles, size).map_err(|e| e.to_string())?;
            let known = self.roots.insert(size, root);
            ensure!(known.is_none_or(|k| k == root), "the root over {size} records changed");
        }
        Ok(())
    }

    fn stopped(&self) -> Checked<bool> {
        let status = self.tenant()?.status();
        ensure!(status.views_failure.is_none(), "the views failed: {:?}", status.views_failure);
        let stopped = status.journal_failure.is_some();
        ensure!(stopped || self.unknown.is_empty(), "it stopped and does not say so");
        Ok(stopped)
    }

    /// The journal takes nothing, says so, and what is durable can be read.
    fn after_a_stop(&mut self) -> Checked {
        let job = [self.some_ask()];
        let tenant = self.tenant()?;
        let answers = tenant.submit_blocking(job.iter().map(|a| submission(a, client())).collect());
        let refused = answers.iter().all(|a| a.as_ref().is_err_and(|r| r.code() == "journal_stopped"));
        ensure!(refused, "the journal has stopped and answers {answers:?}");
        self.check_now()
    }

    /// Stops the kernel, with or without a power cut, and starts it again.
    fn reopen(&mut self, cut: bool) -> Checked {
        if self.rig.is_off() {
            self.summary.cuts += 1;
        } else if cut {
            self.rig.cut();
            self.summary.cuts += 1;
        }
        if let Some((kernel, tenant)) = self.kernel.take() {
            kernel.close();
            drop((kernel, tenant));
        }
        self.summary.restarts += 1;
        self.disarm();
        let accident = self.one_in(3);
        self.open(accident)?;
        self.resolve()?;
        self.check_journal()?;
        self.check_past(2)?;
        // What an opening has shown must stay, even if the power fails at once.
        if self.one_in(4) {
            return self.reopen(true);
        }
        self.retry()
    }

    /// Opens; with `accident` something may go wrong meanwhile, and then it is tried again until it does not.
    fn open(&mut self, accident: bool) -> Checked {
        self.armed = false;
        self.rig.power_on();
        if accident {
            self.arrange_accident();
        }
        for attempt in 0.. {
            let kernel = match Kernel::on_disk(Arc::new(self.rig.clone()), self.options.clone()) {
                Ok(kernel) => kernel,
                Err(error) => {
                    // A countdown that was left over may strike here, once.
                    ensure!(
                        attempt < 4,
                        "it does not open: {error}: {:?}",
                        std::error::Error::source(&error)
                    );
                    if self.rig.is_off() {
                        self.summary.cuts += 1;
                    } else if self.one_in(2) {
                        self.rig.cut();
                        self.summary.cuts += 1;
                    }
                    self.disarm();
                    self.rig.power_on();
                    continue;
                }
            };
            let tenant = kernel.tenant(&TenantId::default_tenant()).map_err(|e| e.to_string())?;
            self.kernel = Some((kernel, tenant));
            // Countdowns that have not struck yet are still there.
            self.armed = true;
            return Ok(());
        }
        Ok(())
    }

    /// Finds out which of the jobs that could not be written are there after all.
    fn resolve(&mut self) -> Checked {
        let found = self.tenant()?.status().durable.0;
        let mut world = self.world();
        ensure!(found >= world.seq, "acknowledged up to {}, found {found}", world.seq);
        let mut jobs = std::mem::take(&mut self.unknown).into_iter();
        let mut left = Vec::new();
        while world.seq < found {
            let job = jobs.next().ok_or_else(|| format!("{found} records, nobody asked for so many"))?;
            for ask in &job {
                let before = world.seq;
                world.ask(ask);
                if world.seq > before {
                    self.worlds.push(world.clone());
                }
            }
            self.summary.found += 1;
            left.push(job);
        }
        ensure!(world.seq == found, "a job is there up to record {found}, and goes to {}", world.seq);
        left.extend(jobs);
        self.unknown = left;
        Ok(())
    }

    /// Clients that heard nothing ask again.
    fn retry(&mut self) -> Checked {
        for job in std::mem::take(&mut self.unknown) {
            if self.one_in(3) || self.stopped()? {
                continue;
            }
            let again = self.one_in(2).then(|| job.clone());
            self.run_job(job)?;
            if let Some(job) = again.filter(|_| self.unknown.is_empty()) {
                self.run_job(job)?;
            }
        }
        Ok(())
    }

    /// The present is the model's.
    fn check_now(&self) -> Checked {
        let tenant = self.tenant()?;
        let world = self.world();
        self.check_things(AsOf::Now, &world)?;
        for n in 0..DOCUMENTS {
            let document = tenant.document(&client(), &action::document_key(n)).map_err(|e| e.to_string())?;
            let value = match document.as_deref() {
                None => None,
                Some(Value::Int(value)) => Some(*value),
                Some(other) => return Err(format!("document {n} is {other:?}")),
            };
            ensure!(value == world.documents.get(&n).copied(), "document {n} is {value:?}");
        }
        for name in TYPES {
            let query = Query { types: Some(TypeSelection::Is(action::iri(name))), ..Query::default() };
            let page = Page { offset: 0, limit: 100, count: true };
            let answer = tenant.query(&client(), &query, page, AsOf::Now).map_err(|e| e.to_string())?;
            let found: Vec<String> = answer.entities.iter().map(|e| e.id.to_string()).collect();
            let of_type = world.things.iter().filter(|(_, t)| t.types.contains(&name));
            let expected: Vec<String> = of_type.map(|(id, _)| entity_id(*id).to_string()).collect();
            ensure!(found == expected, "a query for {name} finds {found:?}, the model {expected:?}");
            ensure!(answer.count == Some(expected.len() as u64), "{name} is counted {:?}", answer.count);
        }
        Ok(())
    }

    fn check_things(&self, as_of: AsOf, world: &World) -> Checked {
        let tenant = self.tenant()?;
        for n in 0..IDS {
            let found = tenant.entity(&client(), &entity_id(n), as_of).map_err(|e| e.to_string())?;
            let read: Option<Thing> = match &found {
                None => None,
                Some(e) => Some(action::thing(e).ok_or_else(|| format!("nobody wrote {e:?}"))?),
            };
            let expected = world.things.get(&n);
            ensure!(
                read.as_ref() == expected,
                "thing {n} at {as_of:?} is {read:?}, in the model {expected:?}"
            );
        }
        Ok(())
    }

    /// Some moments of the past are the model's.
    fn check_past(&mut self, count: usize) -> Checked {
        for _ in 0..count {
            let seq = self.random.random_range(0..self.worlds.len());
            if seq > 0 {
                self.check_things(AsOf::Seq(Seq(seq as u64)), &self.worlds[seq])?;
            }
        }
        Ok(())
    }

    /// Every record is whole, and the tree over them continues every root that was seen.
    fn check_journal(&mut self) -> Checked {
        let tenant = self.tenant()?;
        let text = |e: Refusal| e.to_string();
        let size = self.world().seq;
        let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::new());
        for seq in 1..=size {
            let bytes = tenant.record_bytes(&client(), Seq(seq)).map_err(text)?;
            let bytes = bytes.ok_or_else(|| format!("record {seq} is not there"))?;
            let parts = nacre_journal::codec::record::parts(&bytes).map_err(|e| format!("{seq}: {e}"))?;
            ensure!(parts.record.seq == Seq(seq), "record {seq} says it is {}", parts.record.seq);
            ensure!(parts.bodies_match(), "record {seq} is not what it commits to");
            nacre_journal::codec::record::decode(&bytes).map_err(|e| format!("{seq}: {e}"))?;
            tiles.extend(frontier.append_all([parts.leaf()]));
            if let Some(root) = self.roots.get(&seq) {
                ensure!(*root == frontier.root(), "the root over {seq} records is not the one seen before");
            }
        }
        let root = frontier.root();
        for (old_size, old_root) in &self.roots {
            let proof = consistency_proof(&tiles, *old_size, size).map_err(|e| e.to_string())?;
            verify_consistency(*old_size, old_root, size, &root, &proof)
                .map_err(|e| format!("the tree of {size} does not continue that of {old_size}: {e}"))?;
        }
        self.see_root()?;
        ensure!(
            size == 0 || self.roots.get(&size) == Some(&root),
            "the tiles have another root than the records"
        );
        Ok(())
    }

    fn finish(mut self) -> Checked<Summary> {
        self.reopen(true)?;
        self.recover()?;
        self.disarm();
        self.check_journal()?;
        self.check_now()?;
        for seq in 1..self.worlds.len() {
            self.check_things(AsOf::Seq(Seq(seq as u64)), &self.worlds[seq])?;
        }
        if let Some((kernel, _)) = self.kernel.take() {
            kernel.close();
        }
        let records = self.world().seq;
        let root = self.roots.get(&records).copied();
        Ok(Summary { records, root, operations: self.rig.operations(), ..self.summary })
    }
}

fn received(answers: Result<Receiver<Answers>, Refusal>, count: usize) -> Checked<Answers> {
    match answers {
        Ok(answers) => answers.blocking_recv().map_err(|_| "no answer".to_owned()),
        Err(refusal) => Ok(vec![Err(refusal); count]),
    }
}
