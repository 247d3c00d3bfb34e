"""Texts and files in -> the form body a desk's POST wants, in blocks and with its exact length. Pure.

A file is read twice: once to compare it with the plan and to count what percent-encoding adds, and once more while it is
sent. So the length is known beforehand, and no file is ever held whole.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pybase64

from gateway.staffapi.documents import File

#: Gives the decoded content of a file, in blocks of any size; anew on every call.
OpenFile = Callable[[File], Iterable[bytes]]

#: Bytes worked on at once; of three, so that base64 can be written block by block (RFC 4648 4).
_BLOCK = 96 * 1024
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one POST, `length` bytes: all of `blocks()`, then `last`.

    `last` holds what a desk does nothing without (the session id, the signature), so it is secret, and whatever is cut off
    before it does nothing. `blocks` gives the same anew each time; it reads files, may take its time, and raises
    ValueError where a file is no longer what it was: then the body must not be finished.
    """

    length: int
    blocks: Callable[[], Iterator[bytes]] = field(repr=False)
    last: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file as base64 (RFC 4648 4, without line ends), read and compared with the plan whenever it is written."""

    file: File
    open_file: OpenFile = field(repr=False)
    #: Bytes that percent-encoding adds.
    added: int

    @property
    def size(self) -> int:
        return (self.file.size + 2) // 3 * 4

    def blocks(self) -> Iterator[bytes]:
        """Raises ValueError, before the last block, where the content is not the plan's."""
        for block in _checked(self.file, self.open_file):
            yield pybase64.b64encode(block)


#: Of what a field's value is made.
Part = bytes | Encoded


def encoded(file: File, open_file: OpenFile) -> Encoded:
    """Read the file once. Raises ValueError where it is not what the plan says."""
    # One count where there would be two: "/" is written as "+" here.
    special = sum(pybase64.b64encode(block, b"++").count(b"+") for block in _checked(file, open_file))
    padding = -file.size % 3
    return Encoded(file, open_file, 2 * (special + padding))


def form_body(values: Iterable[tuple[str, Sequence[Part]]], last: Mapping[str, str]) -> Body:
    """application/x-www-form-urlencoded: `values` in their order, then the fields of `last`, which are one block.

    Every value is percent-encoded once. There must be at least one field in each.
    """
    pairs = [(("&" if n else "") + name, tuple(parts)) for n, (name, parts) in enumerate(values)]
    end = b"&" + _pairs(last)

    def blocks() -> Iterator[bytes]:
        for name, parts in pairs:
            yield name.encode() + b"="
            for part in parts:
                yield from _written(part)

    length = sum(len(name.encode()) + 1 + sum(map(_length, parts)) for name, parts in pairs)
    return Body(length + len(end), blocks, end)


def fields(values: Mapping[str, str]) -> Body:
    """A question: its fields in the order given, all in the last block."""
    last = _pairs(values)
    return Body(len(last), lambda: iter(()), last)


def percent_encode(value: bytes) -> bytes:
    """RFC 3986 2.1, everything but the unreserved characters; fast where few kinds of byte need it, as in base64."""
    unsafe = set(value.translate(None, delete=_UNRESERVED))
    for byte in sorted(unsafe, key=lambda byte: byte != 0x25):  # "%" before it comes from others
        value = value.replace(bytes((byte,)), b"%%%02X" % byte)
    return value


def _pairs(values: Mapping[str, str]) -> bytes:
    return b"&".join(name.encode() + b"=" + percent_encode(value.encode()) for name, value in values.items())


def _written(part: Part) -> Iterator[bytes]:
    if isinstance(part, Encoded):
        for block in part.blocks():
            yield block.replace(b"+", b"%2B").replace(b"/", b"%2F").replace(b"=", b"%3D")
    else:
        for at in range(0, len(part), _BLOCK):
            yield percent_encode(part[at : at + _BLOCK])


def _length(part: Part) -> int:
    return part.size + part.added if isinstance(part, Encoded) else sum(map(len, _written(part)))


def _checked(file: File, open_file: OpenFile) -> Iterator[bytes]:
    """The content, in blocks of a multiple of three bytes but the last, which comes only if all is what the plan says.

    SHA-256 alone is compared: the plan's MD5 was made of the same bytes, and to make it again takes longest of all.
    """
    digest, read, held = hashlib.sha256(), 0, b""
    for block in _in_threes(open_file(file)):
        digest.update(block)
        read += len(block)
        if read > file.size:
            break
        if held:
            yield held
        held = block
    if read != file.size or digest.hexdigest() != file.sha256:
        raise ValueError(
            f"the file {file.filename!r} is no longer the {file.size} bytes that the plan has, with their digests; the "
            "stored mail was changed: restore it, or decide again"
        )
    yield held


def _in_threes(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of at most `_BLOCK`, of a multiple of three each but the last."""
    rest = b""
    for block in blocks:
        for at in range(0, len(block), _BLOCK):
            piece = rest + block[at : at + _BLOCK]
            whole = len(piece) // 3 * 3
            rest = piece[whole:]
            if whole:
                yield piece[:whole]
    if rest:
        yield rest
