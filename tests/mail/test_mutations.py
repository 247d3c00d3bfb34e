"""Mails changed at random: nothing raises, nothing takes long, all that comes out fits into XML and JSON.

`make soak` reads 100,000 of them; `make test` some hundreds, other ones in each part of the run.
"""

import dataclasses
import json
import re
import time
from collections.abc import Iterator

import pytest
from lxml import etree

from gateway.mail.decode import content
from gateway.mail.mime import split
from gateway.mail.reader import read
from gateway.mail.report import report
from gateway.staffapi.wire import xml_safe
from support.mails import SEEDS, mutations

#: Seconds of CPU; the reader's own limit is ten.
_LONGEST = 1.0
#: What would begin a line of its own in a header, a log or a ticket.
_BREAK = re.compile("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))


def _check(raw: bytes) -> None:
    began = time.process_time()
    message = read(raw)
    assert time.process_time() - began < _LONGEST
    for text in _texts(message):
        text.encode()
        assert "\0" not in text
    people = [message.from_, message.sender, *message.to, *message.cc, *message.reply_to]
    names = [text for each in people if each for text in (each.name, each.address)]
    files = [each.filename for each in message.attachments]
    for line in (message.subject, *names, *files, *(header.value for header in message.headers)):
        assert _BREAK.search(line) is None
    root = etree.Element("text")
    root.text = xml_safe("".join(_texts(message)))
    assert etree.fromstring(etree.tostring(root)).text == (root.text or None)
    json.loads(json.dumps(report(message)))
    for attachment in message.attachments:
        assert len(content(raw, attachment.span)) == attachment.size
    at = 0
    for tile in split(raw).tiles:
        assert tile.offset == at
        at += tile.length
    assert at == len(raw)


@pytest.mark.parametrize("raw", SEEDS, ids=range(len(SEEDS)))
def test_every_seed_is_read(raw):
    _check(raw)


@pytest.mark.parametrize("seed", range(4))
def test_changed_mails_are_read(seed):
    for raw in mutations(seed, 150):
        _check(raw)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_hundred_thousand_changed_mails_are_read(seed):
    slowest = 0.0
    for number, raw in enumerate(mutations(seed, 10_000)):
        began = time.process_time()
        try:
            _check(raw)
        except Exception as error:
            raise AssertionError(f"mutation {number} of seed {seed}: {raw!r}") from error
        slowest = max(slowest, time.process_time() - began)
    print(f"seed {seed}: slowest mail {slowest:.3f} s of CPU, checks included")
