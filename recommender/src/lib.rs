//! The recommender: a SageMaker container that trains a model on a catalogue and its viewers' interactions (`train`), and
//! answers requests for rows, similar titles and popular titles (`serve`).
//!
//! The README.md of this crate has the container contract, the shapes of requests and answers, and the formulas.

pub mod als;
mod artefact;
mod content;
mod document;
mod evaluate;
mod hash;
mod model;
pub mod rank;
mod reason;
mod recommend;
pub mod serve;
mod terms;
mod tower;
pub mod train;
mod watched;

pub use artefact::ArtefactError;
