"""For `make soak`: kills at random moments, lost answers, senders that try again; round after round, and nothing missing.

GATEWAY_TEST_SOAK is how many minutes it goes on, 10 if unset; GATEWAY_TEST_SEED makes a run like an earlier one.
"""

import itertools
import os
import random
import smtplib
import threading
import time

import pytest
from whole.letters import letter
from whole.running import both_ways

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]

_PER_ROUND = 40


@both_ways
def test_kills_and_lost_answers_round_after_round(gateway, desk):
    seed = int(os.environ.get("GATEWAY_TEST_SEED", time.time_ns() % 1_000_000))
    until = time.monotonic() + 60 * float(os.environ.get("GATEWAY_TEST_SOAK", "10"))
    dice, expected, started = random.Random(seed), set(), time.monotonic()
    print(f"seed {seed}")
    for number in itertools.count():
        names = [f"round-{number}-{n}" for n in range(_PER_ROUND)]
        if number:
            desk.fail(
                dice.choice(["cut_after", "truncated", "plain_crash_after", "cut_before"]),
                count=dice.randint(1, 4),
                on="push",
            )
        _send_while_killing(gateway, names, dice)
        gateway.settle(120)
        expected.update(f"About {name}" for name in names)
        subjects = [ticket.subject for ticket in desk.tickets]
        assert len(subjects) == len(set(subjects)), f"seed {seed}: a ticket twice"
        assert set(subjects) == expected, f"seed {seed}: a mail lost"
        print(f"{time.monotonic() - started:7.0f} s  {len(subjects)} mails, {number + 1} kills", flush=True)
        if time.monotonic() > until:
            break


def _send_while_killing(gateway, names, dice):
    left, over = iter([letter(name, sender=f"{name}@customer.example") for name in names]), threading.Event()

    def relay() -> None:
        for mail in left:
            while not over.is_set():
                try:
                    gateway.send(mail)
                    break
                except (OSError, smtplib.SMTPException):
                    over.wait(0.05)

    relays = [threading.Thread(target=relay) for _ in range(4)]
    for each in relays:
        each.start()
    try:
        relays[0].join(dice.uniform(0.05, 1.0))
        dice.choice([gateway.kill, gateway.kill_supervisor])()
        gateway.start()
        for each in relays:
            each.join(120)
    finally:
        over.set()
    assert not any(each.is_alive() for each in relays)
