//! The result of a probe, from the SDK's types to those of `media`.

use aws_sdk_mediaconvert::types;
use media::probe::{AudioProperties, CodecMetadata, Container, Fraction, Probe, Track, VideoProperties};

pub(super) fn from_sdk(result: &types::ProbeResult) -> Probe {
    Probe {
        container: result.container().map(container),
    }
}

fn container(from: &types::Container) -> Container {
    Container {
        format: from.format().map(|format| format.as_str().to_owned()),
        duration: from.duration(),
        tracks: from.tracks().iter().map(track).collect(),
    }
}

fn track(from: &types::Track) -> Track {
    Track {
        track_type: from.track_type().map(|kind| kind.as_str().to_owned()),
        codec: from.codec().map(|codec| codec.as_str().to_owned()),
        duration: from.duration(),
        video_properties: from.video_properties().map(video),
        audio_properties: from.audio_properties().map(audio),
    }
}

fn video(from: &types::VideoProperties) -> VideoProperties {
    VideoProperties {
        width: from.width().map(i64::from),
        height: from.height().map(i64::from),
        rotation: from.rotation().map(i64::from),
        frame_rate: from.frame_rate().map(rate),
        sample_aspect_ratio: from.sample_aspect_ratio().map(aspect),
        transfer_characteristics: from.transfer_characteristics().map(|word| word.as_str().to_owned()),
        bit_rate: from.bit_rate(),
        codec_metadata: from.codec_metadata().map(codec),
    }
}

fn codec(from: &types::CodecMetadata) -> CodecMetadata {
    CodecMetadata {
        width: from.width().map(i64::from),
        height: from.height().map(i64::from),
        rotation: from.rotation().map(i64::from),
        coded_frame_rate: from.coded_frame_rate().map(rate),
        sample_aspect_ratio: from.sample_aspect_ratio().map(aspect),
        transfer_characteristics: from.transfer_characteristics().map(|word| word.as_str().to_owned()),
        scan_type: from.scan_type().map(ToOwned::to_owned),
    }
}

fn audio(from: &types::AudioProperties) -> AudioProperties {
    AudioProperties {
        channels: from.channels().map(i64::from),
        language_code: from.language_code().map(ToOwned::to_owned),
    }
}

fn rate(from: &types::FrameRate) -> Fraction {
    Fraction {
        numerator: from.numerator().map(i64::from),
        denominator: from.denominator().map(i64::from),
    }
}

fn aspect(from: &types::AspectRatio) -> Fraction {
    Fraction {
        numerator: from.numerator().map(i64::from),
        denominator: from.denominator().map(i64::from),
    }
}
