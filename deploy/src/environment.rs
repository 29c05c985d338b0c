//! An environment of `samconfig.toml`: the settings that a deployment needs. `sam` itself reads the others.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde::Deserialize;

use crate::target::Architecture;

/// Characters of a core stack's name. A training job is called `<stack>-<32 characters>`, and SageMaker takes 63.
const MAX_STACK_NAME: usize = 30;
/// Words that Cognito refuses in a domain, whose name contains the stack's name.
const RESERVED: [&str; 3] = ["amazon", "aws", "cognito"];

/// `[<environment>.global.parameters]` and `[<environment>.deploy.parameters]`; the second overrides the first, as in `sam`.
#[derive(Debug, Deserialize)]
pub(crate) struct Environment {
    /// The name.
    #[serde(skip)]
    pub(crate) name: String,
    /// The whole of `samconfig.toml`.
    #[serde(skip)]
    file: toml::Table,
    /// The core stack's name, which no other environment has.
    pub(crate) stack_name: String,
    /// The region.
    pub(crate) region: String,
    /// The profile of the AWS CLI whose credentials are used. `sam` reads it too.
    pub(crate) profile: Option<String>,
    /// The account that the credentials must belong to. `sam` ignores this setting of ours.
    pub(crate) account: Option<String>,
    /// A low limit of concurrent executions that the operator accepts. `sam` ignores this setting of ours.
    #[serde(default)]
    pub(crate) accept_concurrency: u32,
    #[serde(default)]
    parameter_overrides: Overrides,
}

/// Parameters, in the two forms that `sam` reads: one text, which `sam deploy --guided` writes, or a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Overrides {
    One(String),
    Many(Vec<String>),
}

impl Default for Overrides {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Environment {
    /// Reads an environment, whose stacks have these suffixes. Fails if one of its stacks is another environment's too.
    pub(crate) fn read(file: &str, name: &str, suffixes: &[String]) -> anyhow::Result<Self> {
        let file: toml::Table = file.parse().context("samconfig.toml is not TOML")?;
        let table = |name: &str, command: &str| {
            let parameters = file.get(name)?.get(command)?.get("parameters")?;
            parameters.as_table().cloned()
        };
        let read = |name: &str| -> anyhow::Result<Self> {
            let mut merged = table(name, "global").unwrap_or_default();
            merged.extend(
                table(name, "deploy").with_context(|| format!("samconfig.toml has no [{name}.deploy.parameters]"))?,
            );
            toml::Value::Table(merged)
                .try_into()
                .with_context(|| format!("samconfig.toml, [{name}.deploy.parameters]"))
        };

        let environment = Self {
            name: name.to_owned(),
            file: file.clone(),
            ..read(name)?
        };
        environment.require_valid_name()?;
        for other in file.keys().filter(|other| *other != name) {
            if table(other, "deploy").is_none() {
                continue;
            }
            if let Some(stack) = read(other)
                .ok()
                .and_then(|other| environment.stack_shared_with(&other, suffixes))
            {
                anyhow::bail!(
                    "[{name}] and [{other}] of samconfig.toml both have the stack {stack} in {}: give one another stack_name, or each the \
                     `account` that it belongs to",
                    environment.region
                );
            }
        }
        Ok(environment)
    }

    /// A stack that both environments would have. Two profiles may belong to one account: only stated accounts are known to differ.
    fn stack_shared_with(&self, other: &Self, suffixes: &[String]) -> Option<String> {
        let accounts_differ = matches!((&self.account, &other.account), (Some(one), Some(another)) if one != another);
        if self.region != other.region || accounts_differ {
            return None;
        }
        let stacks = |core: &str| -> BTreeSet<String> {
            let others = suffixes.iter().map(|suffix| format!("{core}-{suffix}"));
            others.chain([core.to_owned()]).collect()
        };

        stacks(&self.stack_name)
            .intersection(&stacks(&other.stack_name))
            .next()
            .cloned()
    }

    /// Fails unless the stack's name is allowed in the names that contain it.
    fn require_valid_name(&self) -> anyhow::Result<()> {
        let name = &self.stack_name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        anyhow::ensure!(
            name.len() <= MAX_STACK_NAME
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(plain),
            "the stack_name `{name}` cannot be used: at most {MAX_STACK_NAME} lower-case letters, digits and hyphens, the first a letter"
        );
        let reserved = RESERVED.iter().find(|word| name.contains(*word));
        anyhow::ensure!(
            reserved.is_none(),
            "the stack_name `{name}` cannot be used: Cognito refuses a domain with `{}` in it",
            reserved.copied().unwrap_or_default()
        );
        Ok(())
    }

    /// The architecture that the functions are built for; the templates' default is arm64.
    pub(crate) fn architecture(&self) -> anyhow::Result<Architecture> {
        match self.parameter("FunctionArchitecture").as_deref() {
            None | Some("arm64") => Ok(Architecture::Arm64),
            Some("x86_64") => Ok(Architecture::X86),
            Some(other) => anyhow::bail!("Lambda has no architecture `{other}`: choose arm64 or x86_64"),
        }
    }

