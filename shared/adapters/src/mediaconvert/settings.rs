//! A job's settings, from the types of `media` to the SDK's. A test compares what the SDK sends with what `media` serializes.

use aws_sdk_mediaconvert::types as sdk;
use media::job as ours;

pub(super) fn to_sdk(settings: &ours::JobSettings) -> sdk::JobSettings {
    sdk::JobSettings::builder()
        .set_inputs(Some(settings.inputs.iter().map(input).collect()))
        .set_output_groups(Some(settings.output_groups.iter().map(output_group).collect()))
        .timecode_config(
            sdk::TimecodeConfig::builder()
                .source(settings.timecode_config.source.as_str().into())
                .build(),
        )
        .build()
}

/// The API's integers are signed; `media::job::limits` keeps all values within them.
fn int(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn input(from: &ours::Input) -> sdk::Input {
    let selector = &from.video_selector;
    let video = sdk::VideoSelector::builder()
        .rotate(selector.rotate.as_str().into())
        .set_pad_video(selector.pad_video.map(|pad| pad.as_str().into()))
        .build();
    let clippings = (!from.input_clippings.is_empty()).then(|| from.input_clippings.iter().map(clipping).collect());
    let mut input = sdk::Input::builder()
        .set_file_input(from.file_input.clone())
        .set_video_generator(from.video_generator.as_ref().map(generator))
        .timecode_source(from.timecode_source.as_str().into())
        .set_input_clippings(clippings)
        .video_selector(video);
    for (name, audio) in &from.audio_selectors {
        let selector = sdk::AudioSelector::builder()
            .default_selection(audio.default_selection.as_str().into())
            .selector_type(audio.selector_type.as_str().into())
            .set_tracks(Some(audio.tracks.iter().copied().map(int).collect()))
            .set_external_audio_file_input(audio.external_audio_file_input.clone())
            .build();
        input = input.audio_selectors(name, selector);
    }

    input.build()
}

fn generator(from: &ours::InputVideoGenerator) -> sdk::InputVideoGenerator {
    sdk::InputVideoGenerator::builder()
        .duration(int(from.duration))
        .framerate_numerator(int(from.framerate_numerator))
        .framerate_denominator(int(from.framerate_denominator))
        .width(int(from.width))
        .height(int(from.height))
        .image_input(&from.image_input)
        .build()
}

fn clipping(from: &ours::InputClipping) -> sdk::InputClipping {
    sdk::InputClipping::builder().end_timecode(&from.end_timecode).build()
}

fn output_group(from: &ours::OutputGroup) -> sdk::OutputGroup {
    let settings = &from.output_group_settings;
    let file = settings
        .file_group_settings
        .as_ref()
        .map(|file| sdk::FileGroupSettings::builder().destination(&file.destination).build());

    sdk::OutputGroup::builder()
        .name(&from.name)
        .output_group_settings(
            sdk::OutputGroupSettings::builder()
                .r#type(settings.r#type.as_str().into())
                .set_cmaf_group_settings(settings.cmaf_group_settings.as_ref().map(cmaf))
                .set_file_group_settings(file)
                .build(),
        )
        .set_outputs(Some(from.outputs.iter().map(output).collect()))
        .build()
}

fn cmaf(from: &ours::CmafGroupSettings) -> sdk::CmafGroupSettings {
    sdk::CmafGroupSettings::builder()
        .destination(&from.destination)
        .write_hls_manifest(from.write_hls_manifest.as_str().into())
        .write_dash_manifest(from.write_dash_manifest.as_str().into())
        .segment_control(from.segment_control.as_str().into())
        .segment_length(int(from.segment_length))
        .segment_length_control(from.segment_length_control.as_str().into())
        .fragment_length(int(from.fragment_length))
        .min_final_segment_length(from.min_final_segment_length.into())
        .codec_specification(from.codec_specification.as_str().into())
        .manifest_duration_format(from.manifest_duration_format.as_str().into())
        .stream_inf_resolution(from.stream_inf_resolution.as_str().into())
        .target_duration_compatibility_mode(from.target_duration_compatibility_mode.as_str().into())
        .build()
}

fn output(from: &ours::Output) -> sdk::Output {
    let container = &from.container_settings;
    let cmfc = container.cmfc_settings.as_ref().map(|cmfc| {
        sdk::CmfcSettings::builder()
            .set_audio_group_id(cmfc.audio_group_id.clone())
            .set_audio_rendition_sets(cmfc.audio_rendition_sets.clone())
            .set_audio_track_type(cmfc.audio_track_type.map(|word| word.as_str().into()))
            .set_descriptive_video_service_flag(cmfc.descriptive_video_service_flag.map(|word| word.as_str().into()))
            .build()
    });
    let audio: Vec<_> = from.audio_descriptions.iter().map(audio).collect();

    sdk::Output::builder()
        .set_name_modifier(from.name_modifier.clone())
        .set_extension(from.extension.clone())
        .container_settings(
            sdk::ContainerSettings::builder()
                .container(container.container.as_str().into())
                .set_cmfc_settings(cmfc)
                .build(),
        )
        .set_video_description(from.video_description.as_ref().map(video))
        .set_audio_descriptions((!audio.is_empty()).then_some(audio))
        .build()
}

fn video(from: &ours::VideoDescription) -> sdk::VideoDescription {
    let codec = &from.codec_settings;
    let capture = codec.frame_capture_settings.as_ref().map(|capture| {
        sdk::FrameCaptureSettings::builder()
            .framerate_numerator(int(capture.framerate_numerator))
            .framerate_denominator(int(capture.framerate_denominator))
            .max_captures(int(capture.max_captures))
            .quality(int(capture.quality))
            .build()
    });

    sdk::VideoDescription::builder()
        .width(int(from.width))
        .height(int(from.height))
        .scaling_behavior(from.scaling_behavior.as_str().into())
        .codec_settings(
            sdk::VideoCodecSettings::builder()
                .codec(codec.codec.as_str().into())
                .set_h264_settings(codec.h264_settings.as_ref().map(h264))
                .set_frame_capture_settings(capture)
                .build(),
        )
        .set_video_preprocessors(from.video_preprocessors.as_ref().map(preprocessors))
        .build()
}

fn h264(from: &ours::H264Settings) -> sdk::H264Settings {
    sdk::H264Settings::builder()
        .rate_control_mode(from.rate_control_mode.as_str().into())
        .max_bitrate(int(from.max_bitrate))
        .qvbr_settings(
            sdk::H264QvbrSettings::builder()
                .qvbr_quality_level(int(from.qvbr_settings.qvbr_quality_level))
                .build(),
        )
        .quality_tuning_level(from.quality_tuning_level.as_str().into())
        .codec_profile(from.codec_profile.as_str().into())
        .codec_level(from.codec_level.as_str().into())
        .gop_size_units(from.gop_size_units.as_str().into())
        .scene_change_detect(from.scene_change_detect.as_str().into())
        .framerate_control(from.framerate_control.as_str().into())
        .framerate_conversion_algorithm(from.framerate_conversion_algorithm.as_str().into())
        .framerate_numerator(int(from.framerate_numerator))
        .framerate_denominator(int(from.framerate_denominator))
        .par_control(from.par_control.as_str().into())
        .par_numerator(int(from.par_numerator))
        .par_denominator(int(from.par_denominator))
        .interlace_mode(from.interlace_mode.as_str().into())
        .build()
}

fn preprocessors(from: &ours::VideoPreprocessor) -> sdk::VideoPreprocessor {
    let deinterlacer = from.deinterlacer.as_ref().map(|deinterlacer| {
        sdk::Deinterlacer::builder()
            .algorithm(deinterlacer.algorithm.as_str().into())
            .control(deinterlacer.control.as_str().into())
            .mode(deinterlacer.mode.as_str().into())
            .build()
    });
    let corrector = from.color_corrector.as_ref().map(|corrector| {
        sdk::ColorCorrector::builder()
            .color_space_conversion(corrector.color_space_conversion.as_str().into())
            .build()
    });

    sdk::VideoPreprocessor::builder()
        .set_deinterlacer(deinterlacer)
        .set_color_corrector(corrector)
        .build()
}

fn audio(from: &ours::AudioDescription) -> sdk::AudioDescription {
    let aac = &from.codec_settings.aac_settings;

    sdk::AudioDescription::builder()
        .audio_source_name(&from.audio_source_name)
        .codec_settings(
            sdk::AudioCodecSettings::builder()
                .codec(from.codec_settings.codec.as_str().into())
                .aac_settings(
                    sdk::AacSettings::builder()
                        .bitrate(int(aac.bitrate))
                        .codec_profile(aac.codec_profile.as_str().into())
                        .coding_mode(aac.coding_mode.as_str().into())
                        .rate_control_mode(aac.rate_control_mode.as_str().into())
                        .sample_rate(int(aac.sample_rate))
                        .build(),
                )
                .build(),
        )
        .set_custom_language_code(from.custom_language_code.clone())
        .language_code_control(from.language_code_control.as_str().into())
        .set_stream_name(from.stream_name.clone())
        .build()
}

#[cfg(test)]
mod tests {
    use aws_sdk_mediaconvert::{
        Client, Config,
        config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// The SDK sends exactly the JSON that `media` serializes: the conversion forgets no field.
    #[tokio::test]
    async fn the_sdk_sends_what_media_serializes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let job: media::job::JobSettings =
            serde_json::from_str(include_str!("../../../media/fixtures/job-640x360.json")).unwrap();

        let create = Client::from_conf(config)
            .create_job()
            .role("arn:aws:iam::000000000000:role/r");
        let create = create.settings(super::to_sdk(&job));
        let (_, sent) = tokio::join!(create.send(), body_of_one_request(&listener));

        assert_eq!(sent["settings"], serde_json::to_value(&job).unwrap());
    }

    async fn body_of_one_request(listener: &TcpListener) -> serde_json::Value {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        loop {
            stream.read_buf(&mut received).await.unwrap();
            let text = String::from_utf8_lossy(&received);
            let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
            if let Some(body) = body.and_then(|body| serde_json::from_str(body).ok()) {
                stream
                    .write_all(b"HTTP/1.1 500 Enough\r\ncontent-length: 0\r\n\r\n")
                    .await
                    .unwrap();
                return body;
            }
        }
    }
}
