//! No file uses the retired words of `docs/retired-words.txt`. `docs/STYLE.md` has the terms to use instead.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::{fs, path::Path, process::Command};

use marquee_architecture_tests::{read, root};
use regex_lite::Regex;

/// Files that people write. Data and lock files are left out.
const EXTENSIONS: [&str; 13] = [
    "css", "html", "js", "md", "mjs", "py", "rs", "svg", "toml", "ts", "tsx", "yaml", "yml",
];

/// Marks at the start of a comment line, which may continue the sentence of the previous line.
const COMMENT_MARKS: [&str; 6] = ["///", "//!", "//", "#", "*", "--"];

struct Rule {
    pattern: Regex,
    /// A text in every match: searching for it is faster than matching.
    literal: String,
    instead: String,
    /// The folder that the rule is for; an empty path means all.
    folder: String,
}

impl Rule {
    fn parse(line: &str) -> Self {
        let mut columns = line.split('\t');
        let (Some(pattern), Some(instead)) = (columns.next(), columns.next()) else {
            panic!("{line:?} needs a tab and a replacement");
        };
        assert_eq!(pattern, pattern.to_ascii_lowercase(), "patterns are in lower case");

        Self {
            pattern: Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")),
            literal: literal(pattern),
            instead: instead.to_owned(),
            folder: columns.next().unwrap_or_default().to_owned(),
        }
    }

    /// Offsets at which the rule matches.
    fn matches(&self, text: &str) -> Vec<usize> {
        if text.contains(&self.literal) {
            self.pattern.find_iter(text).map(|found| found.start()).collect()
        } else {
            vec![]
        }
    }
}

/// The longest text that every match of a pattern contains: `runs off` of `\bruns off\b`, ` gizmo` of `(?:struct|enum) gizmos?`.
fn literal(pattern: &str) -> String {
    let mut runs = vec![String::new()];
    let mut depth = 0;
    let mut escaped = false;
    for c in pattern.chars() {
        let run = runs.last_mut().expect("a run");
        match c {
            _ if escaped && c.is_alphabetic() => {
                // `\b` has no width; another class is any character.
                if c != 'b' && depth == 0 {
                    runs.push(String::new());
                }
            }
            _ if escaped && depth == 0 => run.push(c),
            '\\' => {}
            '(' | '[' => depth += 1,
            ')' | ']' => {
                depth -= 1;
                runs.push(String::new());
            }
            _ if depth > 0 => {}
            '|' => return String::new(),
            '?' | '*' => {
                run.pop();
                runs.push(String::new());
            }
            '.' | '+' | '^' | '$' => runs.push(String::new()),
            _ => run.push(c),
        }
        escaped = c == '\\' && !escaped;
    }

    runs.into_iter().max_by_key(String::len).unwrap_or_default()
}

/// The rules of the list, without comments and empty lines.
fn rules(list: &str) -> Vec<Rule> {
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(Rule::parse)
        .collect()
}

/// A text in lower case with its lines joined, and the offset of each line.
struct Flat {
    text: String,
    starts: Vec<usize>,
}

impl Flat {
    /// The text unchanged.
    fn raw(source: &str) -> Self {
        Self::from_lines(source, str::to_ascii_lowercase)
    }

    /// The words of the text, without comment marks and with identifiers split.
    fn words(source: &str) -> Self {
        Self::from_lines(source, |line| split_identifiers(without_mark(line)))
    }

    fn from_lines(source: &str, flatten: impl Fn(&str) -> String) -> Self {
        let mut flat = Self {
            text: String::new(),
            starts: vec![],
        };
        for line in source.lines().map(without_alias) {
            flat.starts.push(flat.text.len());
            flat.text.push_str(flatten(line).trim());
            flat.text.push(' ');
        }

        flat
    }

    /// The number, from 1, of the line with an offset.
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }
}

/// The line without the earlier name of a field, by which stored items must still be read.
fn without_alias(line: &str) -> &str {
    let end = line
        .find("alias = \"")
        .filter(|_| line.trim_start().starts_with("#[serde("));

    end.map_or(line, |end| &line[..end])
}

fn without_mark(line: &str) -> &str {
    let line = line.trim_start();

    COMMENT_MARKS
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
        .unwrap_or(line)
}

/// `GizmoAt`, `gizmo_at` and `GIZMO-AT` become `gizmo at`; blanks become single.
fn split_identifiers(line: &str) -> String {
    let mut words = String::with_capacity(line.len() + 8);
    let mut before = ' ';
    for c in line.chars() {
        let gap = c == '_' || c == '-' || c.is_whitespace();
        if (gap || (c.is_uppercase() && before.is_lowercase())) && !words.ends_with(' ') {
            words.push(' ');
        }
        if !gap {
            words.extend(c.to_lowercase());
        }
        before = c;
    }

    words
}

/// The retired words of a file: the line, the rule and the replacement of each.
fn violations(path: &str, source: &str, rules: &[Rule]) -> Vec<String> {
    let views = [Flat::raw(source), Flat::words(source)];
    let mut found: Vec<(usize, String)> = Vec::new();
    for rule in rules.iter().filter(|rule| path.starts_with(&rule.folder)) {
        for view in &views {
            found.extend(rule.matches(&view.text).into_iter().map(|offset| {
                let line = view.line(offset);
                (
                    line,
                    format!("{path}:{line}: `{}`: write {}", rule.pattern.as_str(), rule.instead),
                )
            }));
        }
    }
    found.sort();
    found.dedup();

    found.into_iter().map(|(_, sentence)| sentence).collect()
}

