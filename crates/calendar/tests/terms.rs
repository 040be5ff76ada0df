//! Terms as people count them, over the holidays of 2026.

use nacre_calendar::{Calendar, Date, Hours, Term, TermKind, Year};
use nacre_model::Instant;
use proptest::prelude::*;

fn of_2026() -> Year {
    let text = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let off = [
        "2026-01-01..2026-01-03",
        "2026-02-15..2026-02-23",
        "2026-04-04..2026-04-06",
        "2026-05-01..2026-05-05",
        "2026-06-19..2026-06-21",
        "2026-09-25..2026-09-27",
        "2026-10-01..2026-10-07",
    ];
    let worked = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"];
    Year {
        year: 2026,
        holidays: Year::days(&text(&off)).expect("days"),
        workdays: Year::days(&text(&worked)).expect("days"),
        source: "国务院办公厅".into(),
    }
}

fn calendar() -> Calendar {
    Calendar::new(Hours::default(), [of_2026()])
}

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}+08:00")).expect("an instant")
}

fn end(from: &str, kind: TermKind, amount: u32) -> (String, bool) {
    let end = calendar().end(at(from), Term { kind, amount });
    (end.at.plus_ms(8 * 3_600_000).to_string()[..16].to_owned(), end.provisional)
}

#[test]
fn the_day_of_receipt_is_not_counted_and_the_last_day_counts_to_its_end() {
    assert_eq!(end("2026-11-23T10:00:00", TermKind::WorkingDays, 1), ("2026-11-24T23:59".into(), false));
    assert_eq!(end("2026-11-20T17:00:00", TermKind::WorkingDays, 1), ("2026-11-23T23:59".into(), false));
    assert_eq!(end("2026-11-20T17:00:00", TermKind::NaturalDays, 2), ("2026-11-22T23:59".into(), false));
}

#[test]
fn holidays_are_left_out_and_make_up_days_are_worked() {
    // National Day: off from 1 to 7, Saturday the 10th is worked.
    assert_eq!(end("2026-09-30T09:00:00", TermKind::WorkingDays, 1), ("2026-10-08T23:59".into(), false));
    assert_eq!(end("2026-10-08T09:00:00", TermKind::WorkingDays, 2), ("2026-10-10T23:59".into(), false));
    assert_eq!(end("2026-02-14T09:00:00", TermKind::WorkingDays, 1), ("2026-02-24T23:59".into(), false));
}

#[test]
fn working_hours_stop_at_noon_at_night_and_on_days_off() {
    assert_eq!(end("2026-11-23T11:00:00", TermKind::WorkingHours, 2), ("2026-11-23T15:00".into(), false));
    assert_eq!(end("2026-11-20T17:30:00", TermKind::WorkingHours, 1), ("2026-11-23T09:30".into(), false));
    assert_eq!(end("2026-11-21T03:00:00", TermKind::WorkingHours, 7), ("2026-11-23T18:00".into(), false));
    assert_eq!(end("2026-11-23T12:30:00", TermKind::WorkingHours, 1), ("2026-11-23T15:00".into(), false));
}

#[test]
fn urgent_hours_run_through_the_night() {
    assert_eq!(end("2026-11-20T23:00:00", TermKind::UrgentHours, 4), ("2026-11-21T03:00".into(), false));
}

#[test]
fn a_term_that_passes_into_a_year_without_a_table_is_provisional() {
    let (last, provisional) = end("2026-12-31T10:00:00", TermKind::WorkingDays, 1);
    assert_eq!((last.as_str(), provisional), ("2027-01-01T23:59", true));
    assert!(!end("2026-12-30T10:00:00", TermKind::WorkingDays, 1).1);
    assert!(!end("2026-12-31T10:00:00", TermKind::NaturalDays, 3).1, "calendar days need no table");
}

#[test]
fn a_suspended_term_runs_on_with_what_was_left() {
    let c = calendar();
    let due = c.end(at("2026-11-23T09:00:00"), Term { kind: TermKind::WorkingHours, amount: 5 }).at;
    let later = c.resumed(TermKind::WorkingHours, at("2026-11-23T11:00:00"), at("2026-11-25T09:00:00"), due);
    assert_eq!(later.at, at("2026-11-25T12:00:00"));
    let due = c.end(at("2026-11-23T09:00:00"), Term { kind: TermKind::WorkingDays, amount: 3 }).at;
    let later = c.resumed(TermKind::WorkingDays, at("2026-11-24T09:00:00"), at("2026-11-30T09:00:00"), due);
    assert_eq!(Date::of(later.at, 480).to_string(), "2026-12-02");
}

#[test]
fn a_table_says_everything_that_is_wrong_with_it() {
    let day = |t: &str| Date::parse(t).expect("a day");
    let bad = Year {
        year: 2027,
        holidays: [day("2026-12-31"), day("2027-01-02")].into(),
        workdays: [day("2027-01-02"), day("2027-01-04")].into(),
        source: " ".into(),
    };
    assert_eq!(bad.check().len(), 4);
    assert!(of_2026().check().is_empty());
}

proptest! {
    #[test]
    fn working_days_agree_with_counting_day_by_day(start in 20_454i32..20_818, amount in 1u32..120) {
        let c = calendar();
        let from = Date(start).start(480).plus_ms(10 * 3_600_000);
        let last = Date::of(c.end(from, Term { kind: TermKind::WorkingDays, amount }).at, 480);
        let counted = (start + 1..=last.0).filter(|d| c.works(Date(*d)).0).count();
        prop_assert_eq!(counted, amount as usize);
        prop_assert!(c.works(last).0);
    }

    #[test]
    fn working_hours_hold_exactly_that_much_office_time(minute in 0i64..500_000, amount in 1u32..80) {
        let c = calendar();
        let from = at("2026-01-01T00:00:00").plus_ms(minute * 60_000);
        let end = c.end(from, Term { kind: TermKind::WorkingHours, amount }).at;
        prop_assert_eq!(c.worked_ms(from, end), i64::from(amount) * 3_600_000);
    }
}
