//! The sound of a ladder: one rung for each offered track, with a unique name.

use kernel::language;
use serde::{Deserialize, Serialize};

use crate::ladder::MAX_AUDIO;
use crate::source::{AudioFacts, SoundRole};

/// Maximum length of a name in a menu, in characters.
const MAX_NAME: usize = 40;

/// A planned encode of a sound track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioRung {
    /// The number of the source's sound track, from 1.
    pub track: u32,
    /// The track with the right channel, if `track` has only the left one.
    #[serde(default)]
    pub right: Option<u32>,
    /// Channels, 1 or 2.
    pub channels: u32,
    /// Bit rate in bits a second.
    pub bitrate: u32,
    /// BCP 47 tag, if known.
    pub language: Option<String>,
    /// Its name in a menu, unique in the ladder. MediaConvert accepts letters, digits and spaces.
    #[serde(default)]
    pub name: String,
    /// Its role.
    #[serde(default)]
    pub role: SoundRole,
}

/// The rungs for tracks, in their order; the first is the default.
pub(crate) fn rungs(tracks: &[AudioFacts]) -> Vec<AudioRung> {
    let mut rungs: Vec<AudioRung> = Vec::new();
    for track in tracks.iter().take(MAX_AUDIO) {
        let (channels, bitrate) = if track.channels == 1 { (1, 64_000) } else { (2, 128_000) };
        // Facts of earlier releases have tags in another spelling.
        let language = track.language.as_deref().and_then(language::from_track);
        let name = name(track, language.as_deref(), tracks);
        rungs.push(AudioRung {
            track: track.track,
            right: track.right,
            channels,
            bitrate,
            language,
            name: unique(&name, &rungs),
            role: track.role,
        });
    }
    rungs
}

/// The track's title if it is unique, with its language if it is not, or else its language and role.
fn name(track: &AudioFacts, tag: Option<&str>, tracks: &[AudioFacts]) -> String {
    let language = tag.map(|tag| language::english_name(tag).map_or_else(|| plain(tag), plain));
    let titled = track
        .title
        .as_deref()
        .map(plain)
        .filter(|title| title.chars().any(char::is_alphabetic));
    let same_title = tracks.iter().filter(|other| other.title == track.title).count();
    match (titled, language) {
        (Some(title), Some(language)) if same_title > 1 && !title.contains(&language) => {
            shorten(&format!("{language} {title}"))
        }
        (Some(title), _) => shorten(&title),
        (None, language) => {
            let language = language.unwrap_or_else(|| "Sound".to_owned());
            match track.role {
                SoundRole::Main => language,
                SoundRole::Commentary => format!("{language} commentary"),
                SoundRole::Description => format!("{language} with description"),
            }
        }
    }
}

/// The text without characters that MediaConvert refuses in `StreamName` (`^[\\w\\s]*$`). A title in another script becomes empty.
fn plain(text: &str) -> String {
    let unaccented = text.chars().map(|letter| match letter {
        'À'..='Å' => 'A',
        'à'..='å' => 'a',
        'Ç' => 'C',
        'ç' => 'c',
        'È'..='Ë' => 'E',
        'è'..='ë' => 'e',
        'Ì'..='Ï' => 'I',
        'ì'..='ï' => 'i',
        'Ñ' => 'N',
        'ñ' => 'n',
        'Ò'..='Ö' | 'Ø' => 'O',
        'ò'..='ö' | 'ø' => 'o',
        'Ù'..='Ü' => 'U',
        'ù'..='ü' => 'u',
        'ß' => 's',
        letter if letter.is_ascii_alphanumeric() => letter,
        letter if letter.is_alphanumeric() => '\u{0}',
        _ => ' ',
    });
    let text: String = unaccented.collect();
    if text.contains('\u{0}') {
        return String::new();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(name: &str) -> String {
    name.chars().take(MAX_NAME).collect::<String>().trim_end().to_owned()
}

/// The name, with a number if an earlier track has it: names in a rendition group must differ.
fn unique(name: &str, rungs: &[AudioRung]) -> String {
    let is_used = |name: &str| rungs.iter().any(|rung| rung.name.eq_ignore_ascii_case(name));
    if !is_used(name) {
        return name.to_owned();
    }
    let numbered = (2..).map(|number| format!("{name} {number}"));
    numbered.into_iter().find(|name| !is_used(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(number: u32, language: Option<&str>, title: Option<&str>) -> AudioFacts {
        AudioFacts {
            track: number,
            right: None,
            codec: "AAC".into(),
            channels: 2,
            language: language.map(str::to_owned),
            title: title.map(str::to_owned),
            role: SoundRole::Main,
            flagged: false,
            duration_ms: None,
        }
    }

    fn names(tracks: &[AudioFacts]) -> Vec<String> {
        rungs(tracks).into_iter().map(|rung| rung.name).collect()
    }

    #[test]
    fn every_track_has_a_unique_name() {
        let tracks = [track(1, None, None), track(2, Some("fr"), None), track(3, None, None)];
        assert_eq!(names(&tracks), ["Sound", "French", "Sound 2"]);

        let mut commentary = track(2, Some("en"), None);
        commentary.role = SoundRole::Commentary;
        let mut described = track(3, Some("en"), None);
        described.role = SoundRole::Description;
        assert_eq!(
            names(&[track(1, Some("en"), None), commentary, described]),
            ["English", "English commentary", "English with description"]
        );
    }

    #[test]
    fn titles_are_converted_to_names_that_mediaconvert_accepts() {
        let titled = |title| names(&[track(1, Some("fr"), Some(title))]).remove(0);
        assert_eq!(
            titled("Commentaire du réalisateur (2.0)"),
            "Commentaire du realisateur 2 0"
        );
        assert_eq!(titled("日本語"), "French", "no letter of the title can be used");
        assert_eq!(titled("5.1"), "French", "a name has letters");
        assert!(titled(&"x".repeat(300)).len() <= MAX_NAME);
        let same_title = [
            track(1, Some("en"), Some("Stereo")),
            track(2, Some("fr"), Some("Stereo")),
        ];
        assert_eq!(names(&same_title), ["English Stereo", "French Stereo"]);
    }

    #[test]
    fn language_tags_of_earlier_releases_are_normalized() {
        let rungs = rungs(&[track(1, Some("ENG"), None)]);
        assert_eq!(rungs[0].language.as_deref(), Some("en"));
        assert_eq!(rungs[0].name, "English");
    }

    #[test]
    fn the_number_of_tracks_is_limited() {
        let tracks: Vec<_> = (1..=12).map(|number| track(number, None, None)).collect();
        assert_eq!(rungs(&tracks).len(), MAX_AUDIO);
    }
}
