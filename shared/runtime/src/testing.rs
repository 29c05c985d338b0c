//! What a test reads of the log.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]
#![expect(clippy::missing_panics_doc, reason = "an assertion panics, that is what it is for")]

use std::{cell::RefCell, io, marker::PhantomData, sync::Once};

use serde_json::Value;

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What this thread logs, from its beginning to the end of the test.
pub struct Log(PhantomData<*const ()>);

/// Writes into the log of the thread that logs, if it has begun one.
struct OfThisThread;

impl io::Write for OfThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map_or(Ok(bytes.len()), |lines| lines.write(bytes)))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Begins it.
    #[must_use]
    pub fn begin() -> Self {
        static ONCE: Once = Once::new();
        // One subscriber for all threads: `tracing` remembers of each line whether any thread wants it, and forgets threads that are new.
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::fmt().json().flatten_event(true);
            subscriber.with_writer(|| OfThisThread).init();
        });
        LINES.set(Some(Vec::new()));

        Self(PhantomData)
    }

    /// The levels of our lines until now, in order. Those of the SDK are left out.
    #[must_use]
    pub fn levels(&self) -> Vec<String> {
        let text = LINES.with_borrow(Clone::clone).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.map(|line| serde_json::from_slice::<Value>(line).expect("a line of the log is JSON"));
        let text = |line: &Value, field: &str| line[field].as_str().expect("a line has it").to_owned();

        lines
            .filter(|line| !text(line, "target").starts_with("aws_"))
            .map(|line| text(&line, "level"))
            .collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        LINES.set(None);
    }
}
