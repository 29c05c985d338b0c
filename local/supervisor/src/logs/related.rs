//! Which lines belong together: those of one trace, and those of functions without a request that work on the same things.

use std::collections::{BTreeMap, BTreeSet};

use super::{api::Timestamp, line::Line};

/// Fields whose value another line of the same request has too.
const SAME_REQUEST: [&str; 2] = ["requestId", "trace"];
/// Fields with the id of a thing that queues, streams and machines pass on, where a trace may end.
const SAME_THING: [&str; 6] = ["title.id", "upload.id", "asset.id", "run.id", "job.id", "target.id"];

/// Ids that were found.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Of the lines that have the id that was asked for.
    first: BTreeSet<String>,
    requests: BTreeSet<String>,
    things: BTreeSet<String>,
}

impl Links {
    /// Starts with the lines that have the id that was asked for.
    pub(super) fn new(lines: &[Line]) -> Self {
        Self {
            first: lines.iter().flat_map(|line| ids(line, &SAME_REQUEST)).collect(),
            ..Self::default()
        }
    }

    /// Adds the ids in these lines, and returns those to search for next. A trace finds all of its requests.
    pub(super) fn add<'a>(&mut self, lines: impl Iterator<Item = &'a Line>) -> BTreeSet<String> {
        let mut new = BTreeSet::new();
        let lines: Vec<&Line> = lines.collect();
        let sweeps = of_several_titles(&lines);
        for line in lines {
            for id in ids(line, &SAME_REQUEST) {
                let is_found_by_trace = line.text("trace").is_some_and(|trace| trace != id);
                if self.requests.insert(id.clone()) && !is_found_by_trace {
                    new.insert(id);
                }
            }
            if ids(line, &["requestId"]).any(|id| sweeps.contains(&id)) {
                continue;
            }
            for id in ids(line, &SAME_THING) {
                if self.things.insert(id.clone()) {
                    new.insert(id);
                }
            }
        }

        new
    }

    /// Removes the lines of other HTTP requests for the same things. Only the last line of a request shows that it is one.
    pub(super) fn remove_others(&self, lines: &mut BTreeMap<String, Line>) {
        let others: BTreeSet<String> = lines
            .values()
            .filter(|line| line.is_of_request() && ids(line, &SAME_REQUEST).all(|id| !self.first.contains(&id)))
            .flat_map(|line| ids(line, &SAME_REQUEST))
            .collect();
        lines.retain(|_, line| ids(line, &SAME_REQUEST).all(|id| !others.contains(&id)));
    }

    /// Whether a line belongs to the same request, or was written later by a function that works on one of its things. Other requests
    /// for the same thing are requests of their own.
    pub(super) fn relates(&self, line: &Line, first: Timestamp) -> bool {
        let has = |ids: &BTreeSet<String>, names: &[&str]| {
            names
                .iter()
                .any(|name| line.text(name).is_some_and(|id| ids.contains(id)))
        };

        has(&self.requests, &SAME_REQUEST)
            || (!line.is_of_request() && line.started() >= first && has(&self.things, &SAME_THING))
    }

    /// Whether the name of an execution has the id of a thing.
    pub(super) fn names(&self, execution: &str) -> bool {
        self.things.iter().any(|id| execution.contains(id.as_str()))
    }
}

/// Invocations that work on several titles, such as sweeps and batches: one title does not lead to the others.
fn of_several_titles(lines: &[&Line]) -> BTreeSet<String> {
    let mut titles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lines {
        for invocation in ids(line, &["requestId"]) {
            titles.entry(invocation).or_default().extend(ids(line, &["title.id"]));
        }
    }

    titles
        .into_iter()
        .filter_map(|(invocation, titles)| (titles.len() > 1).then_some(invocation))
        .collect()
}

fn ids(line: &Line, names: &[&'static str]) -> impl Iterator<Item = String> {
    names.iter().filter_map(|name| Some(line.text(name)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(at: Timestamp, fields: &[(&str, &str)]) -> Line {
        let mut message = json!({
            "timestamp": jiff::Timestamp::from_millisecond(at).unwrap().to_string(),
            "level": "INFO", "message": "a line", "span": { "name": "invocation" },
        });
        for (name, value) in fields {
            message[*name] = Value::from(*value);
        }

        Line::from_event(&json!({ "timestamp": at, "message": message.to_string() })).unwrap()
    }

    #[test]
    fn later_work_on_the_same_thing_belongs_to_a_request() {
        let mut links = Links::default();
        let request = line(
            5,
            &[("trace", "t-1"), ("route", "/api/uploads"), ("target.id", "upload-1")],
        );

        assert_eq!(
            links.add([&request].into_iter()),
            ["t-1".to_owned(), "upload-1".to_owned()].into()
        );
        assert!(links.add([&request].into_iter()).is_empty());
        assert!(links.relates(&line(6, &[("trace", "t-2"), ("upload.id", "upload-1")]), 5));
        assert!(links.relates(&line(4, &[("trace", "t-1")]), 5));
        assert!(
            !links.relates(&line(4, &[("upload.id", "upload-1")]), 5),
            "earlier work"
        );
        let other = line(
            6,
            &[("trace", "t-2"), ("route", "/api/uploads"), ("target.id", "upload-1")],
        );
        assert!(!links.relates(&other, 5), "a request of its own");
        assert!(!links.relates(&line(6, &[("upload.id", "upload-2")]), 5));
        assert!(links.names("upload-1-1") && !links.names("upload-2-1"));
    }

    #[test]
    fn a_sweep_does_not_lead_to_its_other_titles() {
        let swept = |title: &'static str| line(5, &[("requestId", "r-1"), ("title.id", title)]);
        let found = [swept("title-1"), swept("title-2")];
        let mut links = Links::new(&found[..1]);

        assert_eq!(links.add(found.iter()), ["r-1".to_owned()].into());
    }

    #[test]
    fn another_request_for_the_same_thing_is_left_out() {
        let of_request = |id: &'static str, more: (&'static str, &'static str)| {
            line(5, &[("requestId", id), ("title.id", "title-1"), more])
        };
        let first = of_request("r-1", ("route", "/api/titles"));
        let links = Links::new(std::slice::from_ref(&first));
        let other = [
            of_request("r-2", ("step", "begins")),
            of_request("r-2", ("route", "/api/titles")),
        ];
        let work = of_request("r-3", ("step", "validate"));
        let numbered = [first, work].into_iter().chain(other).enumerate();
        let mut known: BTreeMap<String, Line> = numbered.map(|(index, line)| (index.to_string(), line)).collect();

        links.remove_others(&mut known);

        assert_eq!(known.into_keys().collect::<Vec<_>>(), ["0", "1"]);
    }
}
