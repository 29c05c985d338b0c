//! The recommender: a SageMaker container that learns from a catalogue and what people did with it (`train`), and
//! answers which titles are alike and which are popular (`serve`).
//!
//! README.md beside this crate states the container contract, the shapes of requests and answers, and the formulas.

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
mod territory;
mod tower;
pub mod train;
mod words;

pub use artefact::ArtefactError;
