"""What lies nowhere in clear, and somebody else's program, with the two clients on two server processes."""

from __future__ import annotations

from e2e.test_core_sealed import (
    test_nothing_of_messages_pictures_and_files_lies_open_on_the_server_or_the_wire,
)
from e2e.test_core_stranger import (
    test_a_strangers_program_written_from_the_documents_talks_with_a_real_client,
    test_the_stranger_knows_nothing_of_the_product,
)
from e2e.test_secret_canary import test_after_burning_no_byte_is_left_with_either_side_or_on_the_server

__all__ = [
    "test_a_strangers_program_written_from_the_documents_talks_with_a_real_client",
    "test_after_burning_no_byte_is_left_with_either_side_or_on_the_server",
    "test_nothing_of_messages_pictures_and_files_lies_open_on_the_server_or_the_wire",
    "test_the_stranger_knows_nothing_of_the_product",
]
