"""Real supervisors with real children, killed in every way there is. Each runs as a program of its own."""

import fcntl
import os
import re
import select
import signal
import subprocess
import sys
from contextlib import ExitStack
from textwrap import dedent

import pytest

from gateway.supervisor import next_pause

pytestmark = [pytest.mark.whole, pytest.mark.timeout(60)]

PRELUDE = """
import ctypes, fcntl, os, signal, sys, time
from pathlib import Path
from gateway import maillog
from gateway.problems import ConfigError, Problem
from gateway.lock import AlreadyRunning, take_lock
from gateway.supervisor import Child, prctl, supervise

maillog.configure("text")

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def wait(role):
    # The tamest child: says its pid and ends by SIGTERM.
    def run():
        say(role, os.getpid())
        while True:
            signal.pause()
    return run
"""


class Program:
    """A running scenario: `line()` waits for the next line it or a child of it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.pid = process.pid

    def line(self) -> list[str]:
        line = self.process.stdout.readline()
        if not line:
            pytest.fail(f"the program ended with {self.process.wait()}: {self.process.stderr.read()}")
        return line.split()

    def pids(self, count: int) -> dict[str, int]:
        return {role: int(pid) for role, pid in (self.line() for _ in range(count))}

    def finish(self) -> tuple[int, str, str]:
        """Status, what was still said and what was logged, once every process that could say something has ended."""
        said, logged = self.process.communicate(timeout=30)
        return self.process.returncode, said, logged


@pytest.fixture
def launch(tmp_path):
    with ExitStack() as stack:

        def run(scenario: str, *arguments: str) -> Program:
            program = tmp_path / f"scenario{len(list(tmp_path.glob('scenario*')))}.py"
            program.write_text(PRELUDE + dedent(scenario))
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-W", "error", program, *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            return Program(process)

        yield run


@pytest.fixture
def watch():
    """Descriptors that become readable when the process ends, whoever its parent is."""
    with ExitStack() as stack:

        def open_one(pid: int) -> int:
            descriptor = os.pidfd_open(pid)
            stack.callback(os.close, descriptor)
            return descriptor

        yield open_one


def all_end(descriptors: list[int], seconds: float) -> bool:
    waiting = set(descriptors)
    while waiting and (ended := select.select(waiting, [], [], seconds)[0]):
        waiting.difference_update(ended)
    return not waiting


LOCKED_PAIR = """
    lock = take_lock(Path(sys.argv[1]))
    raise SystemExit(supervise([Child("intake", wait("intake")), Child("delivery", wait("delivery"))], lock=lock))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_end_ends_all_and_the_status_is_0(launch, watch, tmp_path, number):
    program = launch(LOCKED_PAIR, str(tmp_path / "lock"))
    children = program.pids(2)
    assert set(children) == {"intake", "delivery"}
    os.kill(program.pid, number)
    assert all_end([watch(pid) for pid in children.values()], 5)
    status, _said, logged = program.finish()
    assert status == 0
    assert f"event=gateway.stopping signal={number.name}" in logged
    assert "event=gateway.stopped" in logged
    assert "child.ended" not in logged


def test_children_are_told_to_end_by_sigterm_even_after_sigint(launch):
    program = launch("""
        def last_words(role):
            def run():
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
                say(role, os.getpid())
                signal.sigwait({signal.SIGTERM})
                say("bye", role)
            return run
        raise SystemExit(supervise([Child(role, last_words(role)) for role in ("one", "two")]))
    """)
    program.pids(2)
    os.kill(program.pid, signal.SIGINT)
    status, said, _logged = program.finish()
    assert status == 0
    assert sorted(line.split()[1] for line in said.splitlines()) == ["one", "two"]


def test_a_child_that_will_not_end_is_killed_when_patience_ends(launch):
    program = launch("""
        def stubborn():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            wait("stubborn")()
        raise SystemExit(supervise([Child("stubborn", stubborn), Child("tame", wait("tame"))], grace=0.3))
    """)
    program.pids(2)
    os.kill(program.pid, signal.SIGTERM)
    status, _said, logged = program.finish()
    assert status == 1
    assert 'event=child.ended role=stubborn status="signal 9 (Killed)"' in logged


def test_a_killed_child_is_started_again_and_the_others_live_on(launch, tmp_path):
    program = launch(LOCKED_PAIR, str(tmp_path / "lock"))
    children = program.pids(2)
    os.kill(children["delivery"], signal.SIGKILL)
    role, pid = program.line()
    assert role == "delivery"
    assert int(pid) != children["delivery"]
    os.kill(children["intake"], 0)
    os.kill(program.pid, signal.SIGTERM)
    status, _said, logged = program.finish()
    assert status == 0
    assert logged.count("event=child.ended") == 1
    assert 'role=delivery status="signal 9 (Killed)" again_in=0' in logged


