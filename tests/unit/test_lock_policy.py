"""The lock's policy: when it locks, what locking does, who may unlock, and that nothing vetoes it."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lock.policy.clock import SystemClock
from lock.policy.machine import SLEEP_GAP_S, LockPolicy, Refusal
from lock.policy.model import (
    IDLE_LOCK_NOTICE,
    CancelUnlock,
    ClearClipboard,
    CloseStore,
    Cover,
    Effect,
    KeepDrafts,
    LockSettings,
    Log,
    NotifyIdleLock,
    State,
    Trigger,
    Uncover,
    UnlockMethod,
)
from lock.policy.throttle import FREE_ATTEMPTS, LONGEST_DELAY_S, Throttle, ThrottleState, delay_s


@dataclass
class TestClock:
    """Both clocks, moved by hand."""

    __test__ = False
    mono: float = 1000.0
    wall: int = 1_790_000_000_000

    def monotonic_s(self) -> float:
        return self.mono

    def wall_ms(self) -> int:
        return self.wall

    def pass_s(self, seconds: float) -> None:
        self.mono += seconds
        self.wall += round(seconds * 1000)


def make(**settings: object) -> tuple[LockPolicy, TestClock]:
    clock = TestClock()
    return LockPolicy(clock, LockSettings(**settings)), clock  # type: ignore[arg-type]


def kinds(effects: list[Effect]) -> list[type]:
    return [type(effect) for effect in effects]


def unlock(policy: LockPolicy, method: UnlockMethod = UnlockMethod.PASSCODE) -> list[Effect]:
    attempt = policy.begin_unlock(method)
    assert isinstance(attempt, int)
    return policy.finish_unlock(attempt, good=True)


@pytest.mark.clause("3.2.3.1.1")
def test_idle_time_locks_and_input_puts_it_off() -> None:
    policy, clock = make(idle_s=300)
    clock.pass_s(299)
    assert policy.tick() == []
    policy.client_input()
    clock.pass_s(299)
    assert policy.tick() == []
    assert policy.idle_left_s() == pytest.approx(1)
    clock.pass_s(1)
    effects = policy.tick()
    assert policy.state is State.LOCKED
    assert policy.trigger is Trigger.IDLE
    assert kinds(effects) == [Cover, KeepDrafts, ClearClipboard, CloseStore, Log, NotifyIdleLock]
    assert policy.idle_left_s() is None


@pytest.mark.clause("3.2.3.1.1")
def test_input_in_other_programs_counts_for_the_general_threshold_only() -> None:
    policy, clock = make(idle_s=300, window_idle_s={"secret": 60})
    clock.pass_s(250)
    policy.system_idle(2)
    clock.pass_s(250)
    assert policy.tick() == []
    policy.client_input()
    policy.windows_open(frozenset({"secret", "main"}))
    clock.pass_s(59)
    policy.system_idle(0)
    assert policy.tick() == []
    clock.pass_s(1)
    policy.system_idle(0)
    assert policy.tick()[0] == Cover(Trigger.IDLE, clock.wall, spare_meeting=False)


@pytest.mark.clause("3.2.3.1.1")
def test_opening_a_sensitive_window_starts_its_own_count() -> None:
    policy, clock = make(idle_s=0, window_idle_s={"console": 180, "secret": 0})
    assert policy.idle_left_s() is None
    clock.pass_s(1000)
    policy.windows_open(frozenset({"console", "secret"}))
    assert policy.idle_left_s() == pytest.approx(180)
    policy.windows_open(frozenset({"console"}))
    clock.pass_s(100)
    assert policy.idle_left_s() == pytest.approx(80)


@pytest.mark.parametrize(
    ("own", "longest", "effective"),
    [(300, 0, 300), (3600, 900, 900), (300, 900, 300), (0, 900, 900), (0, 0, 0), (5, 0, 30)],
)
@pytest.mark.clause("3.2.3.1.1")
def test_administrators_bound_the_idle_time(own: int, longest: int, effective: int) -> None:
    assert LockSettings(idle_s=own, idle_longest_s=longest).effective_idle_s() == effective


@pytest.mark.clause("3.2.3.1.3")
def test_a_meeting_pauses_idle_locking_as_a_bounded_lease() -> None:
    policy, clock = make(idle_s=60, meeting_longest_s=3600)
    assert policy.meeting_ended() == []
    assert [e.result for e in policy.meeting_started() if isinstance(e, Log)] == ["granted"]
    assert policy.in_meeting()
    clock.pass_s(3599)
    assert policy.tick() == []
    assert policy.idle_left_s() is None
    clock.pass_s(1)
    effects = policy.tick()
    assert isinstance(effects[0], Log)
    assert effects[0].result == "expired"
    assert effects[1] == Cover(Trigger.IDLE, clock.wall, spare_meeting=False)


@pytest.mark.clause("3.2.3.1.3")
def test_idle_time_counts_anew_when_the_meeting_ends() -> None:
    policy, clock = make(idle_s=60)
    policy.meeting_started()
    clock.pass_s(500)
    assert [e.result for e in policy.meeting_ended() if isinstance(e, Log)] == ["ended"]
    assert policy.tick() == []
    clock.pass_s(60)
    assert Cover in kinds(policy.tick())


@pytest.mark.clause("3.2.3.1.3")
@pytest.mark.parametrize("trigger", [Trigger.HOTKEY, Trigger.DESKTOP, Trigger.REMOTE, Trigger.TRAY])
def test_a_meeting_does_not_stop_a_lock_that_was_asked_for(trigger: Trigger) -> None:
    policy, clock = make()
    policy.meeting_started()
    assert policy.lock(trigger)[0] == Cover(trigger, clock.wall, spare_meeting=True)


@pytest.mark.clause("3.2.3.1.7")
def test_only_the_idle_lock_sends_a_notice() -> None:
    policy, clock = make(idle_s=60)
    assert NotifyIdleLock not in kinds(policy.lock(Trigger.BUTTON))
    unlock(policy)
    clock.pass_s(60)
    assert policy.tick()[-1] == NotifyIdleLock(IDLE_LOCK_NOTICE)


@pytest.mark.clause("3.2.3.1.8")
def test_lock_and_unlock_are_logged_with_time_trigger_window_and_method() -> None:
    policy, clock = make()
    logged = [e for e in policy.lock(Trigger.TRAY, window="console") if isinstance(e, Log)]
    assert logged == [Log("lock", "done", clock.wall, trigger="tray", window="console")]
    clock.pass_s(9)
    effects = unlock(policy, UnlockMethod.PASSWORD)
    assert effects == [Log("unlock", "done", clock.wall, trigger="tray", method="password"), Uncover()]
    assert policy.trigger is None


def test_the_curtain_comes_before_drafts_and_store() -> None:
    policy, _ = make()
    assert kinds(policy.lock(Trigger.HOTKEY))[0] is Cover


def test_desktop_lock_and_suspend_follow_the_settings() -> None:
    policy, _ = make(with_desktop=False, with_suspend=False)
    assert policy.desktop_locked() == []
    assert policy.suspending() == []
    policy.change_settings(LockSettings())
    assert Cover in kinds(policy.desktop_locked())
    unlock(policy)
    policy.suspending()
    assert policy.trigger is Trigger.SUSPEND
    unlock(policy)
    policy.suspending(lid=True)
    assert policy.trigger is Trigger.LID


@pytest.mark.parametrize(("with_suspend", "locked"), [(True, True), (False, False)])
def test_sleep_that_nobody_announced_is_seen_by_the_clocks(with_suspend: bool, locked: bool) -> None:
    policy, clock = make(with_suspend=with_suspend)
    policy.tick()
    clock.pass_s(1)
    clock.wall += SLEEP_GAP_S * 1000
    policy.tick()
    assert (policy.state is State.LOCKED) is locked


def test_start_locked_is_a_setting() -> None:
    assert make()[0].start() == []
    policy, _ = make(at_start=True)
    assert Cover in kinds(policy.start())
    assert policy.trigger is Trigger.STARTUP


def test_an_unlock_in_flight_is_cancelled_by_a_later_lock() -> None:
    """KeePassXC #13204: an unlock that was being checked must not open a session that was locked again."""
    policy, _ = make()
    policy.lock(Trigger.HOTKEY)
    attempt = policy.begin_unlock(UnlockMethod.PASSCODE)
    assert isinstance(attempt, int)
    assert policy.desktop_locked()[0] == CancelUnlock(attempt)
    assert policy.finish_unlock(attempt, good=True) == [CancelUnlock(attempt)]
    assert policy.state is State.LOCKED
    assert policy.throttle_state().failures == 0


