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

/// Indices of costs from the best to the worst: by their [rank](ranks), and within one by how lonely they
/// are in it, so that what is kept of a rank spans it: the crowding distance of K. Deb et al. (2002).
pub fn best(costs: &[Vec<f64>]) -> Vec<usize> {
    let ranks = ranks(costs);
    let mut distances = vec![0.0; costs.len()];
    let count = ranks.iter().max().map_or(0, |last| last + 1);
    for rank in 0..count {
        let members: Vec<usize> = (0..costs.len()).filter(|own| ranks[*own] == rank).collect();
        for objective in 0..costs[members[0]].len() {
            crowd(costs, objective, &members, &mut distances);
        }
    }
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|a, b| ranks[*a].cmp(&ranks[*b]).then(distances[*b].total_cmp(&distances[*a])));
    order
}

/// Adds how far the neighbors of each member are from each other in one objective; the ends are alone.
fn crowd(costs: &[Vec<f64>], objective: usize, members: &[usize], distances: &mut [f64]) {
    let at = |own: usize| costs[own][objective];
    let mut sorted = members.to_vec();
    sorted.sort_by(|a, b| at(*a).total_cmp(&at(*b)));
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    let range = at(last) - at(first);
    // Equal costs part nothing, and infinite ones have no distance.
    if !(range > 0.0 && range.is_finite()) {
        return;
    }
    distances[first] = f64::INFINITY;
    distances[last] = f64::INFINITY;
    for own in sorted.windows(3) {
        distances[own[1]] += (at(own[2]) - at(own[0])) / range;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_span_their_rank() {
        let costs = [[1.0, 9.0], [2.0, 8.0], [2.5, 7.5], [6.0, 2.0], [9.0, 1.0], [9.0, 9.0]];
        let costs: Vec<Vec<f64>> = costs.iter().map(|own| own.to_vec()).collect();
        assert_eq!(best(&costs), [0, 4, 3, 2, 1, 5]);
        let single: Vec<Vec<f64>> = [3.0, 1.0, f64::INFINITY, 1.0].map(|own| vec![own]).to_vec();
        assert_eq!(best(&single), [1, 3, 0, 2]);
        assert!(best(&[]).is_empty());
    }

    #[test]
    fn ranks_are_fronts_one_behind_the_other() {
        let costs = [[1.0, 4.0], [2.0, 2.0], [4.0, 1.0], [3.0, 3.0], [2.0, 2.0], [5.0, 5.0]];
        let costs: Vec<Vec<f64>> = costs.iter().map(|own| own.to_vec()).collect();
        assert_eq!(ranks(&costs), [0, 0, 0, 1, 0, 2]);
        assert_eq!(ranks(&[vec![f64::INFINITY], vec![1.0]]), [1, 0]);
        assert!(ranks(&[]).is_empty());
    }
}
