//! Titles in the table.

use aws_sdk_dynamodb::types::{Delete, Put};
use domain::{
    account::DisplayName,
    asset::Asset,
    audit::AuditEntry,
    ingest::Failure,
    title::{Description, Details, Genre, Language, Owner, Publication, Title, TitleName, TitleState, Visibility},
    upload::Upload,
};
use kernel::{
    Timestamp,
    id::{AccountId, AssetId, TitleId, UploadId},
};
use serde::{Deserialize, Serialize};

use super::{
    Decision, Files, Page, PageRequest, QuotaError, StoreError, Table,
    item::{Item, Stored, deleting, number, putting, text, updating},
    keys,
    pages::Filter,
    retry_on_conflict,
};

/// The table's titles.
#[derive(Clone, Debug)]
pub struct Titles(pub(super) Table);

/// Which titles are listed.
#[derive(Clone, Debug)]
pub enum ListTitles {
    /// Published and public titles, of all genres or one; newest first.
    Published {
        /// Only of this genre.
        genre: Option<Genre>,
    },
    /// The titles of an account, in all states or one; newest first.
    OwnedBy {
        /// The account.
        account: AccountId,
        /// Only in this state.
        state: Option<TitleState>,
    },
    /// The titles of all accounts in one state; last changed first. Titles that change while the list is read are listed again at the end.
    InState(TitleState),
}

#[derive(Serialize, Deserialize)]
pub(super) struct TitleItem {
    title_id: TitleId,
    owner_id: AccountId,
    owner_name: DisplayName,
    name: TitleName,
    description: Description,
    genres: Vec<Genre>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    visibility: Visibility,
    state: TitleState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asset_id: Option<AssetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload_id: Option<UploadId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publication: Option<Publication>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restorable_until: Option<Timestamp>,
    // Missing in titles that earlier releases archived, which their owners may restore.
    #[serde(default)]
    archived_by_admin: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files_deleted_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lists_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lists_sk: Option<String>,
    work_pk: String,
    work_sk: String,
    owned_pk: String,
    owned_sk: String,
}

impl Stored for TitleItem {
    const KIND: &'static str = "title";
}

impl TitleItem {
    fn new(title: &Title, version: u64) -> Self {
        let bucket = title.id.bucket(keys::BUCKETS);
        let listed = title.publication.as_ref().filter(|_| title.is_listed());

        Self {
            title_id: title.id,
            owner_id: title.owner.account_id,
            owner_name: title.owner.display_name.clone(),
            name: title.details.name.clone(),
            description: title.details.description.clone(),
            genres: title.details.genres.clone(),
            language: title.details.language.clone(),
            visibility: title.details.visibility,
            state: title.state,
            asset_id: title.asset_id,
            upload_id: title.upload_id,
            publication: title.publication.clone(),
            failure: title.failure.clone(),
            restorable_until: title.restorable_until,
            archived_by_admin: title.archived_by_admin,
            files_deleted_at: title.files_deleted_at,
            created_at: title.created_at,
            updated_at: title.updated_at,
            version,
            lists_pk: listed.map(|_| keys::published(bucket)),
            lists_sk: listed.map(|publication| keys::at(publication.published_at, title.id)),
            work_pk: keys::in_state(title.state, bucket),
            work_sk: keys::at(title.updated_at, title.id),
            owned_pk: keys::owned(title.owner.account_id),
            owned_sk: keys::at(title.created_at, title.id),
        }
    }
}

impl From<TitleItem> for Title {
    fn from(item: TitleItem) -> Self {
        Self {
            id: item.title_id,
            owner: Owner {
                account_id: item.owner_id,
                display_name: item.owner_name,
            },
            details: Details {
                name: item.name,
                description: item.description,
                genres: item.genres,
                language: item.language,
                visibility: item.visibility,
            },
            state: item.state,
            asset_id: item.asset_id,
            upload_id: item.upload_id,
            publication: item.publication,
            failure: item.failure,
            restorable_until: item.restorable_until,
            archived_by_admin: item.archived_by_admin,
            files_deleted_at: item.files_deleted_at,
            created_at: item.created_at,
            updated_at: item.updated_at,
            version: item.version,
        }
    }
}

