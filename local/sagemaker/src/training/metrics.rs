//! Metrics: numbers in a training's log, found by the expressions of its `MetricDefinitions`.

use std::collections::BTreeMap;

use marquee_standin::clock;
use regex_lite::Regex;

use super::{
    super::api::{Epoch, training::MetricDefinition},
    job::MetricData,
};

/// The metrics of a log so far.
#[derive(Debug)]
pub(crate) struct Metrics {
    definitions: Vec<(String, Regex)>,
    last: BTreeMap<String, MetricData>,
}

impl Metrics {
    pub(crate) fn new(definitions: &[MetricDefinition]) -> Self {
        let definitions = definitions
            .iter()
            .filter_map(|definition| Some((definition.name.clone(), Regex::new(&definition.regex).ok()?)))
            .collect();
        Self {
            definitions,
            last: BTreeMap::new(),
        }
    }

    /// Finds the metrics in a line of the log; the last value of each counts.
    pub(crate) fn read(&mut self, line: &str) {
        for (name, regex) in &self.definitions {
            let captured = regex.captures(line).and_then(|captures| captures.get(1));
            let Some(value) = captured.and_then(|text| text.as_str().parse::<f32>().ok()) else {
                continue;
            };
            let metric = MetricData {
                metric_name: name.clone(),
                value,
                timestamp: Epoch::from(clock::now()),
            };
            self.last.insert(name.clone(), metric);
        }
    }

    pub(crate) fn into_list(self) -> Vec<MetricData> {
        self.last.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_each_metric_counts() {
        let definition = |name: &str| MetricDefinition {
            name: name.to_owned(),
            regex: format!("metric {name}=([-+0-9.eE]+)"),
        };
        let mut metrics = Metrics::new(&[definition("ndcg"), definition("recall"), definition("loss")]);
        for line in [
            "12:00 INFO metric ndcg=0.1",
            "metric ndcg=0.326 metric recall=0.43",
            "metric loss=nothing",
            "metrics ndcg=7",
        ] {
            metrics.read(line);
        }
        let last: Vec<(String, f32)> = metrics
            .into_list()
            .into_iter()
            .map(|metric| (metric.metric_name, metric.value))
            .collect();
        assert_eq!(last, [("ndcg".to_owned(), 0.326), ("recall".to_owned(), 0.43)]);
    }
}
