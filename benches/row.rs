//! What is printed, and how several measurements become one.

use serde::Serialize;
use serde_json::{Map, Value};

/// One line of the output.
#[derive(Serialize)]
pub struct Row {
    bench: &'static str,
    value: f64,
    unit: &'static str,
    limit: f64,
    ratio: f64,
    better: &'static str,
    goal: f64,
    load: Option<f64>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// Three digits that count.
fn rounded(number: f64) -> f64 {
    if number == 0.0 || !number.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powi(3 - number.abs().log10().floor() as i32);
    (number * scale).round() / scale
}

/// How many wanted a core in the last minute, where the system tells.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

impl Row {
    /// A value of which more is better; `goal` is the least ratio.
    pub fn higher(bench: &'static str, value: f64, unit: &'static str, limit: f64, goal: f64) -> Self {
        Self::new(bench, value, unit, limit, goal, "higher")
    }

    /// A value of which less is better; `goal` is the greatest ratio.
    pub fn lower(bench: &'static str, value: f64, unit: &'static str, limit: f64, goal: f64) -> Self {
        Self::new(bench, value, unit, limit, goal, "lower")
    }

    fn new(bench: &'static str, value: f64, unit: &'static str, limit: f64, goal: f64, better: &'static str) -> Self {
        let (ratio, value, limit) = (rounded(value / limit), rounded(value), rounded(limit));
        Self { bench, value, unit, limit, ratio, better, goal, load: load(), more: Map::new() }
    }

    /// Says something else besides.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// Prints it.
    pub fn print(self) {
        println!("{}", serde_json::to_string(&self).expect("a row is JSON"));
    }
}

/// The value below which `share` of the values lie.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// The middle one.
pub fn median(values: &[f64]) -> f64 {
    quantile(&mut values.to_vec(), 0.5)
}
