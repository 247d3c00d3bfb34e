"""The reader beside Python's email package, which does less: no HTML to text, no digests."""

import email
import email.policy
from collections.abc import Callable, Iterator

from gateway.mail.reader import read
from tests.bench.samples import page, plain, with_file


def _stdlib(raw: bytes) -> None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for name in ("from", "to", "subject", "date", "message-id"):
        str(message[name])
    for part in message.walk():
        if not part.is_multipart():
            part.get_content()


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    for name, raw, times in (
        ("5 KB text", plain(5000), 50),
        ("5 MB attachment", with_file(5_000_000), 1),
        ("60 KB HTML only", page(60_000), 5),
    ):

        def ours(raw: bytes = raw, times: int = times) -> None:
            for _ in range(times):
                read(raw)

        def baseline(raw: bytes = raw, times: int = times) -> None:
            for _ in range(times):
                _stdlib(raw)

        yield f"read {name}", "email, policy.default", ours, baseline, times, "mails/s"
