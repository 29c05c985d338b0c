//! Properties of single characters, by the Unicode Character Database.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic, GeneralCategory,
        GeneralCategoryGroup, JoiningType, PrependedConcatenationMark,
    },
};

const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';
/// The flags of England, Scotland and Wales are this character and a name in tag characters.
const BLACK_FLAG: char = '\u{1F3F4}';
/// Shown as an empty cell.
const BLANK_BRAILLE: char = '\u{2800}';

/// Composes the text and drops every character that is invisible, or that reverses or hides its neighbours.
pub(super) fn normalize(text: &str) -> String {
    // Dropping a character may bring together characters that compose, or leave a joiner without neighbours: repeat until stable.
    let mut text = composed(text);
    loop {
        let next = composed(&without_hidden(&text));
        if next == text {
            return text;
        }
        text = next;
    }
}

pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether the character is visible on its own.
pub(super) fn is_visible(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_mark(c) || is_hidden(c) || c == BLANK_BRAILLE)
}

/// Whether the character has no agreed meaning: unassigned, private or a surrogate.
pub(super) fn is_unknown(c: char) -> bool {
    matches!(
        category(c),
        GeneralCategory::Unassigned | GeneralCategory::PrivateUse | GeneralCategory::Surrogate
    )
}

/// The length of the longest sequence of combining marks.
pub(super) fn max_marks(text: &str) -> usize {
    let (mut longest, mut length) = (0, 0);
    for c in text.chars() {
        length = if is_mark(c) { length + 1 } else { 0 };
        longest = longest.max(length);
    }

    longest
}

pub(super) fn skeleton(text: &str) -> String {
    // Decomposed, so that accents are dropped.
    DecomposingNormalizerBorrowed::new_nfkd()
        .normalize(&text.to_lowercase())
        .chars()
        .filter(|c| !is_hidden(*c))
        .map(look_alike)
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

fn composed(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

fn without_hidden(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = None;
    let mut in_flag = false;
    let mut rest = text.chars().peekable();

    while let Some(c) = rest.next() {
        in_flag = c == BLACK_FLAG || (in_flag && is_tag(c));
        let needed = match c {
            // The line and paragraph separators are line breaks.
            '\u{2028}' | '\u{2029}' => true,
            ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => joins(before, rest.peek().copied()),
            c if is_variation_selector(c) => before.is_some_and(takes_variation),
            c if is_tag(c) => in_flag,
            c => !is_hidden(c),
        };
        if needed {
            kept.push(c);
            before = Some(c);
        }
    }

    kept
}

/// Whether the character is invisible: default ignorable or a format character.
fn is_hidden(c: char) -> bool {
    let formats = category(c) == GeneralCategory::Format
        // The number signs of Arabic and others are visible.
        && !CodePointSetData::new::<PrependedConcatenationMark>().contains(c);

    (formats || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)) && !is_unknown(c)
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(c)) && !is_variation_selector(c)
}

fn is_tag(c: char) -> bool {
    ('\u{E0020}'..='\u{E007F}').contains(&c)
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180D}' | '\u{180F}')
}

fn takes_variation(before: char) -> bool {
    is_visible(before) && !is_variation_selector(before)
}

/// Whether a joiner between these two is needed: in scripts whose letters join, next to a virama (RFC 5892, appendix A), and in composed
/// emoji.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let joining = |c: char| {
        let kind = CodePointMapData::<JoiningType>::new().get(c);
        matches!(
            kind,
            JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::RightJoining
        )
    };
    let virama = |c: char| CodePointMapData::<CanonicalCombiningClass>::new().get(c) == CanonicalCombiningClass::Virama;
    let script = |c: Option<char>| c.is_some_and(|c| joining(c) || virama(c));
    let pictures = before.is_some_and(ends_picture) && after.is_some_and(is_picture);

    script(before) || script(after) || pictures
}

fn is_picture(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

fn ends_picture(c: char) -> bool {
    is_picture(c) || c == '\u{FE0F}' || CodePointSetData::new::<EmojiModifier>().contains(c)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// The Latin letter that a Cyrillic or Greek letter, a digit or a sign looks like.
fn look_alike(c: char) -> char {
    match c {
        'а' | 'α' | '4' | '@' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' | '3' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' | '1' | '|' | '!' | 'l' => 'i',
        'ј' => 'j',
        'κ' | 'к' => 'k',
        'м' => 'm',
        'п' | 'η' => 'n',
        'о' | 'ο' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' | '5' | '$' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ц' => 'u',
        'ν' => 'v',
        'ѡ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        other => other,
    }
}
