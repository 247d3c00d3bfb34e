"""A session id in -> bytes that only who knows the desk's password can turn back -> the session id out. Pure.

AES-256-GCM (NIST SP 800-38D), the nonce in front. Whoever gets hold of the spool alone has neither the sessions nor a
quick way to try passwords, for the key is made by scrypt (RFC 7914).
"""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_NONCE = 12
#: RFC 7914 section 2: 32 MiB and about a tenth of a second, once in the life of a process.
_COST, _BLOCK_SIZE, _PARALLEL = 2**15, 8, 1


class NotOurs(Exception):
    """Sealed with another password or for another desk, or damaged."""


def seal_key(password: str, url: str) -> bytes:
    """32 bytes. `url` is the desk's base address: the same password elsewhere gives another key. Costs 0.1 s of CPU."""
    salt = f"desk session {url.rstrip('/')}".encode()
    kdf = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK_SIZE, p=_PARALLEL)
    return kdf.derive(password.encode())


def seal(text: str, key: bytes, *, random_bytes: Callable[[int], bytes] = os.urandom) -> bytes:
    nonce = random_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes, key: bytes) -> str:
    """Raises NotOurs."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
    except (InvalidTag, ValueError) as error:
        raise NotOurs("the session was sealed with another desk password or for another address of the desk") from error
