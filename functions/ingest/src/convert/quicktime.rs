//! A writer of QuickTime films of JPEG pictures, each with its own duration. It writes the atoms of Apple's "`QuickTime` File Format"
//! that a film with one video track needs.

/// Ticks a second: milliseconds.
const TIMESCALE: u32 = 1000;

/// A film that is being written.
#[derive(Debug)]
pub(super) struct Film {
    width: u16,
    height: u16,
    media: Vec<u8>,
    /// The offset of each picture in the media, its size, and its duration in ticks.
    pictures: Vec<(u64, u32, u32)>,
}

impl Film {
    pub(super) const fn new(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            media: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// Adds a picture that is shown for `duration_ms`.
    pub(super) fn add(&mut self, jpeg: &[u8], duration_ms: u64) {
        let size = u32::try_from(jpeg.len()).unwrap_or(u32::MAX);
        let ticks = u32::try_from(duration_ms).unwrap_or(u32::MAX);
        self.pictures.push((self.media.len() as u64, size, ticks));
        self.media.extend_from_slice(jpeg);
    }

    pub(super) const fn pictures(&self) -> usize {
        self.pictures.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.media.len()
    }

    pub(super) fn duration_ms(&self) -> u64 {
        self.pictures.iter().map(|(_, _, ticks)| u64::from(*ticks)).sum()
    }

    /// The file's bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        let brand = atom(*b"ftyp", &[b"qt  \0\0\x02\0qt  "]);
        // The index comes before the media, so that a player needs only the first bytes to begin.
        let index_len = self.index(0).len();
        let first = (brand.len() + index_len + 8) as u64;
        let mut file = brand;
        file.extend(self.index(first));
        file.extend(atom(*b"mdat", &[&self.media]));
        file
    }

    fn index(&self, first: u64) -> Vec<u8> {
        let duration = u32::try_from(self.duration_ms()).unwrap_or(u32::MAX).to_be_bytes();
        let scale = TIMESCALE.to_be_bytes();
        let header = atom(
            *b"mvhd",
            &[
                &[0; 12],
                &scale,
                &duration,
                &[0, 1, 0, 0, 1, 0],
                &[0; 10],
                &MATRIX,
                &[0; 24],
                &2u32.to_be_bytes(),
            ],
        );
        let (width, height) = (self.width.to_be_bytes(), self.height.to_be_bytes());
        let track = atom(
            *b"tkhd",
            &[
                // The flags "enabled" and "in movie".
                &[0, 0, 0, 3],
                &[0; 8],
                &1u32.to_be_bytes(),
                &[0; 4],
                &duration,
                &[0; 16],
                &MATRIX,
                &width,
                &[0; 2],
                &height,
                &[0; 2],
            ],
        );
        let media_header = atom(*b"mdhd", &[&[0; 12], &scale, &duration, &[0x55, 0xC4, 0, 0]]);
        let handler = atom(*b"hdlr", &[&[0; 4], b"mhlrvide", &[0; 12], &[0]]);
        let data = atom(
            *b"dref",
            &[&[0; 4], &1u32.to_be_bytes(), &atom(*b"url ", &[&[0, 0, 0, 1]])],
        );
        let information = atom(
            *b"minf",
            &[
                &atom(*b"vmhd", &[&[0, 0, 0, 1], &[0; 8]]),
                &atom(*b"dinf", &[&data]),
                &atom(*b"stbl", &[&self.tables(first)]),
            ],
        );
        let media = atom(*b"mdia", &[&media_header, &handler, &information]);

        atom(*b"moov", &[&header, &atom(*b"trak", &[&track, &media])])
    }

    fn tables(&self, first: u64) -> Vec<u8> {
        let count = u32::try_from(self.pictures.len()).unwrap_or(u32::MAX);
        let description = atom(
            *b"jpeg",
            &[
                &[0; 6],
                &1u16.to_be_bytes(),
                &[0; 16],
                &self.width.to_be_bytes(),
                &self.height.to_be_bytes(),
                // 72 pixels an inch, both ways.
                &[0, 72, 0, 0, 0, 72, 0, 0],
                &[0; 4],
                &1u16.to_be_bytes(),
                &[0; 32],
                &24u16.to_be_bytes(),
                &[0xFF, 0xFF],
            ],
        );
        let times = self
            .pictures
            .iter()
            .flat_map(|(_, _, ticks)| [1u32.to_be_bytes(), ticks.to_be_bytes()])
            .flatten()
            .collect::<Vec<u8>>();
        let sizes: Vec<u8> = self
            .pictures
            .iter()
            .flat_map(|(_, size, _)| size.to_be_bytes())
            .collect();
        let offsets: Vec<u8> = self
            .pictures
            .iter()
            .flat_map(|(offset, _, _)| (first + offset).to_be_bytes())
            .collect();
        // Each picture is a chunk of its own.
        let chunks: Vec<u8> = [1u32, 1, 1].iter().flat_map(|part| part.to_be_bytes()).collect();

        [
            table(*b"stsd", 1, &[], &description),
            table(*b"stts", count, &[], &times),
            table(*b"stsc", 1, &[], &chunks),
            table(*b"stsz", count, &[0; 4], &sizes),
            table(*b"co64", count, &[], &offsets),
        ]
        .concat()
    }
}

/// The identity: the picture is neither rotated nor scaled.
const MATRIX: [u8; 36] = [
    0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0,
];

fn atom(name: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum::<usize>() + 8;
    let mut bytes = Vec::with_capacity(len);
    bytes.extend(u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(name);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

fn table(name: [u8; 4], count: u32, before: &[u8], entries: &[u8]) -> Vec<u8> {
    atom(name, &[&[0; 4], before, &count.to_be_bytes(), entries])
}

#[cfg(test)]
mod tests {
    use media::file::{Inspection, Progress};

    use super::*;

    #[test]
    fn our_own_reader_reads_the_whole_film() {
        let mut film = Film::new(97, 73);
        for millis in [40, 500, 1_900] {
            film.add(&[0xFF; 1_000], millis);
        }
        assert_eq!((film.pictures(), film.bytes(), film.duration_ms()), (3, 3_000, 2_440));
        let encoded = film.finish();
        let mut inspection = Inspection::new(encoded.len() as u64);
        let facts = loop {
            match inspection.next() {
                Progress::Done(facts) => break facts,
                Progress::Read { offset, len } => {
                    let from = usize::try_from(offset).unwrap();
                    let end = (from + usize::try_from(len).unwrap()).min(encoded.len());
                    inspection.feed(offset, encoded[from..end].to_vec());
                }
            }
        };
        assert!(facts.complete, "{facts:?}");
        assert_eq!((facts.missing_bytes, facts.duration_ms), (0, Some(2_440)));
        assert_eq!(facts.media.picture_ms, Some(2_440));
        assert_eq!(facts.tracks.len(), 1);
        assert_eq!(facts.tracks[0].codec, "jpeg");
    }
}
