"""Pushes pause after a failure; a doubt settles from the desk's first good answer after it."""

from gateway.delivery.breaker import DeskState
from support.rig import Clock


def test_nothing_is_pushed_before_the_desk_has_answered() -> None:
    state = DeskState("https://desk.example", Clock())
    assert state.allowance(4) == 0
    state.answered()
    assert state.allowance(4) == 4


def test_pauses_grow_while_pushes_fail_and_end_with_the_first_that_succeeds() -> None:
    clock = Clock()
    state = DeskState("https://desk.example", clock)
    state.answered()
    pauses = []
    for _ in range(10):
        state.failed("connection refused")
        assert state.allowance(4) == 0
        pauses.append(state.probe_at - clock.now)
        clock.now = state.probe_at
        state.answered()
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.25, 30.0)
    assert state.allowance(4) == 1
    state.accepted()
    assert state.allowance(4) == 4
    state.failed("once more")
    assert state.probe_at - clock.now == 0.25


def test_a_doubt_settles_from_the_first_answer_after_it_whatever_fails_later() -> None:
    clock = Clock(100.0)
    state = DeskState("https://desk.example", clock)
    state.answered()
    clock.now = 200.0
    state.failed("lost")
    assert state.first_answer_after(200.0) is None
    clock.now = 203.0
    state.answered()
    for later in (300.0, 400.0):
        clock.now = later
        state.failed("lost")
        state.answered()
    assert state.first_answer_after(200.0) == 203.0
    assert state.first_answer_after(250.0) == 300.0
    assert state.first_answer_after(401.0) is None


def test_pushes_that_fail_together_are_one_failure() -> None:
    clock = Clock()
    state = DeskState("https://desk.example", clock)
    state.answered()
    for _ in range(8):
        state.failed("lost")
    assert state.probe_at - clock.now == 0.25
