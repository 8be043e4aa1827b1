//! The solver as a whole: what it must hold for any matrix.

use proptest::prelude::*;

use super::solve::{Unsolvable, solve};
use super::{Problem, ProblemInput, Solution};
use crate::numeric::interval::Interval;
use crate::plan::{Effort, Search};

fn byte() -> ProblemInput {
    ProblemInput { range: Interval::new(-128, 127, 0), arrival: 0 }
}

fn problem(rows: &[&[i64]]) -> Problem {
    let outputs = rows.first().map_or(0, |row| row.len());
    let search = Search { seed: 1, ..Search::default() };
    Problem {
        inputs: vec![byte(); rows.len()],
        outputs,
        matrix: rows.concat(),
        search,
        ..Problem::default()
    }
}

fn adders(rows: &[&[i64]]) -> usize {
    let problem = problem(rows);
    let solution = solve(&problem).unwrap();
    assert!(solution.proves(&problem));
    solution.sums.len() + solution.outputs.iter().flatten().filter(|o| o.negate).count()
}

fn small(value: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "small integers")]
    let value = value as f64;
    value
}

/// The outputs for given inputs, by the definition of [`super::Sum`].
fn run(solution: &Solution, inputs: &[i64]) -> Vec<f64> {
    let term = |terms: &[f64], term: u32, shift: i8| terms[term as usize] * f64::from(shift).exp2();
    let mut terms: Vec<f64> = inputs.iter().map(|input| small(*input)).collect();
    for sum in &solution.sums {
        let b = term(&terms, sum.b, sum.shift);
        let third = sum.third.map_or(0.0, |part| {
            let value = term(&terms, part.term, part.shift);
            if part.subtract { -value } else { value }
        });
        terms.push(terms[sum.a as usize] + if sum.subtract { -b } else { b } + third);
    }
    let output = |output: &Option<super::SolutionOutput>| {
        output.map_or(0.0, |output| {
            let value = term(&terms, output.term, output.shift);
            if output.negate { -value } else { value }
        })
    };
    solution.outputs.iter().map(output).collect()
}

#[test]
fn what_is_free_is_free() {
    assert_eq!(adders(&[&[0, 0], &[0, 0]]), 0);
    assert_eq!(adders(&[&[1, 0, 4], &[0, -8, 0]]), 1);
    assert_eq!(adders(&[]), 0);
    assert_eq!(adders(&[&[], &[]]), 0);
    // One column, its negative and its double: one row of two adders, one sign.
    assert_eq!(adders(&[&[3, 6, 3, 0], &[5, 10, 5, 0]]), adders(&[&[3], &[5]]));
    assert_eq!(adders(&[&[1, -1, 2], &[-1, 1, -2]]), 2);
    // Digits that cancel each other's sign need no negation.
    assert_eq!(adders(&[&[-1], &[-1], &[1]]), 2);
    assert_eq!(adders(&[&[-1], &[-1]]), 2);
}

#[test]
fn single_constants_are_known() {
    let check = |constant: i64, expected: usize| assert_eq!(adders(&[&[constant]]), expected);
    check(1, 0);
    check(-64, 1);
    check(7, 1);
    check(45, 2);
    check(255, 1);
    check(i64::from(i32::MAX), 1);
    check(0b1010_0101, 2);
}

#[test]
fn signs_use_a_shared_total() {
    let sign = |i: u32, j: u32| if (i & j).count_ones().is_multiple_of(2) { 1 } else { -1 };
    let rows: Vec<Vec<i64>> = (0..8).map(|i| (0..8).map(|j| sign(i, j)).collect()).collect();
    let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
    assert!(adders(&rows) <= 24, "a Walsh matrix of 8 rows takes 8 times 3 adders");
}

#[test]
fn an_input_that_is_zero_is_free() {
    let mut problem = problem(&[&[3, 5], &[7, 9]]);
    problem.inputs[1].range = Interval::point(0, 0);
    let solution = solve(&problem).unwrap();
    assert!(solution.proves(&problem));
    assert_eq!(solution.sums.len(), 2);
}

