"""A span of the raw mail in, the size and the digests of what it holds out. Nothing is held whole where blocks will do."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail.decode import content_blocks
from gateway.mail.message import Span


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes, and two digests in lower case hexadecimal; md5 is what the desk shows, and protects nothing."""

    size: int
    sha256: str
    md5: str


def measure(raw: bytes, span: Span) -> Measured:
    """Of exactly what `decode.content` gives for `span`."""
    return measure_blocks(content_blocks(raw, span))


def measure_blocks(blocks: Iterable[bytes]) -> Measured:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = 0
    for block in blocks:
        size += len(block)
        sha256.update(block)
        md5.update(block)
    return Measured(size, sha256.hexdigest(), md5.hexdigest())
