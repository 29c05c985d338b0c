//! The sound of a ladder: one rendition for each offered track, with a name of its own.

use kernel::language;
use serde::{Deserialize, Serialize};

use crate::ladder::MAX_AUDIO;
use crate::source::{AudioFacts, SoundRole};

/// The longest name that a menu shows.
const MAX_NAME: usize = 40;

/// One audio rendition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioRung {
    /// The source's sound track, counted from 1.
    pub track: u32,
    /// The track with the right channel, if `track` holds nothing but the left.
    #[serde(default)]
    pub right: Option<u32>,
    /// 1 or 2.
    pub channels: u32,
    /// Bits a second.
    pub bitrate: u32,
    /// BCP 47 tag, if known.
    pub language: Option<String>,
    /// What a menu calls it: letters, digits and blanks, as MediaConvert demands, and unlike all others of the ladder.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub role: SoundRole,
}

/// The renditions for tracks, in their order; the first is played first.
pub(crate) fn rungs(tracks: &[AudioFacts]) -> Vec<AudioRung> {
    let mut rungs: Vec<AudioRung> = Vec::new();
    for track in tracks.iter().take(MAX_AUDIO) {
        let (channels, bitrate) = if track.channels == 1 { (1, 64_000) } else { (2, 128_000) };
        // Facts that an earlier release kept have another spelling.
        let language = track.language.as_deref().and_then(language::from_track);
        let name = name(track, language.as_deref(), tracks);
        rungs.push(AudioRung {
            track: track.track,
            right: track.right,
            channels,
            bitrate,
            language,
            name: unused(&name, &rungs),
            role: track.role,
        });
    }
    rungs
}

/// The track's title, unless other tracks have the same; else its language and what it is for.
fn name(track: &AudioFacts, tag: Option<&str>, tracks: &[AudioFacts]) -> String {
    let language = tag.map(|tag| language::english_name(tag).map_or_else(|| plain(tag), plain));
    let titled = track
        .title
        .as_deref()
        .map(plain)
        .filter(|title| title.chars().any(char::is_alphabetic));
    let alike = tracks.iter().filter(|other| other.title == track.title).count();
    match (titled, language) {
        (Some(title), Some(language)) if alike > 1 && !title.contains(&language) => {
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

/// Without anything that MediaConvert refuses in `StreamName` (`^[\\w\\s]*$`). A title of another script becomes nothing.
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

/// The name, numbered if an earlier track has it: names in a group of HLS must differ.
fn unused(name: &str, rungs: &[AudioRung]) -> String {
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
    fn every_track_is_offered_under_a_name_of_its_own() {
        let tracks = [track(1, None, None), track(2, Some("fr"), None), track(3, None, None)];
        assert_eq!(names(&tracks), ["Sound", "French", "Sound 2"]);

        let mut talked = track(2, Some("en"), None);
        talked.role = SoundRole::Commentary;
        let mut described = track(3, Some("en"), None);
        described.role = SoundRole::Description;
        assert_eq!(
            names(&[track(1, Some("en"), None), talked, described]),
            ["English", "English commentary", "English with description"]
        );
    }

    #[test]
    fn titles_are_written_as_mediaconvert_takes_them() {
        let titled = |title| names(&[track(1, Some("fr"), Some(title))]).remove(0);
        assert_eq!(
            titled("Commentaire du réalisateur (2.0)"),
            "Commentaire du realisateur 2 0"
        );
        assert_eq!(titled("日本語"), "French", "no letter of it can be written");
        assert_eq!(titled("5.1"), "French", "a name has letters");
        assert!(titled(&"x".repeat(300)).len() <= MAX_NAME);
        let alike = [
            track(1, Some("en"), Some("Stereo")),
            track(2, Some("fr"), Some("Stereo")),
        ];
        assert_eq!(names(&alike), ["English Stereo", "French Stereo"]);
    }

    #[test]
    fn languages_of_an_earlier_release_are_respelled() {
        let rungs = rungs(&[track(1, Some("ENG"), None)]);
        assert_eq!(rungs[0].language.as_deref(), Some("en"));
        assert_eq!(rungs[0].name, "English");
    }

    #[test]
    fn more_than_eight_are_never_planned() {
        let tracks: Vec<_> = (1..=12).map(|number| track(number, None, None)).collect();
        assert_eq!(rungs(&tracks).len(), MAX_AUDIO);
    }
}
