//! Pictures that move: GIF, PNG and WebP can hold one picture or a whole animation. The first bytes tell.

/// What kind of animation it is, if it is one.
pub(super) fn name(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"GIF8") {
        return moves(head).then_some("an animated GIF");
    }
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return has_animation_control(head).then_some("an animated PNG");
    }
    // The second bit of the flags of `VP8X` says "animation".
    let flags = head
        .get(20)
        .filter(|_| head.starts_with(b"RIFF") && head.get(8..16) == Some(b"WEBPVP8X"));
    flags.is_some_and(|flags| flags & 2 != 0).then_some("an animated WebP")
}

/// A GIF moves if it has a second picture. Where the first one fills all that was read, a delay says that another follows.
fn moves(head: &[u8]) -> bool {
    blocks(head).is_some_and(Blocks::says_so)
}

#[derive(Clone, Copy, Debug, Default)]
struct Blocks {
    pictures: u32,
    delayed: bool,
    repeats: bool,
    complete: bool,
}

impl Blocks {
    const fn says_so(self) -> bool {
        self.pictures > 1 || (!self.complete && (self.delayed || self.repeats))
    }
}

/// Walks the blocks of a GIF as far as they were read. Nothing for what is none.
fn blocks(head: &[u8]) -> Option<Blocks> {
    let mut found = Blocks::default();
    let mut at = 13 + color_table(*head.get(10)?);
    while let Some(block) = head.get(at) {
        match block {
            0x21 => {
                let label = *head.get(at + 1)?;
                match label {
                    0xF9 => found.delayed |= head.get(at + 4..at + 6).is_some_and(|delay| delay != [0, 0]),
                    0xFF => {
                        let name = head.get(at + 3..at + 14);
                        found.repeats |= name == Some(b"NETSCAPE2.0") || name == Some(b"ANIMEXTS1.0");
                    }
                    _ => {}
                }
                at = match after_sub_blocks(head, at + 2) {
                    Some(next) => next,
                    None => return Some(found),
                };
            }
            0x2C => {
                found.pictures += 1;
                let Some(flags) = head.get(at + 9) else {
                    return Some(found);
                };
                at = match after_sub_blocks(head, at + 11 + color_table(*flags)) {
                    Some(next) => next,
                    None => return Some(found),
                };
            }
            _ => {
                found.complete = true;
                return Some(found);
            }
        }
    }
    Some(found)
}

/// Bytes of the table of colours that these flags announce.
fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn after_sub_blocks(head: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let len = usize::from(*head.get(at)?);
        at += 1 + len;
        if len == 0 {
            return Some(at);
        }
    }
}

/// `acTL` comes before the first picture data.
fn has_animation_control(head: &[u8]) -> bool {
    let mut at = 8;
    while let Some(chunk) = head.get(at..at + 8) {
        match &chunk[4..] {
            b"acTL" => return true,
            b"IDAT" => return false,
            _ => {}
        }
        let len = u32::from_be_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        let Some(next) = usize::try_from(len)
            .ok()
            .and_then(|len| at.checked_add(len)?.checked_add(12))
        else {
            return false;
        };
        at = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gif(pictures: usize) -> Vec<u8> {
        let mut file = b"GIF89a\x02\0\x02\0\x80\0\0".to_vec();
        file.extend([0; 6]);
        for _ in 0..pictures {
            file.extend([0x21, 0xF9, 4, 0, 10, 0, 0, 0]);
            file.extend([0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 2, 0x84, 0x51, 0]);
        }
        file.push(0x3B);
        file
    }

    #[test]
    fn a_gif_moves_if_it_has_a_second_picture() {
        assert_eq!(name(&gif(1)), None);
        assert_eq!(name(&gif(2)), Some("an animated GIF"));
        let long = &gif(1)[..30];
        assert_eq!(
            name(long),
            Some("an animated GIF"),
            "it has a delay, and the rest was not read"
        );
        assert_eq!(name(b"GIF89a"), None);
    }

    #[test]
    fn png_and_webp_say_so_in_their_heads() {
        let chunk = |name: &[u8; 4]| [&8u32.to_be_bytes()[..], name, &[0; 12]].concat();
        let png = |chunks: &[&[u8; 4]]| {
            let chunks: Vec<Vec<u8>> = chunks.iter().map(|name| chunk(name)).collect();
            [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
        };
        assert_eq!(name(&png(&[b"IHDR", b"acTL", b"IDAT"])), Some("an animated PNG"));
        assert_eq!(name(&png(&[b"IHDR", b"IDAT", b"acTL"])), None);
        let webp = |flags| [&b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0"[..], &[flags, 0, 0, 0]].concat();
        assert_eq!(name(&webp(2)), Some("an animated WebP"));
        assert_eq!(name(&webp(0x10)), None);
    }
}
