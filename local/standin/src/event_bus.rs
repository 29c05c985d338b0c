//! EventBridge's default bus, where services tell what became of things. Nobody but AWS may use a source that starts with
//! `aws.`: which one the stand-ins use instead is configuration, and a parameter of the template.

use aws_sdk_eventbridge::{Client, primitives::DateTime, types::PutEventsRequestEntry};

use crate::{aws::operator, emulator::Emulator, outbox::Event};

/// The bus as one service uses it.
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    source: String,
}

impl EventBus {
    /// For events with this source.
    #[must_use]
    pub fn new(emulator: &Emulator, source: &str) -> Self {
        Self {
            client: Client::new(&operator(emulator)),
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
