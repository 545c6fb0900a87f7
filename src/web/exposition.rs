//! Pure. The figures of the agent in the formats of Prometheus.
//!
//! Counters come from the state, so that they survive restarts; gauges come from what the agent
//! publishes. Labels are names of closed sets and of configured channels, never texts of logs.

mod families;
mod metric;

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

use crate::agent::pulse::Pulse;
use crate::clock::Timestamp;
use crate::web::Snapshot;
use crate::web::exposition::metric::Metrics;
use crate::web::process::ProcessGauge;

/// The exposed values.
#[derive(Clone, Copy, Debug)]
pub struct Exposed<'e> {
    pub now: Timestamp,
    pub pulse: &'e Pulse,
    /// `None` if the state cannot be read: its values are then left out.
    pub snapshot: Option<&'e Snapshot>,
    /// The resources that this process uses.
    pub process: &'e [ProcessGauge],
}

/// The formats that clients can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpositionFormat {
    OpenMetrics,
    Text,
}

impl ExpositionFormat {
    /// The format that an `Accept` header prefers; without a preference, the older one.
    pub fn of(accept: Option<&str>) -> Self {
        let accept = accept.unwrap_or_default();
        let weight = |kinds: &[&str]| {
            let ranges = accept.split(',').map(weighted);
            let known = ranges.filter(|(kind, _)| kinds.contains(&kind.as_str()));
            known.map(|(_, weight)| weight).fold(0.0, f32::max)
        };
        let open = weight(&["application/openmetrics-text"]);
        if open > 0.0 && open >= weight(&["text/plain"]) { Self::OpenMetrics } else { Self::Text }
    }

    /// The media type of an answer.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => prometheus_text::CONTENT_TYPE,
        }
    }
}

/// A media range of an `Accept` header without its parameters, and its weight.
fn weighted(range: &str) -> (String, f32) {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse().ok());
    (kind, weight.unwrap_or(1.0))
}

/// All metrics in this format.
pub fn exposition(exposed: &Exposed<'_>, format: ExpositionFormat) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Metrics(families::all(exposed))));
    let mut answer = String::new();
    let encoded = match format {
        ExpositionFormat::OpenMetrics => text::encode(&mut answer, &registry),
        ExpositionFormat::Text => prometheus_text::encode(&mut answer, &registry),
    };
    debug_assert!(encoded.is_ok(), "a string takes everything");
    answer
}

#[cfg(test)]
mod tests;
