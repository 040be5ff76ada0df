//! What is still to be sent, and when: pure, the time is passed in.
//!
//! Letters to one address wait for each other: a pace that receivers accept, one pause after a failure. What gathered
//! meanwhile goes in one message.

use std::collections::{BTreeMap, VecDeque};

use nacre_model::{EntityId, Instant, Seq};

use crate::address::{Address, Way};

/// Most letters that wait; the records of further notices are read later.
pub const LETTERS_MAX: usize = 10_000;
/// Most notices in one message.
pub const GATHERED_MAX: usize = 20;
/// Most addresses written to at once.
pub const AT_ONCE_MAX: usize = 16;
/// Between two messages to one address: a group robot of WeCom takes twenty a minute.
pub const PACE_MS: i64 = 3_000;
/// A letter that could not be sent for so long has failed.
pub const GIVE_UP_MS: i64 = 6 * 3_600_000;
/// The first pause after a failure; each next is four times as long, up to a quarter of an hour.
const PAUSE_MS: i64 = 2_000;
const PAUSE_MAX_MS: i64 = 900_000;

/// A notice for one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Which notice.
    pub notice: EntityId,
    /// The record that made it.
    pub seq: Seq,
    /// Since when it waits.
    pub since: Instant,
    /// How often it was tried.
    pub tries: u32,
}

/// Letters that go in one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where.
    pub address: Address,
    /// What, oldest first.
    pub letters: Vec<Letter>,
}

/// How a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// The receiver has it.
    Sent,
    /// It may work later.
    Later,
    /// It never will.
    Never,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fate {
    Sent,
    Waiting,
    Failed,
}

impl Fate {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Sent => "sent",
            Fate::Waiting => "waiting",
            Fate::Failed => "failed",
        }
    }
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Letter>,
    in_flight: Vec<Letter>,
    failures: u32,
    free_at: Option<Instant>,
}

