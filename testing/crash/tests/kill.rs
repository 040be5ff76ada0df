//! A hundred rounds, or as many as `NACRE_CRASH_ROUNDS` says, against the binary beside this test.

use nacre_crash::{rounds, server};

#[test]
fn a_killed_server_has_kept_what_it_acknowledged() {
    let count = std::env::var("NACRE_CRASH_ROUNDS").ok().map_or(100, |n| n.parse().expect("a number"));
    let nacre = server::binary().expect("the binary");
    let seed = rand::random();
    let totals = rounds::run(&nacre, count, seed, |_| {}).unwrap_or_else(|why| panic!("{why}"));
    eprintln!("{totals:?}");
    assert!(totals.rounds == count && (count < 10 || totals.acknowledged > 0));
}
