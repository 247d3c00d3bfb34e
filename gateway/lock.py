"""One gateway to a spool: a lock that a killed gateway leaves behind only as long as a process of it lives."""

import fcntl
import os
import time
from pathlib import Path

from gateway.problems import GatewayError


class AlreadyRunning(GatewayError):
    """Another gateway, or what is left of one, has this spool."""


def take_lock(path: Path, *, wait: float = 5.0) -> int:
    """The descriptor of `path`, locked for this process alone, with its pid written in; hand it to `supervise`.

    A second lock, `path` + ".children", is left open for as long as this process or a child of it lives: children of a
    killed supervisor may have a moment to live, and `wait` seconds are given them.
    Raises AlreadyRunning at once if another supervisor lives, and after `wait` if only children of one do; GatewayError
    if the files cannot be opened.
    """
    lock = _open(path)
    if not _locked(lock):
        pid = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        os.close(lock)
        raise AlreadyRunning(
            f"{path}: locked by a gateway that is running (process {pid or 'unknown'}). "
            "Stop that one first, or give this one a spool of its own."
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    # flock(2) locks belong to the open file: forked children share this one, and the last of them to end frees it.
    shared_path = path.with_name(path.name + ".children")
    shared = _open(shared_path)
    deadline = time.monotonic() + wait
    while not _locked(shared):
        if time.monotonic() >= deadline:
            os.close(shared)
            os.close(lock)
            raise AlreadyRunning(
                f"{shared_path}: processes of a gateway that was killed are still alive after {wait:g} seconds. "
                "End them, then start again."
            )
        time.sleep(0.02)
    return lock


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise GatewayError(
            f"{path}: the lock file cannot be opened ({error.strerror}). Its folder must exist and be writable."
        ) from error


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