def test_a_child_that_ends_at_once_is_started_again_after_growing_pauses(launch, tmp_path):
    program = launch(
        """
        def short():
            with open(sys.argv[1], "a+") as lives:
                lives.write("x")
                lives.seek(0)
                if len(lives.read()) == 3:
                    return wait("short")()
            say("short", os.getpid())
            raise ValueError("our own mistake")
        raise SystemExit(supervise([Child("short", short)]))
        """,
        str(tmp_path / "lives"),
    )
    program.pids(1)
    program.pids(1)
    program.pids(1)
    os.kill(program.pid, signal.SIGTERM)
    status, _said, logged = program.finish()
    assert status == 0
    assert re.findall(r"event=child.ended .*again_in=([\d.]+)", logged) == ["0.0", "1.0"]
    assert "event=fault where=short type=ValueError" in logged


def test_pauses_double_to_30_seconds_and_a_good_life_forgets_them():
    pauses, last = [], None
    for _ in range(9):
        last = next_pause(last, lived=1.0)
        pauses.append(last)
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert next_pause(30.0, lived=59.9) == 30.0
    assert next_pause(30.0, lived=60.0) == 0.0


@pytest.mark.parametrize("way", ["return 78", 'raise ConfigError([Problem("gateway.toml", 3, 1, "no such desk")])'])
def test_a_child_with_bad_settings_ends_all_with_78(launch, watch, way):
    program = launch(f"""
        def misconfigured():
            sys.stdin.readline()
            {way}
        raise SystemExit(supervise([Child("good", wait("good")), Child("bad", misconfigured)]))
    """)
    good = watch(program.pids(1)["good"])
    program.process.stdin.write("go\n")
    program.process.stdin.flush()
    assert all_end([good], 5)
    status, said, logged = program.finish()
    assert status == 78
    assert not said
    assert "child.ended" not in logged
    assert "return" in way or "gateway.toml:3:1: no such desk" in logged


def test_sighup_is_passed_on_and_harms_no_child_that_does_not_want_it(launch):
    program = launch("""
        def reloading():
            signal.signal(signal.SIGHUP, lambda *_: say("reloaded", 1))
            wait("reloading")()
        raise SystemExit(supervise([Child("deaf", wait("deaf")), Child("reloading", reloading)]))
    """)
    program.pids(2)
    os.kill(program.pid, signal.SIGHUP)
    assert program.line() == ["reloaded", "1"]
    os.kill(program.pid, signal.SIGTERM)
    status, _said, logged = program.finish()
    assert status == 0
    assert "child.ended" not in logged


def test_sigkill_of_the_supervisor_alone_takes_all_with_it_and_frees_the_lock(launch, watch, tmp_path):
    program = launch(LOCKED_PAIR, str(tmp_path / "lock"))
    children = [watch(pid) for pid in program.pids(2).values()]
    os.kill(program.pid, signal.SIGKILL)
    again = launch(LOCKED_PAIR, str(tmp_path / "lock"))
    assert all_end(children, 2)
    assert set(again.pids(2)) == {"intake", "delivery"}
    os.kill(again.pid, signal.SIGTERM)
    assert again.finish()[0] == 0


def test_the_lifeline_alone_ends_a_child_when_the_supervisor_is_killed(launch, watch):
    program = launch("""
        def changed_user():
            prctl(1, 0)  # what a change of user does to PDEATHSIG
            wait("child")()
        raise SystemExit(supervise([Child("child", changed_user), Child("other", wait("other"))]))
    """)
    children = [watch(pid) for pid in program.pids(2).values()]
    os.kill(program.pid, signal.SIGKILL)
    assert all_end(children, 2)


def test_a_second_gateway_is_told_which_file_and_which_process(launch, tmp_path):
    lock = tmp_path / "lock"
    program = launch(LOCKED_PAIR, str(lock))
    program.pids(2)
    second = launch(LOCKED_PAIR, str(lock))
    status, _said, logged = second.finish()
    assert status == 1
    assert f"{lock}: locked by a gateway that is running (process {program.pid})" in logged
    os.kill(program.pid, signal.SIGTERM)
    assert program.finish()[0] == 0


def test_a_new_supervisor_waits_for_what_is_left_of_the_old_one(launch, tmp_path):
    lock = tmp_path / "lock"
    taker = """
        say("taking", 0)
        try:
            take_lock(Path(sys.argv[1]), wait=float(sys.argv[2]))
        except AlreadyRunning as error:
            say(error)
        else:
            say("taken", 1)
    """
    with (tmp_path / "lock.children").open("w") as left:
        fcntl.flock(left, fcntl.LOCK_EX)
        impatient = launch(taker, str(lock), "0.1").finish()
        assert (
            f"{lock}.children: processes of a gateway that was killed are still alive after 0.1 seconds" in impatient[1]
        )
        patient = launch(taker, str(lock), "30")
        assert patient.line() == ["taking", "0"]
    assert patient.line() == ["taken", "1"]


