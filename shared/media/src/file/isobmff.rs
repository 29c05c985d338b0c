//! MP4, MOV and other ISO BMFF files: a walk over the boxes that matter.

use super::view::{Stop, View};
use super::{FileFacts, FileKind, FileTrack, track};

/// Maximum nesting of boxes.
const MAX_DEPTH: usize = 8;
/// Maximum number of boxes that are read.
const MAX_BOXES: usize = 4096;
/// Maximum number of fragments that are searched for encryption.
const MAX_FRAGMENTS: usize = 2;

/// A box: its type and the range of its content.
#[derive(Clone, Copy)]
pub(super) struct Atom {
    pub(super) name: [u8; 4],
    pub(super) start: u64,
    pub(super) end: u64,
    /// Bytes of its stated size beyond its parent's end.
    pub(super) excess: u64,
}

pub(super) fn read(view: &View, facts: &mut FileFacts) -> Result<(), Stop> {
    let mut walk = Walk::new(view);
    let (mut at, mut indexed, mut media_seen, mut fragments) = (0, false, false, 0);
    while at < view.size() {
        let atom = walk.atom(at, view.size())?;
        match &atom.name {
            b"mdat" => {
                // The file was truncated if its media data ends after the file.
                facts.missing_bytes = facts.missing_bytes.max(atom.excess);
                media_seen = true;
            }
            b"moov" => {
                walk.moov(atom, facts)?;
                indexed = true;
                // An index with a too large stated size may contain the media after it.
                media_seen |= atom.excess > 0;
            }
            b"moof" => {
                walk.children(atom, 1, &mut |_, inner, _| {
                    protection(inner, facts);
                    Ok(())
                })?;
                fragments += 1;
            }
            _ => {}
        }
        if fragments == MAX_FRAGMENTS || indexed && media_seen && !facts.fragmented {
            break;
        }
        at = atom.end;
    }
    match (indexed, fragments) {
        (true, fragments) => {
            facts.index_only = !media_seen && fragments == 0;
            Ok(())
        }
        (false, 0) => Err(Stop::End),
        (false, _) => {
            facts.kind = FileKind::StreamSegment;
            Ok(())
        }
    }
}

/// A `pssh` box anywhere means that the file is encrypted.
fn protection(atom: Atom, facts: &mut FileFacts) {
    if &atom.name == b"pssh" {
        encrypted(facts);
    }
}

pub(super) fn encrypted(facts: &mut FileFacts) {
    facts.encryption.get_or_insert_with(|| "common encryption".into());
}

/// A walk over boxes, with a limit on their number.
pub(super) struct Walk<'a> {
    pub(super) view: &'a View,
    budget: usize,
    /// The matrix of the movie header, which transforms every track.
    pub(super) film_matrix: [i32; 4],
}

impl<'a> Walk<'a> {
    pub(super) const fn new(view: &'a View) -> Self {
        Self {
            view,
            budget: MAX_BOXES,
            film_matrix: track::UPRIGHT,
        }
    }

    /// The box at an offset, clipped to its parent's end.
    pub(super) fn atom(&mut self, at: u64, end: u64) -> Result<Atom, Stop> {
        self.budget = self.budget.checked_sub(1).ok_or(Stop::End)?;
        let size = u64::from(self.view.u32(at)?);
        let name = self.view.array::<4>(at.saturating_add(4))?;
        let (size, header) = match size {
            0 => (end - at, 8),
            1 => (self.view.u64(at + 8)?, 16),
            size => (size, 8),
        };
        if size < header {
            return Err(Stop::End);
        }
        let start = at + header;
        let stated = at.saturating_add(size);
        if start > end {
            return Err(Stop::End);
        }
        Ok(Atom {
            name,
            start,
            end: stated.min(end),
            excess: stated.saturating_sub(end),
        })
    }

    /// Calls `each` for each child box. Stops without an error at an invalid box, as players do.
    pub(super) fn children(
        &mut self,
        parent: Atom,
        depth: usize,
        each: &mut dyn FnMut(&mut Self, Atom, usize) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err(Stop::End);
        }
        let mut at = parent.start;
        while at + 8 <= parent.end {
            let atom = match self.atom(at, parent.end) {
                Ok(atom) => atom,
                Err(Stop::End) if self.budget > 0 => return Ok(()),
                Err(stop) => return Err(stop),
            };
            each(self, atom, depth + 1)?;
            at = atom.end;
        }
        Ok(())
    }

    fn moov(&mut self, moov: Atom, facts: &mut FileFacts) -> Result<(), Stop> {
        self.children(moov, 0, &mut |walk, atom, depth| match &atom.name {
            b"mvhd" => {
                facts.duration_ms = walk.duration(atom)?;
                let [version] = walk.view.array::<1>(atom.start)?;
                walk.film_matrix = track::matrix(walk.view, atom.start + if version == 1 { 48 } else { 36 })?;
                Ok(())
            }
            b"mvex" => {
                facts.fragmented = true;
                walk.children(atom, depth, &mut |_, _, _| Ok(()))
            }
            b"trak" => walk.track(atom, depth, facts),
            _ => {
                protection(atom, facts);
                Ok(())
            }
        })
    }

    /// The duration of a `mvhd` box in milliseconds; `None` for zero and for "all ones", which mean unknown.
    fn duration(&self, mvhd: Atom) -> Result<Option<u64>, Stop> {
        let [version] = self.view.array::<1>(mvhd.start)?;
        let (scale, duration) = if version == 1 {
            (self.view.u32(mvhd.start + 20)?, self.view.u64(mvhd.start + 24)?)
        } else {
            let duration = self.view.u32(mvhd.start + 16)?;
            (
                self.view.u32(mvhd.start + 12)?,
                if duration == u32::MAX {
                    u64::MAX
                } else {
                    u64::from(duration)
                },
            )
        };
        if scale == 0 || duration == 0 || duration == u64::MAX {
            return Ok(None);
        }
        Ok(u64::try_from(u128::from(duration) * 1000 / u128::from(scale)).ok())
    }

    fn track(&mut self, trak: Atom, depth: usize, facts: &mut FileFacts) -> Result<(), Stop> {
        let mut found = FileTrack::default();
        track::read(self, trak, depth, &mut found, facts)?;
        facts.tracks.push(found);
        Ok(())
    }
}