/// Whether a person writes this file. `source` is its text, since scripts are recognised by their first line.
fn is_checked(path: &str, source: &str) -> bool {
    let path = Path::new(path);
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");

    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => EXTENSIONS.contains(&extension) || name == "openapi.json",
        None => ["Dockerfile", "Makefile"].contains(&name) || source.starts_with("#!"),
    }
}

/// Path and text of the files that people write, among those that Git tracks or would add.
fn sources() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git");
    assert!(output.status.success(), "git ls-files: {output:?}");
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");

    listed
        .lines()
        .filter_map(|path| {
            // Skips pictures, which are not UTF-8, and deleted files, which Git still lists.
            let source = fs::read_to_string(root().join(path)).ok()?;
            is_checked(path, &source).then(|| (path.to_owned(), source))
        })
        .collect()
}

#[test]
fn no_file_uses_retired_words() {
    let rules = rules(&read("docs/retired-words.txt"));
    assert!(rules.len() > 30, "the list was read");
    let sources = sources();
    assert!(sources.len() > 1_000, "the project's files were found");

    let found: Vec<_> = sources
        .iter()
        .flat_map(|(path, source)| violations(path, source, &rules))
        .collect();

    assert!(found.is_empty(), "retired words:\n{}", found.join("\n"));
}

mod matcher {
    use super::{Rule, literal, rules, violations};

    #[test]
    fn a_literal_is_part_of_every_match() {
        for (pattern, expected) in [
            (r"\bruns off\b", "runs off"),
            (r"\bgizmos?\b", "gizmo"),
            (r"\bgizmo(?:s|ed)?\b", "gizmo"),
            (r"\b(?:struct|enum) gizmos?\b", " gizmo"),
            (r"\bfn make\(", "fn make("),
            (r"\bconst (?:\w+_)?gizmos\b", "gizmos"),
            (r"\bconst (?:\w+_)?toy\b", "const "),
            (r"\bconst gizmo_\w+", "const gizmo_"),
            (r"\ba|bcd\b", ""),
        ] {
            assert_eq!(literal(pattern), expected, "{pattern}");
        }
    }

    fn list() -> Vec<Rule> {
        rules("# A comment.\n\n\\bgizmo\\b\tdevice\n\\bruns off\\b\tleaves\n\\bfn make\\(\tnew\n")
    }

    fn lines(source: &str) -> Vec<usize> {
        violations("a.rs", source, &list())
            .iter()
            .map(|sentence| sentence.split(':').nth(1).expect("a line").parse().expect("a number"))
            .collect()
    }

    #[test]
    fn a_violation_names_the_file_the_line_and_the_replacement() {
        assert_eq!(
            violations("docs/a.md", "fine\na gizmo\n", &list()),
            ["docs/a.md:2: `\\bgizmo\\b`: write device"]
        );
    }

    #[test]
    fn a_rule_may_be_for_one_folder() {
        let rules = rules("\\bgizmo\\b\tdevice\tweb/\n");

        assert_eq!(violations("web/a.ts", "gizmo", &rules).len(), 1);
        assert!(violations("cli/a.rs", "gizmo", &rules).is_empty());
    }

    #[test]
    fn identifiers_are_read_by_word() {
        for source in [
            "GizmoError",
            "last_gizmo_at",
            "MAX_GIZMO",
            "a-gizmo.rs",
            "let gizmo = 1;",
            "RunsOff",
            "runs_off()",
        ] {
            assert_eq!(lines(source), [1], "{source}");
        }
    }

    #[test]
    fn a_longer_word_is_not_matched() {
        for source in ["gizmology", "Gizmos", "regizmo", "runs office", "fn maker("] {
            assert!(lines(source).is_empty(), "{source}");
        }
    }

    #[test]
    fn a_phrase_may_cross_lines_of_a_comment() {
        assert_eq!(lines("/// Whatever runs\n    /// off is lost.\n"), [1]);
        assert_eq!(lines("# Whatever runs\n# off is lost.\n"), [1]);
        assert_eq!(lines("runs\n\noff\n"), [] as [usize; 0]);
    }

    #[test]
    fn code_is_matched_unchanged() {
        assert_eq!(lines("fn a() {}\n    pub fn make(a: u8) {}\n"), [2]);
        assert!(lines("Thing::make(a)").is_empty());
    }

    #[test]
    fn a_repeated_word_of_a_line_is_reported_once() {
        assert_eq!(lines("gizmo, Gizmo, gizmo"), [1]);
    }
}

mod folders {
    use super::is_checked;

    #[test]
    fn data_files_are_not_checked() {
        for path in [
            "a/b.rs",
            "Makefile",
            "openapi.json",
            "recommender/Dockerfile",
            ".github/workflows/ci.yml",
        ] {
            assert!(is_checked(path, ""), "{path}");
        }
        for path in [
            "Cargo.lock",
            "events/api/a.json",
            "docs/retired-words.txt",
            "LICENSE-MIT",
        ] {
            assert!(!is_checked(path, "text"), "{path}");
        }
        assert!(is_checked(".ci/run", "#!/bin/sh"));
    }
}
