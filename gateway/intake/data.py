"""Bytes after DATA in, one mail out: ends at <CRLF>.<CRLF> only, dots unstuffed, size bounded (RFC 5321 4.1.1.4, 4.5.2)."""

_END = b"\r\n.\r\n"


class Data:
    """Takes the mail in chunks cut anywhere. A bare CR or LF is kept as it is and ends nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        #: Bytes that came in, dots and all.
        self.received = 0
        #: Bytes of the mail so far; goes on counting where `too_big`.
        self.size = 0
        # One buffer: a list of pieces would cost a client's single bytes forty each.
        self._content = bytearray()
        # The command line's own CRLF: the end may be the very first line, and the first line may begin with a dot.
        self._carry = b"\r\n"
        self._lead = 2

    @property
    def too_big(self) -> bool:
        return self.size > self.limit

    def feed(self, chunk: bytes) -> bytes | None:
        """None while the mail goes on; at its end the bytes that follow it, which are commands."""
        self.received += len(chunk)
        window = self._carry + chunk
        end = window.find(_END)
        if end >= 0:
            self._keep(window[: end + 2])
            return window[end + len(_END) :]
        # What may be the beginning of "CRLF.CRLF" waits for the rest of it; it starts with a CR, at most 4 bytes back.
        start = window.find(b"\r", max(0, len(window) - 4))
        if start < 0:
            start = len(window)
        self._carry = window[start:]
        self._keep(window[:start])
        return None

    def _keep(self, piece: bytes) -> None:
        plain = piece.replace(b"\r\n.", b"\r\n")
        if self._lead and plain:
            # A piece is empty or holds both bytes of the lead: it is never cut between CR and LF.
            plain, self._lead = plain[self._lead :], 0
        self.size += len(plain)
        if self.too_big:
            self._content.clear()
        else:
            self._content += plain

    def content(self) -> bytes:
        """The mail, once: after its end was seen and unless it is `too_big`."""
        content = bytes(self._content)
        self._content.clear()
        return content
