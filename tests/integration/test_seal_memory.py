"""A large file is sealed piece by piece: the program does not grow with it (1 GiB: benchmarks/seal_memory.py)."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "seal_memory.py"
MIB = 1024 * 1024


@pytest.mark.clause("3.3.4")
def test_sealing_a_large_file_does_not_grow_the_program_by_more_than_64_mib():
    spec = importlib.util.spec_from_file_location("seal_memory", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["seal_memory"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.measured(128 * MIB)
    assert found["grown"] < 64, found
