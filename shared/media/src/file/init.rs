//! The initialization segment of a rendition: the codec that it declares.

use super::isobmff::{Atom, Walk};
use super::view::{Stop, View};

/// The facts of an initialization segment, which are compared with the playlist's `CODECS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitFacts {
    /// The codec (RFC 6381): `avc1.64001F`, `mp4a.40.2`.
    pub codec: String,
    /// Width and height of the picture, for video.
    pub size: Option<(u32, u32)>,
}

/// Reads an initialization segment; `None` if it declares neither AVC nor AAC.
#[must_use]
pub fn init_facts(bytes: &[u8]) -> Option<InitFacts> {
    let mut view = View::new(bytes.len() as u64);
    view.add(0, bytes.to_vec());
    let mut walk = Walk::new(&view);
    let whole = Atom {
        name: *b"file",
        start: 0,
        end: view.size(),
        excess: 0,
    };
    let mut found = None;
    // The codec of a truncated segment may have been found.
    let _ = search(&mut walk, whole, 0, &mut found);
    found
}

fn search(walk: &mut Walk, parent: Atom, depth: usize, found: &mut Option<InitFacts>) -> Result<(), Stop> {
    walk.children(parent, depth, &mut |walk, atom, depth| match &atom.name {
        b"moov" | b"trak" | b"mdia" | b"minf" | b"stbl" => search(walk, atom, depth, found),
        b"stsd" => search(
            walk,
            Atom {
                start: atom.start + 8,
                ..atom
            },
            depth,
            found,
        ),
        b"avc1" | b"avc3" => {
            let width = u16::from_be_bytes(walk.view.array(atom.start + 24)?);
            let height = u16::from_be_bytes(walk.view.array(atom.start + 26)?);
            let entry = Atom {
                start: atom.start + 78,
                ..atom
            };
            walk.children(entry, depth, &mut |walk, inner, _| {
                if &inner.name == b"avcC" {
                    let [profile, compatibility, level] = walk.view.array(inner.start + 1)?;
                    let codec = format!("{}.{profile:02X}{compatibility:02X}{level:02X}", name(atom));
                    *found = Some(InitFacts {
                        codec,
                        size: Some((width.into(), height.into())),
                    });
                }
                Ok(())
            })
        }
        b"mp4a" => walk.children(
            Atom {
                start: atom.start + 28,
                ..atom
            },
            depth,
            &mut |walk, inner, _| {
                if &inner.name == b"esds" {
                    let descriptors = walk
                        .view
                        .get(inner.start + 4, inner.end.saturating_sub(inner.start + 4))?;
                    *found = object_type(descriptors).map(|object_type| InitFacts {
                        codec: format!("mp4a.40.{object_type}"),
                        size: None,
                    });
                }
                Ok(())
            },
        ),
        _ => Ok(()),
    })
}

fn name(atom: Atom) -> String {
    atom.name.iter().copied().map(char::from).collect()
}

/// The audio object type: the first five bits of the decoder specific info (tag 5), within the decoder configuration (4), within the
/// elementary stream descriptor (3).
fn object_type(descriptors: &[u8]) -> Option<u8> {
    let stream = content(descriptors, 3)?;
    let config = content(stream.get(3..)?, 4)?;
    let info = content(config.get(13..)?, 5)?;
    info.first().map(|byte| byte >> 3)
}

/// The content of a descriptor with the given tag. Its length is encoded in up to four groups of seven bits.
fn content(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(&[tag])?;
    let mut len = 0usize;
    for _ in 0..4 {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        len = (len << 7) | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(rest.get(..len).unwrap_or(rest))
}
