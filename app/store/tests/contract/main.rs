//! What every store must do, and what becomes of it when something breaks.
//!
//! The functions of [`users`], [`emails`], [`sessions`], [`audit`], [`usage`] and [`hostile`] take any
//! [`Store`](nephoscope_store::Store), those of [`corruption`] and [`reopening`] any [`Home`]; `contract!`
//! below runs each of them on SQLite and on MongoDB. The rest is about one of the two. MongoDB is found in
//! `NEPHOSCOPE_TEST_MONGODB_URI`, which `make test` sets; without it these tests fail.

mod accounts;
mod audit;
mod chain;
mod chain_age;
mod corruption;
mod durability;
mod emails;
mod fixtures;
mod home;
mod hostile;
mod keyed;
mod outage;
mod people;
mod prices;
mod reopening;
mod retention;
mod sessions;
mod sqlite_file;
mod terminations;
mod test_events;
mod uploads;
mod usage;
mod users;

macro_rules! contract_for {
    ($home:ident: $($area:ident { $($test:ident)+ })+) => {
        mod $home {
            $(mod $area {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    use crate::home::{Home, give, visit};
                    visit(Home::$home(), |home| give(home, crate::$area::$test)).await;
                })+
            })+
        }
    };
}

macro_rules! contract {
    ($($everything:tt)+) => {
        contract_for! { on_sqlite: $($everything)+ }
        contract_for! { on_mongodb: $($everything)+ }
    };
}

contract! {
    accounts {
        every_source_of_credentials_comes_back_as_it_was
        an_account_is_added_once
        a_change_needs_the_revision_it_began_with
        of_many_changes_at_once_one_is_made
        an_account_is_removed_once
        everybody_keeps_their_own_scopes
        nobody_keeps_heaps_of_scopes
    }
    users {
        a_new_user_is_found_by_name_and_by_id
        nobody_is_found_who_is_not_there
        names_and_ids_are_unique
        names_are_matched_whole_and_only_in_lower_case
        users_are_listed_by_name
        a_new_password_revokes_every_session_of_that_person_only
        disabling_revokes_and_enabling_does_not_revive
        removing_a_user_ends_their_sessions_and_keeps_the_audit
        the_last_login_is_remembered
        what_is_not_there_cannot_be_changed
        of_many_who_take_a_name_at_once_one_gets_it
    }
    people {
        roles_and_grants_are_remembered_and_come_with_the_session
        sessions_are_listed_while_they_live
        a_link_sets_a_password_once
        of_many_who_redeem_a_link_at_once_one_does
        who_was_invited_has_no_password
        a_code_and_a_recovery_code_are_good_once
        of_many_who_use_a_code_at_once_one_may
        a_token_for_a_program_is_found_by_its_hash_while_it_is_good
        tokens_for_programs_are_their_owners
    }
    emails {
        a_person_is_found_by_their_address
        an_address_is_changed_and_taken_away
        an_address_is_one_persons
        of_many_who_take_an_address_at_once_one_gets_it
        a_person_is_bound_to_the_first_login_until_the_address_is_set
        of_many_logins_that_bind_at_once_one_wins
    }
    sessions {
        a_session_lives_from_its_first_token_to_its_end
        a_session_needs_a_person_who_is_welcome
        a_taken_hash_or_session_is_a_conflict_and_leaves_nothing_behind
        rotation_hands_the_session_to_the_next_token
        a_token_used_a_moment_ago_is_repeated
        a_token_used_long_ago_revokes_its_session_only
        the_grace_ends_exactly_when_it_says
        expired_and_unknown_tokens_are_refused
        a_rotation_that_cannot_be_done_changes_nothing
        any_token_of_a_session_ends_it
        tokens_that_ended_are_forgotten
        of_many_who_present_a_token_at_once_one_rotates_it
        of_many_who_present_a_stolen_token_at_once_one_learns_of_it
        no_rotation_outruns_a_revocation
    }
    audit {
        a_record_comes_back_as_it_was
        every_word_can_be_recorded
        an_id_is_recorded_once
        pages_follow_one_another_without_gap_or_overlap
        a_page_holds_at_least_one_and_at_most_500_records
        every_filter_selects_what_it_says
        appends_from_many_tasks_are_all_there
        a_reader_is_not_disturbed_by_writers
        what_is_new_since_a_number_is_found
    }
    chain {
        an_untouched_audit_is_intact
        many_who_append_make_one_chain
        a_record_that_is_refused_leaves_no_gap
        every_changed_field_is_found
        a_record_that_is_no_record_any_more_is_found
        removed_records_are_found
        swapped_records_are_found
        what_was_put_in_past_the_chain_is_found
        a_cut_off_end_is_found_by_a_noted_head
        an_end_written_anew_is_found_by_a_noted_head
        a_long_chain_is_read_in_pages
    }
    chain_age {
        the_past_ends_before_the_first_record_to_keep
        what_retention_removed_is_accepted
        no_other_beginning_is_accepted
        retention_that_was_interrupted_is_accepted
        retention_may_go_on_again_and_again
        a_noted_head_may_be_too_old
    }
    keyed {
        a_request_is_done_once_and_its_answer_kept
        a_key_is_for_one_request_of_one_person
        what_failed_or_was_abandoned_is_begun_anew
        of_many_that_come_at_once_one_is_done
    }
    prices {
        a_price_is_good_until_it_is_too_old
    }
    terminations {
        an_instance_is_queued_once_and_listed_by_time
        what_is_due_is_taken_once_and_in_order
        what_is_undone_is_not_due_any_more
        of_many_who_take_or_undo_at_once_one_gets_it
    }
    test_events {
        events_come_back_as_they_were_by_name
        events_are_of_one_function_in_one_place
        an_event_is_removed_once
        no_function_has_heaps_of_events
    }
    uploads {
        an_idle_upload_is_claimed_once_the_longest_idle_first
        what_is_saved_again_is_the_same_upload
        only_the_upload_that_is_meant_is_forgotten
        of_many_servers_that_look_at_once_one_gets_it
    }
    usage {
        counts_add_up
        days_are_read_newest_first
        old_days_are_forgotten
    }
    hostile {
        hostile_text_is_only_text_to_the_audit
        hostile_text_is_only_text_to_sessions
        hostile_text_is_only_text_to_users
    }
    corruption {
        an_unknown_word_in_a_user_is_corrupt
        an_unknown_word_in_the_audit_is_corrupt
    }
    reopening {
        everything_is_there_after_closing_and_opening
        two_stores_share_one_memory
        a_closed_store_is_unavailable
        a_store_answers_a_ping_and_says_what_it_is
    }
}
