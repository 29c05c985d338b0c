//! Compares a published presentation with the file: length, picture and sounds.
//!
//! The columns `plays`, `shows`, `rate` and `sounds` of the manifest are compared exactly. Without them, the facts of ffprobe
//! are compared as far as they are certain.

use marquee_cli::hls::Presentation;

use super::claims::{MAX_SECONDS, has_supported_sound};
use super::manifest::Row;

/// How much a length may differ from `plays`: sound and picture never end at the same moment.
const TOLERANCE_SECONDS: f64 = 0.25;
/// And from the length of ffprobe, which counts media that is not shown.
const FFPROBE_TOLERANCE_SECONDS: f64 = 0.5;
const FFPROBE_TOLERANCE_FRACTION: f64 = 0.05;
/// Manifests count the pictures of the first three seconds. If they last less than this, they are all of the film.
const COUNTED_SECONDS: f64 = 2.5;
/// Sides are even, so a picture may lose a row and a column.
const TOLERANCE_PIXELS: u64 = 2;
/// Larger pictures are reduced to this size, in either orientation.
const MAX_SIZE: (u64, u64) = (1920, 1080);
/// How much aspect ratios may differ.
const SHAPE_TOLERANCE: f64 = 0.03;
/// How much frame rates may differ.
const RATE_TOLERANCE: f64 = 0.01;

/// `Err` names the difference from the manifest.
pub(super) fn compare(row: &Row, presentation: &Presentation, title_ms: Option<u64>) -> Result<(), String> {
    let seconds = millis(presentation.picture_ms);
    if let Some(title) = title_ms
        .map(millis)
        .filter(|title| (title - seconds).abs() > TOLERANCE_SECONDS)
    {
        return Err(format!("its title has {title:.2} s, but it plays {seconds:.2} s"));
    }
    length(row, seconds)?;
    picture(row, presentation)?;
    rate(row, presentation)?;
    sounds(row, presentation)
}

fn length(row: &Row, seconds: f64) -> Result<(), String> {
    let (expected, tolerance) = match (row.published.plays, row.facts.seconds) {
        (Some(plays), _) => (plays, TOLERANCE_SECONDS),
        (None, Some(_)) if all_pictures(row).is_some_and(|all| (seconds - all).abs() <= TOLERANCE_SECONDS) => {
            return Ok(());
        }
        (None, Some(stated)) if stated <= MAX_SECONDS => (
            stated,
            FFPROBE_TOLERANCE_SECONDS.max(stated * FFPROBE_TOLERANCE_FRACTION),
        ),
        _ => return Ok(()),
    };
    if (seconds - expected).abs() > tolerance {
        return Err(format!("it plays {seconds:.2} s instead of {expected:.2} s"));
    }
    Ok(())
}

/// The length of all pictures, if the manifest counts all of them: containers may state a greater length. A test decode that
/// failed did not count all.
fn all_pictures(row: &Row) -> Option<f64> {
    let rate = row.facts.video.as_ref()?.steady_rate?;
    let pictures = row.facts.pictures.filter(|_| row.facts.decodes)?;
    #[expect(clippy::cast_precision_loss, reason = "pictures of a few seconds")]
    let seconds = pictures as f64 / rate;
    Some(seconds).filter(|seconds| *seconds < COUNTED_SECONDS)
}

fn picture(row: &Row, presentation: &Presentation) -> Result<(), String> {
    let (width, height) = (presentation.offer.width, presentation.offer.height);
    let wrong = |expected: (u64, u64)| {
        Err(format!(
            "it shows {width}x{height} instead of {}x{}",
            expected.0, expected.1
        ))
    };
    if let Some(shows) = row.published.shows {
        return if (width, height) == shows { Ok(()) } else { wrong(shows) };
    }
    let Some(display) = row.facts.video.as_ref().map(super::manifest::Video::display) else {
        return Ok(());
    };
    let (long, short) = (display.0.max(display.1), display.0.min(display.1));
    if long <= MAX_SIZE.0 && short <= MAX_SIZE.1 {
        let same = width.abs_diff(display.0) <= TOLERANCE_PIXELS && height.abs_diff(display.1) <= TOLERANCE_PIXELS;
        return if same { Ok(()) } else { wrong(display) };
    }
    let (published, stated) = (shape((width, height)), shape(display));
    if (published / stated - 1.0).abs() > SHAPE_TOLERANCE {
        wrong(display)
    } else {
        Ok(())
    }
}

fn rate(row: &Row, presentation: &Presentation) -> Result<(), String> {
    let Some(published) = presentation.offer.frame_rate else {
        return Ok(());
    };
    let steady = row.facts.video.as_ref().and_then(|video| video.steady_rate);
    match row.published.rate.or(steady) {
        Some(expected) if (published / expected - 1.0).abs() > RATE_TOLERANCE => Err(format!(
            "it has {published:.2} frames a second instead of {expected:.2}"
        )),
        _ => Ok(()),
    }
}

