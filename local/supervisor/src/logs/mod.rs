//! `logs`: what one request caused, in order, over functions, queues and state machines; or the latest warnings and errors.

mod api;
mod line;
mod machines;
mod related;

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use marquee_standin::emulator::Emulator;

use self::{
    api::{LogGroups, Timestamp},
    line::{Level, Line},
    related::Links,
};

/// How far back the latest warnings and errors reach.
const RECENT: Duration = Duration::from_hours(1);
/// Rounds of searching for lines that are related to those that were found.
const MAX_ROUNDS: usize = 5;
/// Before the first line of a request its own work, whose duration the line has, has to be found too.
const MARGIN: Timestamp = 60_000;

/// Shows the lines of an id: of a request, a trace, a title, an upload, an asset or a run; and those of everything that it caused.
pub(crate) async fn show(emulator: &Emulator, stack: &str, id: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        is_id(id),
        "`{id}` is no id: give the request_id of a problem, or the id of a title, an upload or a run"
    );
    let groups = LogGroups::list(emulator, stack).await?;
    let found = groups.search(id, None).await?;
    let first = found.iter().map(Line::started).min();
    let first = first.with_context(|| {
        format!(
            "no log line of this installation has the id {id}: the last lines of a function may follow a minute later"
        )
    })?;

    let mut links = Links::new(&found);
    let mut known: BTreeMap<String, Line> = found.into_iter().map(|line| (line.key(), line)).collect();
    for _ in 0..MAX_ROUNDS {
        links.remove_others(&mut known);
        let new = links.add(known.values());
        if new.is_empty() {
            break;
        }
        for id in new {
            let found = groups.search(&id, Some(first - MARGIN)).await?;
            let related = found.into_iter().filter(|line| links.relates(line, first));
            known.extend(related.map(|line| (line.key(), line)));
        }
    }
    links.remove_others(&mut known);
    let mut shown: Vec<Line> = known.into_values().collect();
    shown.extend(machines::lines(emulator, &links, first).await?);
    shown.sort_by_key(Line::at);

    print(&shown)
}

/// Shows the warnings and errors of the last hour, each with the id to call `logs` with.
pub(crate) async fn show_recent(emulator: &Emulator, stack: &str) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let from = Timestamp::try_from(now.saturating_sub(RECENT).as_millis())?;
    let groups = LogGroups::list(emulator, stack).await?;
    let mut found = BTreeMap::new();
    for level in ["WARN", "ERROR"] {
        // A line may have both words.
        let lines = groups.search(level, Some(from)).await?;
        found.extend(lines.into_iter().map(|line| (line.key(), line)));
    }
    let mut lines: Vec<Line> = found.into_values().collect();
    lines.retain(|line| line.level != Level::Info);
    lines.sort_by_key(Line::at);
    if lines.is_empty() {
        eprintln!("no warning and no error in the last hour");
    }

    print(&lines)
}

/// Whether a text can be an id. It becomes part of a pattern.
fn is_id(text: &str) -> bool {
    text.len() >= 8
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte))
}

fn print(lines: &[Line]) -> anyhow::Result<()> {
    let width = lines.iter().map(|line| line.function.len()).max().unwrap_or_default();
    let mut output = io::stdout().lock();
    for line in lines {
        match line.write(&mut output, width) {
            // `make logs | head`
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
    }

    Ok(output.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_is_searched_for() {
        assert!(is_id("1-6920a1b2-0f1e2d3c4b5a69788796a5b4"));
        assert!(is_id("JKJaXmPLvHcESHA="));
        for text in ["", "a", "\" || \"", "12345678\""] {
            assert!(!is_id(text), "{text}");
        }
    }
}
