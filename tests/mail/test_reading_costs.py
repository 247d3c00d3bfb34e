"""What reading costs beyond the mail itself."""

import base64
import tracemalloc

import pytest

from gateway.mail.reader import read


def _with_file(size: int, line_break: bytes) -> bytes:
    encoded = base64.encodebytes(bytes(range(256)) * (size // 256)).replace(b"\n", line_break)
    head = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b\nContent-Type: application/pdf\n"
    return (
        head.replace(b"\n\nContent", b"\nContent", 1) + b"Content-Transfer-Encoding: base64\n\n" + encoded + b"--b--\n"
    )


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
def test_a_large_attachment_is_measured_without_holding_it(line_break):
    raw = _with_file(5_000_000, line_break)
    read(raw)
    tracemalloc.start()
    try:
        assert read(raw).attachments[0].size == 5_000_000 // 256 * 256
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
