//! The filter graph: the steps that outputs share run once, before the picture is split.

use super::super::{
    probe::{Ratio, Stream},
    settings::{DeinterlacerControl, FrameCaptureSettings, VideoDescription},
};

/// From HDR to BT.709, in linear light. For HDR sources only: it fails on untagged SDR.
const TONE_MAP: &str = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,\
                        zscale=t=bt709:m=bt709:r=tv,format=yuv420p,sidedata=mode=delete:type=CONTENT_LIGHT_LEVEL,\
                        sidedata=mode=delete:type=MASTERING_DISPLAY_METADATA";

/// The filters before scaling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Treatment(String);

/// One output's branch of the graph.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) treatment: Treatment,
    /// Scaling and what follows.
    pub(super) filters: String,
    /// The name that the output maps.
    pub(super) label: String,
}

/// Audio from more than one track: merged channels, or silence.
#[derive(Clone, Debug)]
pub(super) struct Chain(String);

impl Chain {
    /// The channels of these streams, padded to the longest, then the filters.
    pub(super) fn merged(label: &str, streams: &[&Stream], seconds: f64, filters: &str) -> Self {
        let mut parts = Vec::new();
        let mut inputs = String::new();
        for (number, stream) in streams.iter().enumerate() {
            let input = format!("[{label}i{number}]");
            // FFmpeg does not merge streams of unknown layout.
            let layout = match stream.channels {
                1 => "mono",
                6 => "5.1",
                _ => "stereo",
            };
            parts.push(format!(
                "[0:{}]aresample=48000:async=1:first_pts=0,aformat=channel_layouts={layout},apad=whole_dur={seconds:.3}{input}",
                stream.index
            ));
            inputs.push_str(&input);
        }
        parts.push(format!("{inputs}amerge=inputs={},{filters}[{label}]", streams.len()));
        Self(parts.join(";"))
    }

    /// Silence of this length.
    pub(super) fn silence(label: &str, seconds: f64, sample_rate: u32) -> Self {
        Self(format!(
            "anullsrc=r={sample_rate}:cl=stereo,atrim=duration={seconds:.3}[{label}]"
        ))
    }

    pub(super) fn text(&self) -> String {
        self.0.clone()
    }
}

/// The source and the settings that a treatment depends on.
pub(super) struct TreatmentInput<'a> {
    pub(super) video: &'a Stream,
    pub(super) rotation: u32,
    pub(super) rate: Ratio,
    /// Seconds of black after the end of the picture.
    pub(super) black: Option<f64>,
    /// The length of the clip that the settings take, in seconds.
    pub(super) clip: Option<f64>,
}

impl TreatmentInput<'_> {
    /// The filters before scaling.
    pub(super) fn treatment(&self, description: &VideoDescription) -> Treatment {
        let preprocessors = &description.video_preprocessors;
        let mut filters = vec![self.fitted()];
        // All outputs are progressive: interlaced frames are always deinterlaced, or all frames if that is forced.
        match preprocessors.deinterlacer.map(|deinterlacer| deinterlacer.control) {
            Some(DeinterlacerControl::ForceAllFrames) => filters.push("bwdif=mode=send_frame:deint=all".to_owned()),
            Some(DeinterlacerControl::Normal) => filters.push("bwdif=mode=send_frame:deint=interlaced".to_owned()),
            None if self.video.is_interlaced() => filters.push("bwdif=mode=send_frame:deint=interlaced".to_owned()),
            None => {}
        }
        match self.rotation {
            90 => filters.push("transpose=clock".to_owned()),
            180 => filters.push("hflip,vflip".to_owned()),
            270 => filters.push("transpose=cclock".to_owned()),
            _ => {}
        }
        // A constant rate from the start: a late picture is repeated backwards, so that the segments of all outputs begin at the
        // same times.
        filters.push(format!(
            "fps={}/{}:start_time=0",
            self.rate.numerator, self.rate.denominator
        ));
        // As a difference: the length of the picture is a measurement, which must not cut it.
        if let Some(seconds) = self.black {
            filters.push(format!("tpad=stop_mode=add:stop_duration={seconds:.3}:color=black"));
        }
        if let Some(seconds) = self.clip {
            filters.push(format!("trim=end={seconds:.6}"));
        }
        if preprocessors.color_corrector.is_forced_to_709() && self.video.is_hdr() {
            filters.push(TONE_MAP.to_owned());
        }
        Treatment(filters.join(","))
    }

    /// Fits frames whose size changes (a resized window, a rotated phone, joined clips) into the size of the first one. The graph
    /// is not rebuilt for them (`-reinit_filter`), because its time would restart at zero. Sides become even: `pad` rounds an odd
    /// side down below the picture's, and fails. So an odd side is scaled by one pixel.
    fn fitted(&self) -> String {
        let [width, height] = [self.video.width, self.video.height].map(|side| side.next_multiple_of(2));
        format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:eval=frame"
        )
    }
}

/// One picture per period, from the first frame on.
pub(super) fn captures(settings: FrameCaptureSettings, scaling: &str) -> String {
    let numerator = settings.framerate_numerator.unwrap_or(1).max(1);
    let period = f64::from(settings.framerate_denominator.unwrap_or(1)) / f64::from(numerator);
    let slot = |time: &str| format!("floor(({time}-start_t+0.0005)/{period})");
    let chosen = format!(
        "if(isnan(prev_selected_t),1,gt({},{}))",
        slot("t"),
        slot("prev_selected_t")
    );
    format!("select='{chosen}',{scaling},scale=out_range=full,format=yuvj420p")
}

