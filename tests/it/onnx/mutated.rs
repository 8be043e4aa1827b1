//! Mutated real models: the importer answers with a graph or with diagnostics, never with a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use trigforge::onnx::external_files;

use super::expected::all_models;
use super::*;

/// A small generator of numbers (xorshift), so that a seed is all that a failure needs to say.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// Bytes changed, cut out, repeated or cut off.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(8) {
        if bytes.is_empty() {
            return;
        }
        // Structure stands between long runs of weights; most of it within reach of the ends.
        let near = 512.min(bytes.len());
        let at = match random.below(3) {
            0 => random.below(bytes.len()),
            1 => random.below(near),
            _ => bytes.len() - 1 - random.below(near),
        };
        match random.below(8) {
            0..=3 => bytes[at] = random.byte(),
            4 => bytes[at] ^= 1 << random.below(8),
            5 => {
                bytes.remove(at);
            }
            6 => bytes.insert(at, random.byte()),
            _ => bytes.truncate(at),
        }
    }
}

#[test]
fn mutated_models_never_panic() {
    let mut originals: Vec<Vec<u8>> =
        all_models().iter().map(|path| std::fs::read(path).unwrap()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx");
    for archive in ["node_tests.npz", "qonnx_tests.npz", "faulty.npz"] {
        let mut archive = super::archive::Archive::open(&folder.join(archive));
        let names: Vec<String> =
            archive.names().iter().filter(|name| name.ends_with("/model")).cloned().collect();
        originals.extend(names.iter().map(|name| archive.read(name).unwrap()));
    }
    for seed in 1..=2000_u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut bytes = originals[random.below(originals.len())].clone();
        mutate(&mut bytes, &mut random);
        let imported = catch_unwind(AssertUnwindSafe(|| {
            drop(external_files(&bytes));
            import_bytes(&bytes)
        }));
        match imported {
            Ok(Ok(graph)) => verify::verify(&graph).unwrap(),
            Ok(Err(faults)) => assert!(!faults.is_empty(), "seed {seed}"),
            Err(_) => panic!("seed {seed} panicked"),
        }
    }
}
