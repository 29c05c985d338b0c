//! Decodes animated PNG and WebP picture by picture and writes them as Motion JPEG.

use std::io::Cursor;

use domain::ingest::{IngestError, Reason};
use image::{
    AnimationDecoder as _, ExtendedColorType, Frame, ImageDecoder as _, ImageError, ImageResult, Limits, Rgb, Rgba,
    RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngDecoder, webp::WebPDecoder},
};
use media::animation::{Animation, AnimationKind};

use super::{DAMAGED, quicktime::Film};

/// Pixels of a picture. A decoder holds it four times, which has to fit into this function's memory.
const MAX_PIXELS: u64 = 4096 * 4096;
/// Pixels of all pictures together, which have to be decoded and encoded in this function's time.
const MAX_TOTAL_PIXELS: u64 = 1_000_000_000;
/// The film has to fit into memory too.
const MAX_FILM_BYTES: usize = 400 << 20;
/// How much memory a decoder may allocate.
const MAX_DECODER_BYTES: u64 = 512 << 20;
/// The duration that browsers give to a picture without one.
const DEFAULT_DURATION_MS: u64 = 100;
/// High enough that the second encoding loses nothing visible.
const QUALITY: u8 = 95;

const UNSUPPORTED: &str = "This kind of animation cannot be converted: its colours have more than 8 bits, for example. Save it as a video \
                           (MP4, MOV or WebM) and upload that.";

/// The size of an animation, which is checked before a picture is decoded.
struct Bounds {
    width: u32,
    height: u32,
}

/// Converts an animation to a film and returns the facts about it.
///
/// # Errors
/// If it is damaged or too large, in words for its uploader.
pub(super) fn film(kind: AnimationKind, bytes: Vec<u8>) -> Result<(Vec<u8>, Animation), Reason> {
    let limits = {
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MAX_DECODER_BYTES);
        limits
    };
    let bytes = Cursor::new(bytes);
    match kind {
        AnimationKind::WebP => {
            let decoder = WebPDecoder::new(bytes).map_err(damaged)?;
            let bounds = bounds(decoder.dimensions())?;
            encode(kind, &bounds, decoder.into_frames())
        }
        AnimationKind::Png => {
            let decoder = PngDecoder::with_limits(bytes, limits).map_err(damaged)?;
            let bounds = bounds(decoder.dimensions())?;
            encode(kind, &bounds, decoder.apng().map_err(damaged)?.into_frames())
        }
        // MediaConvert reads GIF itself.
        AnimationKind::Gif => Err(IngestError::Internal.into()),
    }
}

fn bounds((width, height): (u32, u32)) -> Result<Bounds, Reason> {
    if u64::from(width) * u64::from(height) <= MAX_PIXELS {
        return Ok(Bounds { width, height });
    }
    let sentence = format!(
        "The pictures are {width}x{height}, and animations are converted up to 4096x4096. Save it as a video (MP4, MOV or WebM) and \
         upload that."
    );

    Err(Reason::new(IngestError::TooManyPixels, sentence))
}

fn encode(
    kind: AnimationKind,
    bounds: &Bounds,
    frames: impl Iterator<Item = ImageResult<Frame>>,
) -> Result<(Vec<u8>, Animation), Reason> {
    let Bounds { width, height } = *bounds;
    let max_pictures = MAX_TOTAL_PIXELS / (u64::from(width) * u64::from(height)).max(1);
    let mut film = Film::new(u16::try_from(width).unwrap_or(0), u16::try_from(height).unwrap_or(0));
    let mut has_short_delays = false;
    for frame in frames {
        let frame = frame.map_err(damaged)?;
        if film.pictures() as u64 >= max_pictures || film.bytes() > MAX_FILM_BYTES {
            let sentence = format!(
                "This is {kind} of {width}x{height} with more than {} pictures, too many to convert. Save it as a video (MP4, MOV or \
                 WebM) and upload that.",
                film.pictures()
            );
            return Err(Reason::new(IngestError::TooLarge, sentence));
        }
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let stated_ms = u64::from(numerator) / u64::from(denominator.max(1));
        has_short_delays |= stated_ms == 0;
        film.add(
            &jpeg(frame.buffer()).map_err(damaged)?,
            if stated_ms == 0 { DEFAULT_DURATION_MS } else { stated_ms },
        );
    }
    let animation = Animation {
        width,
        height,
        pictures: u32::try_from(film.pictures()).unwrap_or(u32::MAX),
        duration_ms: film.duration_ms(),
        has_short_delays,
        cut_off: false,
    };

    Ok((film.finish(), animation))
}

