//! MediaConvert's terms for FFprobe's names.

/// A codec's name in Probe.
pub(super) fn codec(name: &str) -> &'static str {
    match name {
        "aac" => "AAC",
        "ac3" => "AC3",
        "amr_nb" | "amr_wb" => "AMR",
        "eac3" => "EAC3",
        "flac" => "FLAC",
        "mp2" => "MP2",
        "mp3" => "MP3",
        "opus" => "OPUS",
        "vorbis" => "VORBIS",
        "wmav1" => "WMA",
        "wmav2" => "WMA2",
        "wmapro" => "WMAPRO",
        "av1" => "AV1",
        "h264" => "AVC",
        "dvvideo" => "DV",
        "h263" => "H263",
        "hevc" => "HEVC",
        "jpeg2000" => "JPEG2000",
        "mjpeg" => "MJPEG",
        "mpeg1video" => "MPEG1",
        "mpeg4" => "MP4V",
        "mpeg2video" => "MPEG2",
        "prores" => "PRORES",
        "qtrle" => "QTRLE",
        "theora" => "THEORA",
        "rawvideo" | "v210" => "UNCOMPRESSED",
        "vc1" | "wmv3" => "VC1",
        "dnxhd" => "VC3",
        "vp8" => "VP8",
        "vp9" => "VP9",
        "eia_608" => "C608",
        "webvtt" => "WEBVTT",
        pcm if pcm.starts_with("pcm_") => "PCM",
        _ => "UNKNOWN",
    }
}

/// A codec's name in events, which is that of output settings.
pub(super) fn event_codec(name: &str) -> &'static str {
    match codec(name) {
        "AVC" => "H_264",
        "HEVC" => "H_265",
        other => other,
    }
}

/// A container's name; some have none.
pub(super) fn format(format_name: &str, brand: &str, is_webm: bool) -> Option<&'static str> {
    let names: Vec<&str> = format_name.split(',').collect();
    let is = |name: &str| names.contains(&name);
    Some(match () {
        () if is("mp4") => match brand.trim() {
            "qt" => "quicktime",
            brand if brand.starts_with("3gp") => "three_gp",
            brand if brand.starts_with("3g2") => "three_g2",
            _ => "mp4",
        },
        () if is("matroska") => {
            if is_webm {
                "webm"
            } else {
                "matroska"
            }
        }
        () if is("mxf") => "mxf",
        () if is("wav") => "wave",
        () if is("avi") => "avi",
        () if is("mpegts") => "mpegts",
        () if is("mpeg") => "mpegps",
        () if is("mp3") => "mp3",
        () if is("flac") => "flac",
        () if is("asf") => "asf",
        () if is("ogg") => "ogg",
        () if is("aac") => "aac",
        () if is("ac3") => "ac3",
        () if is("eac3") => "eac3",
        () => return None,
    })
}

/// Colour primaries.
pub(super) fn primaries(name: Option<&str>) -> &'static str {
    match name {
        Some("bt709") => "ITU_709",
        Some("bt470m") => "ITU_470M",
        Some("bt470bg") => "ITU_470BG",
        Some("smpte170m") => "SMPTE_170M",
        Some("smpte240m") => "SMPTE_240M",
        Some("film") => "GENERIC_FILM",
        Some("bt2020") => "ITU_2020",
        Some("smpte428") => "SMPTE_428_1",
        Some("smpte431") => "SMPTE_431_2",
        Some("smpte432") => "SMPTE_EG_432_1",
        Some("ebu3213") => "EBU_3213_E",
        _ => "UNSPECIFIED",
    }
}

/// Transfer characteristics.
pub(super) fn transfer(name: Option<&str>) -> &'static str {
    match name {
        Some("bt709") => "ITU_709",
        Some("gamma22" | "bt470m") => "ITU_470M",
        Some("gamma28" | "bt470bg") => "ITU_470BG",
        Some("smpte170m") => "SMPTE_170M",
        Some("smpte240m") => "SMPTE_240M",
        Some("linear") => "LINEAR",
        Some("log100") => "LOG10_2",
        Some("log316") => "LOC10_2_5",
        Some("iec61966-2-4") => "IEC_61966_2_4",
        Some("bt1361e") => "ITU_1361",
        Some("iec61966-2-1") => "IEC_61966_2_1",
        Some("bt2020-10") => "ITU_2020_10bit",
        Some("bt2020-12") => "ITU_2020_12bit",
        Some("smpte2084") => "SMPTE_2084",
        Some("smpte428") => "SMPTE_428_1",
        Some("arib-std-b67") => "ARIB_B67",
        _ => "UNSPECIFIED",
    }
}

/// Matrix coefficients.
pub(super) fn matrix(name: Option<&str>) -> &'static str {
    match name {
        Some("gbr") => "RGB",
        Some("bt709") => "ITU_709",
        Some("fcc") => "FCC",
        Some("bt470bg") => "ITU_470BG",
        Some("smpte170m") => "SMPTE_170M",
        Some("smpte240m") => "SMPTE_240M",
        Some("ycgco") => "YCgCo",
        Some("bt2020nc") => "ITU_2020_NCL",
        Some("bt2020c") => "ITU_2020_CL",
        Some("smpte2085") => "SMPTE_2085",
        Some("chroma-derived-nc") => "CD_NCL",
        Some("chroma-derived-c") => "CD_CL",
        Some("ictcp") => "ITU_2100ICtCp",
        _ => "UNSPECIFIED",
    }
}
