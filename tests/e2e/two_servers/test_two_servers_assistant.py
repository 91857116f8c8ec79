"""The assistant and the document desk, with the administrator and the others on another server process than Feng.

Of the ways in which something ceases to be visible some are taken that one process has to tell the other, each at least once:
a message recalled, a member removed, a right taken from a knowledge base or the assistant, a document replaced. What a client does to its own store
alone (cleared, deleted here, switched off, destroyed by its own hand) and the same ways again are shown on one server.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.pair import Pair
from e2e import test_assistant as one_server
from e2e.test_assistant import (
    test_a_document_is_summarised_by_the_model_of_the_office,
    test_a_file_of_a_conversation_that_one_has_left_is_never_read,
    test_a_model_is_given_what_a_knowledge_base_says_in_other_words,
    test_the_model_of_the_office_answers_a_real_client,
    test_the_words_of_files_lie_nowhere_in_clear,
    test_what_a_knowledge_base_was_told_answers_after_a_power_cut_of_the_server,
)
from e2e.test_desk_office_words import (
    test_the_list_of_the_console_reaches_the_desk_and_goes_with_the_permission,
)

__all__ = [
    "test_a_document_is_summarised_by_the_model_of_the_office",
    "test_a_file_of_a_conversation_that_one_has_left_is_never_read",
    "test_a_model_is_given_what_a_knowledge_base_says_in_other_words",
    "test_the_list_of_the_console_reaches_the_desk_and_goes_with_the_permission",
    "test_the_model_of_the_office_answers_a_real_client",
    "test_the_words_of_files_lie_nowhere_in_clear",
    "test_what_a_knowledge_base_was_told_answers_after_a_power_cut_of_the_server",
]


@pytest.mark.parametrize("how", ["left"])
async def test_nothing_that_may_not_be_seen_any_more_comes_out_anywhere(duo: Pair, how: str) -> None:
    await one_server.test_nothing_that_may_not_be_seen_any_more_comes_out_anywhere(duo, how)


@pytest.mark.parametrize("how", ["recalled"])
async def test_words_of_a_chat_file_are_found_and_go_with_their_message(
    duo: Pair, tmp_path: Path, how: str
) -> None:
    await one_server.test_words_of_a_chat_file_are_found_and_go_with_their_message(duo, tmp_path, how)


@pytest.mark.parametrize(
    ("how", "model"),
    [("not given", "dictated"), ("replaced", ""), ("assistant taken", "")],
)
async def test_a_knowledge_base_is_read_by_whom_it_is_given_to_and_leaves_with_the_right(
    duo: Pair, how: str, model: str
) -> None:
    await one_server.test_a_knowledge_base_is_read_by_whom_it_is_given_to_and_leaves_with_the_right(
        duo, how, model
    )


@pytest.mark.parametrize("how", ["recalled"])
async def test_pictures_that_go_with_an_answer_are_shown_as_long_as_they_may_be_seen(
    duo: Pair, how: str
) -> None:
    await one_server.test_pictures_that_go_with_an_answer_are_shown_as_long_as_they_may_be_seen(duo, how)
