//! Latencies and how they are printed.

use std::time::Duration;

/// Latencies of one run.
#[derive(Default)]
pub struct Latencies(Vec<u32>);

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, took: Duration) {
        self.0.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds those of another run.
    pub fn join(&mut self, other: Latencies) {
        self.0.extend(other.0);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Median and 99th percentile in milliseconds.
    pub fn summary(&mut self) -> (f64, f64) {
        self.0.sort_unstable();
        let at = |share: f64| {
            let i = ((self.0.len() as f64 - 1.0) * share) as usize;
            self.0.get(i).copied().unwrap_or(0) as f64 / 1000.0
        };
        (at(0.5), at(0.99))
    }
}

/// Prints one row: what, a second, median and 99th percentile, beside which limit.
#[allow(clippy::print_stdout, reason = "this program's data is its output")]
pub fn row(what: &str, rate: f64, latency: Option<(f64, f64)>, beside: Option<(&str, f64)>) {
    let latency = latency.map(|(p50, p99)| format!("p50 {p50:.2} ms, p99 {p99:.2} ms")).unwrap_or_default();
    let beside =
        beside.map(|(name, limit)| format!("{:.0} % of {name} ({limit:.0}/s)", 100.0 * rate / limit));
    println!("{what:<34} {rate:>10.0}/s  {latency:<28} {}", beside.unwrap_or_default());
}

/// Prints a line.
#[allow(clippy::print_stdout, reason = "this program's data is its output")]
pub fn line(text: std::fmt::Arguments<'_>) {
    println!("{text}");
}
