//! What a presentation offers: the size of its largest picture, by its initialization segment, and its sounds.

use m3u8_rs::{AlternativeMedia, AlternativeMediaType, MasterPlaylist, VariantStream};
use serde::Serialize;

/// The largest picture and the sounds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Offer {
    /// The width of the largest picture.
    pub width: u64,
    /// The height of the largest picture.
    pub height: u64,
    /// Frames a second.
    pub frame_rate: Option<f64>,
    /// The languages of the sounds in their order; `und` for one without.
    pub sounds: Vec<String>,
}

impl Offer {
    /// As the master playlist declares it.
    pub(super) fn announced(master: &MasterPlaylist) -> Self {
        let largest = largest(master);
        let size = largest.and_then(|variant| variant.resolution);
        let is_sound = |media: &&AlternativeMedia| media.media_type == AlternativeMediaType::Audio;
        let language = |media: &AlternativeMedia| media.language.clone().unwrap_or_else(|| "und".to_owned());
        Self {
            width: size.map_or(0, |size| size.width),
            height: size.map_or(0, |size| size.height),
            frame_rate: largest.and_then(|variant| variant.frame_rate),
            sounds: master.alternatives.iter().filter(is_sound).map(language).collect(),
        }
    }

    /// With the picture size of the initialization segment, if it can be read.
    pub(super) fn coded_as(mut self, init: &[u8]) -> Self {
        if let Some((width, height)) = size(init) {
            (self.width, self.height) = (width, height);
        }
        self
    }
}

/// The variant with the most pixels.
pub(super) fn largest(master: &MasterPlaylist) -> Option<&VariantStream> {
    let pictures = master.variants.iter().filter(|variant| !variant.is_i_frame);
    pictures.max_by_key(|variant| variant.resolution.map_or(0, |size| size.width * size.height))
}

/// Width and height in the sample entry of H.264.
fn size(init: &[u8]) -> Option<(u64, u64)> {
    let place = init.windows(4).position(|name| name == b"avc1" || name == b"avc3")?;
    let side = |at: usize| Some(u64::from(u16::from_be_bytes(init.get(at..at + 2)?.try_into().ok()?)));
    Some((side(place + 28)?, side(place + 30)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_picture_and_every_sound_are_offered() {
        let text = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"a\",URI=\"a.m3u8\"\n\
                    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"b\",LANGUAGE=\"fr\",URI=\"b.m3u8\"\n\
                    #EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=160x90,FRAME-RATE=25.000\nsmall.m3u8\n\
                    #EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=320x180,FRAME-RATE=25.000\nlarge.m3u8\n";
        let master = m3u8_rs::parse_master_playlist_res(text.as_bytes()).unwrap();
        let offer = Offer::announced(&master);
        assert_eq!((offer.width, offer.height, offer.frame_rate), (320, 180, Some(25.0)));
        assert_eq!(offer.sounds, ["und", "fr"]);
        assert_eq!(largest(&master).unwrap().uri, "large.m3u8");

        let mut init = vec![0; 40];
        init[4..8].copy_from_slice(b"avc1");
        init[32..36].copy_from_slice(&[0, 120, 0, 160]);
        let coded = offer.coded_as(&init);
        assert_eq!((coded.width, coded.height), (120, 160));
    }
}