def test_a_newer_attempt_replaces_an_older_one() -> None:
    policy, _ = make()
    policy.lock(Trigger.HOTKEY)
    first = policy.begin_unlock(UnlockMethod.PHONE)
    second = policy.begin_unlock(UnlockMethod.PASSCODE)
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert policy.finish_unlock(first, good=True) == [CancelUnlock(first)]
    assert policy.state is State.LOCKED
    assert Uncover() in policy.finish_unlock(second, good=True)


def test_a_forced_lock_opens_only_by_the_phone() -> None:
    policy, _ = make()
    policy.lock(Trigger.FORCED)
    for method in (UnlockMethod.PASSCODE, UnlockMethod.PASSWORD, UnlockMethod.SYSTEM, UnlockMethod.SIGN_IN):
        assert policy.begin_unlock(method) == Refusal("phone_only")
    assert Uncover() in unlock(policy, UnlockMethod.PHONE)
    assert not policy.forced


def test_a_forced_lock_takes_over_one_that_is_there() -> None:
    policy, _ = make()
    policy.lock(Trigger.IDLE)
    assert policy.lock(Trigger.TRAY) == []
    assert [e.trigger for e in policy.lock(Trigger.FORCED) if isinstance(e, Log)] == ["forced"]
    assert policy.trigger is Trigger.FORCED
    assert policy.may_unlock(UnlockMethod.PASSCODE) == Refusal("phone_only")


def test_nothing_to_unlock_when_it_is_open() -> None:
    policy, _ = make()
    assert policy.begin_unlock(UnlockMethod.PASSCODE) == Refusal("not_locked")


