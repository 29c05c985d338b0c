//! Calls of the emulator: plain requests with the root's key, whose signature the emulator does not check. CloudFront's SDK crate compiles
//! for two minutes.

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use marquee_standin::emulator::Emulator;
use serde::de::DeserializeOwned;

/// The emulator's APIs.
#[derive(Clone, Debug)]
pub(crate) struct EmulatorApi {
    emulator: Emulator,
}

impl EmulatorApi {
    pub(crate) fn new(emulator: &Emulator) -> Self {
        Self {
            emulator: emulator.clone(),
        }
    }

    /// The physical id of the first resource of a type in a stack; `None` when there is no such stack or resource yet.
    pub(crate) async fn physical_id(&self, stack: &str, kind: &str) -> anyhow::Result<Option<String>> {
        let form = format!("Action=DescribeStackResources&Version=2010-05-15&StackName={stack}");
        let request = Request::post(self.emulator.url())
            .header(
                header::AUTHORIZATION,
                self.emulator.root_authorization("cloudformation"),
            )
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form))?;
        let (status, body) = self.emulator.send(request).await?;
        let xml = String::from_utf8_lossy(&body);
        if status == StatusCode::BAD_REQUEST && xml.contains("does not exist") {
            return Ok(None);
        }
        anyhow::ensure!(status.is_success(), "DescribeStackResources: {status}");
        Ok(resource_id(&xml, kind))
    }

    /// `GET` of a JSON API.
    pub(crate) async fn get(&self, service: &str, path: &str) -> anyhow::Result<serde_json::Value> {
        let response = self.respond(service, path).await?;
        anyhow::ensure!(
            response.status().is_success(),
            "{service} answered {}",
            response.status()
        );
        serde_json::from_slice(response.body()).with_context(|| format!("{service} did not answer with JSON"))
    }

    /// A resource of CloudFront and its version, if it exists.
    pub(crate) async fn cloudfront<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<Option<(T, String)>> {
        let Some((body, etag)) = self.cloudfront_body(path).await? else {
            return Ok(None);
        };
        let read = quick_xml::de::from_str(std::str::from_utf8(&body)?);
        let read = read.with_context(|| format!("CloudFront's answer to {path} cannot be read"))?;
        Ok(Some((read, etag)))
    }

    /// The whole body of a resource of CloudFront and its version, if it exists.
    pub(crate) async fn cloudfront_body(&self, path: &str) -> anyhow::Result<Option<(Bytes, String)>> {
        let response = self.respond("cloudfront", &format!("/2020-05-31{path}")).await?;
        let status = response.status();
        // `NoSuchDistribution`, for example. A 404 of another kind is not CloudFront's.
        if status == StatusCode::NOT_FOUND && String::from_utf8_lossy(response.body()).contains("<Code>NoSuch") {
            return Ok(None);
        }
        anyhow::ensure!(status.is_success(), "CloudFront answered {status} to {path}");
        let etag = response.headers().get(header::ETAG);
        let etag = etag.and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Some((response.into_body(), etag)))
    }

    async fn respond(&self, service: &str, path: &str) -> anyhow::Result<Response<Bytes>> {
        let request = Request::get(format!("{}{path}", self.emulator.url()))
            .header(header::AUTHORIZATION, self.emulator.root_authorization(service))
            .body(Full::default())?;
        self.emulator.respond(request).await
    }
}

fn resource_id(xml: &str, kind: &str) -> Option<String> {
    let between = |text: &str, tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>"))
            .map(|(value, _)| value.trim().to_owned())
    };
    let mut members = xml.split("<member>");
    let member = members.find(|member| between(member, "ResourceType").as_deref() == Some(kind))?;
    between(member, "PhysicalResourceId").filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::resource_id;

    #[test]
    fn a_resource_is_found_by_its_type() {
        let xml = "<R><member><PhysicalResourceId>b</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType>
            </member><member><ResourceType>AWS::CloudFront::Distribution</ResourceType>
            <PhysicalResourceId>E1</PhysicalResourceId></member></R>";
        assert_eq!(resource_id(xml, "AWS::CloudFront::Distribution").as_deref(), Some("E1"));
        assert_eq!(resource_id(xml, "AWS::SNS::Topic"), None);
    }
}
