//! A GIF's blocks, from its bytes in their order. A picture's length is known when its last sub-block is, so the whole file is
//! read, and nothing of it is kept.

use super::Animation;

/// For so long (in hundredths of a second) a picture without a delay is shown.
const USUAL_DELAY: u16 = 10;
/// Below this, players differ: FFmpeg shows a hundredth of a second as what it is, browsers for [`USUAL_DELAY`].
const MIN_DELAY: u16 = 2;

/// A walk through the blocks. Feed it the file, then ask what it [found](Self::end).
#[derive(Clone, Debug)]
pub struct Scan {
    at: At,
    /// The beginning of the part that comes next.
    held: Vec<u8>,
    /// Bytes to leave out before it.
    skip: u64,
    /// The delay that was stated for the next picture.
    delay: u16,
    found: Animation,
}

/// The part that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Signature and screen.
    Screen,
    /// One byte says what follows.
    Block,
    /// One byte says which extension.
    Extension,
    /// The first sub-block of an extension with a picture's delay.
    Control,
    /// A picture's place and flags.
    Picture,
    /// The length of a sub-block; zero is the end of them.
    SubBlock { of_picture: bool },
    /// After the trailer, or something that is no block: decoders stop here.
    End,
}

impl At {
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
            at: At::Screen,
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
    /// Takes the next bytes of the file.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while self.at != At::End && !bytes.is_empty() {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
            self.skip -= skipped as u64;
            bytes = &bytes[skipped..];
            let missing = self.at.bytes() - self.held.len();
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.held.extend_from_slice(taken);
            bytes = rest;
            if self.skip == 0 && self.held.len() == self.at.bytes() {
                let mut part = std::mem::take(&mut self.held);
                self.pass(&part);
                // Not dropped: a file may have blocks by the million.
                part.clear();
                self.held = part;
            }
        }
    }

    /// What the file says, once it was fed whole.
    #[must_use]
    pub fn end(mut self) -> Animation {
        self.found.cut_off = matches!(self.at, At::Screen | At::Picture | At::SubBlock { of_picture: true });
        self.found
    }

    fn pass(&mut self, part: &[u8]) {
        self.at = match (self.at, part) {
            (At::Screen, [.., w0, w1, h0, h1, flags, _, _]) => {
                self.found.width = u16::from_le_bytes([*w0, *w1]).into();
                self.found.height = u16::from_le_bytes([*h0, *h1]).into();
                self.skip = color_table(*flags);
                At::Block
            }
            (At::Block, [0x21]) => At::Extension,
            (At::Block, [0x2C]) => At::Picture,
            (At::Extension, [0xF9]) => At::Control,
            (At::Extension, _) => At::SubBlock { of_picture: false },
            // The sub-block's length, which is 4, flags, and the delay.
            (At::Control, [len, _, d0, d1, _]) if *len >= 4 => {
                self.delay = u16::from_le_bytes([*d0, *d1]);
                self.skip = u64::from(*len) - 4;
                At::SubBlock { of_picture: false }
            }
            (At::Picture, [.., flags]) => {
                // A byte before the sub-blocks tells how wide their codes are.
                self.skip = color_table(*flags) + 1;
                At::SubBlock { of_picture: true }
            }
            (At::SubBlock { of_picture }, [0]) => {
                if of_picture {
                    self.show();
                }
                At::Block
            }
            (at @ At::SubBlock { .. }, [len]) => {
                self.skip = u64::from(*len);
                at
            }
            _ => At::End,
        };
    }

    /// Counts a picture. A delay holds for one only.
    fn show(&mut self) {
        let stated = std::mem::take(&mut self.delay);
        let delay = if stated == 0 { USUAL_DELAY } else { stated };
        self.found.pictures = self.found.pictures.saturating_add(1);
        self.found.duration_ms += u64::from(delay) * 10;
        self.found.has_short_delays |= stated < MIN_DELAY;
    }
}

/// Bytes of the table of colours that these flags announce.
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
    fn the_delays_add_up_whatever_the_pieces_are() {
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
        fn no_bytes_upset_it(mut noise in prop::collection::vec(any::<u8>(), 0..400), piece in 1usize..50) {
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