fn jpeg(picture: &RgbaImage) -> ImageResult<Vec<u8>> {
    let mut opaque = Vec::with_capacity(picture.as_raw().len() / 4 * 3);
    for pixel in picture.pixels() {
        opaque.extend_from_slice(&over_black(*pixel).0);
    }
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode(&opaque, width, height, ExtendedColorType::Rgb8)?;

    Ok(bytes)
}

/// The pixel drawn on black, because films have no transparency.
pub(super) fn over_black(Rgba([red, green, blue, alpha]): Rgba<u8>) -> Rgb<u8> {
    let shade = |colour: u8| {
        let blended = u16::from(colour) * u16::from(alpha) / 255;
        u8::try_from(blended).unwrap_or(u8::MAX)
    };

    Rgb([shade(red), shade(green), shade(blue)])
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn damaged(error: ImageError) -> Reason {
    tracing::info!("the animation cannot be decoded: {error}");
    let sentence = match error {
        ImageError::Unsupported(_) => UNSUPPORTED,
        _ => DAMAGED,
    };

    Reason::new(IngestError::UnsupportedFormat, sentence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PNG: &[u8] = include_bytes!("../../../../tests/media-faults/small-animated.png");
    const WEBP: &[u8] = include_bytes!("../../../../tests/media-faults/small-animated.webp");

    #[test]
    fn every_picture_keeps_its_duration() {
        for (kind, bytes) in [(AnimationKind::Png, PNG), (AnimationKind::WebP, WEBP)] {
            let (film, animation) = film(kind, bytes.to_vec()).unwrap();
            assert_eq!((animation.width, animation.height), (97, 73), "{kind}");
            assert_eq!((animation.pictures, animation.duration_ms), (12, 2_400), "{kind}");
            assert!(film.starts_with(b"\0\0\0\x14ftypqt  "), "{kind}");
            assert_eq!(film.windows(2).filter(|two| two == b"\xFF\xD8").count(), 12, "{kind}");
        }
    }

    #[test]
    fn transparent_pixels_are_black() {
        assert_eq!(over_black(Rgba([255, 128, 0, 255])), Rgb([255, 128, 0]));
        assert_eq!(over_black(Rgba([255, 128, 0, 0])), Rgb([0, 0, 0]));
    }

    #[test]
    fn too_many_pixels_are_refused_before_they_are_decoded() {
        let mut bomb = PNG.to_vec();
        bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        // The decoder may refuse the header's checksum first.
        let refused = film(AnimationKind::Png, bomb).unwrap_err();
        assert!(matches!(
            refused.error,
            IngestError::TooManyPixels | IngestError::UnsupportedFormat
        ));
        let refused = bounds((65_536, 65_536)).err().unwrap();
        assert_eq!(refused.error, IngestError::TooManyPixels);
        assert!(refused.sentence.contains("65536x65536"), "{}", refused.sentence);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]
        #[test]
        fn damaged_files_cause_no_panic(noise in prop::collection::vec(any::<u8>(), 1..30), at: usize, cut: usize, webp: bool) {
            let (kind, mut bytes) = if webp { (AnimationKind::WebP, WEBP.to_vec()) } else { (AnimationKind::Png, PNG.to_vec()) };
            let at = at % bytes.len();
            let end = (at + noise.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&noise[..end - at]);
            bytes.truncate(bytes.len() - cut % bytes.len());
            // Either answer is fine; a panic is not.
            let outcome = film(kind, bytes);
            prop_assert!(outcome.map_or(true, |(_, animation)| animation.pictures <= 12));
        }
    }
}
