//! The size of an output's picture and its filters, as in the user guide's "Video scaling behavior".

use super::super::{
    job::JobError,
    probe::Ratio,
    settings::{ParControl, ScalingBehavior, VideoDescription},
};

/// The source's picture after rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The pixel aspect ratio.
    pub(crate) pixel: Ratio,
}

/// An output's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Scaling, cropping or padding, then the pixel aspect ratio.
    pub(crate) filters: String,
}

/// Size and filters of one output.
pub(crate) fn geometry(source: Source, video: &VideoDescription, output: usize) -> Result<Geometry, JobError> {
    let pixel = output_pixel(source, video);
    // The source's picture in the output's pixels, at the source's height.
    let shape = f64::from(source.width) * source.pixel.as_f64() / pixel.as_f64() / f64::from(source.height);
    let (width, height) = match (video.width, video.height) {
        (None, None) => (rounded(f64::from(source.height) * shape), source.height),
        // A missing side is the nearest even number, as in playlists of AWS: 854x480, 406x720, 640x426.
        (Some(width), None) => (width, even(f64::from(width) / shape)),
        (None, Some(height)) => (even(f64::from(height) * shape), height),
        (Some(width), Some(height)) => (width, height),
    };
    // With at most one side given, the picture keeps the source's shape: there is nothing to fit.
    let behavior = if video.width.is_some() && video.height.is_some() {
        video.scaling_behavior
    } else {
        ScalingBehavior::StretchToOutput
    };
    let natural = f64::from(source.height);
    let (width, height, filters) = match behavior {
        ScalingBehavior::StretchToOutput => (width, height, scale(width, height)),
        ScalingBehavior::Default => {
            let (inner_width, inner_height) = fitted(width, height, shape);
            let filters = if (inner_width, inner_height) == (width, height) {
                scale(width, height)
            } else {
                format!(
                    "{},pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:black",
                    scale(inner_width, inner_height)
                )
            };
            (width, height, filters)
        }
        ScalingBehavior::Fit => {
            let (width, height) = fitted(width, height, shape);
            (width, height, scale(width, height))
        }
        ScalingBehavior::FitNoUpscale => {
            let (own_width, own_height) = (natural * shape, natural);
            let (width, height) = if own_width <= f64::from(width) && own_height <= f64::from(height) {
                (even(own_width), even(own_height))
            } else {
                fitted(width, height, shape)
            };
            (width, height, scale(width, height))
        }
        ScalingBehavior::Fill => {
            let scaled_height = f64::from(height).max(f64::from(width) / shape);
            let (outer_width, outer_height) = (even(scaled_height * shape).max(width), even(scaled_height).max(height));
            (
                width,
                height,
                format!("{},crop={width}:{height}", scale(outer_width, outer_height)),
            )
        }
    };
    if width % 2 == 1 || height % 2 == 1 {
        // As on AWS, which accepts the job and fails once it knows the source.
        let message = format!(
            "Invalid resolution [{width} x {height}], only even values are supported. video_description [{}].",
            output + 1
        );
        return Err(JobError::new(1040, message));
    }
    Ok(Geometry {
        width,
        height,
        filters: format!("{filters},setsar={}/{}", pixel.numerator, pixel.denominator),
    })
}

fn output_pixel(source: Source, video: &VideoDescription) -> Ratio {
    let h264 = &video.codec_settings.h264_settings;
    match (h264.par_control, h264.par_numerator, h264.par_denominator) {
        (ParControl::Specified, Some(numerator), Some(denominator)) => {
            Ratio::new(numerator.into(), denominator.into()).unwrap_or(source.pixel)
        }
        _ => source.pixel,
    }
}

fn scale(width: u32, height: u32) -> String {
    format!("scale={width}:{height}:flags=bicubic")
}

