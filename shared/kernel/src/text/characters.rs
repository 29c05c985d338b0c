//! What single characters are, by the Unicode Character Database.

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
/// The flags of England, Scotland and Wales are this and a name in tag characters.
const BLACK_FLAG: char = '\u{1F3F4}';
/// Shown as an empty cell.
const BLANK_BRAILLE: char = '\u{2800}';

/// Composes the text, and drops every character that shows nothing, or turns or hides what is around it.
pub(super) fn tidy(text: &str) -> String {
    // What is dropped brings characters together that belong in another order, or joiners that join nothing any more.
    let mut tidied = composed(text);
    loop {
        let next = composed(&without_hidden(&tidied));
        if next == tidied {
            return tidied;
        }
        tidied = next;
    }
}

pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether something is seen where this character is alone.
pub(super) fn is_visible(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || is_mark(c) || is_hidden(c) || c == BLANK_BRAILLE)
}

/// Whether Unicode gives the character no meaning: unassigned, private, or reserved for programs.
pub(super) fn is_unknown(c: char) -> bool {
    matches!(
        category(c),
        GeneralCategory::Unassigned | GeneralCategory::PrivateUse | GeneralCategory::Surrogate
    )
}

/// The longest row of combining marks.
pub(super) fn most_marks(text: &str) -> usize {
    let (mut most, mut row) = (0, 0);
    for c in text.chars() {
        row = if is_mark(c) { row + 1 } else { 0 };
        most = most.max(row);
    }

    most
}

pub(super) fn skeleton(text: &str) -> String {
    // Taken apart, so that accents fall away.
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
            // A line separator is a line break with another number.
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

/// Whether the character shows nothing by itself: default ignorable ones, and those that only format.
fn is_hidden(c: char) -> bool {
    let formats = category(c) == GeneralCategory::Format
        // The number signs of Arabic and the like are seen.
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

/// Whether a joiner between these two is needed: in scripts whose letters join, behind or before a virama (RFC 5892,
/// appendix A), and in emoji that are put together.
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

/// The Latin letter that a Cyrillic or Greek one, or a digit, looks like.
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
