//! The ways of a case, in the words of the people at the desks.

mod support;

use nacre_cases::{Input, Opening};
use support::{House, at, event, note};

#[test]
fn from_report_to_closure_each_step_by_the_one_whose_turn_it_is() {
    let mut house = House::open();
    let id = house.report(event("暴露垃圾"));
    assert_eq!(house.case(&id).number, "WG-20261123-00001");
    assert_eq!(
        house.act(&id, "dispatcher@center", "file", Input::default()).expect_err("is refused"),
        "case_role"
    );
    assert_eq!(
        house.act(&id, "acceptor@center", "dispatch", Input::default()).expect_err("is refused"),
        "case_state"
    );
    house.go(&id, &[("acceptor@center", "file")]);
    assert_eq!(
        house.act(&id, "dispatcher@center", "dispatch", Input::default()).expect_err("is refused"),
        "case_form"
    );
    let case = house.go(&id, &[("dispatcher@center", "dispatch")]);
    assert_eq!(case.duty.holder.words(), "handler@jianghai");
    assert_eq!(case.duty.due.as_ref().map(|d| d.at.0), Some(at("2026-11-24T23:59:59").plus_ms(999)));
    assert!(case.duty.due.as_ref().is_some_and(|d| d.provisional), "no table of 2026 was entered here");
    assert_eq!(
        house.act(&id, "handler@ruibao", "finish", note("清了")).expect_err("is refused"),
        "case_holder"
    );
    house.go(&id, &[("handler@jianghai", "finish")]);
    assert_eq!(
        house.act(&id, "handler@jianghai", "pass", note("")).expect_err("is refused"),
        "case_same_person"
    );
    let case = house.go(&id, &[("inspector@grid", "redo")]);
    assert_eq!(case.duty.holder.words(), "handler@jianghai", "it comes back to whoever had it");
    let case = house.go(&id, &[("handler@jianghai", "finish"), ("inspector@grid", "pass")]);
    assert!(case.closed.is_some() && case.filed.is_some() && case.duty.overdue == 0);
    assert_eq!(house.act(&id, "inspector@grid", "pass", note("再来")).expect_err("is refused"), "case_state");
}

#[test]
fn two_dispatchers_take_one_case_at_the_same_moment_and_the_second_hears_of_the_first() {
    let mut house = House::open();
    let id = house.report(event("占道经营"));
    let seen = Some(house.go(&id, &[("acceptor@center", "file")]).seq);
    let to = |o: &str| Input { organisation: Some(o.into()), seen, ..Input::default() };
    house.act(&id, "dispatcher@center", "dispatch", to("jianghai")).expect("the first");
    assert_eq!(
        house.act(&id, "dispatcher@grid", "dispatch", to("ruibao")).expect_err("is refused"),
        "case_moved"
    );
    assert_eq!(house.case(&id).duty.holder.organisation.as_deref(), Some("jianghai"));
}

#[test]
fn a_term_passes_once_even_when_the_clock_goes_back_and_forth() {
    let mut house = House::open();
    let id = house.report(event("暴露垃圾"));
    house.go(&id, &[("acceptor@center", "file"), ("dispatcher@center", "dispatch")]);
    assert!(!house.tick(&id), "not yet");
    house.clock.set(at("2026-11-25T00:00:00"));
    assert!(house.tick(&id));
    assert!(!house.tick(&id), "once");
    house.clock.set(at("2026-11-24T00:00:00"));
    assert!(!house.tick(&id));
    house.clock.set(at("2026-11-26T00:00:00"));
    assert!(!house.tick(&id));
    let case = house.case(&id);
    assert_eq!((case.duty.overdue, case.duty.supervised, case.duty.notices), (1, true, 2));
}

