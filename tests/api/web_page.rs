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
fn what_is_typed_while_a_task_is_saved_stays() {
    play(&service(), "editing");
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
fn no_new_task_is_lost_and_none_is_made_twice() {
    play(&service(), "queue");
}

#[test]
fn the_last_click_counts_and_completing_can_be_undone() {
    play(&service(), "completing");
}

#[test]
fn what_happens_elsewhere_is_seen() {
    play(&service(), "following");
}

#[test]
fn the_address_keeps_the_view_and_each_view_its_count() {
    play(&service(), "views");
}

#[test]
fn several_tasks_are_changed_together_or_not_at_all() {
    play(&service(), "selection");
}

#[test]
fn an_account_can_be_changed_exported_and_deleted() {
    play(&service(), "account");
}

#[test]
fn a_forgotten_password_is_not_a_lost_account() {
    play(&service(), "forgotten");
}

#[test]
fn texts_have_links_directions_and_dates() {
    play(&service(), "texts");
}

#[test]
fn a_second_visit_asks_for_the_page_alone() {
    play(&service(), "repeat_visit");
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