impl Line {
    fn due(&self) -> Option<Instant> {
        let idle = self.in_flight.is_empty() && !self.waiting.is_empty();
        idle.then(|| self.free_at.unwrap_or(Instant(i64::MIN)))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Outbox {
    lines: BTreeMap<Address, Line>,
}

impl Outbox {
    /// A letter is to be sent.
    pub fn put(&mut self, address: Address, letter: Letter) {
        self.lines.entry(address).or_default().waiting.push_back(letter);
    }

    /// Letters that wait or are on their way.
    pub fn len(&self) -> usize {
        self.lines.values().map(|l| l.waiting.len() + l.in_flight.len()).sum()
    }

    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Letters of one way that wait or are on their way.
    pub fn waiting(&self, way: Way) -> usize {
        let lines = self.lines.iter().filter(|(a, _)| a.way() == way);
        lines.map(|(_, l)| l.waiting.len() + l.in_flight.len()).sum()
    }

    /// The earliest record whose notice is not done with.
    pub fn oldest(&self) -> Option<Seq> {
        self.lines.values().flat_map(|l| l.waiting.iter().chain(&l.in_flight)).map(|l| l.seq).min()
    }

    /// When something can be sent next.
    pub fn next_due(&self) -> Option<Instant> {
        self.lines.values().filter_map(Line::due).min()
    }

    /// What can be sent now; it is on its way from here on.
    pub fn take(&mut self, now: Instant) -> Vec<Batch> {
        let busy = self.lines.values().filter(|l| !l.in_flight.is_empty()).count();
        let due = self.lines.iter_mut().filter(|(_, l)| l.due().is_some_and(|at| at <= now));
        let mut batches = Vec::new();
        for (address, line) in due.take(AT_ONCE_MAX.saturating_sub(busy)) {
            let count = line.waiting.len().min(GATHERED_MAX);
            line.in_flight = line.waiting.drain(..count).collect();
            batches.push(Batch { address: address.clone(), letters: line.in_flight.clone() });
        }
        batches
    }

    /// How the message to an address went; what became of its letters.
    pub fn done(&mut self, address: &Address, went: Went, now: Instant) -> Vec<(Letter, Fate)> {
        let Some(line) = self.lines.get_mut(address) else { return Vec::new() };
        let mut fates = Vec::new();
        for mut letter in std::mem::take(&mut line.in_flight).into_iter().rev() {
            letter.tries += 1;
            let late = now.0 - letter.since.0 >= GIVE_UP_MS;
            let fate = match went {
                Went::Sent => Fate::Sent,
                Went::Later if !late => Fate::Waiting,
                Went::Later | Went::Never => Fate::Failed,
            };
            if fate == Fate::Waiting {
                line.waiting.push_front(letter.clone());
            }
            fates.push((letter, fate));
        }
        fates.reverse();
        let pause = match went {
            Went::Later => {
                let pause = PAUSE_MS.saturating_mul(4i64.saturating_pow(line.failures)).min(PAUSE_MAX_MS);
                line.failures += 1;
                pause
            }
            Went::Sent | Went::Never => {
                line.failures = 0;
                PACE_MS
            }
        };
        line.free_at = Some(now.plus_ms(pause));
        // Lines that are idle for long hold nothing worth keeping.
        self.lines.retain(|_, l| {
            !l.waiting.is_empty() || !l.in_flight.is_empty() || l.free_at.is_some_and(|at| at > now)
        });
        fates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(n: u8) -> Address {
        Address::parse(&format!("mailto:a{n}@example.org")).expect("an address")
    }

    fn letter(n: u64, at: i64) -> Letter {
        let notice = EntityId::new(&format!("urn:ngsi-ld:Notice:{n}")).expect("an id");
        Letter { notice, seq: Seq(n), since: Instant(at), tries: 0 }
    }

    #[test]
    fn what_gathers_while_one_message_is_out_goes_in_the_next_one() {
        let mut outbox = Outbox::default();
        outbox.put(address(0), letter(1, 0));
        assert_eq!(outbox.take(Instant(0)).len(), 1);
        outbox.put(address(0), letter(2, 1));
        outbox.put(address(0), letter(3, 2));
        assert!(outbox.take(Instant(2)).is_empty(), "one message at a time");
        outbox.done(&address(0), Went::Sent, Instant(10));
        assert!(outbox.take(Instant(10)).is_empty(), "at a pace");
        let batches = outbox.take(Instant(10 + PACE_MS));
        assert_eq!(batches[0].letters.iter().map(|l| l.seq.0).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(outbox.oldest(), Some(Seq(2)));
    }

    #[test]
    fn a_receiver_that_is_down_is_asked_ever_less_often_until_the_letter_has_failed() {
        let mut outbox = Outbox::default();
        outbox.put(address(0), letter(1, 0));
        let (mut now, mut tries) = (Instant(0), 0);
        let fate = loop {
            assert_eq!(outbox.take(now).len(), 1);
            tries += 1;
            let fates = outbox.done(&address(0), Went::Later, now);
            if fates[0].1 != Fate::Waiting {
                break fates[0].1;
            }
            now = outbox.next_due().expect("due");
        };
        assert_eq!(fate, Fate::Failed);
        assert!((20..40).contains(&tries), "{tries} tries in six hours");
        assert!(outbox.is_empty());
    }

    #[test]
    fn what_is_refused_is_not_tried_again() {
        let mut outbox = Outbox::default();
        outbox.put(address(0), letter(1, 0));
        outbox.take(Instant(0));
        assert_eq!(outbox.done(&address(0), Went::Never, Instant(0))[0].1, Fate::Failed);
        assert!(outbox.is_empty());
    }

    proptest! {
        /// Whatever happens, each letter ends once, and those to one address in order.
        #[test]
        fn every_letter_ends_once_and_in_order(
            letters in proptest::collection::vec(0u8..4, 1..120),
            went in proptest::collection::vec(0u8..4, 400),
        ) {
            let mut outbox = Outbox::default();
            let mut now = Instant(0);
            for (n, to) in letters.iter().enumerate() {
                outbox.put(address(*to), letter(n as u64 + 1, 0));
            }
            let mut ended: BTreeMap<Address, Vec<u64>> = BTreeMap::new();
            let mut went = went.into_iter();
            while !outbox.is_empty() {
                for batch in outbox.take(now) {
                    prop_assert!(batch.letters.len() <= GATHERED_MAX);
                    let how = match went.next() {
                        Some(0) => Went::Later,
                        Some(1) => Went::Never,
                        _ => Went::Sent,
                    };
                    for (letter, fate) in outbox.done(&batch.address, how, now) {
                        if fate != Fate::Waiting {
                            ended.entry(batch.address.clone()).or_default().push(letter.seq.0);
                        }
                    }
                }
                now = outbox.next_due().unwrap_or(now).max(now);
            }
            let count: usize = ended.values().map(Vec::len).sum();
            prop_assert_eq!(count, letters.len());
            for seqs in ended.values() {
                prop_assert!(seqs.is_sorted(), "{:?}", seqs);
            }
        }
    }
}