impl Titles {
    /// Parses an item of the table's stream.
    pub fn read(item: Item) -> Result<Title, StoreError> {
        TitleItem::from_item(item).map(Title::from)
    }

    /// The title with this id, if it exists.
    pub async fn find(&self, id: TitleId) -> Result<Option<Title>, StoreError> {
        let item: Option<TitleItem> = self.0.get(keys::title(id)).await?;

        Ok(item.map(Title::from))
    }

    /// The titles with these ids that exist, in no order, eventually consistent. One round trip for each hundred, all at once.
    pub async fn find_many(&self, ids: &[TitleId]) -> Result<Vec<Title>, StoreError> {
        self.read_many(ids, false).await
    }

    /// The same, strongly consistent: a title that was hidden a moment ago is hidden.
    pub async fn find_many_consistent(&self, ids: &[TitleId]) -> Result<Vec<Title>, StoreError> {
        self.read_many(ids, true).await
    }

    async fn read_many(&self, ids: &[TitleId], consistent: bool) -> Result<Vec<Title>, StoreError> {
        let keys = ids.iter().copied().map(keys::title).collect();
        let items: Vec<TitleItem> = self.0.get_many(keys, consistent).await?;

        Ok(items.into_iter().map(Title::from).collect())
    }

    /// Writes a new title.
    pub async fn create(&self, title: &Title) -> Result<(), StoreError> {
        self.0
            .create(TitleItem::new(title, title.version).to_item(keys::title(title.id))?)
            .await
    }

    /// Writes a changed title, if it has not changed since it was read, and increments its version.
    pub async fn save(&self, title: &mut Title) -> Result<(), StoreError> {
        let item = TitleItem::new(title, title.version + 1).to_item(keys::title(title.id))?;
        self.0.replace(item, title.version).await?;
        title.version += 1;

        Ok(())
    }

    /// Changes a title by `decide`, and repeats with the current title if another writer was faster. `None` if the title does not exist.
    pub async fn update_with<T, E: From<StoreError>>(
        &self,
        id: TitleId,
        decide: impl AsyncFn(&mut Title) -> Result<Decision<T>, E>,
    ) -> Result<Option<T>, E> {
        retry_on_conflict(|| async {
            let Some(mut title) = self.find(id).await? else {
                return Ok(Ok(None));
            };

            Ok(match decide(&mut title).await {
                Ok(Decision::Write(outcome)) => {
                    self.save(&mut title).await?;
                    Ok(Some(outcome))
                }
                Ok(Decision::Leave(outcome)) => Ok(Some(outcome)),
                Err(error) => Err(error),
            })
        })
        .await
        .map_err(|error: StoreError| E::from(error))?
    }

    /// Removes a title, if it has not changed since it was read.
    pub async fn remove(&self, title: &Title) -> Result<(), StoreError> {
        self.0.write_together(vec![deleting(self.removal(title)?)]).await
    }

    /// The same, with a line of the audit log, in one transaction.
    pub async fn remove_audited(&self, title: &Title, entry: &AuditEntry) -> Result<(), StoreError> {
        let writes = vec![deleting(self.removal(title)?), self.0.audit_log().line(entry)?];

        self.0.write_together(writes).await
    }

    fn removal(&self, title: &Title) -> Result<Delete, StoreError> {
        Delete::builder()
            .table_name(&self.0.name)
            .set_key(Some(keys::title(title.id).attributes()))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", number(title.version))
            .build()
            .map_err(StoreError::internal)
    }

    /// The same as [`Self::save`], with a line of the audit log, in one transaction.
    pub async fn save_audited(&self, title: &mut Title, entry: &AuditEntry) -> Result<(), StoreError> {
        let writes = vec![putting(self.change(title)?), self.0.audit_log().line(entry)?];
        self.0.write_together(writes).await?;
        title.version += 1;

        Ok(())
    }

