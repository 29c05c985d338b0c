//! Arguments that load what a path names, and refuse a caller who may not have it (ADR 35):
//! `Managed(title, Member(person), Body(change)): Managed<Title, Member, Body<ChangeRequest>>` is the title of `/titles/{title_id}`, the
//! caller who may change it, and the body.
//!
//! They check in this order: who calls (401, 403), the id in the path (404), the body (400, 422), whether the caller may see the resource
//! (404), whether the caller may manage it (403).

use adapters::dynamodb::{StoreError, Titles, Uploads};
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use domain::{
    account::Person,
    playback::{NotWatchable, entitlement},
    title::{Publication, Title},
    upload::Upload,
};
use kernel::id::{TitleId, UploadId};
use runtime::http::{self, Body, Path, Problem};
use serde::de::DeserializeOwned;

/// A resource that a path names by its only id.
pub trait Resource: Sized + Send {
    /// Its id.
    type Id: DeserializeOwned + Send + 'static;
    /// What reads it. A context that has one derives `FromRef`.
    type Store: Send + Sync;

    /// The answer for a resource that does not exist, and for one that the caller may not see.
    const NOT_FOUND: &'static str;
    /// The answer for a resource that the caller may see, but not manage.
    const NOT_MANAGED: &'static str;

    /// The resource with this id, if it exists.
    fn find(store: &Self::Store, id: Self::Id) -> impl Future<Output = Result<Option<Self>, StoreError>> + Send;

    /// Whether `person` may know that it exists.
    fn is_visible_to(&self, person: &Person) -> bool;

    /// Whether `person` may change it.
    fn is_managed_by(&self, person: &Person) -> bool;
}

impl Resource for Title {
    type Id = TitleId;
    type Store = Titles;

    const NOT_FOUND: &'static str = "there is no such title, or you have no access to it";
    const NOT_MANAGED: &'static str = "only the owner of this title may do this";

    async fn find(store: &Titles, id: TitleId) -> Result<Option<Self>, StoreError> {
        store.find(id).await
    }

    fn is_visible_to(&self, person: &Person) -> bool {
        self.visible_to(person)
    }

    fn is_managed_by(&self, person: &Person) -> bool {
        self.managed_by(person)
    }
}

impl Resource for Upload {
    type Id = UploadId;
    type Store = Uploads;

    const NOT_FOUND: &'static str = "there is no such upload, or it is not yours";
    const NOT_MANAGED: &'static str = "only the person who began this upload may continue it";

    async fn find(store: &Uploads, id: UploadId) -> Result<Option<Self>, StoreError> {
        store.find(id).await
    }

    fn is_visible_to(&self, person: &Person) -> bool {
        self.visible_to(person)
    }

    fn is_managed_by(&self, person: &Person) -> bool {
        self.managed_by(person)
    }
}

/// A resource that the caller may see, the caller, and the body.
#[derive(Debug)]
pub struct Readable<T, C, B = ()>(pub T, pub C, pub B);

/// A resource that the caller may change, the caller, and the body.
#[derive(Debug)]
pub struct Managed<T, C, B = ()>(pub T, pub C, pub B);

/// A title that the caller may watch with its publication, the caller, and the body.
#[derive(Debug)]
pub struct Watchable<C, B = ()>(pub (Title, Publication), pub C, pub B);

/// The resource with this id, if `person` may see it. For routes that do not need it in every case; the others take a [`Readable`].
pub async fn readable<T: Resource>(store: &T::Store, id: T::Id, person: &Person) -> Result<T, Problem> {
    let found = T::find(store, id).await?;

    found
        .filter(|resource| resource.is_visible_to(person))
        .ok_or_else(|| Problem::not_found(T::NOT_FOUND))
}

/// The resource with this id, if `person` may change it. For routes that read it again; the others take a [`Managed`].
pub async fn managed<T: Resource>(store: &T::Store, id: T::Id, person: &Person) -> Result<T, Problem> {
    let resource: T = readable(store, id, person).await?;
    if !resource.is_managed_by(person) {
        return Err(Problem::forbidden(T::NOT_MANAGED));
    }

    Ok(resource)
}

