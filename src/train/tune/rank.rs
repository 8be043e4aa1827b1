//! Trials that no other beats, with several objectives at once.

/// The rank of each of several costs: 0 for those that no other beats, 1 for those that none of the rest
/// beats, and so on. Less is better in every cost; a cost that is no number beats nothing.
///
/// The ranks are those of the non-dominated sorting of K. Deb et al. (2002).
pub fn ranks(costs: &[Vec<f64>]) -> Vec<usize> {
    let beats = |a: &[f64], b: &[f64]| {
        let pairs = || a.iter().zip(b);
        pairs().all(|(a, b)| a.total_cmp(b).is_le()) && pairs().any(|(a, b)| a.total_cmp(b).is_lt())
    };
    let mut ranks = vec![usize::MAX; costs.len()];
    let mut rank = 0;
    while ranks.contains(&usize::MAX) {
        let rest: Vec<usize> = (0..costs.len()).filter(|own| ranks[*own] == usize::MAX).collect();
        let best = |own: &usize| !rest.iter().any(|other| beats(&costs[*other], &costs[*own]));
        for own in rest.iter().filter(|own| best(own)) {
            ranks[*own] = rank;
        }
        rank += 1;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_fronts_one_behind_the_other() {
        let costs = [[1.0, 4.0], [2.0, 2.0], [4.0, 1.0], [3.0, 3.0], [2.0, 2.0], [5.0, 5.0]];
        let costs: Vec<Vec<f64>> = costs.iter().map(|own| own.to_vec()).collect();
        assert_eq!(ranks(&costs), [0, 0, 0, 1, 0, 2]);
        assert_eq!(ranks(&[vec![f64::INFINITY], vec![1.0]]), [1, 0]);
        assert!(ranks(&[]).is_empty());
    }
}
