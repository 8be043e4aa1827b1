//! Hashes that are the same on every machine and in every version.

/// A word whose every bit depends on every bit of `word`: the last steps of splitmix64
/// (G. Steele et al. 2014). Distinct words stay distinct.
pub fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The hash of a sequence of words: each is mixed into that of the words before it.
pub fn of_words(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(0, |hash, word| mixed(hash ^ word))
}

/// Where a hash stands between 0 and, but without, 1.
pub fn share(hash: u64) -> f64 {
    let upper = u32::try_from(hash >> 32).expect("32 bits are left");
    f64::from(upper) / 4_294_967_296.0
}
