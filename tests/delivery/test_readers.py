"""Hostile mail in real readers. Each scenario is a program of its own: pytest has threads, and forking under them is ill."""

import asyncio
import json
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.delivery import zygote
from gateway.delivery.readers import Readers, Unreadable
from gateway.mail.message import Message

PRELUDE = """
import asyncio, fcntl, hashlib, json, os, resource, select, signal, sys, time
from gateway import maillog
from gateway.delivery import zygote
from gateway.delivery.readers import NoReader, Readers, Unreadable
from gateway.mail.message import Message
from gateway.supervisor import die_with_parent

maillog.configure("text")

def start(read, **limits):
    theirs, ours = zygote.control_pair()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        ours.close()
        die_with_parent(parent)
        os._exit(zygote.main(theirs, read=read, limits=zygote.Limits(**limits)))
    theirs.close()
    return ours

def pid_of(raw):
    return Message(subject=str(os.getpid()), text=raw.decode())

def behave(raw):
    # What the mail tells its reader to do.
    order, _, rest = raw.partition(b" ")
    if order == b"hang":
        while True:
            time.sleep(1)
    if order == b"spin":
        while True:
            pass
    if order == b"burn":
        until = time.process_time() + float(rest)
        while time.process_time() < until:
            pass
    if order == b"eat":
        return Message(text="x" * (400 * 1024 * 1024))
    if order == b"abort":
        os.abort()
    if order == b"raise":
        raise ValueError("no such thing")
    if order == b"panic":
        raise KeyboardInterrupt("no Exception at all")
    if order == b"once":
        # Fails in the first reader only: the file remembers.
        with open(rest, "a+b") as seen:
            if not seen.tell():
                seen.write(b"x")
                seen.flush()
                os.abort()
    return pid_of(raw)

async def outcome(readers, raw):
    try:
        return ["read", (await readers.read(raw)).subject]
    except Unreadable as error:
        return [error.reason, error.text]

def tell(answer):
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def play(tmp_path):
    def run(scenario: str, *arguments: str):
        program = tmp_path / "scenario.py"
        program.write_text(PRELUDE + dedent(scenario))
        done = subprocess.run(
            [sys.executable, "-W", "error", program, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    return run


def test_mail_is_read_in_another_process_and_the_reader_is_used_again(play):
    (pid, first, second), _log = play("""
        control = start(pid_of)
        async def main():
            readers = Readers(control)
            answers = [await readers.read(b"a"), await readers.read(b"")]
            await readers.aclose()
            tell([os.getpid(), *[[m.subject, m.text] for m in answers]])
        asyncio.run(main())
    """)
    assert first[1] == "a"
    assert second == [first[0], ""]
    assert first[0] != str(pid)


@pytest.mark.parametrize(
    ("order", "reason", "text"),
    [
        ("hang", "time", "not read within 1 seconds"),
        ("eat", "memory", "MemoryError"),
        ("abort", "crash", "the reader died"),
        ("raise", "fault", "ValueError: no such thing (scenario.py:"),
        ("panic", "fault", "KeyboardInterrupt: no Exception at all"),
    ],
)
def test_a_mail_that_ruins_its_reader_is_tried_twice_and_the_next_mail_is_read(play, order, reason, text):
    (bad, good, descriptors), log = play(
        """
        control = start(behave, memory=256 * 1024 * 1024)
        async def main():
            readers = Readers(control, wall_seconds=1.0)
            good = [await outcome(readers, b"fine")]
            before = len(os.listdir("/proc/self/fd"))
            bad = await outcome(readers, sys.argv[1].encode())
            good.append(await outcome(readers, b"fine"))
            tell([bad, good, len(os.listdir("/proc/self/fd")) - before])
            await readers.aclose()
        asyncio.run(main())
        """,
        order,
    )
    assert bad[0] == reason
    assert text in bad[1]
    assert [kind for kind, _ in good] == ["read", "read"]
    assert good[0] != good[1]
    assert descriptors == 0
    assert log.count(f"event=reader.killed limit={reason}") == 2


def test_a_mail_that_fails_once_is_read_by_a_fresh_reader(play, tmp_path):
    (answer, pids), log = play(
        """
        control = start(behave)
        async def main():
            readers = Readers(control)
            pids = [(await readers.read(b"fine")).subject]
            answer = await outcome(readers, b"once " + sys.argv[1].encode())
            tell([answer, pids])
            await readers.aclose()
        asyncio.run(main())
        """,
        str(tmp_path / "seen"),
    )
    assert answer[0] == "read"
    assert answer[1] not in pids
    assert log.count("event=reader.killed limit=crash") == 1


def test_cpu_time_is_limited_for_each_mail_and_not_for_the_life_of_a_reader(play):
    (healthy, spinning), _log = play("""
        control = start(behave, cpu_seconds=1)
        async def main():
            readers = Readers(control, wall_seconds=50)
            healthy = [await outcome(readers, b"burn 0.8") for _ in range(3)]
            tell([healthy, await outcome(readers, b"spin")])
            await readers.aclose()
        asyncio.run(main())
    """)
    assert {kind for kind, _ in healthy} == {"read"}
    assert len({pid for _, pid in healthy}) == 1
    assert spinning == ["time", "not read within 1 seconds of CPU time"]


def test_a_reader_is_replaced_after_its_number_of_mails_and_no_process_is_left(play):
    (pids, gone), log = play("""
        control = start(pid_of)
        async def main():
            readers = Readers(control, count=1, mails_per_reader=3)
            pids, watches = [], {}
            for _ in range(7):
                pid = int((await readers.read(b"a")).subject)
                pids.append(pid)
            last = os.pidfd_open(pid)
            await readers.aclose()
            tell([pids, bool(select.select([last], [], [], 10)[0])])
        asyncio.run(main())
    """)
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    assert gone
    assert "reader.killed" not in log


@pytest.mark.parametrize("size", [256 * 1024, 256 * 1024 + 1, 5_000_000])
def test_a_mail_of_any_size_arrives_as_it_is(play, size):
    (digests, descriptors), _log = play(
        """
        def digest(raw):
            assert type(raw) is bytes
            return Message(subject=hashlib.sha256(raw).hexdigest(), text=raw.hex())
        control = start(digest)
        async def main():
            readers = Readers(control)
            await readers.read(b"first")
            before = len(os.listdir("/proc/self/fd"))
            raw = os.urandom(1000) * (int(sys.argv[1]) // 1000 + 1)
            raw = raw[:int(sys.argv[1])]
            message = await readers.read(raw)
            assert message.text == raw.hex()
            tell([[message.subject, hashlib.sha256(raw).hexdigest()], len(os.listdir("/proc/self/fd")) - before])
            await readers.aclose()
        asyncio.run(main())
        """,
        str(size),
    )
    assert digests[0] == digests[1]
    assert descriptors == 0


def test_a_large_mail_is_handed_over_again_when_its_first_reader_died(play, tmp_path):
    answer, _log = play(
        """
        control = start(behave)
        async def main():
            readers = Readers(control)
            tell(await outcome(readers, b"once " + sys.argv[1].encode().rjust(300_000, b"/")))
            await readers.aclose()
        asyncio.run(main())
        """,
        str(tmp_path / "seen"),
    )
    # The path is far too long to open, so the reader raises; what matters is that both tries had the whole mail.
    assert answer[0] == "fault"
    assert "File name too long" in answer[1]


def test_a_reader_holds_its_stream_and_nothing_else_and_is_confined(play):
    (descriptors, memory, core, signals), _log = play("""
        def look(raw):
            def is_open(fd):
                try:
                    fcntl.fcntl(fd, fcntl.F_GETFD)
                except OSError:
                    return False
                return True
            facts = [[fd for fd in range(256) if is_open(fd)], resource.getrlimit(resource.RLIMIT_AS)[0],
                     resource.getrlimit(resource.RLIMIT_CORE)[0],
                     [signal.getsignal(n) == signal.SIG_IGN for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]]
            return Message(text=json.dumps(facts))
        secrets = [open("/dev/null") for _ in range(20)]
        control = start(look)
        async def main():
            readers = Readers(control)
            tell(json.loads((await readers.read(b"")).text))
            await readers.aclose()
        asyncio.run(main())
        for secret in secrets:
            secret.close()
    """)
    assert len(descriptors) == 4
    assert descriptors[:3] == [0, 1, 2]
    assert 512 * 2**20 < memory < 4 * 2**30
    assert core == 0
    assert signals == [True, True, True]


def test_no_more_readers_are_made_than_asked_for(play):
    pids, _log = play("""
        def slow(raw):
            time.sleep(0.05)
            return pid_of(raw)
        control = start(slow)
        async def main():
            readers = Readers(control, count=2)
            messages = await asyncio.gather(*[readers.read(b"%d" % n) for n in range(8)])
            assert [m.text for m in messages] == [str(n) for n in range(8)]
            tell([m.subject for m in messages])
            await readers.aclose()
        asyncio.run(main())
    """)
    assert len(set(pids)) == 2


def test_a_cancelled_read_takes_its_reader_with_it_and_its_answer_reaches_nobody(play):
    (before, gone, after, text), log = play("""
        def slow(raw):
            if raw == b"slow":
                time.sleep(0.5)
            return pid_of(raw)
        control = start(slow)
        async def main():
            readers = Readers(control, count=1)
            before = int((await readers.read(b"a")).subject)
            watch = os.pidfd_open(before)
            try:
                async with asyncio.timeout(0.1):
                    await readers.read(b"slow")
            except TimeoutError:
                pass
            gone = bool(select.select([watch], [], [], 10)[0])
            message = await readers.read(b"b")
            tell([before, gone, int(message.subject), message.text])
            await readers.aclose()
        asyncio.run(main())
    """)
    assert gone
    assert after != before
    assert text == "b"
    assert "reader.killed" not in log


def test_an_idle_reader_that_died_costs_no_mail_a_try(play):
    answer, log = play("""
        control = start(behave)
        async def main():
            readers = Readers(control, count=1)
            pid = int((await readers.read(b"fine")).subject)
            watch = os.pidfd_open(pid)
            signal.pidfd_send_signal(watch, signal.SIGKILL)
            select.select([watch], [], [], 10)
            tell(await outcome(readers, b"fine"))
            await readers.aclose()
        asyncio.run(main())
    """)
    assert answer[0] == "read"
    assert "reader.killed" not in log


def test_requests_of_an_asker_that_died_do_not_disturb_the_next(play):
    answer, _log = play("""
        import socket
        control = start(behave)
        async def main():
            for _ in range(20):
                ours, theirs = socket.socketpair()
                zygote.send_with_descriptor(control, b"r", theirs.fileno())
                ours.close()
                theirs.close()
            control.send(b"r")  # and one that forgot its descriptor
            readers = Readers(control)
            tell(await outcome(readers, b"fine"))
            await readers.aclose()
        asyncio.run(main())
    """)
    assert answer[0] == "read"


@pytest.mark.parametrize("fate", ["gone", "silent"])
def test_a_missing_zygote_is_no_mails_fault(play, fate):
    answer, _log = play(
        """
        theirs, control = zygote.control_pair()
        if sys.argv[1] == "gone":
            theirs.close()
        async def main():
            readers = Readers(control, start_seconds=0.3)
            try:
                await readers.read(b"fine")
            except NoReader as error:
                tell(str(error))
            await readers.aclose()
        asyncio.run(main())
        """,
        fate,
    )
    assert answer == "No reader came within 0.3 seconds."


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("zygote.HEAD.pack(zygote.MESSAGE, 5) + b'junk!'", "fault"),
        ("zygote.HEAD.pack(zygote.MESSAGE, 4) + b'null'", "fault"),
        ("zygote.HEAD.pack(zygote.FAULT, 2) + b'[]'", "fault"),
        ("zygote.HEAD.pack(zygote.FAULT, 2) + bytes([255, 255])", "fault"),
        ("zygote.HEAD.pack(77, 2) + b'{}'", "fault"),
        ("zygote.HEAD.pack(zygote.MESSAGE, 2**32 - 1)", "memory"),
        ("b'!'", "crash"),
    ],
)
def test_a_reader_taken_over_by_its_mail_is_not_believed(play, said, reason):
    answer, _log = play(f"""
        def lie(raw):
            for fd in range(3, 64):
                try:
                    os.write(fd, {said})
                except OSError:
                    continue
                os._exit(0)
        control = start(lie)
        async def main():
            readers = Readers(control)
            tell(await outcome(readers, b"a"))
            await readers.aclose()
        asyncio.run(main())
    """)
    assert answer[0] == reason


def test_the_zygote_ends_when_its_askers_have_gone(play):
    statuses, _log = play("""
        control = start(behave)
        control.close()
        tell([os.waitstatus_to_exitcode(os.wait()[1])])
    """)
    assert statuses == [0]


def test_the_gateways_own_reader_reads_the_same_in_a_reader_as_here(play):
    answer, log = play("""
        from gateway.mail.reader import read
        control = start(None)
        mails = [zygote._SPECIMEN, b"", b"\\0\\xff", zygote._SPECIMEN.replace(b"b@desk", b"c@desk") + bytes(range(256)) * 2000]
        async def main():
            readers = Readers(control)
            there = [await readers.read(mail) for mail in mails]
            tell([there == [read(mail) for mail in mails], there[0].subject, there[3].to[0].address])
            await readers.aclose()
        asyncio.run(main())
    """)
    assert answer == [True, "ö", "c@desk.example"]
    assert "event=fault" not in log


async def test_without_a_control_socket_mail_is_read_here():
    readers = Readers(None, read_here=lambda raw: Message(text=raw.decode("ascii")))
    assert (await readers.read(b"a")).text == "a"
    with pytest.raises(Unreadable) as caught:
        await readers.read(b"\xff")
    assert caught.value.reason == "fault"
    assert "UnicodeDecodeError" in caught.value.text
    await readers.aclose()


async def test_without_a_control_socket_a_mail_that_takes_too_long_is_left_behind():
    release = threading.Event()

    def wait(_raw: bytes) -> Message:
        release.wait(30)
        return Message()

    readers = Readers(None, wall_seconds=0.05, read_here=wait)
    try:
        with pytest.raises(Unreadable) as caught:
            await readers.read(b"a")
    finally:
        release.set()
    assert caught.value.reason == "time"
    await readers.aclose()
    await asyncio.get_running_loop().shutdown_default_executor()


zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.none() | st.datetimes(min_value=datetime(1900, 1, 1), timezones=zones)  # noqa: DTZ001 - `timezones` adds it


@settings(max_examples=100, deadline=None)
@given(message=st.builds(Message, date=moments))
def test_what_a_reader_sends_is_what_was_read(message):
    assert zygote.MESSAGES.validate_json(zygote.MESSAGES.dump_json(message)) == message
