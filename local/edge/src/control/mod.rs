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
use marquee_standin::emulator::Emulator;
use serde::de::DeserializeOwned;

pub(crate) use self::{emulator_api::EmulatorApi, stores::Stores};
use super::{
    behaviours::{Behaviour, CachePolicy, Distribution, Pattern},
    cloudfront::{self, CacheBehavior, FunctionSummary, InvalidationSummary, List, OriginRequestPolicyConfig},
    functions::{Engine, Function},
    response_headers::ResponseHeaders,
};

/// The stack whose distribution is served.
const STACK: &str = "marquee-edge";

/// The control plane, with the policies that have been read.
pub(crate) struct Control {
    emulator: EmulatorApi,
    /// Policies of the last version of the distribution, by id.
    policies: HashMap<String, CachePolicy>,
    origin_policies: HashMap<String, OriginRequestPolicyConfig>,
    response_headers: HashMap<String, ResponseHeaders>,
    /// Invalidations that have been applied.
    applied: Option<HashSet<String>>,
}

impl Control {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self {
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
        let answer = self.emulator.cloudfront(&format!("/distribution/{id}")).await;
        let Some((described, etag)) = answer.context("the distribution cannot be read")? else {
            return Ok(None);
        };
        let cloudfront::Distribution {
            domain_name: domain,
            distribution_config: config,
        } = described;

        if known.as_ref().is_none_or(|known| known.etag != etag) {
            self.policies.clear();
            self.origin_policies.clear();
            self.response_headers.clear();
        }
        let mut behaviours = Vec::new();
        for declared in config.cache_behaviors.iter().chain([&config.default_cache_behavior]) {
            behaviours.push(self.behaviour(declared, known.as_deref()).await?);
        }
        let unchanged = known
            .as_ref()
            .filter(|known| known.etag == etag && known.has_functions_of(&behaviours));
        if let Some(known) = unchanged {
            return Ok(Some(known.clone()));
        }
        Ok(Some(Arc::new(Distribution {
            domain,
            etag,
            behaviours,
            error_ttls: settings::error_ttls(&config),
            id,
        })))
    }

    /// Paths of the invalidations since the last call. The first call returns none, because the cache is empty.
    pub(crate) async fn invalidated(&mut self, distribution: &str) -> anyhow::Result<Vec<String>> {
        let invalidations = format!("/distribution/{distribution}/invalidation");
        let (listed, _): (List<InvalidationSummary>, _) = self.read(&invalidations).await?;
        let ids: HashSet<String> = listed.into_vec().into_iter().map(|one| one.id).collect();
        let Some(applied) = self.applied.replace(ids.clone()) else {
            return Ok(Vec::new());
        };

        let mut paths = Vec::new();
        for id in ids.difference(&applied) {
            let (invalidation, _): (cloudfront::Invalidation, _) = self.read(&format!("{invalidations}/{id}")).await?;
            paths.extend(invalidation.invalidation_batch.paths);
        }
        Ok(paths)
    }

    /// A resource that the distribution names, and its version.
    async fn read<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<(T, String)> {
        let found = self.emulator.cloudfront(path).await?;
        found.with_context(|| format!("CloudFront has no {path}"))
    }

    async fn behaviour(&mut self, declared: &CacheBehavior, known: Option<&Distribution>) -> anyhow::Result<Behaviour> {
        let pattern = declared.path_pattern.as_deref().unwrap_or("*");
        let policy = declared
            .cache_policy_id
            .as_deref()
            .with_context(|| format!("behaviour {pattern} has no cache policy"))?;
        let policy = self.policy(policy).await?;
        let origin_policy = match &declared.origin_request_policy_id {
            Some(id) => Some(self.origin_policy(id).await?),
            None => None,
        };
        let response_headers = match &declared.response_headers_policy_id {
            Some(id) => Some(self.response_headers(id).await?),
            None => None,
        };
        let forwarding = settings::forwarding(&policy, origin_policy.as_ref());
        let mut viewer_request = None;
        for association in &declared.function_associations {
            let kind = &association.event_type;
            anyhow::ensure!(
                kind == "viewer-request",
                "behaviour {pattern} has a {kind} function: the local edge runs viewer-request functions only"
            );
            viewer_request = Some(self.function(&association.function_arn, known).await?);
        }
        let methods = match declared.allowed_methods.as_slice() {
            [] => vec!["GET".into(), "HEAD".into()],
            methods => methods.to_vec(),
        };
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
        let (answer, _): (cloudfront::CachePolicy, _) = self.read(&format!("/cache-policy/{id}")).await?;
        let policy = settings::cache_policy(answer.cache_policy_config);
        self.policies.insert(id.to_owned(), policy.clone());
        Ok(policy)
    }

    async fn origin_policy(&mut self, id: &str) -> anyhow::Result<OriginRequestPolicyConfig> {
        if let Some(policy) = self.origin_policies.get(id) {
            return Ok(policy.clone());
        }
        let path = format!("/origin-request-policy/{id}");
        let (answer, _): (cloudfront::OriginRequestPolicy, _) = self.read(&path).await?;
        let policy = answer.origin_request_policy_config;
        self.origin_policies.insert(id.to_owned(), policy.clone());
        Ok(policy)
    }

    async fn response_headers(&mut self, id: &str) -> anyhow::Result<ResponseHeaders> {
        if let Some(policy) = self.response_headers.get(id) {
            return Ok(policy.clone());
        }
        let path = format!("/response-headers-policy/{id}");
        let (answer, _): (cloudfront::ResponseHeadersPolicy, _) = self.read(&path).await?;
        let policy = ResponseHeaders::from(answer.response_headers_policy_config);
        self.response_headers.insert(id.to_owned(), policy.clone());
        Ok(policy)
    }

    async fn function(&self, arn: &str, known: Option<&Distribution>) -> anyhow::Result<Function> {
        let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        let described = self.read(&format!("/function/{name}/describe?Stage=LIVE")).await;
        let (summary, etag): (FunctionSummary, _) =
            described.with_context(|| format!("function {name} is not published"))?;
        let stores = summary.function_config.key_value_store_associations;
        let store_arn = stores.into_iter().next().map(|store| store.key_value_store_arn);
        let same =
            |function: &&Function| function.name == name && function.etag == etag && function.store_arn == store_arn;
        if let Some(function) = known.and_then(|known| known.functions().find(same)) {
            return Ok(function.clone());
        }

        let live = self
            .emulator
            .cloudfront_body(&format!("/function/{name}?Stage=LIVE"))
            .await?;
        let (code, _) = live.with_context(|| format!("function {name} has no source"))?;
        let source = std::str::from_utf8(&code).with_context(|| format!("function {name} is not text"))?;
        let engine = Engine::start(source, store_arn.as_deref())?;
        Ok(Function {
            name,
            etag,
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
