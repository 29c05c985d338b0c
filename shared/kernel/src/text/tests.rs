use proptest::prelude::*;

use super::*;

#[test]
fn lines_are_trimmed_and_bounded() {
    assert_eq!(line("  Big Buck Bunny ", 14).as_deref(), Ok("Big Buck Bunny"));
    assert_eq!(line(" \t", 14), Err(InvalidText::Empty));
    assert_eq!(line("éééé", 3), Err(InvalidText::TooLong { max: 3, actual: 4 }));
    assert_eq!(line("a\nb", 9), Err(InvalidText::ControlCharacter));
    assert_eq!(line("a\u{2028}b", 9), Err(InvalidText::ControlCharacter));
}

#[test]
fn paragraphs_keep_line_breaks() {
    assert_eq!(paragraphs("a\nb", 9).as_deref(), Ok("a\nb"));
    assert_eq!(paragraphs("", 9).as_deref(), Ok(""));
    assert_eq!(paragraphs("\u{200B}\u{2800}", 9).as_deref(), Ok(""));
    assert_eq!(paragraphs("a\u{7}b", 9), Err(InvalidText::ControlCharacter));
}

#[test]
fn names_of_any_script_stay_as_they_are() {
    for text in [
        "日本語の映画",
        "葛\u{E0100}飾",
        "Amélie",
        "كابوس",
        // Persian keeps the non-joiner that separates the parts of a word, Sinhala the joiner of a conjunct.
        "می\u{200C}خواهم",
        "ශ\u{0DCA}\u{200D}ර\u{0DD3}",
        "ക\u{0D4D}\u{200C}ഷ",
        "שִׁבֹּ֖לֶת",
        "འཛམ་གླིང་",
        "ภาพยนตร์ที่ดี",
        "Ca\u{302}\u{323}n".replace("a\u{302}\u{323}", "ậ").as_str(),
        "\u{600}١٢",
    ] {
        assert_eq!(line(text, 200).as_deref(), Ok(text), "{text}");
    }
}

#[test]
fn emoji_stay_whole() {
    for text in [
        "🎬",
        "❤\u{FE0F}",
        "👩\u{200D}🚀",
        "👩🏽\u{200D}🚀",
        "🏳\u{FE0F}\u{200D}🌈",
        "👨\u{200D}👩\u{200D}👧\u{200D}👦",
        "🇫🇷",
        "1\u{FE0F}\u{20E3}",
        "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    ] {
        assert_eq!(line(text, 200).as_deref(), Ok(text), "{text}");
    }
}

#[test]
fn hidden_characters_are_dropped() {
    for (given, kept) in [
        ("Big\u{200B} Buck", "Big Buck"),
        ("a\u{200D}b", "ab"),
        ("moc\u{202E}.elpmaxe", "moc.elpmaxe"),
        ("\u{2067}abc\u{2069}", "abc"),
        ("a\u{2060}b\u{FEFF}c\u{AD}d\u{3164}e", "abcde"),
        ("a\u{E0041}\u{E0042}", "a"),
        ("a\u{FE0F}\u{FE0F}", "a\u{FE0F}"),
        (" \u{FE0F}a", "a"),
        ("a\u{FFF9}b", "ab"),
        // Two spellings of one name are one name.
        ("Ame\u{301}lie", "Amélie"),
        ("Ame\u{200B}\u{301}lie", "Amélie"),
    ] {
        assert_eq!(line(given, 200).as_deref(), Ok(kept), "{given:?}");
    }
}

#[test]
fn a_line_must_have_a_visible_character() {
    for text in [
        "\u{200B}",
        "\u{3164}",
        "\u{2060}\u{2060}",
        "\u{202E}\u{202C}",
        "\u{2800}",
        "\u{301}\u{302}",
        "\u{E0041}",
        "\u{FE0F}",
        "\u{200D} \u{200B}",
    ] {
        assert_eq!(line(text, 200), Err(InvalidText::Invisible), "{text:?}");
    }
}

#[test]
fn unknown_characters_and_stacks_of_marks_are_refused() {
    for c in ['\u{E000}', '\u{10FFFF}', '\u{378}', '\u{FDD0}', '\u{F0000}'] {
        assert_eq!(line(&format!("a{c}"), 9), Err(InvalidText::UnknownCharacter(c)));
        assert_eq!(paragraphs(&format!("a{c}"), 9), Err(InvalidText::UnknownCharacter(c)));
    }
    let stack = format!("Z{}", "\u{302}".repeat(199));
    assert_eq!(line(&stack, 300), Err(InvalidText::TooManyMarks));
    assert_eq!(paragraphs(&stack, 300), Err(InvalidText::TooManyMarks));
    assert!(line(&format!("Z{}", "\u{302}".repeat(MAX_MARKS)), 300).is_ok());
    assert_eq!(
        InvalidText::UnknownCharacter('\u{E000}').to_string(),
        "must not contain the character U+E000, which has no agreed meaning"
    );
}

#[test]
fn look_alikes_have_one_skeleton() {
    for name in [
        "Admin",
        "ADMIN",
        "Аdmin",
        "a.d-m i n",
        "Ａｄｍｉｎ",
        "Adm1n",
        "Ádmîn",
        "ad\u{200B}min",
        "@dmin",
    ] {
        assert_eq!(skeleton(name), "admin", "{name}");
    }
    assert_eq!(skeleton("Ada Lovelace"), "adaioveiace");
}

/// Texts of difficult characters: letters, marks, joiners, selectors, tags, flags, bidi controls, white space.
fn odd_text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        'a',
        'é',
        'e',
        '\u{301}',
        '\u{323}',
        '\u{94D}',
        'क',
        '\u{93C}',
        'ب',
        '\u{200B}',
        '\u{200C}',
        '\u{200D}',
        '\u{202E}',
        '\u{2066}',
        '\u{FE0F}',
        '\u{E0100}',
        '🏴',
        '👩',
        '🏽',
        '\u{E0067}',
        '\u{E007F}',
        ' ',
        '\u{3164}',
        '\u{2028}',
        '\u{1100}',
        '\u{1161}',
        '\u{11A8}',
        '\u{600}',
        '\u{2800}',
    ]);

    prop::collection::vec(prop_oneof![4 => odd, 1 => any::<char>()], 0..24)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn an_accepted_text_is_unchanged_when_it_is_validated_again(text in odd_text()) {
        if let Ok(kept) = line(&text, 200) {
            prop_assert_eq!(line(&kept, 200), Ok(kept.clone()), "{:?}", kept);
        }
        if let Ok(kept) = paragraphs(&text, 200) {
            prop_assert_eq!(paragraphs(&kept, 200), Ok(kept.clone()), "{:?}", kept);
        }
    }

    #[test]
    fn no_accepted_text_changes_the_direction_of_its_neighbours(text in odd_text()) {
        let turns = |c: char| matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');

        for kept in [line(&text, 200), paragraphs(&text, 200)].into_iter().flatten() {
            prop_assert!(!kept.contains(turns), "{:?}", kept);
        }
    }

    #[test]
    fn every_accepted_line_is_visible(text in odd_text()) {
        if let Ok(kept) = line(&text, 200) {
            prop_assert!(kept.chars().any(|c| c.is_alphanumeric() || c.is_ascii_punctuation() || !c.is_whitespace()));
            prop_assert!(kept.chars().count() <= 200);
        }
    }
}