fn sounds(row: &Row, presentation: &Presentation) -> Result<(), String> {
    let offered = &presentation.offer.sounds;
    if let Some(sounds) = &row.published.sounds {
        return if sounds == offered {
            Ok(())
        } else {
            Err(format!(
                "it offers the sounds [{}] instead of [{}]",
                offered.join(" "),
                sounds.join(" ")
            ))
        };
    }
    match (has_supported_sound(&row.facts), offered.is_empty()) {
        (true, true) => Err("it is silent, and the file is not".to_owned()),
        (false, false) if row.facts.video.is_some() => Err("it has sound, and the file has none".to_owned()),
        _ => Ok(()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a film has fewer than 2^52 milliseconds")]
fn millis(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "sides are small")]
fn shape((width, height): (u64, u64)) -> f64 {
    width as f64 / height.max(1) as f64
}

#[cfg(test)]
mod tests {
    use marquee_cli::hls::Offer;

    use super::super::manifest::parse;
    use super::*;

    const HEADER: &str = "path\tkind\tduration\tsummary\tplays\tshows\trate\tsounds";

    fn row(cells: &str) -> Row {
        parse(&format!("{HEADER}\na.mp4\tok\t{cells}\n")).unwrap().remove(0)
    }

    fn presentation(picture_ms: u64, (width, height): (u64, u64), sounds: &[&str]) -> Presentation {
        Presentation {
            picture_ms,
            offer: Offer {
                width,
                height,
                frame_rate: Some(25.0),
                sounds: sounds.iter().map(|&sound| sound.to_owned()).collect(),
            },
            ..Presentation::default()
        }
    }

    #[test]
    fn half_a_film_is_not_as_expected() {
        let film = row("6.0\th264 160x120 r=25/1 avg=25/1 | aac 1ch 44100\t\t\t\t");
        let half = presentation(3240, (160, 120), &["und"]);
        assert_eq!(
            compare(&film, &half, Some(3240)),
            Err("it plays 3.24 s instead of 6.00 s".to_owned())
        );
        assert!(compare(&film, &presentation(6020, (160, 120), &["und"]), Some(6020)).is_ok());
        assert!(compare(&film, &presentation(6020, (160, 120), &["und"]), Some(3240)).is_err());
    }

    #[test]
    fn a_container_may_state_more_than_its_few_pictures() {
        let with = |decode: &str| {
            let text = format!(
                "path\tkind\tduration\tsummary\tdecode\na.ts\tok\t0.833\tmpeg2video 160x120 r=25/1 avg=25/1\t{decode}\n"
            );
            compare(
                &parse(&text).unwrap().remove(0),
                &presentation(120, (160, 120), &[]),
                Some(120),
            )
        };
        assert!(with("rc=0 v=3 a=0").is_ok());
        assert!(with("rc=0 v=20 a=0").is_err());
        assert!(with("rc=1 v=3").is_err());
        assert!(with("-").is_err());
    }

    #[test]
    fn the_columns_of_what_is_published_are_exact() {
        let turned = row("3.24\th264 160x120 r=25/1 avg=25/1 | aac 1ch 44100\t6.04\t120x160\t25\tund fr");
        assert!(compare(&turned, &presentation(6000, (120, 160), &["und", "fr"]), None).is_ok());
        assert!(compare(&turned, &presentation(6000, (160, 120), &["und", "fr"]), None).is_err());
        assert!(compare(&turned, &presentation(6000, (120, 160), &["und"]), None).is_err());
        assert!(compare(&turned, &presentation(6500, (120, 160), &["und", "fr"]), None).is_err());
        let silent = row("3.0\th264 160x120 | aac 1ch 44100\t\t\t\tnone");
        assert!(compare(&silent, &presentation(3000, (160, 120), &[]), None).is_ok());
    }

    #[test]
    fn a_picture_is_shown_upright_and_in_its_shape() {
        let phone = row("3.0\th264 3840x2160 yuvj420p r=60/1 avg=60/1 rot=-90 | aac 2ch 48000\t\t\t25\t");
        assert!(compare(&phone, &presentation(3000, (1080, 1920), &["und"]), None).is_ok());
        assert!(compare(&phone, &presentation(3000, (1920, 1080), &["und"]), None).is_err());
        let wide = row("3.0\th264 720x576 yuv420p r=25/1 avg=25/1 sar=64:45\t\t\t\t");
        assert!(compare(&wide, &presentation(3000, (1024, 576), &[]), None).is_ok());
        assert!(compare(&wide, &presentation(3000, (720, 576), &[]), None).is_err());
    }

    #[test]
    fn a_steady_rate_and_the_sound_are_kept() {
        let film = row("3.0\th264 160x120 yuv420p r=50/1 avg=50/1 | aac 2ch 48000\t\t\t\t");
        assert!(compare(&film, &presentation(3000, (160, 120), &["und"]), None).is_err());
        let variable = row("3.0\th264 160x120 yuv420p r=50/1 avg=20/1 | aac 2ch 48000\t\t\t\t");
        assert!(compare(&variable, &presentation(3000, (160, 120), &["und"]), None).is_ok());
        assert!(compare(&variable, &presentation(3000, (160, 120), &[]), None).is_err());
    }
}
