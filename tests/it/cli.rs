//! What each command prints, in `tests/cases/cli`.

use crate::console;

#[test]
fn commands_print_what_the_cases_say() {
    console::check("cli");
}
