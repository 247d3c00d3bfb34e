"""Forms come in and documents go out as they were meant, whatever they hold."""

import re
from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.desk.answers import Document
from gateway.desk.calls import read_form

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufffe\uffff"))


@given(
    TEXT | st.sampled_from(["]]>", "]]]]>>", "<![CDATA[", "]]>]]>", "&amp;<b>"]),
    TEXT.map(lambda text: re.sub("[\x00-\x1f\x7f]", "", text)),
)
def test_a_text_is_read_back_as_it_was_but_for_control_characters(text, attribute):
    document = Document(zero_is_empty=True)
    document.leaf("subject", text, {"name": attribute})
    subject = etree.fromstring(document.finish(compress=False).body).find("subject")
    assert (subject.text or "") == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)
    assert subject.get("name") == attribute


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT)))
def test_a_form_is_read_as_the_standard_library_reads_it(pairs):
    body = urlencode(pairs)
    read = [(name, value.decode()) for name, value in read_form(body.encode())]
    assert read == pairs == parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body))
