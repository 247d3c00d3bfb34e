"""Roles in, one process each out: started in order, started again when they die, ended together.

The supervisor has one thread and no handler: the signals it heeds are blocked and fetched one by one, so nothing can
happen between two lines of it. A child ends with the supervisor in two ways that need no help from the child's own
loop, because a supervisor killed by SIGKILL must leave lock and port behind at once.
"""

import ctypes
import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never

from gateway import maillog
from gateway.problems import ConfigError, GatewayError

#: A child that exits so (sysexits.h: EX_CONFIG) would do it again: everything ends with this status.
BAD_SETTINGS = 78
_LONGEST_PAUSE = 30.0
_LIVED_WELL = 60.0
_HEEDED = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})
# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)


@dataclass(frozen=True, slots=True)
class Child:
    """One role. `run` returns the exit status (None is 0) and is called in a fresh process each time.

    `keep` names the sockets that are this child's to use: they are closed in every child that does not name them, and
    stay open in the supervisor, so that a child started again finds them as they were.
    """

    role: str
    run: Callable[[], int | None]
    keep: tuple[socket.socket, ...] = ()


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent`, which has just forked it, ends. Call first thing in the child.

    Danger (prctl(2), PR_SET_PDEATHSIG): "parent" is the thread that forked; when that thread ends, the child is killed,
    whatever its process still does. Fork from the main thread. The setting is lost on a change of user.
    """
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was told
        os._exit(1)


def prctl(option: int, value: int) -> None:
    """Set an option of this process that takes one number (see prctl in section 2 of the manual). Raises OSError."""
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")


def next_pause(last: float | None, lived: float) -> float:
    """Seconds to wait before a child that `lived` so long is started again, `last` being the pause before this life.

    None at the first life. 0, then 1 doubling to 30; a child that lived for a minute begins anew.
    """
    if last is None or lived >= _LIVED_WELL:
        return 0.0
    return min(_LONGEST_PAUSE, 2 * last or 1.0)


def supervise(
    children: Sequence[Child],
    *,
    lock: int | None = None,
    grace: float = 20.0,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Run `children` until SIGTERM or SIGINT -> the exit status: 0 if all ended orderly, 78 if a child said so, else 1.

    SIGHUP is passed on; SIGTERM and SIGINT reach the children as SIGTERM, the last child first; who still lives `grace`
    seconds later is killed. `lock` is closed in the children. Children begin with SIGTERM at its default, and with
    SIGINT and SIGHUP ignored: a terminal sends SIGINT to them too, but the order of ending is the supervisor's.
    """
    if threading.active_count() > 1:
        raise RuntimeError("supervise() forks, so it must be called before any thread is started")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever started us may have left it ignored: no status to fetch
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEEDED)
    try:
        return _Supervision(children, lock, grace, clock).run()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(slots=True, eq=False)
class _Place:
    """One child and its present life. `lifeline` is the writing end, held by nobody else; -1 while there is no life."""

    child: Child
    pid: int = 0
    lifeline: int = -1
    started: float = 0.0
    due: float = 0.0
    pause: float | None = None


@dataclass(slots=True)
class _Supervision:
    children: Sequence[Child]
    lock: int | None
    grace: float
    clock: Callable[[], float]
    places: list[_Place] = field(init=False)
    status: int = 0
    #: When the end began and when patience ends; None while running.
    ending: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        self.places = [_Place(child) for child in self.children]

    def run(self) -> int:
        while True:
            now = self.clock()
            if self.ending is None:
                for place in self.places:
                    if not place.pid and place.due <= now:
                        self._start(place)
            elif not any(place.pid for place in self.places):
                maillog.gateway_stopped(seconds=now - self.ending[0])
                return self.status
            elif now >= self.ending[1]:
                self._signal(signal.SIGKILL)
            self._heed(signal.sigtimedwait(_HEEDED, self._idle_for(now)))
            self._reap()

    def _idle_for(self, now: float) -> float:
        if self.ending is not None:
            return max(0.05, self.ending[1] - now)
        return max(0.0, min((place.due - now for place in self.places if not place.pid), default=3600.0))

    def _heed(self, info: signal.struct_siginfo | None) -> None:
        if info is None or info.si_signo == signal.SIGCHLD:
            return
        if info.si_signo == signal.SIGHUP:
            self._signal(signal.SIGHUP)
        elif self.ending is None:
            self._end(signal.Signals(info.si_signo).name)

    def _end(self, why: str) -> None:
        now = self.clock()
        self.ending = (now, now + self.grace)
        maillog.gateway_stopping(signal=why)
        # Nobody is started again: from here on a child that waits for end-of-file on a socket shared with another child
        # sees it as soon as that one ends, so each ends after those it serves.
        for kept in self._sockets():
            kept.close()
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        for place in reversed(self.places):
            if place.pid:  # not yet reaped, so the number cannot be another process's
                os.kill(place.pid, number)

    def _reap(self) -> None:
        # Any child: as process 1 of a container this one inherits the orphans of all others.
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                for place in self.places:
                    if place.pid == ended[0]:
                        self._settle(place, os.waitstatus_to_exitcode(ended[1]))

    def _settle(self, place: _Place, code: int) -> None:
        os.close(place.lifeline)
        place.pid, place.lifeline = 0, -1
        if self.ending is not None:
            if code not in {0, -signal.SIGTERM}:
                self.status = self.status or 1
                maillog.child_ended(role=place.child.role, status=_said(code), again_in=0)
        elif code == BAD_SETTINGS:
            self.status = BAD_SETTINGS
            self._end(f"{place.child.role}: {_said(code)}, bad settings")
        else:
            self._put_off(place, _said(code))

    def _put_off(self, place: _Place, status: str) -> None:
        now = self.clock()
        place.pause = next_pause(place.pause, now - place.started)
        place.due = now + place.pause
        maillog.child_ended(role=place.child.role, status=status, again_in=place.pause)

    def _sockets(self) -> set[socket.socket]:
        return {kept for child in self.children for kept in child.keep}

    def _start(self, place: _Place) -> None:
        place.started = self.clock()
        parent = os.getpid()
        theirs, ours = os.pipe()
        # What stdio still holds would be written twice, once by each process.
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(theirs)
            os.close(ours)
            self._put_off(place, f"could not be started: {error.strerror}")
            return
        if pid == 0:
            self._become(place.child, parent, theirs, ours)
        os.close(theirs)
        place.pid, place.lifeline = pid, ours

    def _become(self, child: Child, parent: int, lifeline: int, writing_end: int) -> Never:
        status = 1
        try:
            die_with_parent(parent)
            for descriptor in [writing_end, *(place.lifeline for place in self.places), self.lock]:
                if descriptor is not None and descriptor >= 0:
                    os.close(descriptor)
            for kept in self._sockets().difference(child.keep):
                kept.close()
            _die_at_end_of_file(lifeline)
            with suppress(OSError):  # for ps and top only
                Path("/proc/self/comm").write_text(f"gw-{child.role}", "utf-8")
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)
            status = _run(child)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException as error:  # the process ends here whatever it was; this is the last place to say so
            maillog.fault(where=child.role, error=error)
        finally:
            # Not sys.exit: the frames below are the supervisor's, and its clean-up is not ours to do.
            os._exit(status)


def _die_at_end_of_file(lifeline: int) -> None:
    # What PDEATHSIG does too, but this one outlives a change of user. fcntl(2): F_SETSIG; pipe(7): O_ASYNC.
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def _run(child: Child) -> int:
    try:
        return child.run() or 0
    except ConfigError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return BAD_SETTINGS
    except GatewayError as error:  # nothing of ours is wrong; it may be better the next time
        maillog.child_failed(role=child.role, text=str(error))
        return 1
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)


def _said(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"signal {-code} ({signal.strsignal(-code)})"
