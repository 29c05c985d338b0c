//! `model.safetensors`: the numbers of a model, as arrays that are used where they lie.

use std::{collections::BTreeMap, ops::Range};

use bytemuck::{Pod, cast_slice, try_cast_slice};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::mapped::Mapped;

/// How many buckets the content tower has: enough for the words that tell titles apart, few enough to be solved exactly.
pub(crate) const TOWER_BUCKETS: usize = 1024;
/// How many titles are kept that the people of a title watched too.
pub(crate) const NEIGHBOURS: usize = 20;

macro_rules! tensors {
    ($($(#[$doc:meta])* $name:ident: $number:ty = $dtype:ident;)*) => {
        /// The arrays of a model with n titles of d dimensions, on their way to a file.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(crate) struct Tensors {
            $($(#[$doc])* pub(crate) $name: Vec<$number>,)*
        }

        impl Tensors {
            pub(super) fn to_bytes(&self) -> Result<Vec<u8>, String> {
                let mut views = BTreeMap::new();
                $(
                    let view = TensorView::new(Dtype::$dtype, vec![self.$name.len()], cast_slice(&self.$name));
                    views.insert(stringify!($name), view.map_err(|error| error.to_string())?);
                )*
                safetensors::serialize(views, None).map_err(|error| error.to_string())
            }
        }

        /// The same arrays in a mapped file.
        #[derive(Debug)]
        pub(crate) struct MappedTensors {
            file: Mapped,
            $($name: Range<usize>,)*
        }

        impl MappedTensors {
            pub(super) fn of(file: Mapped) -> Result<Self, String> {
                let (header, metadata) = SafeTensors::read_metadata(&file).map_err(|error| error.to_string())?;
                let data = header + size_of::<u64>();
                let range = |name: &str, dtype: Dtype| {
                    let info = metadata.info(name).ok_or_else(|| format!("it has no array `{name}`"))?;
                    if info.dtype != dtype {
                        return Err(format!("the array `{name}` has numbers of another type"));
                    }
                    Ok(data + info.data_offsets.0..data + info.data_offsets.1)
                };
                $(let $name = range(stringify!($name), Dtype::$dtype)?;)*
                $(
                    try_cast_slice::<u8, $number>(&file[$name.clone()])
                        .map_err(|error| format!("the array `{}`: {error}", stringify!($name)))?;
                )*
                Ok(Self { file, $($name,)* })
            }

            $(
                $(#[$doc])*
                pub(crate) fn $name(&self) -> &[$number] {
                    self.slice(&self.$name)
                }
            )*

            fn slice<T: Pod>(&self, range: &Range<usize>) -> &[T] {
                cast_slice(&self.file[range.clone()])
            }
        }
    };
}

tensors! {
    /// The titles' ids, one after the other, sorted.
    ids: u8 = U8;
    /// Where each id begins, and the end of the last.
    id_starts: u64 = U64;
    /// Where each title's line begins in `titles.jsonl`, and the end of the last.
    line_starts: u64 = U64;
    /// Time-decayed count of the people who watched.
    popularity: f32 = F32;
    /// The titles' numbers, the most watched first.
    by_popularity: u32 = U32;
    /// When it was published, in seconds of Unix time; the lowest number where nobody knows.
    published: i64 = I64;
    /// The titles' numbers, the newest first.
    by_age: u32 = U32;
    /// The hash of whoever made it; 0 where nobody knows.
    creators: u64 = U64;
    /// All creators' hashes, sorted.
    makers: u64 = U64;
    /// How popular everything of each is together.
    maker_popularity: f32 = F32;
    /// From which age on it is for people; the highest number where nobody knows.
    maturity: u8 = U8;
    /// Where each title's territories begin, and the end of the last.
    territory_starts: u64 = U64;
    /// Where it may be shown; a title without any may be shown everywhere.
    territories: u16 = U16;
    /// The hash of the series that it is an episode of; 0 where it is none.
    series: u64 = U64;
    /// Its place in the series.
    episodes: u32 = U32;
    /// The numbers of all titles that are episodes, by series and place.
    by_series: u32 = U32;
    /// The territories of which it is known what people watch there, sorted.
    audiences: u16 = U16;
    /// Where each one's titles begin, and the end of the last.
    audience_starts: u64 = U64;
    /// Titles' numbers, the most watched there first.
    audience_titles: u32 = U32;
    /// Their popularity there.
    audience_popularity: f32 = F32;
    /// Where the features of each title begin: genres, people, words, and so on; and the end of the last.
    content_starts: u64 = U64;
    /// Buckets of content features.
    content_features: u32 = U32;
    /// Their values: each kind of evidence of a title is a vector of length one.
    content_values: f32 = F32;
    /// In how many titles each bucket stands.
    frequencies: u32 = U32;
    /// n × d.
    factors: f32 = F32;
    /// n × d: the factors, coarsely: `code · scale`.
    codes: i8 = I8;
    /// What a code of each title counts.
    code_scales: f32 = F32;
    /// How far each title's codes are from its factors (Euclidean).
    code_errors: f32 = F32;
    /// How long each title's codes are as a vector.
    code_lengths: f32 = F32;
    /// d × d: α₀ HᵀH.
    gramian: f64 = F64;
    /// n × NEIGHBOURS: what the people of a title watched too, most telling first; the highest number fills up.
    neighbours: u32 = U32;
    /// TOWER_BUCKETS × d: from content to factors.
    tower: f32 = F32;
}