/// The title with this id and its publication, if `person` may watch it. For routes that read something else at the same time; the
/// others take a [`Watchable`].
pub async fn watchable(titles: &Titles, id: TitleId, person: &Person) -> Result<(Title, Publication), Problem> {
    let title = titles.find(id).await?;
    let title = title.ok_or_else(|| Problem::not_found(Title::NOT_FOUND))?;
    let publication = entitlement(&title, person).cloned().map_err(|error| match error {
        NotWatchable::Unknown => Problem::not_found(Title::NOT_FOUND),
        NotWatchable::NotPublished(_) => Problem::conflict(error.to_string()),
    })?;

    Ok((title, publication))
}

/// An argument type for callers: `Viewer`, `Member`, `Creator`, `Admin`.
pub trait Caller<S>: FromRequestParts<S, Rejection = Problem> + AsRef<Person> + Send {}

impl<S, C: FromRequestParts<S, Rejection = Problem> + AsRef<Person> + Send> Caller<S> for C {}

/// What a route reads of a body: a [`Body`], or nothing.
pub trait Payload<S>: Sized + Send {
    /// Reads it.
    fn read(request: Request, cx: &S) -> impl Future<Output = Result<Self, Problem>> + Send;
}

impl<S: Sync> Payload<S> for () {
    async fn read(_request: Request, _cx: &S) -> Result<Self, Problem> {
        Ok(())
    }
}

impl<S: Sync, R: http::Request<Valid: Send>> Payload<S> for Body<R> {
    async fn read(request: Request, cx: &S) -> Result<Self, Problem> {
        <Self as FromRequest<S>>::from_request(request, cx).await
    }
}

/// The caller, the id and the body of a request, checked in this order.
async fn read<S, T, C, B>(request: Request, cx: &S) -> Result<(C, T::Id, B), Problem>
where
    S: Sync,
    T: Resource,
    C: Caller<S>,
    B: Payload<S>,
{
    let (mut parts, body) = request.into_parts();
    let caller = C::from_request_parts(&mut parts, cx).await?;
    let Path(id) = Path::from_request_parts(&mut parts, cx).await?;
    let body = B::read(Request::from_parts(parts, body), cx).await?;

    Ok((caller, id, body))
}

impl<S, T, C, B> FromRequest<S> for Readable<T, C, B>
where
    S: Send + Sync,
    T: Resource<Store: FromRef<S>>,
    C: Caller<S>,
    B: Payload<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, cx: &S) -> Result<Self, Problem> {
        let (caller, id, body) = read::<S, T, C, B>(request, cx).await?;
        let store = FromRef::from_ref(cx);
        let resource = readable::<T>(&store, id, caller.as_ref()).await?;

        Ok(Self(resource, caller, body))
    }
}

impl<S, T, C, B> FromRequest<S> for Managed<T, C, B>
where
    S: Send + Sync,
    T: Resource<Store: FromRef<S>>,
    C: Caller<S>,
    B: Payload<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, cx: &S) -> Result<Self, Problem> {
        let (caller, id, body) = read::<S, T, C, B>(request, cx).await?;
        let store = FromRef::from_ref(cx);
        let resource = managed::<T>(&store, id, caller.as_ref()).await?;

        Ok(Self(resource, caller, body))
    }
}

impl<S, C, B> FromRequest<S> for Watchable<C, B>
where
    S: Send + Sync,
    Titles: FromRef<S>,
    C: Caller<S>,
    B: Payload<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, cx: &S) -> Result<Self, Problem> {
        let (caller, id, body) = read::<S, Title, C, B>(request, cx).await?;
        let film = watchable(&FromRef::from_ref(cx), id, caller.as_ref()).await?;

        Ok(Self(film, caller, body))
    }
}

