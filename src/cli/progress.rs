//! A spinner or a bar on standard error while long work runs; silent unless a person looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Format, OutputOptions};

/// A line that says what is being done.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A spinner, hidden when quiet, when printing JSON, or when standard error is no terminal.
    pub(super) fn new(output: OutputOptions) -> Self {
        if output.quiet || output.format == Format::Json {
            return Self { bar: ProgressBar::hidden() };
        }
        let style = ProgressStyle::with_template("{spinner:.cyan} {msg} {elapsed:.dim}")
            .expect("the template is well formed");
        let bar = ProgressBar::new_spinner().with_style(style);
        bar.enable_steady_tick(Duration::from_millis(80));
        Self { bar }
    }

    /// A bar over so many steps, hidden where a spinner would be.
    #[cfg(feature = "train")]
    pub(super) fn steps(output: OutputOptions, steps: usize) -> Self {
        if output.quiet || output.format == Format::Json {
            return Self { bar: ProgressBar::hidden() };
        }
        let template = "{bar:30.cyan} {percent:>3} %  {msg}  {eta} left";
        let style = ProgressStyle::with_template(template).expect("the template is well formed");
        let steps = u64::try_from(steps).expect("fewer than 2^64 steps");
        Self { bar: ProgressBar::new(steps).with_style(style) }
    }

    /// Says how many steps are done.
    #[cfg(feature = "train")]
    pub(super) fn at(&self, step: usize) {
        self.bar.set_position(u64::try_from(step).expect("fewer than 2^64 steps"));
    }

    /// Says what is being done now.
    pub(super) fn step(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
