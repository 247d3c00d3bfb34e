"""Session ids at rest: no use without the desk's password."""

import pytest

from gateway.staffapi.seal import NotOurs, seal, seal_key, unseal

_URL = "https://desk.example.com"
_KEY = seal_key("right", _URL)
_ID = "a1B2" * 25


def test_what_was_sealed_comes_back():
    assert unseal(seal(_ID, _KEY), _KEY) == _ID
    assert seal_key("right", _URL) == seal_key("right", f"{_URL}/") == _KEY


@pytest.mark.parametrize(("password", "url"), [("wrong", _URL), ("right", "https://other.example.com")])
def test_another_password_or_desk_does_not_open_it(password, url):
    with pytest.raises(NotOurs, match="another desk password or for another address"):
        unseal(seal(_ID, _KEY), seal_key(password, url))


def test_the_id_is_not_in_it_and_two_seals_differ():
    first, second = seal(_ID, _KEY), seal(_ID, _KEY)
    assert first != second
    assert _ID[:8].encode() not in first


@pytest.mark.parametrize("at", [0, 11, 12, 40, -1])
def test_a_changed_byte_is_noticed(at):
    sealed = bytearray(seal(_ID, _KEY))
    sealed[at] ^= 1
    with pytest.raises(NotOurs):
        unseal(bytes(sealed), _KEY)


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_what_is_too_short_is_noticed(length):
    with pytest.raises(NotOurs):
        unseal(seal(_ID, _KEY)[:length], _KEY)
