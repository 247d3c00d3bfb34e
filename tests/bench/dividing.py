"""Reply and quote told apart, and a forwarded mail read, beside a parse of a mail of that size by Python's email package."""

import email
import email.policy
from collections.abc import Callable, Iterator

from gateway.mail.forwards import read_forward
from gateway.mail.replies import divide
from tests.bench.samples import plain, prose


def _reply(size: int) -> str:
    words = prose(2500).replace("\r\n", "\n") + "\n"
    half = words * (size // 5000)
    quote = "".join(f"> {line}\n" for line in half.splitlines())
    return f"{half}\nOn Mon, 5 May 2025 at 10:11, Ann <ann@a.example> wrote:\n{quote}"


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    for name, size, times in (("5 KB", 5000, 100), ("200 KB", 200_000, 3)):
        text = _reply(size)
        raw = plain(0) + text.encode()

        def ours(text: str = text, times: int = times) -> None:
            for _ in range(times):
                divide(text)
                read_forward(text, "Re: x", has_parent=True)

        def baseline(raw: bytes = raw, times: int = times) -> None:
            for _ in range(times):
                email.message_from_bytes(raw, policy=email.policy.default).get_content()

        yield f"divide a reply of {name}", "email, policy.default: parse of the mail", ours, baseline, times, "mails/s"
