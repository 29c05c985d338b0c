//! The length of streams that state none, by the clock in their packets. The clock of joined recordings restarts; the parts are added up, so
//! the first and the last time are not enough.

use super::media_length::MediaLength;
use super::view::{Stop, View};

/// A file up to this size is read completely, in bytes.
const MAX_WHOLE_BYTES: u64 = 4 * 1024 * 1024;
/// The number of windows that are read of a larger file, evenly spread.
const WINDOWS: u64 = 16;
/// Size of a window, in bytes.
const WINDOW: u64 = 192 * 1024;
/// Ticks of the MPEG clock in a second.
const TICKS_PER_SECOND: u64 = 90_000;
/// A longer step between two times is a jump.
const MAX_STEP: u64 = 5 * TICKS_PER_SECOND;
/// Minimum number of ticks in all windows for an estimate of the whole file.
const MIN_TICKS: u64 = 5 * TICKS_PER_SECOND;

/// Byte positions and times in a window, in the order of the file.
pub(super) type Times = Vec<(usize, u64)>;

/// Measures the length of a small file, or estimates that of a large one from windows.
pub(super) fn read(view: &View, times: impl Fn(&[u8]) -> Times, length: &mut MediaLength) -> Result<(), Stop> {
    if view.size() <= MAX_WHOLE_BYTES {
        let (ticks, _) = run(&times(view.get(0, view.size())?));
        length.clock_ms = super::media_length::millis(ticks, TICKS_PER_SECOND).filter(|millis| *millis > 0);
        return Ok(());
    }
    let (mut ticks, mut bytes) = (0u64, 0u64);
    for window in 0..WINDOWS {
        let start = (view.size() - WINDOW) / (WINDOWS - 1) * window;
        let (more_ticks, more_bytes) = run(&times(view.get(start, WINDOW)?));
        ticks += more_ticks;
        bytes += more_bytes;
    }
    if ticks >= MIN_TICKS && bytes > 0 {
        let all = u128::from(ticks) * u128::from(view.size()) / u128::from(bytes);
        length.clock_ms = u64::try_from(all * 1000 / u128::from(TICKS_PER_SECOND)).ok();
    }
    Ok(())
}

/// The ticks between the times and the bytes between them, without jumps.
fn run(times: &Times) -> (u64, u64) {
    let mut sum = (0, 0);
    for pair in times.windows(2) {
        let [(from, before), (to, after)] = [pair[0], pair[1]];
        if let Some(step) = after.checked_sub(before).filter(|step| *step <= MAX_STEP) {
            sum = (sum.0 + step, sum.1 + (to - from) as u64);
        }
    }
    sum
}

/// The times of the program clock of a transport stream's first program, in ticks.
pub(super) fn transport(packet: usize) -> impl Fn(&[u8]) -> Times {
    move |bytes| {
        let mut first_pid = None;
        let mut times = Times::new();
        let mut at = sync(bytes, packet);
        while let Some(chunk) = bytes.get(at..at + 188) {
            let &[0x47, high, low, flags, len, adaptation, ref rest @ ..] = chunk else {
                at += 1 + sync(bytes.get(at + 1..).unwrap_or_default(), packet);
                continue;
            };
            let pid = u16::from_be_bytes([high & 0x1F, low]);
            if flags & 0x20 != 0 && len >= 7 && adaptation & 0x10 != 0 && *first_pid.get_or_insert(pid) == pid {
                let base = rest
                    .iter()
                    .take(4)
                    .fold(0u64, |base, byte| (base << 8) | u64::from(*byte));
                times.push((at, (base << 1) | u64::from(rest[4] >> 7)));
            }
            at += packet;
        }
        times
    }
}

/// The position of the first packet: two sync bytes a packet apart.
fn sync(bytes: &[u8], packet: usize) -> usize {
    let is_start = |at: &usize| bytes[*at] == 0x47 && bytes.get(at + packet).is_none_or(|byte| *byte == 0x47);
    (0..bytes.len()).find(is_start).unwrap_or(bytes.len())
}

/// The times of the system clock of a program stream's packs, in ticks.
pub(super) fn program(bytes: &[u8]) -> Times {
    let packs = super::media_length::places(bytes, &[0, 0, 1, 0xBA]);
    packs
        .filter_map(|place| {
            let pack: &[u8; 5] = bytes.get(place + 4..place + 9)?.try_into().ok()?;
            let pack = pack.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
            // The number has three parts, each followed by a marker bit. MPEG-2 has two more bits for its extension.
            let part = |shift: u32, bits: u32| (pack >> shift) & ((1 << bits) - 1);
            let clock = match pack >> 38 {
                // MPEG-2
                0b01 => (part(35, 3) << 30) | (part(19, 15) << 15) | part(3, 15),
                // MPEG-1
                _ => (part(33, 3) << 30) | (part(17, 15) << 15) | part(1, 15),
            };
            Some((place, clock))
        })
        .collect()
}

/// Measures an FLV file. Its tags have no sync mark, so only a file that is read from its start can be measured.
pub(super) fn read_flv(view: &View, length: &mut MediaLength) -> Result<(), Stop> {
    if view.size() > MAX_WHOLE_BYTES {
        return Ok(());
    }
    let bytes = view.get(0, view.size())?;
    let mut times = Times::new();
    let mut at = 13;
    while let Some(&[kind, size_a, size_b, size_c, time_a, time_b, time_c, time_d]) = bytes.get(at..at + 8) {
        // Only the times of pictures and sound count.
        if matches!(kind & 0x1F, 8 | 9) {
            times.push((
                at,
                u64::from(u32::from_be_bytes([time_d, time_a, time_b, time_c])) * TICKS_PER_SECOND / 1000,
            ));
        }
        at += 15 + u32::from_be_bytes([0, size_a, size_b, size_c]) as usize;
    }
    let (ticks, _) = run(&times);
    length.clock_ms = super::media_length::millis(ticks, TICKS_PER_SECOND).filter(|millis| *millis > 0);
    Ok(())
}
