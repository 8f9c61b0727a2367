"""How often each cause is tried, and how long the pauses are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelcraft_desktop.jobs.policy import (
    HOLDING,
    ONCE_MORE_ALONE,
    PERMANENT,
    Action,
    Decision,
    Policy,
)
from pixelcraft_desktop.model import Cause

POLICIES = st.builds(
    Policy,
    attempts=st.integers(1, 100),
    first_delay_s=st.floats(0.01, 86_400),
    factor=st.floats(1, 10),
    longest_delay_s=st.floats(0.01, 86_400),
    jitter=st.floats(0, 1),
)


def follow(policy: Policy, cause: Cause) -> list[Decision]:
    """Return what is decided after each attempt, where all of them fail alike."""
    decisions: list[Decision] = []
    is_lone = False
    while not decisions or decisions[-1].action is Action.RETRY:
        decisions.append(policy.retry_or_fail(cause, len(decisions) + 1, is_lone))
        is_lone = decisions[-1].is_lone
    return decisions


@pytest.mark.parametrize("cause", list(Cause))
def test_each_cause_has_its_attempts(cause: Cause) -> None:
    decisions = follow(Policy(), cause)
    expected = 1 if cause in PERMANENT else 2 if cause in ONCE_MORE_ALONE else 5
    assert len(decisions) == expected
    assert {d.max_attempts for d in decisions} == {expected}
    assert [d.is_lone for d in decisions[:-1]] == [cause in ONCE_MORE_ALONE] * (expected - 1)


def test_the_pauses_double() -> None:
    delays = [d.delay_s for d in follow(Policy(), Cause.SOURCE_MISSING)[:-1]]
    assert delays == [1, 2, 4, 8]


def test_only_a_full_disk_holds_the_queue() -> None:
    held = {c for c in Cause if Policy().decide(c, 1).action is Action.HOLD}
    assert held == HOLDING == {Cause.DISK_FULL}


def test_a_time_out_late_in_a_round_still_gets_its_try_alone() -> None:
    decision = Policy().decide(Cause.TIMEOUT, 3)
    assert (decision.action, decision.is_lone, decision.max_attempts) == (Action.RETRY, True, 4)
    assert Policy().decide(Cause.TIMEOUT, 4, is_lone=True).action is Action.FAIL


def test_who_runs_alone_goes_on_alone_whatever_comes_between() -> None:
    assert Policy().decide(Cause.OUTPUT_ERROR, 2, is_lone=True).is_lone


@given(policy=POLICIES, cause=st.sampled_from(list(Cause)), chance=st.floats(0, 1))
def test_every_round_ends_and_no_pause_is_too_long(
    policy: Policy, cause: Cause, chance: float
) -> None:
    decisions = follow(policy, cause)
    assert len(decisions) <= policy.attempts
    pauses = [policy.delay_s(n, 0) for n in range(1, policy.attempts + 1)]
    assert pauses == sorted(pauses)
    for number, pause in enumerate(pauses, 1):
        cut = policy.delay_s(number, chance)
        assert 0 <= cut <= pause <= policy.longest_delay_s
        assert cut >= pause * (1 - policy.jitter) - 1e-9 * pause
