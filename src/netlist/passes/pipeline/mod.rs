//! Registers, so that no stage takes longer than the clock period.
//!
//! Every net is given a stage; where a user lives in a later stage than its
//! operand, registers stand between them, one chain for all users. Among all
//! assignments with the least number of stages, or with the number that is asked
//! for, the one with the fewest bits in registers is taken, exactly:
//!
//! ```text
//! minimize    sum over nets v of  width(v) * (latest stage of its users - stage(v))
//! subject to  stage(u) >= stage(v)        for every user u of v
//!             stage(u) >= stage(v) + 1    where a path from v to u is longer than the period
//! ```
//!
//! This is a linear program whose dual is a minimum-cost flow. As its unknowns
//! are a few small integers it is solved by as many cuts: from the earliest
//! stage of everything, the set of nets that gains most by moving one stage up
//! is moved, until none gains. `stages` says why that ends at the optimum,
//! `closure` finds the sets, `timing` the paths that are too long.

mod closure;
pub mod registers;
mod stages;
mod timing;

#[cfg(test)]
mod tests;
