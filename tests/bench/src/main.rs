//! `make bench`: how fast and how large Marquee is, as ratios against a named baseline measured in the same run. The
//! machine may be noisy: pairs are interleaved, medians are shown, CPU seconds stand beside wall seconds.

mod cold_start;
mod memory;
mod pipeline;
mod plan;
mod process;
mod table;
mod transcode;

use marquee_scenario_tests::Marquee;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let marquee = Marquee::running();

    cold_start::run(&marquee).await?.print();
    pipeline::run(&marquee).await?.print();
    transcode::run(&marquee).await?.print();
    memory::run(&marquee)?.print();

    Ok(())
}
