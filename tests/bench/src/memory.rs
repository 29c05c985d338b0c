//! Memory at rest of the stand-ins and the warm functions. The baseline is the emulator, the only part that is not ours.

use anyhow::ensure;
use marquee_scenario_tests::Marquee;

use crate::{process::resident_mib, table::Table};

pub(crate) fn run(marquee: &Marquee) -> anyhow::Result<Table> {
    let memory_of = |service: &str| resident_mib(marquee.service(service)).unwrap_or(f64::NAN);
    let emulator = memory_of("emulator");
    let mut table = Table::new(
        format!("Memory; baseline: the emulator, {emulator:.0} MiB"),
        ["process", "MiB", "ratio", "processes"],
    );

    for part in ["mediaconvert", "sagemaker", "edge"] {
        let memory = memory_of(part);
        table.row([
            part.to_owned(),
            format!("{memory:.1}"),
            format!("{:.3}", memory / emulator),
            "1".to_owned(),
        ]);
    }
    let warm: Vec<f64> = marquee.warm_functions().into_iter().filter_map(resident_mib).collect();
    ensure!(!warm.is_empty(), "no function is warm");
    let count = u32::try_from(warm.len())?;
    let each = warm.iter().sum::<f64>() / f64::from(count);
    let largest = warm.into_iter().fold(0.0, f64::max);
    for (name, memory) in [("a warm function, mean", each), ("a warm function, largest", largest)] {
        table.row([
            name.to_owned(),
            format!("{memory:.1}"),
            format!("{:.3}", memory / emulator),
            count.to_string(),
        ]);
    }

    Ok(table)
}
