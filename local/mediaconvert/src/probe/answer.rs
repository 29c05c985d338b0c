//! The responses of the Probe operation and the details of the INPUT_INFORMATION event.

use serde_json::{Map, Value, json};

use super::{
    super::input::Fetched,
    facts::{Facts, Ratio, Stream},
    terms,
};

/// One of `probeResults`.
pub(crate) fn probe_result(facts: &Facts, fetched: &Fetched, is_webm: bool) -> Value {
    let tracks: Vec<&Stream> = facts.streams.iter().filter(|stream| kind(stream).is_some()).collect();
    let indexes = |wanted: &str| -> Vec<u32> {
        let wanted = tracks.iter().filter(|stream| kind(stream) == Some(wanted));
        wanted.map(|stream| stream.index + 1).collect()
    };
    let brand = facts.format.tags.get("major_brand").map_or("", String::as_str);
    object([
        (
            "container",
            object([
                ("bitRate", number(facts.format.bit_rate.as_deref())),
                ("duration", json!(facts.duration())),
                ("format", json!(terms::format(&facts.format.names, brand, is_webm))),
                ("startTimecode", json!(facts.format.tags.get("timecode"))),
                ("tracks", tracks.iter().map(|stream| track(facts, stream)).collect()),
            ]),
        ),
        (
            "metadata",
            object([
                ("eTag", json!(fetched.e_tag)),
                ("fileSize", json!(fetched.size)),
                ("lastModified", json!(fetched.last_modified)),
                ("mimeType", json!(fetched.content_type)),
            ]),
        ),
        (
            "trackMappings",
            json!([{
                "videoTrackIndexes": indexes("video"),
                "audioTrackIndexes": indexes("audio"),
                "dataTrackIndexes": indexes("data"),
            }]),
        ),
    ])
}

/// One of `inputDetails`.
pub(crate) fn input_details(url: &str, facts: &Facts) -> Value {
    let audio: Vec<Value> = facts
        .audio()
        .map(|stream| {
            json!({
                "channels": stream.channels,
                "codec": terms::event_codec(&stream.codec_name),
                "language": stream.language().unwrap_or("und").to_uppercase(),
                "sampleRate": number(stream.sample_rate.as_deref()),
                "streamId": stream.index + 1,
            })
        })
        .collect();
    let video: Vec<Value> = facts
        .streams
        .iter()
        .filter(|stream| stream.is_video())
        .map(|stream| {
            let shape = stream.sample_aspect_ratio();
            json!({
                "bitDepth": bit_depth(stream),
                "codec": terms::event_codec(&stream.codec_name),
                "colorFormat": format!("YUV_{}", chroma(stream).replace(':', "")),
                "fourCC": stream.codec_tag_string,
                "frameRate": stream.frame_rate().map(|rate| (rate.as_f64() * 100.0).round() / 100.0),
                "height": stream.height,
                "interlaceMode": if stream.is_interlaced() { "INTERLACED" } else { "PROGRESSIVE" },
                "sar": format!("{}:{}", shape.numerator, shape.denominator),
                "standard": "UNSPECIFIED",
                "streamId": stream.index + 1,
                "width": stream.width,
            })
        })
        .collect();
    json!({ "id": 1, "uri": url, "audio": audio, "video": video })
}

/// The type of a track; covers and attachments are not tracks.
fn kind(stream: &Stream) -> Option<&'static str> {
    match stream.codec_type.as_str() {
        "video" => stream.is_video().then_some("video"),
        "audio" => Some("audio"),
        "subtitle" | "data" => Some("data"),
        _ => None,
    }
}

fn track(facts: &Facts, stream: &Stream) -> Value {
    let kind = kind(stream);
    let properties = match kind {
        Some("video") => ("videoProperties", video(stream)),
        Some("audio") => ("audioProperties", audio(stream)),
        _ => ("dataProperties", object([("languageCode", json!(stream.language()))])),
    };
    object([
        ("codec", json!(terms::codec(&stream.codec_name))),
        ("duration", json!(facts.duration_of(stream))),
        ("index", json!(stream.index + 1)),
        ("trackType", json!(kind)),
        properties,
    ])
}

fn video(stream: &Stream) -> Value {
    let rate = fraction(stream.frame_rate());
    let pixel = stream.sample_aspect_ratio();
    let display = Ratio::new(
        u64::from(stream.width) * u64::from(pixel.numerator),
        u64::from(stream.height) * u64::from(pixel.denominator),
    );
    let primaries = terms::primaries(stream.color_primaries.as_deref());
    let transfer = terms::transfer(stream.color_transfer.as_deref());
    let matrix = terms::matrix(stream.color_space.as_deref());
    let common = [
        ("bitDepth", json!(bit_depth(stream))),
        ("colorPrimaries", json!(primaries)),
        ("displayAspectRatio", fraction(display)),
        ("height", json!(stream.height)),
        ("matrixCoefficients", json!(matrix)),
        ("sampleAspectRatio", fraction(Some(pixel))),
        ("transferCharacteristics", json!(transfer)),
        ("width", json!(stream.width)),
    ];
    let field_order = match stream.field_order.as_deref() {
        Some("tt" | "tb") => Some("TopFieldFirst"),
        Some("bb" | "bt") => Some("BottomFieldFirst"),
        _ => None,
    };
    let coded = [
        ("chromaSubsampling", json!(chroma(stream))),
        ("codedFrameRate", rate.clone()),
        ("fieldOrder", json!(field_order)),
        ("level", json!(stream.level.map(|level| level.to_string()))),
        ("profile", json!(stream.profile)),
        (
            "scanType",
            json!(if stream.is_interlaced() {
                "Interlaced"
            } else {
                "Progressive"
            }),
        ),
    ];
    let own = [
        ("bitRate", number(stream.bit_rate.as_deref())),
        ("codecMetadata", object(common.clone().into_iter().chain(coded))),
        ("frameRate", rate),
        (
            "rotation",
            json!((!stream.side_data_list.is_empty()).then(|| stream.rotation())),
        ),
    ];
    object(common.into_iter().chain(own))
}

