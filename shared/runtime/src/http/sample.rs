//! Samples of API types. They are the examples in the OpenAPI document and in everything that is generated from it.

use kernel::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A type of the API that has samples.
pub trait Sample: Serialize + ToSchema + Sized {
    /// A few typical values.
    fn samples() -> Vec<Self>;
}

/// The samples of one type, in their wire form.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The name of the type's schema.
    pub schema: String,
    /// Typical values.
    pub values: Vec<Value>,
}

impl Samples {
    /// The samples of `T`.
    #[must_use]
    pub fn new<T: Sample>() -> Self {
        let values = T::samples()
            .iter()
            .map(|sample| serde_json::to_value(sample).unwrap_or_default())
            .collect();

        Self {
            schema: T::name().into_owned(),
            values,
        }
    }

    /// Adds the samples to their schema in an OpenAPI document, as examples.
    pub fn add_to(self, document: &mut Value) {
        document["components"]["schemas"][self.schema]["examples"] = Value::Array(self.values);
    }
}

/// The id in samples.
#[must_use]
pub const fn uuid() -> Uuid {
    Uuid::from_u128(0x0192_f7a4_6f0e_7cc2_b3a1_5a1f_0f6f_9d11)
}

/// The time in samples.
#[must_use]
pub fn time() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap_or(Timestamp::UNIX_EPOCH)
}
