//! The control plane: reads the stack's distribution, the live sources of functions, key value stores and invalidations from the
//! emulator, which CloudFront would copy to its edge locations.

mod emulator_api;
mod settings;
mod stores;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use anyhow::Context as _;
use aws_sdk_cloudfront::{
    Client,
    error::ProvideErrorMetadata,
    types::{
        CacheBehavior, DefaultCacheBehavior, EventType, FunctionAssociations, FunctionStage, OriginRequestPolicyConfig,
    },
};
use marquee_standin::{aws, emulator::Emulator};

pub(crate) use self::{emulator_api::EmulatorApi, stores::Stores};
use super::{
    behaviours::{Behaviour, CachePolicy, Distribution, Pattern},
    functions::{Engine, Function},
    response_headers::ResponseHeaders,
};

/// The stack whose distribution is served.
const STACK: &str = "marquee-edge";

/// The control plane, with the policies that have been read.
pub(crate) struct Control {
    cloudfront: Client,
    emulator: EmulatorApi,
    /// Policies of the last version of the distribution, by id.
    policies: HashMap<String, CachePolicy>,
    origin_policies: HashMap<String, OriginRequestPolicyConfig>,
    response_headers: HashMap<String, ResponseHeaders>,
    /// Invalidations that have been applied.
    applied: Option<HashSet<String>>,
}

/// A behaviour of either of the SDK's two types.
struct Declared<'a> {
    pattern: &'a str,
    methods: Option<Vec<String>>,
    policy: Option<&'a str>,
    origin_policy: Option<&'a str>,
    response_headers: Option<&'a str>,
    compress: bool,
    functions: Option<&'a FunctionAssociations>,
}

