//! Scans the blocks of a GIF, from first to last byte. The length of a GIF is known only after its last picture, so the whole file is read;
//! nothing of it is kept.

use super::Animation;

/// How long a picture without a delay is shown, in hundredths of a second.
const DEFAULT_DELAY: u16 = 10;
/// Players differ in shorter delays: FFmpeg shows a hundredth of a second as stated, browsers as [`DEFAULT_DELAY`].
const MIN_DELAY: u16 = 2;

/// A scan of the blocks. [`Self::feed`] it the file, then [`Self::end`] it.
#[derive(Clone, Debug)]
pub struct Scan {
    state: State,
    /// The first bytes of the next part.
    held: Vec<u8>,
    /// Bytes to skip before it.
    skip: u64,
    /// The stated delay of the next picture.
    delay: u16,
    found: Animation,
}

/// The part that is expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Signature and screen.
    Screen,
    /// One byte with the type of the block.
    Block,
    /// One byte with the type of the extension.
    Extension,
    /// The first sub-block of a graphic control extension, which has a picture's delay.
    Control,
    /// A picture's position, size and flags.
    Picture,
    /// The length of a sub-block; zero after the last one.
    SubBlock { of_picture: bool },
    /// After the trailer, or after an invalid block: decoders stop here.
    End,
}

impl State {
    const fn bytes(self) -> usize {
        match self {
            Self::Screen => 13,
            Self::Block | Self::Extension | Self::SubBlock { .. } => 1,
            Self::Control => 5,
            Self::Picture => 9,
            Self::End => 0,
        }
    }
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            state: State::Screen,
            held: Vec::new(),
            skip: 0,
            delay: 0,
            found: Animation {
                width: 0,
                height: 0,
                pictures: 0,
                duration_ms: 0,
                has_short_delays: false,
                cut_off: false,
            },
        }
    }
}

impl Scan {
    /// Scans the next bytes of the file.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while self.state != State::End && !bytes.is_empty() {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
            self.skip -= skipped as u64;
            bytes = &bytes[skipped..];
            let missing = self.state.bytes() - self.held.len();
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.held.extend_from_slice(taken);
            bytes = rest;
            if self.skip == 0 && self.held.len() == self.state.bytes() {
                let mut part = std::mem::take(&mut self.held);
                self.read(&part);
                // The buffer is reused, because a file may have millions of blocks.
                part.clear();
                self.held = part;
            }
        }
    }

    /// The facts of the animation, after the whole file was fed.
    #[must_use]
    pub fn end(mut self) -> Animation {
        self.found.cut_off = matches!(
            self.state,
            State::Screen | State::Picture | State::SubBlock { of_picture: true }
        );
        self.found
    }

    fn read(&mut self, part: &[u8]) {
        self.state = match (self.state, part) {
            (State::Screen, [.., w0, w1, h0, h1, flags, _, _]) => {
                self.found.width = u16::from_le_bytes([*w0, *w1]).into();
                self.found.height = u16::from_le_bytes([*h0, *h1]).into();
                self.skip = color_table(*flags);
                State::Block
            }
            (State::Block, [0x21]) => State::Extension,
            (State::Block, [0x2C]) => State::Picture,
            (State::Extension, [0xF9]) => State::Control,
            (State::Extension, _) => State::SubBlock { of_picture: false },
            // The sub-block's length, which is 4, flags, and the delay.
            (State::Control, [len, _, d0, d1, _]) if *len >= 4 => {
                self.delay = u16::from_le_bytes([*d0, *d1]);
                self.skip = u64::from(*len) - 4;
                State::SubBlock { of_picture: false }
            }
            (State::Picture, [.., flags]) => {
                // The byte before the sub-blocks has the width of their codes.
                self.skip = color_table(*flags) + 1;
                State::SubBlock { of_picture: true }
            }
            (State::SubBlock { of_picture }, [0]) => {
                if of_picture {
                    self.count_picture();
                }
                State::Block
            }
            (state @ State::SubBlock { .. }, [len]) => {
                self.skip = u64::from(*len);
                state
            }
            _ => State::End,
        };
    }

    /// Counts a picture. A stated delay is for one picture only.
    fn count_picture(&mut self) {
        let stated = std::mem::take(&mut self.delay);
        let delay = if stated == 0 { DEFAULT_DELAY } else { stated };
        self.found.pictures = self.found.pictures.saturating_add(1);
        self.found.duration_ms += u64::from(delay) * 10;
        self.found.has_short_delays |= stated < MIN_DELAY;
    }
}

/// Bytes of the colour table that these flags announce.
fn color_table(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A GIF of 32x40 pixels with pictures of these delays.
    pub(crate) fn gif(delays: &[u16]) -> Vec<u8> {
        let mut file = b"GIF89a\x20\0\x28\0\x80\0\0".to_vec();
        file.extend([0; 6]);
        file.extend(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0");
        for delay in delays {
            let [d0, d1] = delay.to_le_bytes();
            file.extend([0x21, 0xF9, 4, 0, d0, d1, 0, 0]);
            file.extend([0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 2, 0x84, 0x51, 0]);
        }
        file.push(0x3B);
        file
    }

    fn scan(file: &[u8], piece: usize) -> Animation {
        let mut scan = Scan::default();
        file.chunks(piece).for_each(|piece| scan.feed(piece));
        scan.end()
    }

    #[test]
    fn delays_add_up_for_chunks_of_any_size() {
        let file = gif(&[10, 25, 65_535]);
        for piece in [1, 2, 3, 7, 1000] {
            let found = scan(&file, piece);
            assert_eq!((found.width, found.height, found.pictures), (32, 40, 3), "{piece}");
            assert_eq!(
                (found.duration_ms, found.has_short_delays, found.cut_off),
                (655_700, false, false)
            );
        }
    }

    #[test]
    fn a_picture_without_a_delay_is_shown_for_a_tenth_of_a_second() {
        let found = scan(&gif(&[0, 2]), 1000);
        assert_eq!((found.duration_ms, found.has_short_delays), (120, true));
        let found = scan(&gif(&[1, 2]), 1000);
        assert_eq!((found.duration_ms, found.has_short_delays), (30, true));
    }

    #[test]
    fn a_file_that_ends_in_a_picture_is_cut_off() {
        let file = gif(&[10, 10]);
        let without_trailer = scan(&file[..file.len() - 1], 1000);
        assert_eq!((without_trailer.pictures, without_trailer.cut_off), (2, false));
        let cut = scan(&file[..file.len() - 4], 1000);
        assert_eq!((cut.pictures, cut.cut_off), (1, true));
        assert!(scan(b"GIF89a", 1000).cut_off);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_scan_alike_in_chunks_of_any_size(mut noise in prop::collection::vec(any::<u8>(), 0..400), piece in 1usize..50) {
            scan(&noise, piece);
            let mut file = gif(&[5, 6, 7]);
            let at = noise.len() % file.len();
            let end = (at + noise.len()).min(file.len());
            noise.truncate(end - at);
            file[at..end].copy_from_slice(&noise);
            prop_assert_eq!(scan(&file, piece), scan(&file, file.len()));
        }
    }
}