#[cfg(test)]
mod tests {
    use adapters::{
        aws,
        dynamodb::{Table, testing},
    };
    use axum::routing;
    use domain::account::AccountStatus;
    use kernel::id::AccountId;
    use runtime::http::{
        Accounts, FieldErrors, Member, Viewer,
        testing::{Actor, Api, Services},
    };
    use serde::Deserialize;
    use serde_json::json;
    use utoipa_axum::router::OpenApiRouter;

    use super::*;

    #[derive(Clone, FromRef)]
    struct Context {
        titles: Titles,
    }

    impl Accounts for Context {
        async fn status(&self, _id: AccountId) -> Result<AccountStatus, Problem> {
            Ok(AccountStatus::Deleted)
        }
    }

    #[derive(Deserialize)]
    struct Rating {
        stars: u8,
    }

    impl http::Request for Rating {
        type Valid = u8;

        fn parse(self) -> Result<u8, FieldErrors> {
            Ok(self.stars)
        }
    }

    async fn show(Readable(title, Viewer(_), ()): Readable<Title, Viewer>) -> String {
        title.id.to_string()
    }

    async fn rate(Managed(_, Member(_), Body(stars)): Managed<Title, Member, Body<Rating>>) -> String {
        stars.to_string()
    }

    async fn watch(Watchable(_, Member(_), ()): Watchable<Member>) {}

    /// Routes with a table that has one title, in this state.
    async fn api(state: &str) -> Api {
        let title = testing::title(state);
        let services = Services::answering(move |call| call.answer_from(std::slice::from_ref(&title))).await;
        let titles = Table::new(&aws::at(&services.url), "marquee").titles();
        let routes = routing::get(show).patch(rate).post(watch);

        Api::new(
            Context { titles },
            OpenApiRouter::new().route("/titles/{title_id}", routes),
        )
    }

    const TITLE: &str = "/api/titles/0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11";
    const MALFORMED: &str = "/api/titles/sintel";

    /// The details of the answers to a caller who reads, rates and watches the title.
    async fn answers(caller: Actor<'_>) -> [(u16, String); 3] {
        [
            caller.get(TITLE).await,
            caller.patch(TITLE, json!({ "stars": 5 })).await,
            caller.post(TITLE, json!({})).await,
        ]
        .map(|reply| match reply.status {
            200 => (200, reply.text()),
            refused => (refused, reply.refused(refused).detail),
        })
    }

    #[tokio::test]
    async fn a_title_that_is_not_published_exists_for_its_managers_only() {
        let api = api("draft").await;
        let hidden = (404, Title::NOT_FOUND.to_owned());
        let not_playable = "this title is draft: only a published title can be watched";

        assert_eq!(answers(api.viewer()).await, [hidden.clone(), hidden.clone(), hidden]);
        assert_eq!(
            answers(api.admin()).await,
            [
                (200, testing::ID.to_owned()),
                (200, "5".to_owned()),
                (409, not_playable.to_owned())
            ]
        );
    }

    #[tokio::test]
    async fn a_published_title_is_changed_by_its_managers_only() {
        let api = api("published").await;

        let [shown, rated, _] = answers(api.viewer()).await;

        assert_eq!(shown, (200, testing::ID.to_owned()));
        assert_eq!(rated, (403, Title::NOT_MANAGED.to_owned()));
    }

    #[tokio::test]
    async fn the_caller_is_checked_first_then_the_id_then_the_body() {
        let api = api("published").await;
        let invalid = || json!({ "stars": "many" });

        api.stranger().patch(MALFORMED, invalid()).await.refused(401);
        api.viewer()
            .with_status(AccountStatus::Disabled)
            .patch(MALFORMED, invalid())
            .await
            .refused(401);
        api.viewer().patch(MALFORMED, invalid()).await.refused(404);
        assert_eq!(api.viewer().patch(TITLE, invalid()).await.pointers(), ["/stars"]);
        api.viewer().patch(TITLE, json!({ "stars": 5 })).await.refused(403);
    }
}
