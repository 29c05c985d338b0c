//! What this area refuses before it calls a service, and that the samples are accepted.

use runtime::http::testing::Api;

use crate::{Context, routes, samples};

/// All routes of the area, without services: a request that is accepted is answered with 503.
fn api() -> Api {
    Api::new(Context::offline(), routes())
}

#[tokio::test]
async fn the_samples_are_accepted() {
    api().accepts(samples()).await;
}

#[tokio::test]
async fn every_route_refuses_strangers() {
    api().refuses_strangers_except_at(&[]).await;
}

#[tokio::test]
async fn only_admins_are_admitted() {
    let api = api();

    for operation in api.operations(samples()) {
        for actor in [api.viewer(), api.creator()] {
            actor.request(&operation, None).await.refused(403);
        }
    }
}
