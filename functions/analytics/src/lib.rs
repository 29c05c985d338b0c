//! What happened, for those who were not there: the table's one reader tells it, and what a model learns from is kept.
//! Each file is a whole function.

mod lines;

runtime::functions! {
    batches:
        export_events,
        fan_out;
}
