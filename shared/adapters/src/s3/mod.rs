//! S3, by what is done with it: reading and writing objects here, taking uploads beside.

mod objects;
mod uploads;

pub use objects::{Bucket, Chunks, ObjectFacts};
pub use uploads::{CompleteError, Part, SIGNED_FOR, SignedPart, StoredPart, UploadBucket};