impl Control {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self {
            cloudfront: Client::new(&aws::root(emulator)),
            emulator: EmulatorApi::new(emulator),
            policies: HashMap::new(),
            origin_policies: HashMap::new(),
            response_headers: HashMap::new(),
            applied: None,
        }
    }

    /// The current distribution: the known one if it has not changed, `None` if the stack has none yet.
    pub(crate) async fn load(&mut self, known: Option<Arc<Distribution>>) -> anyhow::Result<Option<Arc<Distribution>>> {
        let id = match &known {
            Some(known) => Some(known.id.clone()),
            None => {
                self.emulator
                    .physical_id(STACK, "AWS::CloudFront::Distribution")
                    .await?
            }
        };
        let Some(id) = id else { return Ok(None) };
        let answer = self.cloudfront.get_distribution().id(&id).send().await;
        let answer = match answer {
            Err(error) if error.code() == Some("NoSuchDistribution") => return Ok(None),
            answer => answer.context("the distribution cannot be read")?,
        };
        let etag = answer.e_tag().unwrap_or_default();
        let described = answer.distribution().context("the answer has no distribution")?;
        let config = described
            .distribution_config()
            .context("the answer has no configuration")?;

        if known.as_ref().is_none_or(|known| known.etag != etag) {
            self.policies.clear();
            self.origin_policies.clear();
            self.response_headers.clear();
        }
        let mut behaviours = Vec::new();
        let declared = config
            .cache_behaviors()
            .map(aws_sdk_cloudfront::types::CacheBehaviors::items)
            .unwrap_or_default();
        let default = config
            .default_cache_behavior()
            .context("the distribution has no default behaviour")?;
        for declared in declared.iter().map(Declared::from).chain([Declared::from(default)]) {
            behaviours.push(self.behaviour(&declared, known.as_deref()).await?);
        }
        let unchanged = known
            .as_ref()
            .filter(|known| known.etag == etag && known.has_functions_of(&behaviours));
        if let Some(known) = unchanged {
            return Ok(Some(known.clone()));
        }
        Ok(Some(Arc::new(Distribution {
            domain: described.domain_name().to_owned(),
            etag: etag.to_owned(),
            behaviours,
            error_ttls: settings::error_ttls(config),
            id,
        })))
    }

    /// Paths of the invalidations since the last call. The first call returns none, because the cache is empty.
    pub(crate) async fn invalidated(&mut self, distribution: &str) -> anyhow::Result<Vec<String>> {
        let list = self
            .cloudfront
            .list_invalidations()
            .distribution_id(distribution)
            .send()
            .await?;
        let listed = list
            .invalidation_list()
            .map(aws_sdk_cloudfront::types::InvalidationList::items)
            .unwrap_or_default();
        let ids: HashSet<String> = listed.iter().map(|one| one.id().to_owned()).collect();
        let Some(applied) = self.applied.replace(ids.clone()) else {
            return Ok(Vec::new());
        };

        let mut paths = Vec::new();
        for id in ids.difference(&applied) {
            let answer = self
                .cloudfront
                .get_invalidation()
                .distribution_id(distribution)
                .id(id)
                .send()
                .await?;
            let batch = answer
                .invalidation()
                .and_then(|invalidation| invalidation.invalidation_batch());
            paths.extend(
                batch
                    .and_then(|batch| batch.paths())
                    .map(aws_sdk_cloudfront::types::Paths::items)
                    .unwrap_or_default()
                    .to_vec(),
            );
        }
        Ok(paths)
    }

    async fn behaviour(&mut self, declared: &Declared<'_>, known: Option<&Distribution>) -> anyhow::Result<Behaviour> {
        let pattern = declared.pattern;
        let policy = declared
            .policy
            .with_context(|| format!("behaviour {pattern} has no cache policy"))?;
        let policy = self.policy(policy).await?;
        let origin_policy = match declared.origin_policy {
            Some(id) => Some(self.origin_policy(id).await?),
            None => None,
        };
        let response_headers = match declared.response_headers {
            Some(id) => Some(self.response_headers(id).await?),
            None => None,
        };
        let forwarding = settings::forwarding(&policy, origin_policy.as_ref());
        let mut viewer_request = None;
        for association in declared
            .functions
            .map(aws_sdk_cloudfront::types::FunctionAssociations::items)
            .unwrap_or_default()
        {
            let kind = association.event_type();
            anyhow::ensure!(
                *kind == EventType::ViewerRequest,
                "behaviour {pattern} has a {kind} function: the local edge runs viewer-request functions only"
            );
            viewer_request = Some(self.function(association.function_arn(), known).await?);
        }
        let methods = declared
            .methods
            .clone()
            .unwrap_or_else(|| vec!["GET".into(), "HEAD".into()]);
        Ok(Behaviour {
            pattern: Pattern::new(pattern),
            methods,
            policy,
            forwarding,
            response_headers,
            compress: declared.compress,
            viewer_request,
        })
    }

    async fn policy(&mut self, id: &str) -> anyhow::Result<CachePolicy> {
        if let Some(policy) = self.policies.get(id) {
            return Ok(policy.clone());
        }
        let answer = self.cloudfront.get_cache_policy().id(id).send().await?;
        let policy = answer.cache_policy().and_then(|policy| policy.cache_policy_config());
        let policy = settings::cache_policy(policy.context("the answer has no cache policy")?);
        self.policies.insert(id.to_owned(), policy.clone());
        Ok(policy)
    }

    async fn origin_policy(&mut self, id: &str) -> anyhow::Result<OriginRequestPolicyConfig> {
        if let Some(policy) = self.origin_policies.get(id) {
            return Ok(policy.clone());
        }
        let answer = self.cloudfront.get_origin_request_policy().id(id).send().await?;
        let policy = answer
            .origin_request_policy()
            .and_then(|policy| policy.origin_request_policy_config())
            .context("the answer has no origin request policy")?;
        self.origin_policies.insert(id.to_owned(), policy.clone());
        Ok(policy.clone())
    }

    async fn response_headers(&mut self, id: &str) -> anyhow::Result<ResponseHeaders> {
        if let Some(policy) = self.response_headers.get(id) {
            return Ok(policy.clone());
        }
        let answer = self.cloudfront.get_response_headers_policy().id(id).send().await?;
        let policy = answer
            .response_headers_policy()
            .and_then(|policy| policy.response_headers_policy_config())
            .context("the answer has no response headers policy")?;
        let policy = ResponseHeaders::from(policy);
        self.response_headers.insert(id.to_owned(), policy.clone());
        Ok(policy)
    }

    async fn function(&self, arn: &str, known: Option<&Distribution>) -> anyhow::Result<Function> {
        let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        let described = self
            .cloudfront
            .describe_function()
            .name(&name)
            .stage(FunctionStage::Live)
            .send()
            .await;
        let described = described.with_context(|| format!("function {name} is not published"))?;
        let etag = described.e_tag().unwrap_or_default();
        let config = described
            .function_summary()
            .and_then(|summary| summary.function_config());
        let stores = config.and_then(|config| config.key_value_store_associations());
        let store_arn = stores
            .and_then(|stores| stores.items().first())
            .map(|store| store.key_value_store_arn().to_owned());
        let same =
            |function: &&Function| function.name == name && function.etag == etag && function.store_arn == store_arn;
        if let Some(function) = known.and_then(|known| known.functions().find(same)) {
            return Ok(function.clone());
        }

        let live = self
            .cloudfront
            .get_function()
            .name(&name)
            .stage(FunctionStage::Live)
            .send()
            .await?;
        let code = live
            .function_code()
            .with_context(|| format!("function {name} has no source"))?;
        let source = std::str::from_utf8(code.as_ref()).with_context(|| format!("function {name} is not text"))?;
        let engine = Engine::start(source, store_arn.as_deref())?;
        Ok(Function {
            name,
            etag: etag.to_owned(),
            store_arn,
            engine,
        })
    }
}

