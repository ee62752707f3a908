//! The page in a real Chromium. Each test plays a file of
//! `tests/browser/scenarios`.

use testing::{play, service};

#[test]
fn somebody_new_signs_up_works_and_comes_back() {
    play(&service(), "whole_round");
}

#[test]
fn a_list_is_narrowed_ordered_and_grows() {
    play(&service(), "lists");
}

#[test]
fn a_deletion_can_be_undone_until_it_is_made() {
    play(&service(), "deletion");
}

#[test]
fn a_task_that_was_changed_elsewhere_is_not_overwritten_by_accident() {
    play(&service(), "conflict");
}

#[test]
fn a_session_that_expires_refreshes_itself() {
    play(&service(), "session");
}

#[test]
fn what_was_typed_outlives_a_failure() {
    play(&service(), "failures");
}

#[test]
fn the_keyboard_is_enough() {
    play(&service(), "keyboard");
}

#[test]
fn nobody_is_shut_out_in_any_palette_or_width() {
    play(&service(), "accessibility");
}

/// With `PICTURES=1` the pictures go to `docs/images`, for the README.
#[test]
fn the_page_can_be_photographed() {
    play(&service(), "pictures");
}
