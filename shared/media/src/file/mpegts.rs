//! MPEG transport streams: whether the packets are scrambled.

use super::FileFacts;

/// Reads the scrambling bits of the first packets. Tables are never scrambled, so a file counts as encrypted if more than half of the
/// packets with a payload are scrambled.
pub(super) fn read(head: &[u8], packet: usize, facts: &mut FileFacts) {
    let (mut payloads, mut scrambled) = (0u32, 0u32);
    for chunk in head.get(packet - 188..).unwrap_or_default().chunks(packet) {
        let &[0x47, _, _, flags, ..] = chunk else { continue };
        if flags & 0x10 != 0 {
            payloads += 1;
            scrambled += u32::from(flags & 0x80 != 0);
        }
    }
    if scrambled * 2 > payloads {
        facts.encryption = Some("MPEG-TS scrambling".into());
    }
}