def test_a_lock_in_a_folder_that_is_not_there_is_explained(launch, tmp_path):
    status, _said, logged = launch(LOCKED_PAIR, str(tmp_path / "nowhere" / "lock")).finish()
    assert status == 1
    assert "the lock file cannot be opened (No such file or directory). Its folder must exist" in logged


def test_a_child_holds_its_own_sockets_and_neither_the_lock_nor_the_others(launch, tmp_path):
    program = launch(
        """
        import socket
        mine, yours = socket.socketpair()
        lock = take_lock(Path(sys.argv[1]))
        def held():
            return {os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.exists()}
        def one():
            say("one", mine.fileno() >= 0, yours.fileno() >= 0, sys.argv[1] in held(), sys.argv[1] + ".children" in held())
            wait("one")()
        def two():
            say("two", mine.fileno() >= 0, yours.fileno() >= 0, sys.argv[1] in held(), sys.argv[1] + ".children" in held())
            wait("two")()
        raise SystemExit(supervise([Child("one", one, keep=(mine,)), Child("two", two, keep=(yours,))], lock=lock))
        """,
        str(tmp_path / "lock"),
    )
    said = sorted(program.line() for _ in range(4))
    assert ["one", "True", "False", "False", "True"] in said
    assert ["two", "False", "True", "False", "True"] in said
    os.kill(program.pid, signal.SIGTERM)
    assert program.finish()[0] == 0


READING = """
    import asyncio
    from gateway.delivery import zygote
    from gateway.delivery.readers import Readers
    from gateway.mail.message import Message

    theirs, ours = zygote.control_pair()

    def read(raw):
        if raw.startswith(b"slow"):
            say("slow", os.getpid())
            time.sleep(0.5)
        return Message(subject=f"{os.getppid()} {os.getpid()}", text=raw.decode())

    def run_zygote():
        return zygote.main(theirs, read=read)

    def run_delivery():
        asyncio.run(deliver())

    async def deliver():
        loop = asyncio.get_running_loop()
        readers, stop, lines = Readers(ours), asyncio.Event(), asyncio.Queue()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_reader(0, lambda: lines.put_nowait(os.read(0, 100)))
        say("delivery", os.getpid())
        ending = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            line = asyncio.ensure_future(lines.get())
            await asyncio.wait({line, ending}, return_when=asyncio.FIRST_COMPLETED)
            if line.done() and line.result():
                message = await readers.read(line.result().strip())
                say(message.subject, message.text)
            else:
                line.cancel()
        await readers.aclose()

    raise SystemExit(supervise([Child("zygote", run_zygote, keep=(theirs,)), Child("delivery", run_delivery, keep=(ours,))]))
"""


def send(program: Program, text: str) -> None:
    program.process.stdin.write(text)
    program.process.stdin.flush()


def test_a_killed_zygote_is_started_again_and_reading_goes_on(launch, watch):
    program = launch(READING)
    program.pids(1)
    send(program, "one")
    zygote, reader, text = program.line()
    assert text == "one"
    reader_ends = watch(int(reader))
    os.kill(int(zygote), signal.SIGKILL)
    assert all_end([reader_ends], 5)
    send(program, "two")
    second_zygote, second_reader, text = program.line()
    assert text == "two"
    assert (second_zygote, second_reader) != (zygote, reader)
    os.kill(program.pid, signal.SIGTERM)
    status, _said, logged = program.finish()
    assert status == 0
    assert logged.count("event=child.ended") == 1
    assert "reader.killed" not in logged


def test_a_killed_delivery_takes_its_readers_with_it_and_the_next_one_reads(launch, watch):
    program = launch(READING)
    first = program.pids(1)["delivery"]
    send(program, "one")
    zygote, reader, _text = program.line()
    reader_ends = watch(int(reader))
    os.kill(first, signal.SIGKILL)
    assert all_end([reader_ends], 5)
    assert program.pids(1)["delivery"] != first
    send(program, "two")
    assert program.line()[0] == zygote
    os.kill(program.pid, signal.SIGTERM)
    assert program.finish()[0] == 0


def test_a_mail_being_read_when_the_end_comes_is_read_to_its_end(launch):
    program = launch(READING)
    program.pids(1)
    send(program, "slow")
    assert program.line()[0] == "slow"
    os.kill(program.pid, signal.SIGTERM)
    status, said, logged = program.finish()
    assert said.split()[-1] == "slow"
    assert status == 0
    assert "reader.killed" not in logged


def test_sigkill_of_the_supervisor_takes_zygote_and_readers_too(launch, watch):
    program = launch(READING)
    delivery = program.pids(1)["delivery"]
    send(program, "slow")
    reader = int(program.line()[1])
    descriptors = [watch(delivery), watch(reader)]
    os.kill(program.pid, signal.SIGKILL)
    assert all_end(descriptors, 5)
    # End-of-file on what they all could write to: nobody is left, the zygote included.
    program.process.communicate(timeout=5)