    /// Begins an upload: writes the title's new state, the asset, its files, the upload, the account's storage of at most `limit`
    /// bytes, and the end of the upload that it replaces, in one transaction.
    pub async fn begin_upload(
        &self,
        title: &mut Title,
        asset: &Asset,
        upload: &Upload,
        replaced: Option<&Upload>,
        limit: u64,
    ) -> Result<(), QuotaError> {
        let (quotas, retention, account) = (self.0.quotas(), self.0.retention(), upload.account_id);
        let begun = retry_on_conflict(|| async {
            let (mut storage, version) = quotas.storage(account).await?;
            let mut writes = vec![
                self.change(title)?,
                self.0.assets().creation(asset)?,
                self.0.uploads().creation(upload)?,
            ];
            if let Some(replaced) = replaced {
                writes.push(self.0.uploads().change(replaced)?);
                writes.extend(retention.replaced(Files::from(replaced), &mut storage).await?);
            }
            let counting = storage.reserve(account, upload.parts.size_bytes, limit)?;
            writes.push(retention.creation(Files::from(upload), counting, upload.expires_at)?);
            writes.push(quotas.saving_storage(account, storage, version)?);

            match self.0.write_together(writes.into_iter().map(putting).collect()).await {
                // A conflict about the account's storage is retried here. Conflicts about the title or the upload are for the caller.
                Err(StoreError::Changed) if !self.are_unchanged(title, replaced).await? => Ok(Err(StoreError::Changed)),
                written => Ok::<_, QuotaError>(Ok(written?)),
            }
        });
        begun.await??;
        title.version += 1;

        Ok(())
    }

    /// Whether a title and the replaced upload have not changed since they were read.
    async fn are_unchanged(&self, title: &Title, replaced: Option<&Upload>) -> Result<bool, StoreError> {
        let found = self.find(title.id).await?;
        if found.is_none_or(|found| found.version != title.version) {
            return Ok(false);
        }
        let Some(replaced) = replaced else {
            return Ok(true);
        };
        let found = self.0.uploads().find(replaced.id).await?;

        Ok(found.is_some_and(|found| found.version == replaced.version))
    }

    /// Begins a run: writes the title's new state and the asset's new attempt in one transaction.
    pub async fn begin_run(&self, title: &mut Title, asset: &mut Asset) -> Result<(), StoreError> {
        let writes = vec![putting(self.change(title)?), updating(self.0.assets().change(asset)?)];
        self.0.write_together(writes).await?;
        title.version += 1;
        asset.version += 1;

        Ok(())
    }

    /// The same as [`Self::begin_run`], with a line of the audit log.
    pub async fn redrive(&self, title: &mut Title, asset: &mut Asset, entry: &AuditEntry) -> Result<(), StoreError> {
        let writes = vec![
            putting(self.change(title)?),
            updating(self.0.assets().change(asset)?),
            self.0.audit_log().line(entry)?,
        ];
        self.0.write_together(writes).await?;
        title.version += 1;
        asset.version += 1;

        Ok(())
    }

    /// A page of a list.
    pub async fn list(&self, which: ListTitles, request: &PageRequest) -> Result<Page<Title>, StoreError> {
        let buckets = 0..keys::BUCKETS;
        let page: Page<TitleItem> = match which {
            ListTitles::Published { genre } => {
                let filter = genre.map(|genre| Filter {
                    attribute: "genres",
                    expression: "contains(#filter, :filter)",
                    value: text(genre.as_str()),
                });
                self.0
                    .page(keys::LISTS, buckets.map(keys::published).collect(), filter, request)
                    .await?
            }
            ListTitles::OwnedBy { account, state } => {
                let filter = state.map(|state| Filter {
                    attribute: "state",
                    expression: "#filter = :filter",
                    value: text(state),
                });
                self.0
                    .page(keys::OWNED, vec![keys::owned(account)], filter, request)
                    .await?
            }
            ListTitles::InState(state) => {
                let partitions = buckets.map(|bucket| keys::in_state(state, bucket)).collect();
                self.0.page_by_change(keys::WORK, partitions, request).await?
            }
        };

        Ok(Page {
            items: page.items.into_iter().map(Title::from).collect(),
            next_cursor: page.next_cursor,
        })
    }

    fn change(&self, title: &Title) -> Result<Put, StoreError> {
        let item = TitleItem::new(title, title.version + 1).to_item(keys::title(title.id))?;

        self.0.replacement(item, title.version)
    }
}
