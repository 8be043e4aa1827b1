//! [`Lanes`]: vectors of 32-bit integers that multiply 16-bit pairs, on the widest registers at hand.

/// Events of one row that are computed together; every buffer row has this length.
pub(in crate::sim) const TILE: usize = 64;

/// One element of a tensor for a tile of events.
pub(in crate::sim) type Row<T> = [T; TILE];

/// A vector register of `i32` and the few instructions that a dense layer needs. All wrap.
pub(in crate::sim) trait Lanes: Copy {
    /// The register.
    type Vector: Copy;
    /// The number of `i32` in a register.
    const COUNT: usize;

    /// All lanes the same.
    fn splat(self, value: i32) -> Self::Vector;
    /// Part `index` of a row.
    fn load(self, row: &Row<i32>, index: usize) -> Self::Vector;
    /// Overwrites part `index` of a row.
    fn store(self, row: &mut Row<i32>, index: usize, value: Self::Vector);
    /// `sum + low(a) * low(b) + high(a) * high(b)`, the halves of a lane taken as `i16`.
    fn multiply_pairs(self, sum: Self::Vector, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a + b`.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a & b`.
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `max(a, b)`.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `min(a, b)`.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a >> bits`, the sign repeated.
    fn shift_right(self, a: Self::Vector, bits: u32) -> Self::Vector;
    /// `a << bits`.
    fn shift_left(self, a: Self::Vector, bits: u32) -> Self::Vector;
    /// A lane whose halves are the low halves of `low` and of `high`.
    fn pack(self, low: Self::Vector, high: Self::Vector) -> Self::Vector {
        let mask = self.splat(0xffff);
        self.add(self.and(low, mask), self.shift_left(high, 16))
    }
}

/// Lanes without intrinsics, for machines that have none of the others.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Portable;

const PORTABLE: usize = 8;

impl Lanes for Portable {
    type Vector = [i32; PORTABLE];
    const COUNT: usize = PORTABLE;

    #[inline(always)]
    fn splat(self, value: i32) -> Self::Vector {
        [value; PORTABLE]
    }
    #[inline(always)]
    fn load(self, row: &Row<i32>, index: usize) -> Self::Vector {
        row.as_chunks().0[index]
    }
    #[inline(always)]
    fn store(self, row: &mut Row<i32>, index: usize, value: Self::Vector) {
        row.as_chunks_mut().0[index] = value;
    }
    #[inline(always)]
    fn multiply_pairs(self, sum: Self::Vector, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        let halves = |word: i32| ((word << 16) >> 16, word >> 16);
        std::array::from_fn(|lane| {
            let ((a_low, a_high), (b_low, b_high)) = (halves(a[lane]), halves(b[lane]));
            sum[lane].wrapping_add(a_low * b_low).wrapping_add(a_high * b_high)
        })
    }
    #[inline(always)]
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane].wrapping_add(b[lane]))
    }
    #[inline(always)]
    fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane] & b[lane])
    }
    #[inline(always)]
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane].max(b[lane]))
    }
    #[inline(always)]
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane].min(b[lane]))
    }
    #[inline(always)]
    fn shift_right(self, a: Self::Vector, bits: u32) -> Self::Vector {
        a.map(|a| a >> bits)
    }
    #[inline(always)]
    fn shift_left(self, a: Self::Vector, bits: u32) -> Self::Vector {
        a.map(|a| a << bits)
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! x86_lanes {
    (
        $arch:ident, $register:ident, $count:literal, $arithmetic:ident, $wide:ident,
        $splat:ident, $madd:ident, $add:ident, $and:ident, $max:ident, $min:ident,
        $right:ident, $left:ident, $and_unit:ident, $splat_unit:ident
    ) => {
        impl Lanes for pulp::x86::$arch {
            type Vector = core::arch::x86_64::$register;
            const COUNT: usize = $count;

            #[inline(always)]
            fn splat(self, value: i32) -> Self::Vector {
                self.$splat_unit.$splat(value)
            }
            #[inline(always)]
            fn load(self, row: &Row<i32>, index: usize) -> Self::Vector {
                pulp::cast::<[i32; $count], _>(row.as_chunks().0[index])
            }
            #[inline(always)]
            fn store(self, row: &mut Row<i32>, index: usize, value: Self::Vector) {
                row.as_chunks_mut::<$count>().0[index] = pulp::cast(value);
            }
            #[inline(always)]
            fn multiply_pairs(
                self,
                sum: Self::Vector,
                a: Self::Vector,
                b: Self::Vector,
            ) -> Self::Vector {
                self.add(sum, self.$wide.$madd(a, b))
            }
            #[inline(always)]
            fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.$arithmetic.$add(a, b)
            }
            #[inline(always)]
            fn and(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.$and_unit.$and(a, b)
            }
            #[inline(always)]
            fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.$arithmetic.$max(a, b)
            }
            #[inline(always)]
            fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
                self.$arithmetic.$min(a, b)
            }
            #[inline(always)]
            fn shift_right(self, a: Self::Vector, bits: u32) -> Self::Vector {
                let bits = self.sse2._mm_cvtsi32_si128(bits.cast_signed());
                self.$arithmetic.$right(a, bits)
            }
            #[inline(always)]
            fn shift_left(self, a: Self::Vector, bits: u32) -> Self::Vector {
                let bits = self.sse2._mm_cvtsi32_si128(bits.cast_signed());
                self.$arithmetic.$left(a, bits)
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
x86_lanes! {
    V3, __m256i, 8, avx2, avx2,
    _mm256_set1_epi32, _mm256_madd_epi16, _mm256_add_epi32, _mm256_and_si256,
    _mm256_max_epi32, _mm256_min_epi32, _mm256_sra_epi32, _mm256_sll_epi32, avx2, avx
}

#[cfg(target_arch = "x86_64")]
x86_lanes! {
    V4, __m512i, 16, avx512f, avx512bw,
    _mm512_set1_epi32, _mm512_madd_epi16, _mm512_add_epi32, _mm512_and_si512,
    _mm512_max_epi32, _mm512_min_epi32, _mm512_sra_epi32, _mm512_sll_epi32, avx512f, avx512f
}
