//! Analytics: publishes changes of the table as domain events, and logs them for training. One file for each function.

mod lines;

runtime::functions! {
    batches:
        export_events,
        fan_out;
}
