"""Mails of the sizes that matter, made here."""

import base64
import random

_dice = random.Random(4)
_WORDS = [
    "the",
    "invoice",
    "of",
    "last",
    "month",
    "was",
    "sent",
    "twice",
    "please",
    "look",
    "into",
    "it",
    "and",
    "answer",
    "before",
    "friday",
    "thank",
    "you",
]


def prose(length: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.append(_dice.choice(_WORDS))
    text = " ".join(words)
    return "\r\n".join(text[start : start + 72] for start in range(0, len(text), 72))


def head(extra: str = "") -> str:
    received = "".join(
        f"Received: from relay{n}.example ([192.0.2.{n}]) by mx{n}.example with ESMTPS id {n};\r\n\tTue, 24 Nov 2026 10:00:0{n} +0000\r\n"
        for n in range(4)
    )
    return (
        f"{received}From: =?utf-8?q?J=C3=BCrgen?= Smith <jurgen@customer.example>\r\nTo: Support <support@desk.example>\r\n"
        "Subject: =?utf-8?b?UmVjaG51bmcgZsO8ciBOb3ZlbWJlcg==?= again\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <4711@customer.example>\r\nMIME-Version: 1.0\r\n{extra}"
    )


def plain(size: int) -> bytes:
    return (head("Content-Type: text/plain; charset=utf-8\r\n") + "\r\n" + prose(size)).encode()


def with_file(size: int) -> bytes:
    encoded = base64.encodebytes(_dice.randbytes(size)).replace(b"\n", b"\r\n")
    return (
        head('Content-Type: multipart/mixed; boundary="b"\r\n').encode()
        + b"\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        + prose(1000).encode()
        + b'\r\n--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + encoded
        + b"--b--\r\n"
    )


def page(size: int) -> bytes:
    rows = "".join(f"<tr><td><b>{prose(40)}</b></td><td>{n}</td></tr>\r\n" for n in range(size // 90))
    return (
        head("Content-Type: text/html; charset=utf-8\r\n") + f"\r\n<html><body><table>{rows}</table></body></html>"
    ).encode()
