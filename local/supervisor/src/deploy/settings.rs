//! What `samconfig.toml` says of an environment, as far as we have to know it: `sam` itself reads the rest.

use anyhow::Context as _;
use serde::Deserialize;

use super::target::Architecture;

/// The longest name of a stack: a training job is called `<stack>-<32 characters>`, and SageMaker takes 63.
const LONGEST_STACK: usize = 30;
/// Words that Cognito refuses in a domain, which has the stack's name.
const RESERVED: [&str; 3] = ["amazon", "aws", "cognito"];

/// `[<environment>.global.parameters]` and `[<environment>.deploy.parameters]`; the second has the last word, as in `sam`.
#[derive(Debug, Deserialize)]
pub(super) struct Settings {
    /// The stack's name: one per environment.
    pub(super) stack_name: String,
    /// Where it is.
    pub(super) region: String,
    /// Whose credentials are used: a profile of the AWS CLI. `sam` reads it too.
    pub(super) profile: Option<String>,
    /// The account that the credentials have to belong to; ours, `sam` ignores it.
    pub(super) account: Option<String>,
    /// The limit of concurrent executions that the account may have although it is low; ours, `sam` ignores it.
    #[serde(default)]
    pub(super) accept_concurrency: u32,
    #[serde(default)]
    parameter_overrides: Overrides,
}

/// `sam` takes one text with all of them, which `sam deploy --guided` writes, or a list.
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

impl Settings {
    /// Those of one environment. Fails if another environment would write into the same stack.
    pub(super) fn of(file: &str, environment: &str) -> anyhow::Result<Self> {
        let file: toml::Table = file.parse().context("samconfig.toml is not TOML")?;
        let tables = |name: &str, command: &str| {
            let parameters = file.get(name)?.get(command)?.get("parameters")?;
            parameters.as_table().cloned()
        };
        let read = |name: &str| -> anyhow::Result<Self> {
            let mut merged = tables(name, "global").unwrap_or_default();
            merged.extend(
                tables(name, "deploy").with_context(|| format!("samconfig.toml has no [{name}.deploy.parameters]"))?,
            );
            toml::Value::Table(merged)
                .try_into()
                .with_context(|| format!("samconfig.toml, [{name}.deploy.parameters]"))
        };

        let settings = read(environment)?;
        settings.require_usable_name()?;
        for other in file.keys().filter(|other| *other != environment) {
            if tables(other, "deploy").is_some() && read(other).is_ok_and(|other| other.is_same_stack(&settings)) {
                anyhow::bail!(
                    "[{environment}] and [{other}] of samconfig.toml are both the stack {} in {}: give one another stack_name",
                    settings.stack_name,
                    settings.region
                );
            }
        }
        Ok(settings)
    }

    fn is_same_stack(&self, other: &Self) -> bool {
        let place = |settings: &Self| {
            let Self {
                stack_name,
                region,
                profile,
                account,
                ..
            } = settings;
            (stack_name.clone(), region.clone(), profile.clone(), account.clone())
        };
        place(self) == place(other)
    }

    /// The stack's name is part of names with rules of their own.
    fn require_usable_name(&self) -> anyhow::Result<()> {
        let name = &self.stack_name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        anyhow::ensure!(
            name.len() <= LONGEST_STACK
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(plain),
            "the stack_name `{name}` cannot be used: at most {LONGEST_STACK} lower-case letters, digits and hyphens, the first a letter"
        );
        let reserved = RESERVED.iter().find(|word| name.contains(*word));
        anyhow::ensure!(
            reserved.is_none(),
            "the stack_name `{name}` cannot be used: Cognito refuses a domain with `{}` in it",
            reserved.copied().unwrap_or_default()
        );
        Ok(())
    }

    /// The processor that the functions are built for; the template's default is arm64.
    pub(super) fn architecture(&self) -> anyhow::Result<Architecture> {
        match self.parameter("FunctionArchitecture").as_deref() {
            None | Some("arm64") => Ok(Architecture::Arm64),
            Some("x86_64") => Ok(Architecture::X86),
            Some(other) => anyhow::bail!("Lambda has no processor `{other}`: choose arm64 or x86_64"),
        }
    }

