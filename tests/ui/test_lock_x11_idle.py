"""The X server's idle time, with real input by xdotool."""

import gc
import os
import subprocess

import pytest

from lock.sources.x11_idle import X11Idle


@pytest.mark.clause("3.2.3.1.1")
async def test_idle_time_grows_and_input_ends_it(xvfb: str) -> None:
    source = X11Idle.open(os.environ["DISPLAY"])
    assert source is not None
    subprocess.run(["xdotool", "mousemove", "10", "10", "key", "Shift_L"], check=True)
    first = await source.idle_s()
    assert first is not None
    assert first < 5
    later = first
    while later is not None and later <= first + 0.05:
        later = await source.idle_s()
    assert later is not None
    subprocess.run(["xdotool", "mousemove", "200", "200"], check=True)
    again = await source.idle_s()
    assert again is not None
    assert again < later
    await source.close()


# python-xlib leaves the sockets of a failed connection to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_no_source_without_a_screen() -> None:
    assert X11Idle.open(":987") is None
    gc.collect()
