//! Pure. One metric with its samples, in their order.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

pub(crate) type MetricLabels = Vec<(&'static str, String)>;

/// A metric, also one without samples: its name is known before anything happens.
#[derive(Debug)]
pub(crate) struct Metric {
    /// A counter without its ending `_total`, and the build without `_info`.
    name: &'static str,
    help: &'static str,
    samples: MetricSamples,
}

#[derive(Debug)]
enum MetricSamples {
    Counters(Vec<(MetricLabels, u64)>),
    Gauges(Vec<(MetricLabels, f64)>),
    Info(MetricLabels),
}

impl Metric {
    pub(crate) fn gauge(name: &'static str, help: &'static str, value: f64) -> Self {
        Self::gauges(name, help, [(MetricLabels::new(), value)])
    }

    pub(crate) fn gauges(
        name: &'static str,
        help: &'static str,
        values: impl IntoIterator<Item = (MetricLabels, f64)>,
    ) -> Self {
        Self { name, help, samples: MetricSamples::Gauges(values.into_iter().collect()) }
    }

    pub(crate) fn counters(
        name: &'static str,
        help: &'static str,
        values: impl IntoIterator<Item = (MetricLabels, u64)>,
    ) -> Self {
        Self { name, help, samples: MetricSamples::Counters(values.into_iter().collect()) }
    }

    pub(crate) fn build(name: &'static str, help: &'static str, labels: MetricLabels) -> Self {
        Self { name, help, samples: MetricSamples::Info(labels) }
    }

    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let kind = match self.samples {
            MetricSamples::Counters(_) => MetricType::Counter,
            MetricSamples::Gauges(_) => MetricType::Gauge,
            MetricSamples::Info(_) => MetricType::Info,
        };
        let mut metric = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        match &self.samples {
            MetricSamples::Counters(samples) => samples.iter().try_for_each(|(labels, n)| {
                ConstCounter::new(*n).encode(metric.encode_family(labels)?)
            }),
            MetricSamples::Gauges(samples) => samples.iter().try_for_each(|(labels, value)| {
                ConstGauge::new(*value).encode(metric.encode_family(labels)?)
            }),
            MetricSamples::Info(labels) => metric.encode_info(labels),
        }
    }
}

/// All metrics of one answer.
#[derive(Debug)]
pub(crate) struct Metrics(pub(crate) Vec<Metric>);

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|metric| metric.encode(&mut encoder))
    }
}
