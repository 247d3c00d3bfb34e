"""Mails from files in, spooled mails out: eml and mbox files, Maildirs, folders of them, or standard input."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway import maillog
from gateway.app import open_spool, prepare_spool
from gateway.commands.explain import envelope_for
from gateway.mail.ids import thread_ids
from gateway.mail.reader import read
from gateway.settings import Settings
from gateway.spool.errors import SpoolError

TRY_LATER = 75
_SEPARATOR = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)


def run(settings: Settings, paths: Sequence[Path], *, rcpt: Sequence[str], sender: str | None) -> int:
    """Spool each mail; 1 if a file cannot be read, 75 if the spool cannot be written."""
    status, kept = 0, []
    try:
        prepare_spool(settings)
        spool = open_spool(settings)
        try:
            for path in paths:
                try:
                    for raw in _mails(path):
                        envelope = envelope_for(read(raw), rcpt=rcpt, sender=sender)
                        kept.append(spool.accept(envelope, raw, thread_ids(raw)).result())
                except OSError as error:
                    print(f"error: {error.filename or path} cannot be read: {error.strerror}", file=sys.stderr)
                    status = 1
        finally:
            spool.close()
    except (SpoolError, OSError) as error:
        print(f"error: {error}. Nothing after mail {kept[-1].id if kept else 0} was stored", file=sys.stderr)
        maillog.spool_unavailable(text=str(error))
        return TRY_LATER
    again = sum(each.duplicate_of is not None for each in kept)
    shown = " ".join(str(each.id) for each in kept[:20]) + (" …" if len(kept) > 20 else "")
    print(f"{len(kept)} mails stored{f' ({again} were there already)' if again else ''}: {shown}")
    return status


def _mails(path: Path) -> Iterator[bytes]:
    """The mails of a file or folder, in the order of names. Raises OSError."""
    if str(path) == "-":
        yield _without_separator(sys.stdin.buffer.read())
    elif path.is_dir():
        inside = [path / "cur", path / "new"] if (path / "cur").is_dir() else [path]
        for folder in inside:
            for each in sorted(folder.iterdir()):
                if not each.name.startswith("."):
                    yield from _mails(each)
    else:
        raw = path.read_bytes()
        if raw.startswith(b"From ") and path.suffix != ".eml":
            yield from _split_mbox(raw)
        else:
            yield _without_separator(raw)


def _without_separator(raw: bytes) -> bytes:
    """Pipe transports of some MTAs put mbox's separator line in front."""
    return _SEPARATOR.sub(b"", raw, count=1) if raw.startswith(b"From ") else raw


def _split_mbox(raw: bytes) -> Iterator[bytes]:
    """RFC 4155: each mail begins with "From " after an empty line; ">From " in a body stands for "From "."""
    starts = [0, *(found.end() - 5 for found in re.finditer(rb"\r?\n\r?\nFrom ", raw))]
    for start, end in zip(starts, [*starts[1:], len(raw)], strict=True):
        mail = _SEPARATOR.sub(b"", raw[start:end], count=1)
        yield re.sub(rb"^>(>*From )", rb"\1", mail, flags=re.MULTILINE)
