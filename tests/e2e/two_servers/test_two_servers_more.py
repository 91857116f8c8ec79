"""Groups and every kind of message, with the two clients on two server processes."""

from __future__ import annotations

from e2e.test_core_cards import (
    test_a_group_is_pictured_by_its_members_until_it_has_a_picture,
    test_a_unit_renamed_while_one_was_away_makes_what_is_kept_old,
    test_nothing_is_asked_for_when_nobodys_card_changed,
    test_what_changed_while_one_was_away_is_known_with_the_next_connection,
)
from e2e.test_core_groups import (
    test_a_cleared_history_goes_from_this_machine_and_the_others,
    test_a_conversation_removed_from_the_list_comes_back_with_the_next_message,
    test_a_group_is_governed_and_everybody_sees_it,
    test_a_search_in_a_single_chat_finds_what_was_said_there_alone,
    test_a_single_chat_removed_from_the_list_is_in_it_again_once_it_is_opened,
    test_an_arrangement_made_offline_is_on_every_device,
    test_special_attention_is_told_also_where_the_conversation_is_muted,
    test_the_groups_files_are_sealed_and_open_for_newcomers,
)
from e2e.test_core_kinds import (
    test_a_folder_is_sent_as_a_tree_and_received_as_a_folder,
    test_deleting_here_takes_it_from_this_machine_only,
    test_each_kind_arrives_as_it_was_sent_and_is_found,
    test_emoji_at_a_message_are_seen_by_all_and_survive_reset_restart_and_outage,
    test_everyone_is_called_only_by_who_may_call_everyone,
    test_forwarding_one_by_one_and_merged_nests_keeps_files_and_refuses_voice,
)
from e2e.test_core_talk import (
    test_a_locked_store_opens_by_password_offline_but_not_by_the_keyring,
    test_a_wrong_password_is_refused_in_words,
    test_what_one_person_sends_arrives_in_the_order_of_sending_files_included,
    test_without_a_keyring_the_passcode_opens_and_nothing_else,
)
from e2e.test_link_rules import test_a_new_rule_holds_at_once_for_a_client_of_any_process
from e2e.test_visibility_news import (
    test_a_unit_that_is_hidden_now_cannot_be_opened_from_what_was_kept,
    test_who_is_hidden_now_is_neither_found_nor_kept_and_comes_back_with_the_rules_end,
)

__all__ = [
    "test_a_cleared_history_goes_from_this_machine_and_the_others",
    "test_a_conversation_removed_from_the_list_comes_back_with_the_next_message",
    "test_a_folder_is_sent_as_a_tree_and_received_as_a_folder",
    "test_a_group_is_governed_and_everybody_sees_it",
    "test_a_group_is_pictured_by_its_members_until_it_has_a_picture",
    "test_a_locked_store_opens_by_password_offline_but_not_by_the_keyring",
    "test_a_new_rule_holds_at_once_for_a_client_of_any_process",
    "test_a_search_in_a_single_chat_finds_what_was_said_there_alone",
    "test_a_single_chat_removed_from_the_list_is_in_it_again_once_it_is_opened",
    "test_a_unit_renamed_while_one_was_away_makes_what_is_kept_old",
    "test_a_unit_that_is_hidden_now_cannot_be_opened_from_what_was_kept",
    "test_a_wrong_password_is_refused_in_words",
    "test_an_arrangement_made_offline_is_on_every_device",
    "test_deleting_here_takes_it_from_this_machine_only",
    "test_each_kind_arrives_as_it_was_sent_and_is_found",
    "test_emoji_at_a_message_are_seen_by_all_and_survive_reset_restart_and_outage",
    "test_everyone_is_called_only_by_who_may_call_everyone",
    "test_forwarding_one_by_one_and_merged_nests_keeps_files_and_refuses_voice",
    "test_nothing_is_asked_for_when_nobodys_card_changed",
    "test_special_attention_is_told_also_where_the_conversation_is_muted",
    "test_the_groups_files_are_sealed_and_open_for_newcomers",
    "test_what_changed_while_one_was_away_is_known_with_the_next_connection",
    "test_what_one_person_sends_arrives_in_the_order_of_sending_files_included",
    "test_who_is_hidden_now_is_neither_found_nor_kept_and_comes_back_with_the_rules_end",
    "test_without_a_keyring_the_passcode_opens_and_nothing_else",
]
