//! The cover of a song: reads it from the tags, decodes it, and writes the PNG that MediaConvert shows.

use std::io::{BufReader, Cursor, Read, Seek};

use domain::ingest::{IngestError, Reason};
use image::{ImageFormat, ImageReader, Limits, RgbImage, RgbaImage, imageops};
use media::ladder::MIN_SIDE;

use super::{animation::over_black, tags};

/// Covers are scaled down to this: the largest rung of a square picture is as high.
const MAX_SIDE: u32 = 1280;
/// Larger covers are not decoded.
const MAX_DECODED_SIDE: u32 = 8192;
/// How much memory a decoder may allocate.
const MAX_DECODER_BYTES: u64 = 400 << 20;

/// A converted cover.
#[derive(Debug)]
pub(super) struct Cover {
    pub(super) png: Vec<u8>,
    /// Width and height, both even, as MediaConvert requires.
    pub(super) size: (u32, u32),
}

/// The cover of a sound file.
///
/// # Errors
/// If there is none, or it cannot be shown.
pub(super) fn picture(file: impl Read + Seek) -> Result<Cover, Reason> {
    let Some(found) = find(file) else {
        return Err(Reason::new(
            IngestError::NoVideoStream,
            "This file has sound, but neither video nor a cover picture. Add a cover (JPEG or PNG) to it, or make a video of it, and \
             upload that.",
        ));
    };
    draw(&found).ok_or_else(|| {
        Reason::new(
            IngestError::UnsupportedFormat,
            format!(
                "The cover picture in this file cannot be shown: it is damaged, larger than {MAX_DECODED_SIDE} pixels a side, or no \
                 JPEG, PNG or WebP. Replace it and upload the file again."
            ),
        )
    })
}

fn find(file: impl Read + Seek) -> Option<Vec<u8>> {
    match tags::cover(&mut BufReader::new(file)) {
        Ok(found) => found,
        Err(error) => {
            tracing::info!("the tags cannot be read: {error}");
            None
        }
    }
}

/// Decodes a cover, scales it down and draws it on black.
fn draw(bytes: &[u8]) -> Option<Cover> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_DECODED_SIDE);
    limits.max_image_height = Some(MAX_DECODED_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.limits(limits);
    let decoded = match reader.decode() {
        Ok(decoded) => decoded,
        Err(error) => {
            tracing::info!("the cover cannot be decoded: {error}");
            return None;
        }
    };
    let (width, height) = scaled(decoded.width(), decoded.height());
    let picture = if (width, height) == (decoded.width(), decoded.height()) {
        decoded.into_rgba8()
    } else {
        decoded
            .resize_exact(width, height, imageops::FilterType::Triangle)
            .into_rgba8()
    };
    let canvas = on_black(&picture);
    let mut png = Vec::new();
    canvas.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;

    Some(Cover {
        png,
        size: canvas.dimensions(),
    })
}

/// The size of a picture within `MAX_SIDE`, with the same aspect ratio; never enlarged.
fn scaled(width: u32, height: u32) -> (u32, u32) {
    let long = width.max(height).max(1);
    if long <= MAX_SIDE {
        return (width, height);
    }
    let scale = |side: u32| {
        let scaled = u64::from(side) * u64::from(MAX_SIDE) / u64::from(long);
        u32::try_from(scaled).unwrap_or(MAX_SIDE).max(1)
    };

    (scale(width), scale(height))
}