#[test]
fn more_time_is_granted_by_the_department_and_then_by_the_dispatcher() {
    let mut house = House::open();
    let id = house.report(event("暴露垃圾"));
    house.go(&id, &[("acceptor@center", "file"), ("dispatcher@center", "dispatch")]);
    let ask = Input { amount: Some(2), ..note("要借吊车") };
    assert_eq!(
        house.act(&id, "handler@ruibao", "ask-extension", ask.clone()).expect_err("is refused"),
        "case_holder"
    );
    house.act(&id, "handler@jianghai", "ask-extension", ask).expect("asked");
    assert_eq!(
        house.act(&id, "dispatcher@center", "grant", note("")).expect_err("is refused"),
        "case_role",
        "not yet his turn"
    );
    house.go(&id, &[("handler-lead@jianghai", "grant"), ("dispatcher@center", "grant")]);
    let due = house.case(&id).duty.due.expect("a term");
    assert_eq!(due.at.0, at("2026-11-26T23:59:59").plus_ms(999));
}

#[test]
fn a_suspended_case_waits_and_runs_on_with_what_was_left() {
    let mut house = House::open();
    let id = house.report(Opening { code: None, ..event("道路施工") });
    house.go(&id, &[("acceptor@center", "file"), ("dispatcher@center", "dispatch")]);
    house.clock.set(at("2026-11-23T11:00:00"));
    let ask = Input { until: Some("2026-11-25T09:00:00+08:00".into()), ..note("等待权属确认") };
    house.act(&id, "handler@jianghai", "ask-suspension", ask).expect("asked");
    house.go(&id, &[("dispatcher@center", "grant")]);
    house.clock.set(at("2026-11-24T18:00:00"));
    assert!(!house.tick(&id), "nothing is due while it stands still");
    assert_eq!(
        house.act(&id, "handler@jianghai", "finish", note("好")).expect_err("is refused"),
        "case_state"
    );
    house.clock.set(at("2026-11-25T09:00:00"));
    assert!(house.tick(&id), "it runs on by itself");
    let due = house.case(&id).duty.due.expect("a term");
    assert_eq!(due.at.0, at("2026-11-25T12:00:00"), "five hours, two of them used");
}

#[test]
fn a_rejected_paper_comes_straight_back_to_the_rejecter_and_nobody_is_asked_twice() {
    let mut house = House::open();
    let id =
        house.report(Opening {
            workflow: "office.paper".into(), title: "经费".into(), ..Opening::default()
        });
    house.go(&id, &[("clerk@office", "submit"), ("checker@office", "pass"), ("finance@office", "agree")]);
    assert_eq!(
        house
            .act(&id, "legal@office", "reject", Input { to: Some("done".into()), ..note("补依据") })
            .expect_err("is refused"),
        "case_form"
    );
    house
        .act(&id, "legal@office", "reject", Input { to: Some("draft".into()), ..note("补依据") })
        .expect("to the first step");
    assert_eq!(house.case(&id).state, "draft");
    let case = house.go(&id, &[("clerk@office", "submit")]);
    assert_eq!(case.state, "signing", "not through the checker again");
    assert_eq!(
        house.act(&id, "finance@office", "agree", note("")).expect_err("is refused"),
        "case_holder",
        "finance agreed before"
    );
    assert_eq!(house.go(&id, &[("legal@office", "agree")]).state, "done");
}

#[test]
fn one_of_several_is_enough_and_another_can_be_asked_too() {
    let mut house = House::open();
    let paper = || Opening { workflow: "office.paper".into(), title: "经费".into(), ..Opening::default() };
    let id = house.report(paper());
    assert_eq!(
        house
            .go(&id, &[("clerk@office", "submit"), ("checker@office", "hurry"), ("legal@office", "agree")])
            .state,
        "done"
    );
    let id = house.report(paper());
    house.go(&id, &[("clerk@office", "submit"), ("checker@office", "pass")]);
    house
        .act(&id, "finance@office", "add-approver", Input { role: Some("audit".into()), ..Input::default() })
        .expect("added");
    house.go(&id, &[("finance@office", "agree"), ("legal@office", "agree")]);
    assert_eq!(house.case(&id).state, "signing", "the added one is still missing");
    assert_eq!(house.go(&id, &[("audit@office", "agree")]).state, "done");
}

