//! What events are told apart by: the words that are hashed of each.

use super::read::Array;
use crate::numeric::hash;

/// The hash of each event by its inputs alone.
pub fn keys_of_inputs(inputs: &Array) -> Vec<u64> {
    let key = |event: usize| {
        let bits = |value: &f64| {
            #[expect(clippy::cast_possible_truncation, reason = "equal in training is equal here")]
            let value = *value as f32 + 0.0;
            u64::from(value.to_bits())
        };
        hash::of_words(inputs.event(event).iter().map(bits))
    };
    (0..inputs.events()).map(key).collect()
}

/// The words that an identity is hashed as.
pub(super) fn words_of(text: &str) -> Vec<u64> {
    if let Ok(number) = text.parse::<f64>() {
        return vec![(number + 0.0).to_bits()];
    }
    let chunks = text.as_bytes().chunks(8);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let count = u64::try_from(text.len()).expect("texts have fewer than 2^64 bytes");
    chunks.map(word).chain([count]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_the_words_of_the_documentation() {
        assert_eq!(words_of("AB"), [0x4241, 2]);
        assert_eq!(words_of("-0"), [0]);
        assert_eq!(words_of("1.5"), [0x3ff8_0000_0000_0000]);
    }
}
