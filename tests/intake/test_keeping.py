import asyncio
import tracemalloc
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from gateway.intake.data import Data
from gateway.intake.keeping import keep
from gateway.intake.trace import count_hops, received_line
from gateway.mail.envelope import Envelope
from gateway.spool.stored import Stored


def envelope(**changes):
    values = {
        "mail_from": "a@b.example",
        "rcpt_to": ("c@d.example",),
        "peer": "192.0.2.1",
        "helo": "x.example",
        "tls": "",
    }
    return Envelope(**values | {"received_at": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)} | changes)


async def test_a_commit_does_not_hear_that_its_waiter_was_cancelled(store):
    store.hold = True
    task = asyncio.create_task(keep(store, envelope(), b"", trace=b"", clock=asyncio.get_running_loop().time))
    await asyncio.wait_for(store.called.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # A cancelled future would make the writer's set_result raise, in the thread that commits for everybody.
    store.kept[0].future.set_result(Stored(1, None))
    assert store.kept[0].future.result() == Stored(1, None)


async def test_a_commit_may_end_in_another_thread(events):
    future: Future[Stored] = Future()

    class Threaded:
        def accept(self, envelope, raw, ids, *, trace):
            asyncio.get_running_loop().run_in_executor(None, future.set_result, Stored(2, None))
            return future

    assert await keep(Threaded(), envelope(), b"", trace=b"", clock=iter([1.0, 1.25]).__next__) == Stored(2, None)
    assert [each["ms"] for each in events] == [250.0]


@pytest.mark.parametrize(
    ("peer", "helo", "line"),
    [
        ("192.0.2.1", "x.example", b"Received: from x.example ([192.0.2.1])\r\n"),
        ("2001:db8::1", "[IPv6:2001:db8::1]", b"Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\r\n"),
        ("unix", "x", b"Received: from x\r\n"),
        ("192.0.2.1", "", b"Received: from unknown ([192.0.2.1])\r\n"),
        ("192.0.2.1", "a\r\nX-Evil: 1", b"Received: from a??X-Evil:?1 ([192.0.2.1])\r\n"),
    ],
)
def test_the_received_line_is_three_folded_lines_of_ascii(peer, helo, line):
    made = received_line(envelope(peer=peer, helo=helo), hostname="mx.desk.example", transmission="ESMTPS")
    assert made == line + b"\tby mx.desk.example with ESMTPS;\r\n\tThu, 02 Jan 2025 03:04:05 +0000\r\n"


@pytest.mark.parametrize(
    ("raw", "hops"),
    [
        (b"", 0),
        (b"Received: a\r\nRECEIVED: b\r\n\tReceived: folded\r\nX-Received: c\r\n\r\nReceived: body\r\n", 2),
        (b"Received: a\nReceived: b\n\nReceived: body\n", 2),
        (b"Received: a\r\n" * 60 + b"no empty line", 60),
    ],
)
def test_hops_are_counted_in_the_header_block_only(raw, hops):
    assert count_hops(raw) == hops


@pytest.mark.parametrize("chunk", [b"x" * 65_536, b"x\r\n" * 20_000, b"\r\n.." * 20_000])
def test_a_mail_far_over_its_limit_takes_no_memory(chunk):
    data = Data(1_000_000)
    tracemalloc.start()
    try:
        for _ in range(300):
            assert data.feed(chunk) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert data.received > 17_000_000
    assert peak < 2_097_152
