//! `model.safetensors`: the numbers of a model, as arrays that are used in place.

use std::{collections::BTreeMap, ops::Range};

use bytemuck::{Pod, cast_slice, try_cast_slice};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::mapped::Mapped;

/// Buckets of the content tower: enough to distinguish titles by their words, few enough for an exact solution.
pub(crate) const TOWER_BUCKETS: usize = 1024;
/// How many co-watched titles are stored for each title.
pub(crate) const NEIGHBOURS: usize = 20;

macro_rules! tensors {
    ($($(#[$doc:meta])* $name:ident: $number:ty = $dtype:ident;)*) => {
        /// The arrays of a model with n titles of d dimensions, before they are written.
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
            pub(super) fn from_file(file: Mapped) -> Result<Self, String> {
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
    /// The titles' indices, the most watched first.
    by_popularity: u32 = U32;
    /// When it was published, in seconds of Unix time; the lowest number if it is unknown.
    published: i64 = I64;
    /// The titles' indices, the newest first.
    by_age: u32 = U32;
    /// The hash of the creator's id; 0 if it is unknown.
    creators: u64 = U64;
    /// The hashes of all creators, sorted.
    makers: u64 = U64;
    /// The summed popularity of the titles of each creator.
    maker_popularity: f32 = F32;
    /// The minimum age of viewers; the highest number if the title has no rating.
    maturity: u8 = U8;
    /// Where each title's territories begin, and the end of the last.
    territory_starts: u64 = U64;
    /// Territories in which the title may be shown; none means everywhere.
    territories: u16 = U16;
    /// The hash of the series of an episode; 0 for other titles.
    series: u64 = U64;
    /// Its place in the series.
    episodes: u32 = U32;
    /// The indices of all episodes, by series and place.
    by_series: u32 = U32;
    /// The territories with enough viewers for a popularity of their own, sorted.
    audiences: u16 = U16;
    /// Where each one's titles begin, and the end of the last.
    audience_starts: u64 = U64;
    /// Titles' indices, the most watched in the territory first.
    audience_titles: u32 = U32;
    /// Their popularity in the territory.
    audience_popularity: f32 = F32;
    /// Where the features of each title begin: genres, people, words, and so on; and the end of the last.
    content_starts: u64 = U64;
    /// Buckets of content features.
    content_features: u32 = U32;
    /// Their values: each kind of evidence of a title is a vector of length one.
    content_values: f32 = F32;
    /// The number of titles that have each bucket.
    frequencies: u32 = U32;
    /// n × d.
    factors: f32 = F32;
    /// n × d: the quantised factors: `code · scale`.
    codes: i8 = I8;
    /// The scale of each title's codes.
    code_scales: f32 = F32;
    /// The Euclidean distance between each title's codes and its factors.
    code_errors: f32 = F32;
    /// The length of each title's codes as a vector.
    code_lengths: f32 = F32;
    /// d × d: α₀ HᵀH.
    gramian: f64 = F64;
    /// n × NEIGHBOURS: co-watched titles, the most similar first, padded with the highest number.
    neighbours: u32 = U32;
    /// TOWER_BUCKETS × d: from content to factors.
    tower: f32 = F32;
}