/// The largest even size of this shape within the box.
fn fitted(width: u32, height: u32, shape: f64) -> (u32, u32) {
    let inner_height = f64::from(height).min(f64::from(width) / shape);
    (even(inner_height * shape).min(width), even(inner_height).min(height))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are small and positive"
)]
fn rounded(size: f64) -> u32 {
    size.round().max(1.0) as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are small and positive"
)]
fn even(size: f64) -> u32 {
    ((size / 2.0).round() as u32 * 2).max(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const SQUARE: Ratio = Ratio {
        numerator: 1,
        denominator: 1,
    };

    fn sized(width: u32, height: u32, settings: &serde_json::Value) -> Result<Geometry, JobError> {
        let mut description = json!({ "codecSettings": { "codec": "H_264" } });
        description
            .as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let video: VideoDescription = serde_json::from_value(description).unwrap();
        geometry(
            Source {
                width,
                height,
                pixel: SQUARE,
            },
            &video,
            0,
        )
    }

    #[test]
    fn the_examples_of_the_user_guide() {
        let size = |geometry: Geometry| (geometry.width, geometry.height);
        let default = sized(1280, 720, &json!({ "width": 640, "height": 480 })).unwrap();
        assert_eq!(
            default.filters,
            "scale=640:360:flags=bicubic,pad=640:480:(ow-iw)/2:(oh-ih)/2:black,setsar=1/1"
        );
        let fit = sized(
            200,
            200,
            &json!({ "width": 300, "height": 400, "scalingBehavior": "FIT" }),
        )
        .unwrap();
        assert_eq!(size(fit), (300, 300));
        let shrink = json!({ "width": 200, "height": 300, "scalingBehavior": "FIT_NO_UPSCALE" });
        assert_eq!(size(sized(400, 400, &shrink).unwrap()), (200, 200));
        assert_eq!(size(sized(100, 100, &shrink).unwrap()), (100, 100));
        let fill = sized(
            200,
            200,
            &json!({ "width": 300, "height": 400, "scalingBehavior": "FILL" }),
        )
        .unwrap();
        assert_eq!(fill.filters, "scale=400:400:flags=bicubic,crop=300:400,setsar=1/1");
        let stretch = sized(
            200,
            200,
            &json!({ "width": 300, "height": 400, "scalingBehavior": "STRETCH_TO_OUTPUT" }),
        );
        assert_eq!(stretch.unwrap().filters, "scale=300:400:flags=bicubic,setsar=1/1");
    }

    #[test]
    fn one_side_scales_evenly_and_default_scales_up() {
        let by_width = sized(1920, 1080, &json!({ "width": 1280 })).unwrap();
        assert_eq!((by_width.width, by_width.height), (1280, 720));
        let up = sized(320, 180, &json!({ "width": 1280, "height": 720 })).unwrap();
        assert_eq!(up.filters, "scale=1280:720:flags=bicubic,setsar=1/1");
    }

    #[test]
    fn a_missing_side_is_the_nearest_even_number() {
        let size = |width, height, settings| {
            let sized = sized(width, height, &settings).unwrap();
            (sized.width, sized.height)
        };
        assert_eq!(size(1920, 1080, json!({ "height": 480 })), (854, 480));
        assert_eq!(size(1080, 1920, json!({ "width": 480 })), (480, 854));
        assert_eq!(size(1080, 1920, json!({ "height": 720 })), (406, 720));
        assert_eq!(size(720, 480, json!({ "width": 640 })), (640, 426));
    }

    #[test]
    fn an_odd_size_fails_with_the_message_of_aws() {
        let error = sized(161, 121, &json!({})).unwrap_err();
        assert_eq!(
            error.message,
            "Invalid resolution [161 x 121], only even values are supported. video_description [1]."
        );
    }

    #[test]
    fn square_pixels_widen_an_anamorphic_source() {
        let video = json!({ "height": 576, "codecSettings": { "codec": "H_264", "h264Settings": {
            "parControl": "SPECIFIED", "parNumerator": 1, "parDenominator": 1 } } });
        let video: VideoDescription = serde_json::from_value(video).unwrap();
        let pixel = Ratio {
            numerator: 64,
            denominator: 45,
        };
        let geometry = geometry(
            Source {
                width: 720,
                height: 576,
                pixel,
            },
            &video,
            0,
        )
        .unwrap();
        assert_eq!((geometry.width, geometry.height), (1024, 576));
        assert!(geometry.filters.ends_with("setsar=1/1"));
    }

    proptest! {
        #[test]
        fn a_given_even_size_is_the_size_and_fit_stays_within_it(
            source in (16_u32..4096, 16_u32..4096), half in (16_u32..2048, 16_u32..2048),
        ) {
            let (width, height) = (half.0 * 2, half.1 * 2);
            for behavior in ["DEFAULT", "STRETCH_TO_OUTPUT", "FILL"] {
                let settings = json!({ "width": width, "height": height, "scalingBehavior": behavior });
                let geometry = sized(source.0, source.1, &settings).unwrap();
                prop_assert_eq!((geometry.width, geometry.height), (width, height));
            }
            for behavior in ["FIT", "FIT_NO_UPSCALE"] {
                let settings = json!({ "width": width, "height": height, "scalingBehavior": behavior });
                let geometry = sized(source.0, source.1, &settings).unwrap();
                prop_assert!(geometry.width <= width && geometry.height <= height);
                prop_assert!(geometry.width.is_multiple_of(2) && geometry.height.is_multiple_of(2));
            }
        }
    }
}