fn audio(stream: &Stream) -> Value {
    let depth = number(stream.bits_per_raw_sample.as_deref());
    let depth = if depth.is_null() {
        json!(stream.bits_per_sample.filter(|bits| *bits > 0))
    } else {
        depth
    };
    object([
        ("bitDepth", depth),
        ("bitRate", number(stream.bit_rate.as_deref())),
        ("channelLayout", json!(stream.channel_layout)),
        ("channels", json!(stream.channels)),
        ("languageCode", json!(stream.language())),
        ("sampleRate", number(stream.sample_rate.as_deref())),
    ])
}

fn bit_depth(stream: &Stream) -> u32 {
    let format = stream.pix_fmt.as_deref().unwrap_or_default();
    // The number at the end, as in `yuv420p10le`.
    let depth = format.trim_end_matches("le").trim_end_matches("be").rsplit('p').next();
    depth.and_then(|depth| depth.parse().ok()).unwrap_or(8)
}

fn chroma(stream: &Stream) -> &'static str {
    match stream.pix_fmt.as_deref().unwrap_or_default() {
        format if format.contains("444") || format.contains("gbr") || format.contains("rgb") => "4:4:4",
        format if format.contains("422") => "4:2:2",
        _ => "4:2:0",
    }
}

fn fraction(ratio: Option<Ratio>) -> Value {
    ratio.map_or(
        Value::Null,
        |ratio| json!({ "numerator": ratio.numerator, "denominator": ratio.denominator }),
    )
}

fn number(text: Option<&str>) -> Value {
    text.and_then(|text| text.parse::<u64>().ok())
        .map_or(Value::Null, |number| json!(number))
}

/// An object of the known values.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        known
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetched() -> Fetched {
        Fetched {
            size: 1000,
            e_tag: Some("abc".to_owned()),
            content_type: None,
            last_modified: Some(1_700_000_000),
        }
    }

    #[test]
    fn a_phone_film_with_a_cover_and_captions() {
        let facts: Facts = serde_json::from_value(json!({
            "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "2.5", "tags": { "major_brand": "qt  " } },
            "streams": [
                { "index": 0, "codec_type": "video", "codec_name": "hevc", "width": 1920, "height": 1080,
                  "pix_fmt": "yuv420p10le", "avg_frame_rate": "30000/1001", "r_frame_rate": "30000/1001",
                  "color_transfer": "arib-std-b67", "side_data_list": [{ "rotation": -90 }] },
                { "index": 1, "codec_type": "audio", "codec_name": "aac", "channels": 2, "sample_rate": "48000" },
                { "index": 2, "codec_type": "video", "codec_name": "mjpeg", "disposition": { "attached_pic": 1 } },
                { "index": 3, "codec_type": "subtitle", "codec_name": "mov_text" },
            ],
        }))
        .unwrap();
        let result = probe_result(&facts, &fetched(), false);
        assert_eq!(result["container"]["format"], "quicktime");
        assert_eq!(result["container"]["duration"], 2.5);
        let tracks = result["container"]["tracks"].as_array().unwrap();
        assert_eq!(tracks.len(), 3);
        let video = &tracks[0]["videoProperties"];
        assert_eq!((&tracks[0]["codec"], &video["bitDepth"]), (&json!("HEVC"), &json!(10)));
        assert_eq!(video["rotation"], 90);
        assert_eq!(video["frameRate"], json!({ "numerator": 30000, "denominator": 1001 }));
        assert_eq!(
            video["displayAspectRatio"],
            json!({ "numerator": 16, "denominator": 9 })
        );
        assert_eq!(video["transferCharacteristics"], "ARIB_B67");
        assert_eq!(video["colorPrimaries"], "UNSPECIFIED");
        assert_eq!(video["codecMetadata"]["scanType"], "Progressive");
        assert_eq!(tracks[2]["codec"], "UNKNOWN");
        assert_eq!(
            result["trackMappings"],
            json!([{ "videoTrackIndexes": [1], "audioTrackIndexes": [2], "dataTrackIndexes": [4] }])
        );
        assert_eq!(result["metadata"]["fileSize"], 1000);

        let details = input_details("s3://b/k", &facts);
        assert_eq!(details["video"][0]["codec"], "H_265");
        assert_eq!(details["video"][0]["frameRate"], 29.97);
        assert_eq!(details["video"][0]["colorFormat"], "YUV_420");
        assert_eq!(details["audio"][0]["language"], "UND");
    }
}
