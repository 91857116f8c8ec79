"""Bad networks, power cuts and repair, with the two clients on two server processes.

Of the walks two are taken, the first two of those on one server: a server that is killed there is here the first, the
second or both.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from bed.pair import Pair
from e2e.test_core_crash import (
    test_a_client_killed_with_unsent_messages_sends_each_once_when_it_comes_back,
    test_a_killed_client_sends_what_it_had_written_once,
)
from e2e.test_core_network import (
    test_a_connection_that_looks_alive_and_is_not_is_given_up,
    test_a_network_that_tears_every_connection_delivers_all_the_same,
    test_a_new_connection_ends_the_pause_between_two_attempts,
)
from e2e.test_settings_repair import (
    test_a_changed_password_unlocks_this_machine_offline_and_the_old_one_no_more,
    test_a_lost_index_is_made_again_and_the_probe_finds_a_dead_server,
)
from e2e.test_sync_walks import walk_at_random

__all__ = [
    "test_a_changed_password_unlocks_this_machine_offline_and_the_old_one_no_more",
    "test_a_client_killed_with_unsent_messages_sends_each_once_when_it_comes_back",
    "test_a_connection_that_looks_alive_and_is_not_is_given_up",
    "test_a_killed_client_sends_what_it_had_written_once",
    "test_a_lost_index_is_made_again_and_the_probe_finds_a_dead_server",
    "test_a_network_that_tears_every_connection_delivers_all_the_same",
    "test_a_new_connection_ends_the_pause_between_two_attempts",
]


@pytest.mark.timeout(600)
def test_any_interleaving_converges(
    tmp_path_factory: pytest.TempPathFactory,
    open_duo: Callable[[Path], AbstractAsyncContextManager[Pair]],
    monkeypatch: pytest.MonkeyPatch,
):
    walk_at_random(tmp_path_factory, open_duo, monkeypatch, walks=2)
