"""Requests for a reader in, forked readers out; in each of them raw mails in, Messages out.

Danger: everything in a mail is hostile, and this is where it is taken apart. A reader may loop, eat memory or crash; it
holds nothing but its own stream, and whoever made that stream kills it. What is dear is imported once, here, before the
first fork.

The control socket carries requests one way: one datagram with one descriptor, an end of a stream made by the asker.
Nothing is answered there, so an asker or a zygote that was started again meets no stale state. The stream carries
frames: kind, length, body. The reader speaks first (HELLO, with a pidfd of itself); then each MAIL or MAPPED is
answered by MESSAGE or FAULT. End-of-file ends the reader.
"""

import gc
import json
import math
import mmap
import os
import resource
import signal
import socket
import struct
import time
import traceback
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from pydantic import TypeAdapter

from gateway import maillog
from gateway.mail.message import Message
from gateway.supervisor import die_with_parent, prctl

Read = Callable[[bytes], Message]

#: Kind and length of the body.
HEAD = struct.Struct("!BI")
#: Body of HELLO: the reader's pid, and the CPU seconds it gives a mail.
HELLO_BODY = struct.Struct("!II")
HELLO, MAIL, MAPPED, MESSAGE, FAULT = range(1, 6)
#: Longest mail that goes in by the stream; longer ones go in as a descriptor (MAPPED, no body).
LONGEST_MAIL_FRAME = 256 * 1024
#: Longest answer, as JSON.
LONGEST_ANSWER = 128 * 1024 * 1024
MESSAGES = TypeAdapter(Message)

# linux/prctl.h
_PR_SET_DUMPABLE = 4
# Read once before the first fork, so that what the reader imports and caches on its first mail is there in all of them.
_SPECIMEN = (
    b"From: =?windows-1252?Q?J=F6rg?= <a@sender.example>\r\nTo: b@desk.example\r\nSubject: =?utf-8?B?w7Y=?=\r\n"
    b"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=iso-8859-15\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"Gr=FC=DFe\r\n\r\nOn Thu, 1 Jan 2026, b wrote:\r\n> hello\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table><tr><td><b>Gr\xc3\xbc\xc3\x9fe</b></td></tr></table>\r\n"
    b"--b--\r\n"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reader may use: CPU seconds for each mail, and bytes of address space beyond what the zygote has."""

    cpu_seconds: int = 10
    memory: int = 512 * 1024 * 1024


def control_pair() -> tuple[socket.socket, socket.socket]:
    """The zygote's end and the asker's end of a control socket."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_with_descriptor(sock: socket.socket, data: bytes, descriptor: int, flags: int = 0) -> None:
    """Send `data` with one descriptor, unix(7) SCM_RIGHTS. (socket.send_fds of 3.11 takes flags and drops them.)"""
    sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [descriptor]))], flags)


def receive_with_descriptor(sock: socket.socket, size: int) -> tuple[bytes, int | None]:
    """At most `size` bytes and the descriptor that came with them, close-on-exec; b"" at end-of-file."""
    data, ancillary, _flags, _address = sock.recvmsg(
        size, socket.CMSG_LEN(array("i").itemsize), socket.MSG_CMSG_CLOEXEC
    )
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            return data, array("i", content)[0]
    return data, None


def load() -> Read:
    """The function that reads mail, with all it needs imported."""
    from gateway.mail.reader import read  # noqa: PLC0415 - only who reads pays for the reading libraries

    try:
        read(_SPECIMEN)
    except Exception as error:  # one mail, even this one, never stops the others
        maillog.fault(where="zygote", error=error)
    return read


def main(control: socket.socket, *, read: Read | None = None, limits: Limits = Limits()) -> int:
    """Fork a reader for each request on `control` until its end-of-file -> 0.

    Call it in a process without threads that ends with its parent (`supervisor.die_with_parent`).
    """
    # Deaf to the signals of an orderly end, readers too: it ends when its askers have ended, not under them, even where
    # every process of the service is sent SIGTERM at once.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wait(2): readers leave no zombies
    gc.disable()  # until the fork: a collection in the zygote would leave holes that are then copied page by page
    read = read or load()
    gc.freeze()
    zygote = os.getpid()
    while True:
        data, descriptor = receive_with_descriptor(control, 1)
        if not data:
            return 0
        if descriptor is None:
            continue
        # A fork that fails closes the stream: the asker sees that and asks again.
        with socket.socket(fileno=descriptor) as stream, suppress(OSError):
            if os.fork() == 0:
                _become_reader(stream, zygote, read, limits)


def _become_reader(stream: socket.socket, zygote: int, read: Read, limits: Limits) -> Never:
    try:
        die_with_parent(zygote)
        _close_all_but(stream.fileno())
        _confine(limits)
        gc.enable()
        serve(stream, read, limits)
    except BaseException as error:  # a mistake of ours, not of a mail; the process ends here
        maillog.fault(where="reader", error=error)
    finally:
        # The frames below are the zygote's.
        os._exit(0)


def _close_all_but(stream: int) -> None:
    for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if descriptor > 2 and descriptor != stream:
            with suppress(OSError):  # the descriptor of this very listing
                os.close(descriptor)


def _confine(limits: Limits) -> None:
    with suppress(OSError):  # not there in every container: the reader is the one to kill when memory runs out
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory)
    _limit(resource.RLIMIT_CORE, 0)
    # core(5): a core pattern that is a pipe pays no heed to RLIMIT_CORE, and a core is full of mail.
    prctl(_PR_SET_DUMPABLE, 0)


def _limit(kind: int, soft: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def serve(stream: socket.socket, read: Read, limits: Limits) -> None:
    """Say hello on `stream`, then read each mail that comes by it and answer, until end-of-file."""
    itself = os.pidfd_open(os.getpid())
    hello = HELLO_BODY.pack(os.getpid(), limits.cpu_seconds)
    with suppress(ConnectionError):  # the asker has gone: nobody is left to hear of anything
        send_with_descriptor(stream, HEAD.pack(HELLO, len(hello)) + hello, itself)
        os.close(itself)
        while (mail := _receive_mail(stream)) is not None:
            # For each mail anew: a limit for the whole life would end healthy readers. SIGXCPU kills.
            _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + limits.cpu_seconds)
            kind, body = _answer(mail, read)
            del mail
            stream.sendall(HEAD.pack(kind, len(body)))
            stream.sendall(body)


def _receive_mail(stream: socket.socket) -> bytes | None:
    head, descriptor = receive_with_descriptor(stream, HEAD.size)
    if not head:
        return None
    _kind, length = HEAD.unpack(head + _receive(stream, HEAD.size - len(head)))
    if descriptor is None:
        return _receive(stream, length)
    try:
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped:
            return mapped[:]
    finally:
        os.close(descriptor)


def _receive(stream: socket.socket, length: int) -> bytes:
    body = bytearray(length)
    view = memoryview(body)
    while view:
        count = stream.recv_into(view)
        if not count:
            raise ConnectionResetError("the asker ended in the middle of a frame")
        view = view[count:]
    return bytes(body)


def _answer(mail: bytes, read: Read) -> tuple[int, bytes]:
    try:
        body = MESSAGES.dump_json(read(mail))
        if len(body) > LONGEST_ANSWER:
            raise MemoryError(f"the message takes {len(body)} bytes, {LONGEST_ANSWER} are allowed")
    except BaseException as error:  # whatever the mail did, also a panic in Rust code, which is no Exception
        return FAULT, json.dumps({"type": type(error).__name__, "text": _describe(error)}).encode()
    return MESSAGE, body


def _describe(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{str(error)[:256]}{place}"