#[test]
fn bad_problems_are_refused() {
    let mut wide = problem(&[&[1, 1], &[0, 1 << 56]]);
    assert_eq!(solve(&wide), Err(Unsolvable::Width { output: 1, bits: 65 }));
    wide.matrix[3] = 1 << 54;
    assert!(solve(&wide).is_ok());
    wide.matrix[3] = i64::MIN;
    assert!(matches!(solve(&wide), Err(Unsolvable::Width { output: 1, .. })));
    wide.matrix.pop();
    assert_eq!(solve(&wide), Err(Unsolvable::Shape { entries: 3, inputs: 2, outputs: 2 }));
    let mut late = problem(&[&[1], &[1], &[1], &[3]]);
    late.inputs[3].arrival = 2;
    late.latest = Some(3);
    assert_eq!(solve(&late), Err(Unsolvable::Depth { least: 4, latest: 3 }));
    late.latest = Some(4);
    assert_eq!(solve(&late).unwrap().depth(&late), 4);
}

#[test]
fn sums_of_three_save_bits_where_there_is_time() {
    let rows: [&[i64]; 5] = [&[1], &[1], &[-2], &[-1], &[1]];
    let mut problem = problem(&rows);
    let two = solve(&problem).unwrap();
    problem.sums_of_three = true;
    let three = solve(&problem).unwrap();
    assert!(three.proves(&problem));
    assert_eq!((two.sums.len(), three.sums.len()), (4, 2));
    assert!(three.cost(&problem) < two.cost(&problem));
    assert_eq!(three.depth(&problem), 4);
    problem.extra_depth = Some(0);
    let early = solve(&problem).unwrap();
    assert_eq!(early.depth(&problem), 3);
    assert!(early.cost(&problem) <= two.cost(&problem));
}

/// A matrix of signs, one for each bit.
fn signs(rows: &[u16]) -> Vec<Vec<i64>> {
    let row = |row: &u16| (0..16).map(|bit| if row >> bit & 1 == 1 { 1 } else { -1 }).collect();
    rows.iter().map(row).collect()
}

#[test]
fn sums_of_three_are_not_dearer_than_sums_of_two() {
    let rows = signs(&[
        0xd02e, 0x6cbf, 0x31d8, 0x3a90, 0x9f69, 0x89c2, 0x415e, 0x3947, 0x9c9e, 0xf83d, 0x37f9,
        0x7965, 0x7a0c, 0x6da7, 0xf8a3, 0x48da,
    ]);
    let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
    let mut problem = problem(&rows);
    // There is no time for a sum of three anywhere.
    problem.extra_depth = Some(0);
    let two = solve(&problem).unwrap().cost(&problem);
    problem.sums_of_three = true;
    let three = solve(&problem).unwrap().cost(&problem);
    assert!(three <= two, "{three} bits instead of {two}");
    assert!(two <= 828, "{two} bits, more than da4ml 0.6 takes");
}

#[test]
fn small_matrices_are_searched_well() {
    let mut problem = problem(&[
        &[1, 1, -2, 1, 1, -2, -2, -1],
        &[-2, 1, -1, 0, 1, 0, -1, -2],
        &[-1, 0, 1, -2, -1, -1, 0, -2],
        &[-1, 0, -2, -1, -1, 0, 0, 1],
        &[0, 1, 0, -2, -1, -1, 0, 0],
        &[-1, 0, -1, -2, 1, 1, 0, 0],
        &[1, 0, -1, -2, 0, -2, 0, -1],
        &[-1, -2, -1, -1, 1, -1, 0, 0],
    ]);
    problem.extra_depth = Some(2);
    problem.search.seed = 0;
    let bits = solve(&problem).unwrap().cost(&problem);
    assert!(bits <= 262, "{bits} bits, more than da4ml 0.6 takes");
}

#[test]
fn huge_exponents_are_only_wires() {
    let mut problem = problem(&[&[1 << 50, 3], &[1 << 40, 1]]);
    problem.inputs[0].range = Interval::new(0, 1, 20);
    problem.inputs[1].range = Interval::new(-2, 1, 40);
    let solution = solve(&problem).unwrap();
    assert!(solution.proves(&problem));
    assert_eq!(solution.sums.len(), 3);
}

#[test]
fn equal_seeds_give_equal_solutions_on_any_number_of_threads() {
    let rows: Vec<Vec<i64>> = (0..6)
        .map(|i| (0..6).map(|j| (i * 37 + j * 101 + i * j * 29) % 61 - 30).collect())
        .collect();
    let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
    let problem = problem(&rows);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| solve(&problem).unwrap())
    };
    assert_eq!(on(1), on(4));
}

