"""A reply with a 5 MB file to the form body of a push, beside lxml and urlencode alone."""

import base64
import hashlib
import tracemalloc
import urllib.parse
from collections import deque
from collections.abc import Callable, Iterator

from lxml import etree

from gateway.mail.decode import content, content_blocks
from gateway.mail.reader import read
from gateway.staffapi.documents import File, Modify, Reply
from gateway.staffapi.wire import prepare
from tests.bench.samples import with_file


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    raw = with_file(5_000_000)
    [attachment] = read(raw).attachments
    file = File("a.pdf", attachment.size, attachment.md5, attachment.sha256, attachment.span)
    push = Modify(5, reply=Reply("See the file.", (file,)))

    def ours() -> None:
        body = prepare(push, lambda each: content_blocks(raw, each.span)).body("s" * 80)
        # Sent block by block; none is kept.
        deque(body.blocks(), maxlen=0)

    def baseline() -> None:
        decoded = content(raw, attachment.span)
        root = etree.Element("kayako_staffapi")
        reply = etree.SubElement(etree.SubElement(root, "modify", ticketid="5"), "reply")
        etree.SubElement(reply, "contents").text = "See the file."
        digest = hashlib.md5(decoded, usedforsecurity=False).hexdigest()
        node = etree.SubElement(reply, "attachment", filename="a.pdf", md5=digest)
        node.text = base64.b64encode(decoded).decode()
        urllib.parse.urlencode(
            {"payload": etree.tostring(root, xml_declaration=True, encoding="UTF-8"), "sessionid": "s" * 80}
        )

    extra = f"extra memory {_peak(ours) / 1e6:.2f} MB beside {_peak(baseline) / 1e6:.0f}"
    yield "form body, 5 MB file", f"lxml + base64 + urlencode; {extra}", ours, baseline, 5, "MB/s"


def _peak(run: Callable[[], object]) -> int:
    """Bytes that Python had allocated at once for one run, beside what it had before. Counting is slow: never timed."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
