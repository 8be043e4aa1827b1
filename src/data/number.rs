//! [`Number`]: the types that numbers have in data files.

/// A number of a data file as an `f64`.
pub(super) trait Number: Copy {
    /// The nearest value in double precision.
    fn number(self) -> f64;
}

macro_rules! numbers {
    ($($element:ty)*) => {$(
        impl Number for $element {
            fn number(self) -> f64 { f64::from(self) }
        }
    )*};
}
numbers!(f32 f64 i32 i16 i8 u8 u16 u32 bool half::f16);

impl Number for i64 {
    #[expect(clippy::cast_precision_loss, reason = "events are measurements, labels small")]
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for u64 {
    #[expect(clippy::cast_precision_loss, reason = "events are measurements, labels small")]
    fn number(self) -> f64 {
        self as f64
    }
}
