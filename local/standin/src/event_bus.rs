//! EventBridge's default bus. Only AWS may put events with a source that starts with `aws.`: the source of the stand-ins' events
//! is a setting, and a parameter of the template.

use aws_sdk_eventbridge::{Client, primitives::DateTime, types::PutEventsRequestEntry};

use crate::{aws::root, emulator::Emulator, outbox::Event};

/// The bus, with the source of one service.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    source: String,
}

impl EventBus {
    /// A bus for events with this source.
    #[must_use]
    pub fn new(emulator: &Emulator, source: &str) -> Self {
        Self {
            client: Client::new(&root(emulator)),
            source: source.to_owned(),
        }
    }

    /// Puts an event.
    pub async fn put(&self, event: &Event) -> anyhow::Result<()> {
        let entry = PutEventsRequestEntry::builder()
            .source(&self.source)
            .detail_type(&event.detail_type)
            .resources(&event.resource)
            .time(DateTime::from_secs(event.time.as_second()))
            .detail(event.detail.to_string())
            .build();
        let answer = self.client.put_events().entries(entry).send().await?;
        let refused = answer.entries().iter().find_map(|entry| entry.error_message());
        anyhow::ensure!(
            answer.failed_entry_count() == 0,
            "{}",
            refused.unwrap_or("no reason given")
        );
        Ok(())
    }
}
