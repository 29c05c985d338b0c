//! `make bench`: speed and memory of Marquee, as ratios to a baseline that is measured in the same run. Since the machine may be
//! noisy, pairs are interleaved, the results are medians, and CPU seconds are shown next to wall seconds.

mod cold_start;
mod memory;
mod pipeline;
mod plan;
mod process;
mod table;
mod transcode;

use marquee_scenario_tests::Marquee;

use crate::cold_start::Build;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let marquee = Marquee::running();
    let build = match std::env::args().nth(1).as_deref() {
        None => Build::Fast,
        Some("--release") => Build::Release,
        Some(other) => anyhow::bail!("{other} is unknown: marquee-bench [--release]"),
    };

    cold_start::run(&marquee, build).await?.print();
    pipeline::run(&marquee).await?.print();
    transcode::run(&marquee).await?.print();
    memory::run(&marquee)?.print();

    Ok(())
}
