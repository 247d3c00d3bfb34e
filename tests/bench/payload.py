"""A reply with a 5 MB file to the form body of a push, beside lxml and urlencode alone."""

import base64
import hashlib
import urllib.parse
from collections.abc import Callable, Iterator

from lxml import etree

from gateway.mail.decode import content
from gateway.mail.reader import read
from gateway.staffapi.documents import File, Modify, Reply
from gateway.staffapi.wire import form, to_xml
from tests.bench.samples import with_file


def rows() -> Iterator[tuple[str, str, Callable[[], object], Callable[[], object], float, str]]:
    raw = with_file(5_000_000)
    [attachment] = read(raw).attachments
    file = File("a.pdf", attachment.size, attachment.md5, attachment.sha256, attachment.span)
    push = Modify(5, reply=Reply("See the file.", (file,)))

    def ours() -> None:
        form(to_xml(push, lambda each: content(raw, each.span)), "s" * 80)

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

    yield "form body, 5 MB file", "lxml + base64 + urlencode", ours, baseline, 5, "MB/s"
