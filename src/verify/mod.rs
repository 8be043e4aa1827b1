//! Whether the network was made right: floating point against fixed point, engine against engine.
//!
//! Pure functions over blocks of events; reading data and printing is done elsewhere.

pub mod attribution;
pub mod compare;
pub mod evaluation;
pub mod metrics;
mod verification;

pub use verification::{
    BACKGROUND_RATES, ClassVerification, Classification, Efficiency, OutputVerification,
    QuantizerOverflows, Verification, decision, physical, verify,
};