    /// `samconfig.toml` with more parameters for this environment, except those that it sets itself. A file hides secrets from lists of
    /// processes.
    pub(crate) fn with_parameters(&self, parameters: &[(&str, String)]) -> anyhow::Result<String> {
        let mut file = self.file.clone();
        let global = file
            .get(&self.name)
            .and_then(|table| table.get("global")?.get("parameters")?.get("parameter_overrides"));
        let mut overrides = global.cloned().unwrap_or_else(|| toml::Value::Array(Vec::new()));
        let table = file
            .get_mut(&self.name)
            .and_then(|table| table.get_mut("deploy")?.get_mut("parameters")?.as_table_mut())
            .with_context(|| format!("samconfig.toml has no [{}.deploy.parameters]", self.name))?;
        if let Some(own) = table.remove("parameter_overrides") {
            overrides = own;
        }

        for (key, value) in parameters {
            if self.parameter(key).is_some() {
                continue;
            }
            match &mut overrides {
                toml::Value::Array(list) => list.push(format!("{key}={value}").into()),
                toml::Value::String(text) => *text = format!("{text} {key}=\"{value}\""),
                _ => anyhow::bail!("parameter_overrides in samconfig.toml must be a list or a text"),
            }
        }
        table.insert("parameter_overrides".to_owned(), overrides);
        Ok(toml::to_string(&file)?)
    }

    /// The value of a parameter of the templates, if the environment sets it.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let texts = match &self.parameter_overrides {
            Overrides::One(text) => std::slice::from_ref(text),
            Overrides::Many(texts) => texts,
        };
        let words = texts.iter().rev().flat_map(|text| words(text).into_iter().rev());
        words
            .filter_map(|word| parameter(&word))
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// `Key=Value`, or the long form `ParameterKey=Key,ParameterValue=Value`.
fn parameter(word: &str) -> Option<(String, String)> {
    let pair = match word.strip_prefix("ParameterKey=") {
        Some(long) => long.split_once(",ParameterValue="),
        None => word.split_once('='),
    };
    pair.map(|(key, value)| (key.to_owned(), value.to_owned()))
}

/// Splits a text as a shell does, at spaces that are not quoted. Quotes and backslashes are not part of a word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut escaped) = (String::new(), None, false);
    for c in text.chars() {
        match (c, quote) {
            _ if escaped => {
                word.push(c);
                escaped = false;
            }
            ('\\', _) => escaped = true,
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() => words.extend(take(&mut word)),
            _ => word.push(c),
        }
    }
    words.extend(take(&mut word));
    words
}