#[test]
fn transfer_delegate_urge_circulate_and_withdraw() {
    let mut house = House::open();
    let id = house.report(event("暴露垃圾"));
    house.go(&id, &[("acceptor@center", "file"), ("dispatcher@center", "dispatch")]);
    house.act(&id, "dispatcher@center", "withdraw", Input::default()).expect("nobody acted yet");
    assert_eq!(house.case(&id).state, "filed");
    house.go(&id, &[("dispatcher@center", "dispatch")]);
    let to = Input { organisation: Some("ruibao".into()), ..note("属地是瑞宝") };
    house.act(&id, "handler@jianghai", "transfer", to).expect("transferred");
    assert_eq!(
        house.act(&id, "handler@jianghai", "finish", note("好")).expect_err("is refused"),
        "case_holder"
    );
    let posts = vec!["handler@ruibao/p-2".to_owned()];
    house.act(&id, "handler@ruibao/p-1", "delegate", Input { posts, ..Input::default() }).expect("delegated");
    assert_eq!(
        house.act(&id, "handler@ruibao/p-1", "finish", note("好")).expect_err("is refused"),
        "case_holder"
    );
    house.act(&id, "dispatcher@center", "urge", Input::default()).expect("urged");
    assert_eq!(
        house.act(&id, "dispatcher@center", "urge", Input::default()).expect_err("is refused"),
        "case_urged_before"
    );
    let posts = vec!["leader@government".to_owned()];
    house.act(&id, "dispatcher@center", "circulate", Input { posts, ..Input::default() }).expect("sent");
    let case = house.act(&id, "leader@government", "read", Input::default()).expect("read");
    assert!(case.duty.copies[0].read_at.is_some());
    assert_eq!(
        house.act(&id, "leader@government", "read", Input::default()).expect_err("is refused"),
        "case_state"
    );
    assert_eq!(house.go(&id, &[("handler@ruibao/p-2", "finish")]).state, "checking");
}

#[test]
fn duplicates_are_merged_parts_are_waited_for_and_a_closed_case_opens_again() {
    let mut house = House::open();
    let (one, two) = (house.report(event("暴露垃圾")), house.report(event("垃圾没人清")));
    house.go(&one, &[("acceptor@center", "file")]);
    let into = Input { into: Some(house.case(&one).id.to_string()), ..Input::default() };
    house.act(&two, "dispatcher@center", "merge", into).expect("merged");
    assert_eq!(house.case(&two).state, "merged");
    assert_eq!(house.case(&one).step.map(|s| s.verb).as_deref(), Some("absorb"));
    house.go(&one, &[("dispatcher@center", "dispatch")]);
    house
        .act(&one, "handler@jianghai", "split", Input { title: Some("清运".into()), ..Input::default() })
        .expect("split");
    house.go(&one, &[("handler@jianghai", "finish")]);
    assert_eq!(
        house.act(&one, "inspector@grid", "pass", note("")).expect_err("is refused"),
        "case_children_open"
    );
    let part = nacre_model::EntityId::new("urn:ngsi-ld:Case:c6").expect("an id");
    assert_eq!(house.case(&part).parent.as_ref(), Some(&one));
    house.go(&part, &[("acceptor@center", "decline")]);
    assert_eq!(house.go(&one, &[("inspector@grid", "pass")]).state, "closed");
    assert_eq!(
        house
            .act(&one, "dispatcher@center", "rate", Input { stars: Some(9), ..Input::default() })
            .expect_err("is refused"),
        "case_form"
    );
    house
        .act(&one, "dispatcher@center", "rate", Input { stars: Some(5), ..Input::default() })
        .expect("rated");
    let case = house.go(&one, &[("dispatcher@center", "reopen")]);
    assert_eq!((case.state.as_str(), case.closed, case.duty.reopened), ("filed", None, 1));
}
