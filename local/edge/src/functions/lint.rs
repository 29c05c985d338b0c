//! A lint of function sources by their tokens: they may use only syntax that runtime 2.0 documents. Our engine supports more of the
//! language than AWS's, so running a function here does not prove its syntax.

use std::{fs, path::Path};

/// CloudFront's quota for a function's source.
const MAX_BYTES: usize = 10_240;

/// Keywords and globals that runtime 2.0 does not list.
const KEYWORDS: [&str; 13] = [
    "class", "extends", "super", "yield", "of", "export", "eval", "Function", "with", "debugger", "Proxy", "Map", "Set",
];
/// Punctuation that it does not list: optional chaining, nullish coalescing, logical assignment, private names.
const PUNCTUATION: [&str; 7] = ["?.", "??", "&&=", "||=", "??=", "#", "function*"];
/// A bracket after these begins a destructuring pattern.
const BINDERS: [&str; 3] = ["const", "let", "var"];

/// The tokens of a source that runtime 2.0 may not support.
fn violations(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let back = |n: usize| at.checked_sub(n).map_or("", |at| tokens[at].as_str());
        let next = |n: usize| tokens.get(at + n).map_or("", String::as_str);
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let member = back(1) == ".";
        let unlisted = match token.as_str() {
            word if !member && KEYWORDS.contains(&word) => true,
            sign if PUNCTUATION.contains(&sign) => true,
            "{" | "[" if BINDERS.contains(&back(1)) => true,
            "..." if next(2) != ")" || !["{", "=>"].contains(&next(3)) => true, // only rest parameters
            "async" => depth > 0 || next(1) != "function",                      // only named functions at the top
            "=" if in_parameters(&tokens[..at]) => true,
            "import" => next(1) == "(" || next(3) != "'cloudfront'",
            "require" => !["'crypto'", "'querystring'", "'buffer'"].contains(&next(2)),
            "console" => next(2) != "log",
            "await" => depth == 0,
            number => number.starts_with(|c: char| c.is_ascii_digit()) && number.ends_with('n'),
        };
        if unlisted {
            found.push(format!("`{token}` before `{} {}`", next(1), next(2)));
        }
    }
    found
}

/// Whether the next token is in the parentheses of a function's parameters.
fn in_parameters(before: &[String]) -> bool {
    let open = before.iter().rposition(|token| token == "(" || token == ")");
    open.is_some_and(|open| {
        let name_or_word = |n: usize| open.checked_sub(n).map(|at| before[at].as_str());
        before[open] == "(" && (name_or_word(1) == Some("function") || name_or_word(2) == Some("function"))
    })
}

/// Splits a source into words, strings (with single quotes; templates as a whole), regular expressions and punctuation, without
/// comments.
fn tokens(source: &str) -> Vec<String> {
    let (mut tokens, mut rest): (Vec<String>, &str) = (Vec::new(), source.trim_start());
    while let Some(first) = rest.chars().next() {
        let operand_before = tokens.last().is_some_and(|last: &String| {
            last.ends_with(|c: char| c.is_alphanumeric() || "_$)]}'".contains(c)) && last != "return"
        });
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first.is_alphanumeric() || first == '_' || first == '$' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
                .unwrap_or(rest.len())
        } else if matches!(first, '\'' | '"' | '`') || (first == '/' && !operand_before) {
            closing(rest, first)
        } else {
            let signs = ["...", "??=", "&&=", "||=", "?.", "??", "=>"];
            signs
                .iter()
                .find(|sign| rest.starts_with(**sign))
                .map_or(first.len_utf8(), |sign| sign.len())
        };
        let token = &rest[..length];
        if !token.starts_with("//") && !token.starts_with("/*") {
            tokens.push(if first == '"' {
                token.replace('"', "'")
            } else {
                token.to_owned()
            });
        }
        rest = rest[length..].trim_start();
    }
    tokens
}

/// The length of a string, template or regular expression at the start of `rest`.
fn closing(rest: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn the_functions_use_only_runtime_2_0() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../edge");
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let functions: Vec<_> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "js"))
        .collect();
    assert_eq!(functions.len(), 3, "the functions of the edge");

    for path in functions {
        let source = fs::read_to_string(path).unwrap();
        assert!(
            source.len() <= MAX_BYTES,
            "{} has {} bytes",
            path.display(),
            source.len()
        );
        assert_eq!(violations(&source), Vec::<String>::new(), "{}", path.display());
    }
}

/// CloudFormation supports only inline sources of functions.
#[test]
fn the_template_has_the_functions_verbatim() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let template = fs::read_to_string(project.join("stacks/edge.yaml")).unwrap();
    for name in ["media-token.js", "poster.js", "spa-rewrite.js"] {
        let source = fs::read_to_string(project.join("edge").join(name)).unwrap();
        let indented = |line: &str| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("        {line}\n")
            }
        };
        let block: String = source.lines().map(indented).collect();
        assert!(
            template.contains(&format!("FunctionCode: |\n{block}\n")),
            "copy edge/{name} into stacks/edge.yaml"
        );
    }
}

#[test]
fn the_lint_finds_what_runtime_2_0_does_not_list() {
    for source in [
        "class A {}",
        "for (const a of b) {}",
        "const { a } = b;",
        "let [a] = b;",
        "a?.b",
        "a ?? b",
        "f(...list)",
        "const all = [...a, ...b];",
        "function f(a = 1) {}",
        "const f = async () => 1;",
        "function f() { async function g() {} }",
        "await f();",
        "import fs from 'fs';",
        "import('cloudfront')",
        "require('fs')",
        "console.error('x')",
        "export default 1;",
        "new Function('a')",
        "eval('a')",
        "10n",
        "new Map()",
    ] {
        assert_ne!(violations(source), Vec::<String>::new(), "{source}");
    }
    for source in [
        "import cf from 'cloudfront'; const crypto = require('crypto');",
        "async function f(a, ...rest) { return await g(a => `of ${a}`, rest); } // of class",
        "const a = b ? .5 : /[?.'\"]/.test('a?.b'); /* class */ a.of(); 10",
    ] {
        assert_eq!(violations(source), Vec::<String>::new(), "{source}");
    }
}