fn take(word: &mut String) -> Option<String> {
    Some(std::mem::take(word)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [production.deploy.parameters]
        region = "eu-west-1"
        stack_name = "marquee"
        resolve_s3 = true
        [small.global.parameters]
        region = "us-east-1"
        profile = "tests"
        [small.deploy.parameters]
        stack_name = "marquee-small"
        account = "123456789012"
        accept_concurrency = 10
        parameter_overrides = ["LogRetentionDays=3", "FunctionArchitecture=x86_64"]
    "#;

    fn with_overrides(overrides: &str) -> Environment {
        let file = format!(
            "[e.deploy.parameters]\nregion = \"r\"\nstack_name = \"marquee\"\nparameter_overrides = {overrides}"
        );
        read(&file, "e").unwrap()
    }

    fn read(file: &str, name: &str) -> anyhow::Result<Environment> {
        Environment::read(file, name, &["edge".to_owned(), "recommender".to_owned()])
    }

    fn refusal(file: &str, name: &str) -> String {
        format!("{:#}", read(file, name).unwrap_err())
    }

    #[test]
    fn an_environment_has_a_place_and_an_architecture() {
        let production = read(FILE, "production").unwrap();
        assert_eq!(
            (production.stack_name.as_str(), production.region.as_str()),
            ("marquee", "eu-west-1")
        );
        assert_eq!(
            (production.profile.as_deref(), production.accept_concurrency),
            (None, 0)
        );
        assert_eq!(production.architecture().unwrap(), Architecture::Arm64);

        let small = read(FILE, "small").unwrap();
        assert_eq!(small.stack_name, "marquee-small");
        assert_eq!(small.region, "us-east-1", "a parameter of all commands");
        assert_eq!(small.profile.as_deref(), Some("tests"));
        assert_eq!(small.account.as_deref(), Some("123456789012"));
        assert_eq!(small.accept_concurrency, 10);
        assert_eq!(small.architecture().unwrap(), Architecture::X86);
    }

    #[test]
    fn parameters_are_read_in_every_form_that_sam_accepts() {
        for overrides in [
            r#"["FunctionArchitecture=x86_64"]"#,
            r#"["FunctionArchitecture=\"x86_64\""]"#,
            r#"["ParameterKey=FunctionArchitecture,ParameterValue=x86_64"]"#,
            r#""FunctionArchitecture=x86_64""#,
            r#""MailFrom=\"Marquee <a@b.c>\" FunctionArchitecture=\"x86_64\" LogRetentionDays=\"3\"""#,
            r#""MailFrom='FunctionArchitecture=arm64 ' FunctionArchitecture=x86_64""#,
            r#""FunctionArchitecture=arm64 FunctionArchitecture=x86_64""#,
        ] {
            assert_eq!(
                with_overrides(overrides).architecture().unwrap(),
                Architecture::X86,
                "{overrides}"
            );
        }
        let message = with_overrides(r#""FunctionArchitecture=mips""#)
            .architecture()
            .unwrap_err();
        assert!(message.to_string().contains("`mips`"), "{message}");
    }

    #[test]
    fn an_unknown_environment_is_named() {
        let message = refusal(FILE, "staging");
        assert!(message.contains("[staging.deploy.parameters]"), "{message}");
    }

    #[test]
    fn an_environment_without_a_stack_of_its_own_is_refused() {
        // A default would let the second environment replace the first.
        let message = refusal("[staging.deploy.parameters]\nregion = \"eu-west-1\"", "staging");
        assert!(message.contains("stack_name"), "{message}");

        let twice = "[a.deploy.parameters]\nregion = \"r\"\nstack_name = \"marquee\"\n\
                     [b.deploy.parameters]\nregion = \"r\"\nstack_name = \"marquee\"";
        let message = refusal(twice, "b");
        assert!(message.contains("[b] and [a]"), "{message}");
        // Two profiles may belong to one account.
        let profile = refusal(&twice.replacen("\"r\"", "\"r\"\nprofile = \"p\"", 1), "b");
        assert!(profile.contains("`account`"), "{profile}");
        assert!(read(&twice.replacen("\"r\"", "\"other\"", 1), "b").is_ok());
        let accounts = twice.replacen("\"r\"", "\"r\"\naccount = \"1\"", 1);
        assert!(refusal(&accounts, "b").contains("[b] and [a]"));
        assert!(read(&format!("{accounts}\naccount = \"2\""), "b").is_ok());
    }

    #[test]
    fn an_environment_whose_core_is_named_like_an_area_of_another_is_refused() {
        let file = "[a.deploy.parameters]\nregion = \"r\"\nstack_name = \"marquee\"\n\
                    [b.deploy.parameters]\nregion = \"r\"\nstack_name = \"marquee-edge\"";

        for name in ["a", "b"] {
            let message = refusal(file, name);
            assert!(message.contains("the stack marquee-edge"), "{message}");
        }
        assert!(read(&file.replace("marquee-edge", "marquee-edges"), "a").is_ok());
    }

    #[test]
    fn a_name_that_a_service_would_refuse_is_refused_first() {
        for name in [
            "Marquee",
            "-marquee",
            "marquee_staging",
            "a-very-long-name-of-a-marquee-stack",
            "marquee-aws",
            "",
        ] {
            let file = format!("[e.deploy.parameters]\nregion = \"r\"\nstack_name = \"{name}\"");
            assert!(refusal(&file, "e").contains("stack_name"), "{name}");
        }
    }

    /// The parameters that are passed to the template when an environment has this line.
    fn overrides(line: &str) -> toml::Value {
        let file = format!("[e.deploy.parameters]\nregion = \"eu-west-1\"\nstack_name = \"marquee\"\n{line}");
        let environment = read(&file, "e").unwrap();
        let written = environment
            .with_parameters(&[("OriginSecret", "made".to_owned())])
            .unwrap();
        let written: toml::Table = written.parse().unwrap();
        written["e"]["deploy"]["parameters"]["parameter_overrides"].clone()
    }

    fn list(texts: &[&str]) -> toml::Value {
        texts.iter().copied().map(toml::Value::from).collect::<Vec<_>>().into()
    }

    #[test]
    fn an_environment_without_a_secret_gets_one() {
        assert_eq!(overrides(""), list(&["OriginSecret=made"]));
        let days = "parameter_overrides = [\"LogRetentionDays=3\"]";
        assert_eq!(overrides(days), list(&["LogRetentionDays=3", "OriginSecret=made"]));
        let own = "parameter_overrides = [\"LogRetentionDays=3\", \"OriginSecret=\\\"mine\\\"\"]";
        assert_eq!(overrides(own), list(&["LogRetentionDays=3", "OriginSecret=\"mine\""]));
    }

    #[test]
    fn parameters_in_one_text_and_of_all_commands_are_kept() {
        let text = "parameter_overrides = \"LogRetentionDays=3\"";
        assert_eq!(overrides(text), "LogRetentionDays=3 OriginSecret=\"made\"".into());
        assert_eq!(
            overrides("parameter_overrides = 'OriginSecret=\"mine\"'"),
            "OriginSecret=\"mine\"".into()
        );
        let global = "[e.global.parameters]\nparameter_overrides = [\"LogRetentionDays=3\"]";
        assert_eq!(overrides(global), list(&["LogRetentionDays=3", "OriginSecret=made"]));
    }
}
