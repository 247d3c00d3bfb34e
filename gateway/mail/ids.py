"""Header block in, the ids that thread a mail out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThreadIds:
    """Message-IDs without angle brackets, RFC 5322 3.6.4; `message_id` is None where there is none worth the name."""

    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]


def thread_ids(raw: bytes) -> ThreadIds:
    """The ids in the header block at the start of `raw` (the body may follow, it is not looked at). Never raises."""
    raise NotImplementedError