def fail(policy: LockPolicy, method: UnlockMethod = UnlockMethod.PASSCODE) -> list[Effect]:
    attempt = policy.begin_unlock(method)
    assert isinstance(attempt, int)
    return policy.finish_unlock(attempt, good=False)


def test_failures_are_throttled_and_then_only_the_phone_or_signing_in_helps() -> None:
    policy, clock = make(attempts_before_scan=5)
    policy.lock(Trigger.HOTKEY)
    for _ in range(FREE_ATTEMPTS):
        assert policy.wait_s() == 0
        assert [e.result for e in fail(policy) if isinstance(e, Log)] == ["failed"]
    assert policy.begin_unlock(UnlockMethod.PASSWORD) == Refusal("wait", 5)
    clock.pass_s(5)
    fail(policy)
    assert policy.wait_s() == pytest.approx(10)
    fail_kind = policy.begin_unlock(UnlockMethod.PASSCODE)
    assert isinstance(fail_kind, Refusal)
    clock.pass_s(10)
    fail(policy)
    clock.pass_s(LONGEST_DELAY_S)
    assert policy.begin_unlock(UnlockMethod.PASSCODE) == Refusal("scan_or_sign_in")
    fail(policy, UnlockMethod.PHONE)
    assert Uncover() in unlock(policy, UnlockMethod.SIGN_IN)
    assert policy.throttle_state().failures == 0


def test_ending_the_process_in_the_middle_of_a_check_is_no_free_guess() -> None:
    policy, clock = make()
    policy.lock(Trigger.HOTKEY)
    for _ in range(FREE_ATTEMPTS):
        assert isinstance(policy.begin_unlock(UnlockMethod.PASSCODE), int)
        kept = policy.throttle_state()
        policy = LockPolicy(clock, LockSettings(), kept)
        policy.lock(Trigger.STARTUP)
    assert policy.begin_unlock(UnlockMethod.PASSCODE) == Refusal("wait", 5)


def test_the_throttle_survives_restart_and_a_turned_back_clock() -> None:
    clock = TestClock()
    throttle = Throttle(clock, ThrottleState(), 10)
    for _ in range(FREE_ATTEMPTS + 3):
        kept = throttle.failed()
    waiting = throttle.wait_s()
    assert waiting == pytest.approx(40)
    clock.wall -= 86_400_000
    assert Throttle(clock, kept, 10).wait_s() == pytest.approx(waiting)
    clock.wall += 86_400_000 + 10_000
    assert Throttle(clock, kept, 10).wait_s() == pytest.approx(waiting - 10)


def test_delays_grow_to_a_bound() -> None:
    delays = [delay_s(failures) for failures in range(40)]
    assert delays[: FREE_ATTEMPTS + 3] == [0, 0, 0, 5, 10, 20]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S


def test_the_system_clock_runs_forward() -> None:
    clock = SystemClock()
    assert clock.monotonic_s() <= clock.monotonic_s()
    assert clock.wall_ms() > 1_700_000_000_000


EVENTS = st.lists(
    st.one_of(
        st.sampled_from(list(Trigger)).map(lambda t: ("lock", t)),
        st.floats(0, 1000).map(lambda s: ("pass", s)),
        st.sampled_from(list(UnlockMethod)).map(lambda m: ("begin", m)),
        st.booleans().map(lambda g: ("finish", g)),
        st.sampled_from(["input", "meeting", "meeting_over", "tick", "desktop", "suspend"]).map(
            lambda n: (n, None)
        ),
    ),
    max_size=40,
)


@given(EVENTS)
@settings(max_examples=300)
def test_no_sequence_of_events_opens_without_a_good_attempt_made_after_the_last_lock(
    events: list[tuple[str, object]],
) -> None:
    policy, clock = make(idle_s=60)
    attempt: int | None = None
    for name, value in events:
        before = policy.state
        effects: list[Effect] = []
        match name:
            case "lock":
                effects = policy.lock(Trigger(value))
                assert policy.state is State.LOCKED
                attempt = None
            case "pass":
                clock.pass_s(float(value))  # type: ignore[arg-type]
            case "begin":
                answer = policy.begin_unlock(UnlockMethod(value))
                attempt = answer if isinstance(answer, int) else None
            case "finish" if attempt is not None:
                effects = policy.finish_unlock(attempt, good=bool(value))
                assert (policy.state is State.UNLOCKED) == (bool(value) or before is State.UNLOCKED)
                attempt = None
            case "input":
                policy.client_input()
            case "meeting":
                policy.meeting_started()
            case "meeting_over":
                policy.meeting_ended()
            case "tick":
                effects = policy.tick()
            case "desktop":
                effects = policy.desktop_locked()
                attempt = None
            case "suspend":
                effects = policy.suspending()
                attempt = None
        if before is State.UNLOCKED and policy.state is State.LOCKED:
            assert {Cover, CloseStore, ClearClipboard} <= set(kinds(effects))
        if before is State.LOCKED and policy.state is State.UNLOCKED:
            assert name == "finish"
            assert Uncover() in effects