impl Distribution {
    /// The KeyValueStores that its functions read.
    pub(crate) fn store_arns(&self) -> impl Iterator<Item = &str> {
        self.functions().filter_map(|function| function.store_arn.as_deref())
    }

    fn functions(&self) -> impl Iterator<Item = &Function> {
        self.behaviours
            .iter()
            .filter_map(|behaviour| behaviour.viewer_request.as_ref())
    }

    fn has_functions_of(&self, behaviours: &[Behaviour]) -> bool {
        let identity = |function: &Function| (function.name.clone(), function.etag.clone(), function.store_arn.clone());
        let theirs = behaviours
            .iter()
            .filter_map(|behaviour| behaviour.viewer_request.as_ref());
        self.functions().map(identity).eq(theirs.map(identity))
    }
}

impl<'a> From<&'a CacheBehavior> for Declared<'a> {
    fn from(behaviour: &'a CacheBehavior) -> Self {
        let methods = behaviour
            .allowed_methods()
            .map(aws_sdk_cloudfront::types::AllowedMethods::items);
        Self {
            pattern: behaviour.path_pattern(),
            methods: methods.map(|methods| methods.iter().map(ToString::to_string).collect()),
            policy: behaviour.cache_policy_id(),
            origin_policy: behaviour.origin_request_policy_id(),
            response_headers: behaviour.response_headers_policy_id(),
            compress: behaviour.compress().unwrap_or_default(),
            functions: behaviour.function_associations(),
        }
    }
}

impl<'a> From<&'a DefaultCacheBehavior> for Declared<'a> {
    fn from(behaviour: &'a DefaultCacheBehavior) -> Self {
        let methods = behaviour
            .allowed_methods()
            .map(aws_sdk_cloudfront::types::AllowedMethods::items);
        Self {
            pattern: "*",
            methods: methods.map(|methods| methods.iter().map(ToString::to_string).collect()),
            policy: behaviour.cache_policy_id(),
            origin_policy: behaviour.origin_request_policy_id(),
            response_headers: behaviour.response_headers_policy_id(),
            compress: behaviour.compress().unwrap_or_default(),
            functions: behaviour.function_associations(),
        }
    }
}
