//! S3, by what is done with it: reading and writing objects here, taking uploads beside.

mod objects;
mod uploads;

const SERVICE: &str = "S3";

pub use objects::{Bucket, Chunks, ObjectInfo};
pub use uploads::{CompleteError, PART_URL_TTL, Part, SignedPart, StoredPart, UploadBucket};
