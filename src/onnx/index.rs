//! Row-major arithmetic: which element of a tensor each element of another one is.

/// The distance of neighbors along each dimension.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        // Saturation is met only by shapes without elements, of which nobody walks.
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
    }
    strides
}

/// For each element of `shape`, in row-major order, the sum of `strides` over its coordinates.
pub(super) fn walk(shape: &[usize], strides: &[usize]) -> Vec<usize> {
    if shape.contains(&0) {
        return Vec::new();
    }
    let mut offsets = vec![0];
    for (len, stride) in shape.iter().zip(strides) {
        offsets = offsets
            .iter()
            .flat_map(|offset| (0..*len).map(move |index| offset + index * stride))
            .collect();
    }
    offsets
}

/// Which elements of `shape` make its transposition by `permutation`.
pub(super) fn transposed(shape: &[usize], permutation: &[usize]) -> Vec<usize> {
    let strides = strides(shape);
    let new: Vec<usize> = permutation.iter().map(|axis| shape[*axis]).collect();
    let strides: Vec<usize> = permutation.iter().map(|axis| strides[*axis]).collect();
    walk(&new, &strides)
}

/// Which elements of `from` fill `to`, aligned at the last dimension and repeated along
/// dimensions of length 1; `None` when the shapes do not fit.
pub(super) fn broadcast(from: &[usize], to: &[usize]) -> Option<Vec<usize>> {
    let missing = to.len().checked_sub(from.len())?;
    let own = strides(from);
    let mut steps = vec![0; missing];
    for (axis, len) in from.iter().enumerate() {
        match (*len, to[missing + axis]) {
            (len, wanted) if len == wanted => steps.push(own[axis]),
            (1, _) => steps.push(0),
            _ => return None,
        }
    }
    Some(walk(to, &steps))
}

/// Which elements of `shape` have one of `picked` as their coordinate along `axis`, in that order.
pub(super) fn picked(shape: &[usize], axis: usize, picked: &[usize]) -> Vec<usize> {
    let strides = strides(shape);
    let outer = walk(&shape[..axis], &strides[..axis]);
    let inner = walk(&shape[axis + 1..], &strides[axis + 1..]);
    let mut indices = Vec::with_capacity(outer.len() * picked.len() * inner.len());
    for outer in outer {
        for coordinate in picked {
            indices.extend(inner.iter().map(|inner| outer + coordinate * strides[axis] + inner));
        }
    }
    indices
}

/// An axis counted from the end when negative, if there is one.
pub(super) fn axis(axis: i64, rank: usize) -> Option<usize> {
    let len = i64::try_from(rank).ok()?;
    let axis = if axis < 0 { axis.checked_add(len)? } else { axis };
    usize::try_from(axis).ok().filter(|axis| *axis < rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_in_row_major_order() {
        assert_eq!(strides(&[2, 3, 4]), [12, 4, 1]);
        assert_eq!(transposed(&[2, 3], &[1, 0]), [0, 3, 1, 4, 2, 5]);
        assert_eq!(broadcast(&[2, 1], &[2, 2, 3]).unwrap(), [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
        assert_eq!(broadcast(&[2], &[3]), None);
        assert_eq!(picked(&[2, 3], 1, &[2, 0]), [2, 0, 5, 3]);
        assert_eq!((axis(-1, 3), axis(3, 3), axis(-4, 3)), (Some(2), None, None));
    }
}
