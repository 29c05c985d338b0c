//! The writer of fragments.

use super::Fragment;

/// The bytes of a fragment: `moof` and `mdat`.
pub(crate) fn write_fragment(sequence: u32, track: u32, fragment: &Fragment) -> Vec<u8> {
    let negative = fragment.samples.iter().any(|sample| sample.offset < 0);
    let count = u32::try_from(fragment.samples.len()).unwrap_or(u32::MAX);
    // moof(8) mfhd(16) traf(8) tfhd(16) tfdt(20) trun(20 + 16 a sample)
    let run_size = 20 + 16 * count;
    let track_size = 8 + 16 + 20 + run_size;
    let index_size = 8 + 16 + track_size;
    let data_size = u32::try_from(fragment.data.len()).unwrap_or(u32::MAX) + 8;
    let mut bytes = Vec::with_capacity((index_size + data_size) as usize);
    let mut put = |value: u32| bytes.extend_from_slice(&value.to_be_bytes());

    put(index_size);
    put(u32::from_be_bytes(*b"moof"));
    put(16);
    put(u32::from_be_bytes(*b"mfhd"));
    put(0);
    put(sequence);
    put(track_size);
    put(u32::from_be_bytes(*b"traf"));
    put(16);
    put(u32::from_be_bytes(*b"tfhd"));
    put(0x0002_0000); // offsets count from the moof
    put(track);
    put(20);
    put(u32::from_be_bytes(*b"tfdt"));
    put(0x0100_0000);
    put((fragment.start >> 32) as u32);
    put((fragment.start & 0xffff_ffff) as u32);
    put(run_size);
    put(u32::from_be_bytes(*b"trun"));
    put(0x0000_0f01 | if negative { 0x0100_0000 } else { 0 });
    put(count);
    put(index_size + 8); // where the data begins
    for sample in &fragment.samples {
        put(sample.duration);
        put(sample.size);
        put(sample.flags);
        put(sample.offset.cast_unsigned());
    }
    put(data_size);
    put(u32::from_be_bytes(*b"mdat"));
    bytes.extend_from_slice(&fragment.data);
    bytes
}

/// The bytes of a fragment up to the end of its first sample, a key frame.
pub(crate) fn key_frame_length(fragment: &Fragment) -> usize {
    let index = 8 + 16 + 8 + 16 + 20 + 20 + 16 * fragment.samples.len();
    index + 8 + fragment.samples.first().map_or(0, |sample| sample.size as usize)
}
