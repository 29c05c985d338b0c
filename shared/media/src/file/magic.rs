//! The kind of a file by its first bytes. Names and extensions are never used.

use super::animation;
use crate::animation::AnimationKind;

/// The kind of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    /// Unknown: the probe decides.
    #[default]
    Unknown,
    /// A container that can hold a film.
    Container(ContainerKind),
    /// A still picture.
    Image,
    /// An animation for web pages.
    Animation(AnimationKind),
    /// Sound only.
    Audio(&'static str),
    /// A list of other files (HLS, DASH, concat scripts). It is never opened, because it would lead to other files and hosts.
    Playlist,
    /// A part of a stream (fragments without an index), which cannot be played without its beginning.
    StreamSegment,
    /// Another kind of file that is not a film, named for people: `a ZIP archive`.
    Other(&'static str),
}

/// A container that can hold a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerKind {
    /// MP4, MOV, 3GP.
    IsoBmff,
    /// Matroska and WebM.
    Matroska,
    /// MPEG transport stream.
    MpegTs {
        /// Bytes of a packet: 188, or 192 with Blu-ray's timestamps.
        packet: usize,
    },
    /// Another container: AVI, FLV, ASF, MPEG program stream, Ogg.
    Other,
}

/// Detects the kind by the first bytes of a file of `size` bytes.
pub(super) fn kind(head: &[u8], size: u64) -> FileKind {
    if head.get(4..8).is_some_and(|name| {
        matches!(
            name,
            b"ftyp" | b"styp" | b"sidx" | b"moof" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot"
        )
    }) {
        return iso_kind(head);
    }
    if let Some(kind) = animation::kind(head, size) {
        return FileKind::Animation(kind);
    }
    for (magic, kind) in MAGICS {
        if head.starts_with(magic) {
            return *kind;
        }
    }
    if head.starts_with(b"RIFF") {
        return riff_kind(head);
    }
    for packet in [188, 192] {
        if is_transport_stream(head, packet) {
            return FileKind::Container(ContainerKind::MpegTs { packet });
        }
    }
    text_kind(head, size)
}

const MAGICS: &[(&[u8], FileKind)] = &[
    (&[0x1A, 0x45, 0xDF, 0xA3], FileKind::Container(ContainerKind::Matroska)),
    (&[0x00, 0x00, 0x01, 0xBA], FileKind::Container(ContainerKind::Other)),
    (&[0x00, 0x00, 0x01, 0xB3], FileKind::Container(ContainerKind::Other)),
    (b"FLV\x01", FileKind::Container(ContainerKind::Other)),
    (
        &[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11],
        FileKind::Container(ContainerKind::Other),
    ),
    (b"OggS", FileKind::Container(ContainerKind::Other)),
    (b"ID3", FileKind::Audio("an MP3")),
    (b"fLaC", FileKind::Audio("a FLAC")),
    (b"#!AMR", FileKind::Audio("an AMR")),
    (&[0xFF, 0xD8, 0xFF], FileKind::Image),
    (b"\x89PNG\r\n\x1a\n", FileKind::Image),
    (b"GIF8", FileKind::Image),
    (b"II*\0", FileKind::Image),
    (b"MM\0*", FileKind::Image),
    (b"PK\x03\x04", FileKind::Other("a ZIP archive")),
    (b"PK\x05\x06", FileKind::Other("a ZIP archive")),
    (b"Rar!", FileKind::Other("a RAR archive")),
    (b"7z\xBC\xAF\x27\x1C", FileKind::Other("a 7z archive")),
    (&[0x1F, 0x8B], FileKind::Other("a gzip archive")),
    (b"%PDF", FileKind::Other("a PDF document")),
    (b"\x7FELF", FileKind::Other("a program")),
    (b"MZ", FileKind::Other("a program")),
];

/// AVIF and HEIC are images in an ISO BMFF container.
fn iso_kind(head: &[u8]) -> FileKind {
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"));
    match brand {
        Some(b"avif" | b"heic" | b"heix" | b"mif1") => FileKind::Image,
        _ => FileKind::Container(ContainerKind::IsoBmff),
    }
}

fn riff_kind(head: &[u8]) -> FileKind {
    match head.get(8..12) {
        Some(b"WAVE") => FileKind::Audio("a WAV"),
        Some(b"WEBP") => FileKind::Image,
        _ => FileKind::Container(ContainerKind::Other),
    }
}

/// Whether the first five packets, or all of a shorter file, begin with the sync byte.
fn is_transport_stream(head: &[u8], packet: usize) -> bool {
    let first = packet - 188;
    let mut packets = head.get(first..).unwrap_or_default().chunks(packet).take(5);
    head.len() >= packet && packets.all(|chunk| chunk.first() == Some(&0x47))
}

/// Detects playlists in the same way as FFmpeg and MediaConvert; other text is a text file.
fn text_kind(head: &[u8], size: u64) -> FileKind {
    let start = head.get(..4096.min(head.len())).unwrap_or_default();
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let lists: [&[u8]; 5] = [
        b"#EXTM3U",
        b"ffconcat",
        b"[playlist]",
        b"<MPD",
        b"<SmoothStreamingMedia",
    ];
    if lists.iter().any(|list| start.starts_with(list)) || start.windows(4).any(|window| window == b"<MPD") {
        return FileKind::Playlist;
    }
    // The last character of the excerpt may be incomplete.
    let truncated = size > head.len() as u64 || head.len() > 4096;
    let text = match std::str::from_utf8(start) {
        Ok(_) => true,
        Err(error) => truncated && error.error_len().is_none(),
    };
    let printable = start
        .iter()
        .all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C));
    if text && printable && !start.is_empty() {
        FileKind::Other("a text file")
    } else {
        FileKind::Unknown
    }
}