    /// What a parameter of the template is set to, if it is.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
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

/// `samconfig.toml` with more parameters for an environment, except those that it gives itself. So a secret is in no list of processes.
pub(super) fn with_parameters(file: &str, environment: &str, parameters: &[(&str, &str)]) -> anyhow::Result<String> {
    let settings = Settings::of(file, environment)?;
    let mut file: toml::Table = file.parse().context("samconfig.toml is not TOML")?;
    let for_all = file
        .get(environment)
        .and_then(|table| table.get("global")?.get("parameters")?.get("parameter_overrides"));
    let mut overrides = for_all.cloned().unwrap_or_else(|| toml::Value::Array(Vec::new()));
    let table = file
        .get_mut(environment)
        .and_then(|table| table.get_mut("deploy")?.get_mut("parameters")?.as_table_mut())
        .with_context(|| format!("samconfig.toml has no [{environment}.deploy.parameters]"))?;
    if let Some(own) = table.remove("parameter_overrides") {
        overrides = own;
    }

    for (name, value) in parameters {
        if settings.parameter(name).is_some() {
            continue;
        }
        // In each of the two forms that `sam` takes.
        match &mut overrides {
            toml::Value::Array(list) => list.push(format!("{name}={value}").into()),
            toml::Value::String(text) => *text = format!("{text} {name}=\"{value}\""),
            _ => anyhow::bail!("parameter_overrides in samconfig.toml must be a list or a text"),
        }
    }
    table.insert("parameter_overrides".to_owned(), overrides);
    Ok(toml::to_string(&file)?)
}

/// `Key=Value`, or the long form `ParameterKey=Key,ParameterValue=Value`.
fn parameter(word: &str) -> Option<(String, String)> {
    let pair = match word.strip_prefix("ParameterKey=") {
        Some(long) => long.split_once(",ParameterValue="),
        None => word.split_once('='),
    };
    pair.map(|(key, value)| (key.to_owned(), value.to_owned()))
}

/// Splits a text where a shell would: at spaces that are not quoted. Quotes and what escapes them are not part of a word.
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

    fn with_overrides(overrides: &str) -> Settings {
        let file = format!(
            "[e.deploy.parameters]\nregion = \"r\"\nstack_name = \"marquee\"\nparameter_overrides = {overrides}"
        );
        Settings::of(&file, "e").unwrap()
    }

    fn refusal(file: &str, environment: &str) -> String {
        format!("{:#}", Settings::of(file, environment).unwrap_err())
    }

    #[test]
    fn an_environment_says_where_and_for_which_processor() {
        let production = Settings::of(FILE, "production").unwrap();
        assert_eq!(
            (production.stack_name.as_str(), production.region.as_str()),
            ("marquee", "eu-west-1")
        );
        assert_eq!(
            (production.profile.as_deref(), production.accept_concurrency),
            (None, 0)
        );
        assert_eq!(production.architecture().unwrap(), Architecture::Arm64);

        let small = Settings::of(FILE, "small").unwrap();
        assert_eq!(small.stack_name, "marquee-small");
        assert_eq!(
            small.region, "us-east-1",
            "what holds for every command of an environment"
        );
        assert_eq!(small.profile.as_deref(), Some("tests"));
        assert_eq!(small.account.as_deref(), Some("123456789012"));
        assert_eq!(small.accept_concurrency, 10);
        assert_eq!(small.architecture().unwrap(), Architecture::X86);
    }

    #[test]
    fn parameters_are_read_in_every_form_that_sam_takes() {
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
        assert!(Settings::of(&twice.replacen("\"r\"", "\"other\"", 1), "b").is_ok());
        assert!(Settings::of(&twice.replacen("\"r\"", "\"r\"\nprofile = \"p\"", 1), "b").is_ok());
    }

    #[test]
    fn a_name_that_a_service_refuses_later_is_refused_now() {
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

    /// What the template gets, when an environment says this about its parameters.
    fn overrides(said: &str) -> toml::Value {
        let file = format!("[e.deploy.parameters]\nregion = \"eu-west-1\"\nstack_name = \"marquee\"\n{said}");
        let settings = with_parameters(&file, "e", &[("OriginSecret", "made")]).unwrap();
        let settings: toml::Table = settings.parse().unwrap();
        settings["e"]["deploy"]["parameters"]["parameter_overrides"].clone()
    }

    fn list(texts: &[&str]) -> toml::Value {
        texts.iter().copied().map(toml::Value::from).collect::<Vec<_>>().into()
    }

    #[test]
    fn an_environment_gets_the_secret_unless_it_has_one() {
        assert_eq!(overrides(""), list(&["OriginSecret=made"]));
        let days = "parameter_overrides = [\"LogRetentionDays=3\"]";
        assert_eq!(overrides(days), list(&["LogRetentionDays=3", "OriginSecret=made"]));
        let own = "parameter_overrides = [\"LogRetentionDays=3\", \"OriginSecret=\\\"mine\\\"\"]";
        assert_eq!(overrides(own), list(&["LogRetentionDays=3", "OriginSecret=\"mine\""]));
        assert!(with_parameters("", "staging", &[]).is_err());
    }

    #[test]
    fn parameters_in_one_text_and_those_for_all_commands_stay() {
        let text = "parameter_overrides = \"LogRetentionDays=3\"";
        assert_eq!(overrides(text), "LogRetentionDays=3 OriginSecret=\"made\"".into());
        assert_eq!(
            overrides("parameter_overrides = 'OriginSecret=\"mine\"'"),
            "OriginSecret=\"mine\"".into()
        );
        let for_all = "[e.global.parameters]\nparameter_overrides = [\"LogRetentionDays=3\"]";
        assert_eq!(overrides(for_all), list(&["LogRetentionDays=3", "OriginSecret=made"]));
    }
}
