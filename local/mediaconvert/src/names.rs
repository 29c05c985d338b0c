//! ARNs and ids of the local account.

use jiff::Timestamp;
use marquee_standin::{ACCOUNT, REGION};
use sha2::{Digest as _, Sha256};

/// `arn:aws:mediaconvert:<region>:<account>:<kind>/<name>`.
pub(super) fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:mediaconvert:{REGION}:{ACCOUNT}:{kind}/{name}")
}

/// The name in an ARN of this kind; a name is returned unchanged.
pub(super) fn name_of<'a>(kind: &str, name_or_arn: &'a str) -> &'a str {
    name_or_arn
        .rsplit_once(&format!(":{kind}/"))
        .map_or(name_or_arn, |(_, name)| name)
}

/// An id in AWS's form, `1700000000000-abc123`; the salt distinguishes jobs of the same millisecond.
pub(super) fn job_id(now: Timestamp, salt: u64) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let digest = Sha256::digest(format!("{now}/{salt}"));
    let suffix: String = digest
        .iter()
        .take(6)
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
        .collect();
    format!("{}-{suffix}", now.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_id_has_the_form_of_aws() {
        let now = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let id = job_id(now, 1);
        let (millis, suffix) = id.split_once('-').unwrap();
        assert_eq!(millis, "1700000000123");
        assert_eq!(suffix.len(), 6);
        assert_ne!(id, job_id(now, 2));
    }

    #[test]
    fn a_queue_is_given_by_name_or_arn() {
        assert_eq!(name_of("queues", &arn("queues", "Default")), "Default");
        assert_eq!(name_of("queues", "Default"), "Default");
    }
}
