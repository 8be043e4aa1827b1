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
    for _ in 0..=random.below(3) {
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
        match random.below(32) {
            0..=15 => bytes[at] = random.byte(),
            16..=28 => bytes[at] ^= 1 << random.below(8),
            29 => {
                bytes.remove(at);
            }
            30 => bytes.insert(at, random.byte()),
            _ => bytes.truncate(at),
        }
    }
}

#[test]
fn mutated_models_never_panic() {
    let networks: Vec<Vec<u8>> =
        all_models().iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut operators: Vec<Vec<u8>> = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx");
    for archive in ["node_tests.npz", "qonnx_tests.npz", "faulty.npz"] {
        let mut archive = super::archive::Archive::open(&folder.join(archive));
        let names: Vec<String> =
            archive.names().iter().filter(|name| name.ends_with("/model")).cloned().collect();
        operators.extend(names.iter().map(|name| archive.read(name).unwrap()));
    }
    // A longer run than the usual one: `TRIGFORGE_MUTATIONS=1000000 cargo test mutated`.
    let asked = std::env::var("TRIGFORGE_MUTATIONS").ok();
    let mutations: u64 = asked.map_or(2000, |count| count.parse().unwrap());
    let mut imports = 0;
    for seed in 1..=mutations {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let originals = if seed % 2 == 0 { &networks } else { &operators };
        let mut bytes = originals[random.below(originals.len())].clone();
        mutate(&mut bytes, &mut random);
        let answer = catch_unwind(AssertUnwindSafe(|| {
            drop(external_files(&bytes));
            import_bytes(&bytes)
        }));
        let imported = answer.unwrap_or_else(|_| panic!("seed {seed} panicked"));
        match imported {
            Ok(graph) => {
                verify::verify(&graph).unwrap();
                imports += 1;
            }
            Err(faults) => assert!(!faults.is_empty(), "seed {seed}"),
        }
    }
    // Neither are all refused at the first byte, nor do the mutations do nothing.
    let usual = mutations / 10..mutations / 10 * 9;
    assert!(usual.contains(&imports), "{imports} of {mutations} were imported");
}
