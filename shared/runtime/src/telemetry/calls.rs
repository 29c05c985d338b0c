//! The calls of AWS services that an invocation makes, recorded from the spans of the AWS SDKs (`DynamoDB.GetItem`), and of what the
//! adapters use in their place (ADR 17). So every adapter is covered, and none has a line of its own for it.

use std::{fmt, time::Instant};

use tracing::{
    Level, Metadata, Span, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, Registry, filter::FilterFn, layer::Context, registry::LookupSpan};

use super::invocation;

/// The start of the targets of the SDKs' spans.
const SDK: &str = "aws_sdk_";
/// The fields of a call's span.
const SERVICE: &str = "rpc.service";
const OPERATION: &str = "rpc.method";
/// Calls that a log line lists; the others are only counted.
const MAX_LISTED: usize = 20;

/// Records the calls in the span of their invocation.
pub(super) struct Recorder;

/// The calls of an invocation, in the order in which they ended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Calls(Vec<Call>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Call {
    name: Name,
    milliseconds: u128,
}

/// `DynamoDB.GetItem`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Name {
    service: String,
    operation: String,
}

/// Which call started, and when. It lasts until its span is closed, retries included.
struct Started(Name, Instant);

impl Recorder {
    /// The spans that the recorder needs.
    pub(super) fn filter() -> FilterFn {
        let is_needed: fn(&Metadata<'_>) -> bool = |metadata| is_call(metadata) || invocation::is_invocation(metadata);

        FilterFn::new(is_needed).with_max_level_hint(LevelFilter::DEBUG)
    }
}

impl Calls {
    /// The calls that were recorded in the span of an invocation.
    pub(super) fn from_span(span: &Span) -> Self {
        let calls = span.with_subscriber(|(id, dispatch)| {
            let registry = dispatch.downcast_ref::<Registry>()?;
            registry.span(id)?.extensions().get::<Self>().cloned()
        });

        calls.flatten().unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `DynamoDB.GetItem 3 ms, S3.HeadObject 12 ms`.
impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, call) in self.0.iter().take(MAX_LISTED).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let Name { service, operation } = &call.name;
            write!(f, "{separator}{service}.{operation} {} ms", call.milliseconds)?;
        }
        if self.0.len() > MAX_LISTED {
            write!(f, " and {} more", self.0.len() - MAX_LISTED)?;
        }

        Ok(())
    }
}

impl Visit for Name {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            SERVICE => value.clone_into(&mut self.service),
            OPERATION => value.clone_into(&mut self.operation),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if is_call(attributes.metadata())
            && let Some(span) = context.span(id)
        {
            let mut name = Name::default();
            attributes.record(&mut name);
            span.extensions_mut().insert(Started(name, Instant::now()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Started(name, at)) = span.extensions_mut().remove() else {
            return;
        };
        let call = Call {
            name,
            milliseconds: at.elapsed().as_millis(),
        };
        // The signature of a URL is an operation of the SDK too, which sends nothing and is done at once.
        if call.milliseconds == 0 {
            return;
        }
        if let Some(invocation) = span.scope().find(|span| invocation::is_invocation(span.metadata())) {
            let mut extensions = invocation.extensions_mut();
            match extensions.get_mut::<Calls>() {
                Some(calls) => calls.0.push(call),
                None => extensions.insert(Calls(vec![call])),
            }
        }
    }
}

/// Whether a span is a call. Calls contain spans of the SDKs' own, which name no operation.
fn is_call(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
        && *metadata.level() == Level::DEBUG
        && metadata.target().starts_with(SDK)
        && metadata.fields().field(OPERATION).is_some()
}

#[cfg(test)]
mod tests {
    use std::{hint, time::Duration};

    use tracing::{debug_span, info_span};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn calls(count: usize) -> Calls {
        let call = Call {
            name: Name {
                service: "DynamoDB".to_owned(),
                operation: "GetItem".to_owned(),
            },
            milliseconds: 3,
        };

        Calls(vec![call; count])
    }

    #[test]
    fn calls_are_listed_with_their_durations() {
        assert_eq!(calls(2).to_string(), "DynamoDB.GetItem 3 ms, DynamoDB.GetItem 3 ms");
        assert!(calls(0).is_empty());
    }

    #[test]
    fn calls_are_recorded_with_and_without_an_sdk() {
        let layer = Recorder.with_filter(Recorder::filter());
        let _recording = tracing::subscriber::set_default(Registry::default().with(layer));
        let invocation = info_span!("invocation");
        // A call that took no time is not recorded.
        let pause = || {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(2) {
                hint::spin_loop();
            }
        };
        invocation.in_scope(|| {
            debug_span!(target: "aws_sdk_dynamodb", "DynamoDB.GetItem", rpc.service = "DynamoDB", rpc.method = "GetItem")
                .in_scope(pause);
            debug_span!(target: "aws_sdk_json", "call", rpc.service = "SSM", rpc.method = "GetParameter").in_scope(pause);
            debug_span!(target: "aws_sdk_dynamodb", "signing").in_scope(pause);
        });

        let recorded = Calls::from_span(&invocation).0;
        let names = recorded
            .iter()
            .map(|call| (call.name.service.as_str(), call.name.operation.as_str()));
        assert_eq!(
            names.collect::<Vec<_>>(),
            [("DynamoDB", "GetItem"), ("SSM", "GetParameter")]
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        assert!(calls(25).to_string().ends_with("3 ms and 5 more"));
    }
}