/// Draws a picture in the middle of a black canvas with even sides that is large enough for MediaConvert.
fn on_black(picture: &RgbaImage) -> RgbImage {
    let side = |side: u32| side.next_multiple_of(2).max(MIN_SIDE);
    let (width, height) = (side(picture.width()), side(picture.height()));
    let mut canvas = RgbImage::new(width, height);
    let (left, top) = ((width - picture.width()) / 2, (height - picture.height()) / 2);
    for (x, y, pixel) in picture.enumerate_pixels() {
        canvas.put_pixel(left + x, top + y, over_black(*pixel));
    }
    canvas
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb, Rgba};
    use proptest::prelude::*;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut picture = RgbaImage::from_pixel(width, height, Rgba([200, 100, 50, 255]));
        picture.put_pixel(0, 0, Rgba([200, 100, 50, 0]));
        let mut png = Vec::new();
        DynamicImage::from(picture)
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .unwrap();
        png
    }

    /// An ID3 tag with an attached picture, and a frame of MPEG sound.
    fn mp3(picture: &[u8]) -> Vec<u8> {
        let mut frame = b"\0image/png\0\x03\0".to_vec();
        frame.extend_from_slice(picture);
        let size = |len: usize| {
            let len = u32::try_from(len).unwrap();
            [len >> 21, len >> 14 & 0x7F, len >> 7 & 0x7F, len & 0x7F].map(|byte| u8::try_from(byte).unwrap())
        };
        let mut file = b"ID3\x04\0\0".to_vec();
        file.extend(size(frame.len() + 10));
        file.extend(b"APIC");
        file.extend(size(frame.len()));
        file.extend([0, 0]);
        file.extend(frame);
        for _ in 0..4 {
            file.extend([0xFF, 0xFB, 0x90, 0x00]);
            file.extend([0; 413]);
        }
        file
    }

    /// A FLAC file with a picture as its second and last block.
    fn flac(picture: &[u8]) -> Vec<u8> {
        let mut block = 3u32.to_be_bytes().to_vec();
        block.extend(9u32.to_be_bytes());
        block.extend(b"image/png");
        block.extend([0; 20]);
        block.extend(u32::try_from(picture.len()).unwrap().to_be_bytes());
        block.extend_from_slice(picture);
        let mut file = b"fLaC\0\0\0\x22".to_vec();
        file.extend([0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0xC4, 0x42, 0xF0, 0, 0, 0, 0]);
        file.extend([0; 16]);
        file.push(0x86);
        file.extend(&u32::try_from(block.len()).unwrap().to_be_bytes()[1..]);
        file.extend(block);
        file
    }

    #[test]
    fn a_cover_is_found_in_the_tags_and_drawn_with_even_sides() {
        for file in [mp3(&png(61, 44)), flac(&png(61, 44))] {
            let cover = picture(Cursor::new(file)).unwrap();
            assert_eq!(cover.size, (62, 44));
            let shown = image::load_from_memory_with_format(&cover.png, ImageFormat::Png).unwrap();
            assert_eq!(shown.color(), image::ColorType::Rgb8, "nothing is transparent");
            assert_eq!(shown.to_rgb8().get_pixel(0, 0), &Rgb([0, 0, 0]), "black where it was");
            assert_eq!(shown.to_rgb8().get_pixel(5, 5), &Rgb([200, 100, 50]));
        }
    }

    #[test]
    fn each_kind_of_tag_is_read() {
        const FILES: [(&[u8], (u32, u32)); 5] = [
            (include_bytes!("../../../../tests/media-faults/cover.mp3"), (200, 150)),
            (include_bytes!("../../../../tests/media-faults/cover.m4a"), (200, 150)),
            (include_bytes!("../../../../tests/media-faults/cover.flac"), (162, 122)),
            (include_bytes!("../../../../tests/media-faults/cover.ogg"), (200, 150)),
            (include_bytes!("../../../../tests/media-faults/cover.opus"), (200, 150)),
        ];
        for (file, size) in FILES {
            assert_eq!(picture(Cursor::new(file)).unwrap().size, size);
        }
        let bare = include_bytes!("../../../../tests/media-faults/no-cover.mp3");
        let refused = picture(Cursor::new(bare)).unwrap_err();
        assert_eq!(refused.error, IngestError::NoVideoStream);
        assert!(refused.sentence.contains("Add a cover"), "{}", refused.sentence);
    }

    #[test]
    fn missing_and_invalid_covers_are_refused_with_a_sentence() {
        let mut bare = mp3(&[]);
        let refused = |file: Vec<u8>| picture(Cursor::new(file)).unwrap_err();
        let sound = bare.split_off(bare.len() - 4 * 417);
        assert_eq!(refused(sound).error, IngestError::NoVideoStream);
        let invalid = refused(mp3(b"GIF89a, or not"));
        assert_eq!(invalid.error, IngestError::UnsupportedFormat);
        assert!(invalid.sentence.contains("cannot be shown"), "{}", invalid.sentence);
        // A header that requires more memory than there is.
        let mut bomb = png(61, 44);
        bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
        assert_eq!(refused(mp3(&bomb)).error, IngestError::UnsupportedFormat);
    }

    #[test]
    fn large_covers_are_scaled_down_and_tiny_ones_get_a_frame() {
        assert_eq!(draw(&png(3000, 1500)).unwrap().size, (1280, 640));
        assert_eq!(draw(&png(1280, 1280)).unwrap().size, (1280, 1280));
        assert_eq!(draw(&png(8, 3)).unwrap().size, (32, 32));
        assert_eq!(draw(&png(4000, 2)).unwrap().size, (1280, 32));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn damaged_files_cause_no_panic(noise in prop::collection::vec(any::<u8>(), 1..40), at in 0usize..4000, flac_file: bool) {
            let mut file = if flac_file { flac(&png(61, 44)) } else { mp3(&png(61, 44)) };
            let at = at % file.len();
            let end = (at + noise.len()).min(file.len());
            file[at..end].copy_from_slice(&noise[..end - at]);
            // Either answer is fine; a panic is not.
            let outcome = picture(Cursor::new(file));
            prop_assert!(outcome.map_or(true, |cover| cover.size.0 >= MIN_SIDE));
        }
    }
}
