//! Running a library that may panic on damaged bytes.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is an answer about a file, and no fault of ours.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `read` returns; a panic in it becomes an error that says what it said, and is not printed.
///
/// `read` must leave nothing behind that is looked at after it panicked.
pub(super) fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let printing = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                printing(info);
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(outer);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        format!("its bytes make no sense ({})", text.unwrap_or("no reason is known"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_reasons() {
        assert_eq!(guarded(|| 3), Ok(3));
        let why = guarded(|| -> i32 { panic!("bit width {}", 7) });
        assert_eq!(why, Err("its bytes make no sense (bit width 7)".to_owned()));
        assert!(!GUARDED.get());
    }
}