/// The graph from the input stream to the outputs' labels.
pub(super) fn graph(stream: u32, branches: &[Branch]) -> String {
    let mut treatments: Vec<&Treatment> = Vec::new();
    for branch in branches {
        if !treatments.contains(&&branch.treatment) {
            treatments.push(&branch.treatment);
        }
    }
    let mut parts = Vec::new();
    let source = format!("[0:{stream}]");
    let sources: Vec<String> = if treatments.len() == 1 {
        vec![source]
    } else {
        let labels: Vec<String> = (0..treatments.len()).map(|index| format!("[s{index}]")).collect();
        parts.push(format!("{source}split={}{}", labels.len(), labels.concat()));
        labels
    };
    for (index, (treatment, source)) in treatments.iter().zip(sources).enumerate() {
        let sharing: Vec<&Branch> = branches
            .iter()
            .filter(|branch| branch.treatment == **treatment)
            .collect();
        let inputs: Vec<String> = (0..sharing.len())
            .map(|branch| format!("[t{index}b{branch}]"))
            .collect();
        let split = if sharing.len() == 1 {
            String::new()
        } else {
            format!(",split={}", sharing.len())
        };
        parts.push(format!("{source}{}{split}{}", treatment.0, inputs.concat()));
        for (input, branch) in inputs.iter().zip(sharing) {
            parts.push(format!("{input}{}[{}]", branch.filters, branch.label));
        }
    }
    parts.join(";")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn branch(treatment: &str, label: &str) -> Branch {
        Branch {
            treatment: Treatment(treatment.to_owned()),
            filters: "scale=2:2".to_owned(),
            label: label.to_owned(),
        }
    }

    #[test]
    fn shared_steps_run_once() {
        let both = [branch("fps=24/1", "v0"), branch("fps=24/1", "v1")];
        assert_eq!(
            graph(0, &both),
            "[0:0]fps=24/1,split=2[t0b0][t0b1];[t0b0]scale=2:2[v0];[t0b1]scale=2:2[v1]"
        );
        assert_eq!(graph(1, &both[..1]), "[0:1]fps=24/1[t0b0];[t0b0]scale=2:2[v0]");
    }

    #[test]
    fn tracks_are_merged_with_the_layout_that_they_have() {
        let stream = |index| Stream {
            index,
            channels: 1,
            ..Stream::default()
        };
        let (left, right) = (stream(1), stream(2));
        let chain = Chain::merged("a0", &[&left, &right], 2.0, "apad");
        assert_eq!(chain.text().matches("aformat=channel_layouts=mono").count(), 2);
        assert!(
            chain.text().ends_with("[a0i0][a0i1]amerge=inputs=2,apad[a0]"),
            "{}",
            chain.text()
        );
    }

    #[test]
    fn different_treatments_split_the_source() {
        let mixed = [
            branch("fps=24/1", "v0"),
            branch("fps=12/1", "v1"),
            branch("fps=24/1", "v2"),
        ];
        assert_eq!(
            graph(0, &mixed),
            "[0:0]split=2[s0][s1];[s0]fps=24/1,split=2[t0b0][t0b1];[t0b0]scale=2:2[v0];[t0b1]scale=2:2[v2];\
             [s1]fps=12/1[t1b0];[t1b0]scale=2:2[v1]"
        );
    }

    #[test]
    fn tone_mapping_is_for_hdr_only_and_interlaced_frames_are_deinterlaced() {
        let description: VideoDescription = serde_json::from_value(json!({
            "codecSettings": { "codec": "H_264" },
            "videoPreprocessors": { "colorCorrector": { "colorSpaceConversion": "FORCE_709" } },
        }))
        .unwrap();
        let rate = Ratio {
            numerator: 25,
            denominator: 1,
        };
        let treated = |video: &Stream| {
            let input = TreatmentInput {
                video,
                rotation: 90,
                rate,
                black: None,
                clip: None,
            };
            input.treatment(&description).0
        };
        let fitted = "scale=64:48:force_original_aspect_ratio=decrease,pad=64:48:(ow-iw)/2:(oh-ih)/2:eval=frame,";
        let plain = Stream {
            width: 64,
            height: 48,
            ..Stream::default()
        };
        assert_eq!(
            treated(&plain),
            format!("{fitted}transpose=clock,fps=25/1:start_time=0")
        );
        let odd = Stream {
            width: 161,
            height: 121,
            ..Stream::default()
        };
        assert!(treated(&odd).starts_with("scale=162:122:force_original_aspect_ratio=decrease,pad=162:122:"));
        let hdr = Stream {
            color_transfer: Some("smpte2084".to_owned()),
            ..Stream::default()
        };
        assert!(treated(&hdr).contains("tonemap"));
        let interlaced = Stream {
            field_order: Some("tt".to_owned()),
            ..Stream::default()
        };
        assert!(treated(&interlaced).contains(",bwdif=mode=send_frame:deint=interlaced,"));
    }

    #[test]
    fn captures_come_at_their_period() {
        let every_three = FrameCaptureSettings {
            framerate_numerator: Some(1),
            framerate_denominator: Some(3),
            ..FrameCaptureSettings::default()
        };
        let filters = captures(every_three, "scale=320:180");
        assert!(
            filters.starts_with("select='if(isnan(prev_selected_t),1,gt(floor((t-start_t+0.0005)/3),"),
            "{filters}"
        );
        assert!(
            filters.ends_with(",scale=320:180,scale=out_range=full,format=yuvj420p"),
            "{filters}"
        );
    }
}
