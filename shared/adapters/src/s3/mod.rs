//! S3: objects, and uploads of films.

mod objects;
mod uploads;

const SERVICE: &str = "S3";

pub use objects::{Bucket, Chunks, ObjectInfo};
pub use uploads::{CompleteError, PART_URL_TTL, Part, SignedPart, StoredPart, UploadBucket};
