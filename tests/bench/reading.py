"""The reader beside Python's email package, which is asked for the same: texts, header fields, sizes, digests of files.

It does less all the same: no HTML to text, no reply text, no forwards, no kind. The stages of reading a text of 5 KB have
rows of their own, each beside the whole of what `email` does, so that a stage that grows is seen.
"""

import email
import email.policy
import hashlib
from collections.abc import Callable, Iterator

from gateway.mail import bodies
from gateway.mail.forwards import read_forward
from gateway.mail.head import read_head
from gateway.mail.kinds import kind_of
from gateway.mail.mime import split
from gateway.mail.reader import read
from gateway.mail.replies import divide
from tests.bench.samples import page, plain, with_file

Rows = Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]
_BASELINE = "email, policy.default"


def _stdlib(raw: bytes) -> None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for name, value in message.items():
        assert isinstance(name + str(value), str)
    for part in message.walk():
        if not part.is_multipart():
            found = part.get_content()
            if isinstance(found, bytes):
                hashlib.sha256(found).hexdigest()
                hashlib.md5(found, usedforsecurity=False).hexdigest()


def rows() -> Rows:
    for name, raw, times in (
        ("5 KB text", plain(5000), 50),
        ("5 MB attachment", with_file(5_000_000), 1),
        ("60 KB HTML only", page(60_000), 5),
    ):
        yield f"read {name}", _BASELINE, _often(read, raw, times), _often(_stdlib, raw, times), times, "mails/s"
    raw = plain(5000)
    for name, stage in _stages(raw).items():
        yield f"read 5 KB text: {name}", _BASELINE, _often(stage, raw, 50), _often(_stdlib, raw, 50), 50, "mails/s"


def _stages(raw: bytes) -> dict[str, Callable[[bytes], object]]:
    structure = split(raw)
    head = read_head(structure.parts[0].block, "utf-8")
    text = bodies.choose_bodies(raw, structure).text
    return {
        "structure": split,
        "header": lambda _: read_head(structure.parts[0].block, "utf-8"),
        "bodies": lambda raw: bodies.choose_bodies(raw, structure),
        "reply": lambda _: divide(text),
        "forward": lambda _: read_forward(text, head.subject, has_parent=False),
        "kind": lambda raw: kind_of(raw, structure, head.from_, head.subject, text),
    }


def _often(do: Callable[[bytes], object], raw: bytes, times: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(times):
            do(raw)

    return run