#[test]
fn more_effort_is_not_worse() {
    let rows: Vec<Vec<i64>> = (0..8)
        .map(|i| (0..8).map(|j| (i * 53 + j * 71 + i * i * j) % 127 - 63).collect())
        .collect();
    let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
    let mut problem = problem(&rows);
    problem.search.effort = Effort::Fast;
    let fast = solve(&problem).unwrap().cost(&problem);
    problem.search.effort = Effort::Default;
    let more = solve(&problem).unwrap().cost(&problem);
    assert!(more <= fast, "{more} bits after {fast}");
}

fn entries() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0),
        6 => -40_i64..40,
        2 => (0_u32..20).prop_map(|exponent| -(1 << exponent)),
        1 => -1_000_000_000_i64..1_000_000_000,
    ]
}

fn inputs() -> impl Strategy<Value = ProblemInput> {
    (-200_i64..200, 0_i64..300, -3_i8..4, 0_u32..4).prop_map(|(lo, size, frac, arrival)| {
        ProblemInput { range: Interval::new(lo, lo + size, frac), arrival }
    })
}

fn problems() -> impl Strategy<Value = Problem> {
    (0_usize..7, 0_usize..7).prop_flat_map(|(rows, columns)| {
        let matrix = prop::collection::vec(entries(), rows * columns);
        let inputs = prop::collection::vec(inputs(), rows);
        let depth = prop_oneof![Just(None), (0_u32..3).prop_map(Some)];
        let copies = prop::collection::vec((0..columns.max(1), 0..columns.max(1), -1_i64..3), 0..3);
        (matrix, inputs, depth, copies, any::<(u64, bool, bool)>()).prop_map(
            move |(mut matrix, inputs, extra_depth, copies, (seed, sums_of_three, is_fast))| {
                // Some columns are copies, negatives or doubles of others, or zero.
                for (from, to, factor) in copies {
                    for row in 0..rows {
                        if columns > 0 {
                            matrix[row * columns + to] = factor * matrix[row * columns + from];
                        }
                    }
                }
                let effort = if is_fast { Effort::Fast } else { Effort::Default };
                let search = Search { effort, seed };
                Problem {
                    inputs,
                    outputs: columns,
                    matrix,
                    extra_depth,
                    sums_of_three,
                    latest: None,
                    search,
                }
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_solution_is_proved_and_in_time(problem in problems()) {
        let solution = solve(&problem).unwrap();
        let forms = solution.linear_forms(problem.inputs.len()).unwrap();
        for (at, (own, asked)) in forms.iter().zip(&problem.matrix).enumerate() {
            let range = problem.inputs[at / problem.outputs].range;
            prop_assert!(
                *own == i128::from(*asked) || (range.lo(), range.hi()) == (0, 0),
                "entry {at}"
            );
        }
        if let Some(extra) = problem.extra_depth {
            // A row of nothing but minus signs has one level more: it is negated.
            let load = |column: usize| -> u128 {
                (0..problem.inputs.len())
                    .map(|row| {
                        let entry = problem.matrix[row * problem.outputs + column];
                        u128::from(super::csd::weight(entry)) << problem.inputs[row].arrival
                    })
                    .sum()
            };
            let least = (0..problem.outputs).map(|j| load(j).next_power_of_two().trailing_zeros());
            let least = least.max().unwrap_or(0);
            prop_assert!(solution.depth(&problem) <= least + 1 + extra);
        }
    }

    #[test]
    fn sums_mean_what_they_say(problem in problems(), seed in any::<u64>()) {
        let solution = solve(&problem).unwrap();
        let value = |index: usize| (seed.rotate_left(u32::try_from(index).unwrap()) % 201).cast_signed() - 100;
        let x: Vec<i64> = (0..problem.inputs.len()).map(|index| {
            let range = problem.inputs[index].range;
            if (range.lo(), range.hi()) == (0, 0) { 0 } else { value(index) }
        }).collect();
        let y = run(&solution, &x);
        for (column, y) in y.iter().enumerate() {
            let expected: i64 =
                (0..x.len()).map(|row| x[row] * problem.matrix[row * problem.outputs + column]).sum();
            // Numbers of the circuit have no negative zero; those that stand for them here may.
            prop_assert_eq!((y + 0.0).to_bits(), (small(expected) + 0.0).to_bits());
        }
    }
}
