//! A log that a test reads.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]
#![expect(clippy::missing_panics_doc, reason = "a failed assertion panics")]

use std::{cell::RefCell, io, marker::PhantomData, sync::Once};

use serde_json::Value;

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What this thread logs, from [`Log::begin`] until the value is dropped.
pub struct Log(PhantomData<*const ()>);

/// Writes into the log of the current thread, if it has begun one.
struct ThreadLog;

impl io::Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map_or(Ok(bytes.len()), |lines| lines.write(bytes)))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Begins to record.
    #[must_use]
    pub fn begin() -> Self {
        static ONCE: Once = Once::new();
        // One subscriber for all threads: `tracing` caches for each line whether any subscriber wants it, and misses subscribers that
        // other threads set later.
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::fmt().json().flatten_event(true);
            subscriber.with_writer(|| ThreadLog).init();
        });
        LINES.set(Some(Vec::new()));

        Self(PhantomData)
    }

    /// The lines until now, in order, with their fields. Those of the SDK are left out.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let text = LINES.with_borrow(Clone::clone).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());

        lines
            .map(|line| serde_json::from_slice::<Value>(line).expect("a line of the log is JSON"))
            .filter(|line| !text_of(line, "target").starts_with("aws_"))
            .collect()
    }

    /// The levels of these lines.
    #[must_use]
    pub fn levels(&self) -> Vec<String> {
        self.lines()
            .iter()
            .map(|line| text_of(line, "level").to_owned())
            .collect()
    }
}

fn text_of<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().expect("every line has this field")
}

impl Drop for Log {
    fn drop(&mut self) {
        LINES.set(None);
    }
}
