"""Bytes that atheris makes up in; the reader must neither raise nor say what does not fit into XML and JSON.

`make fuzz` runs it for a minute over the kept corpus; `FUZZ_SECONDS` says how long. What it finds goes into
tests/mail/test_killers.py.
"""

import json
import sys

import atheris

with atheris.instrument_imports(include=["gateway.mail"]):
    from gateway.mail.decode import content
    from gateway.mail.names import safe_filename
    from gateway.mail.reader import read
    from gateway.mail.report import report

from gateway.staffapi.wire import xml_safe


def look(raw: bytes) -> None:
    message = read(raw)
    shown = json.dumps(report(message), default=str)
    json.loads(shown)
    xml_safe(message.text).encode()
    for number, attachment in enumerate(message.attachments, 1):
        assert len(content(raw, attachment.span)) == attachment.size
        name = safe_filename(attachment.filename, attachment.content_type, number)
        assert name and "/" not in name and "\\" not in name and "\0" not in name


atheris.Setup(sys.argv, look)
atheris.Fuzz()
