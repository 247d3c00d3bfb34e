"""Texts, and paths of files with texts or to attach -> their contents, each file described as a document needs it."""

import hashlib
import itertools
import stat
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from gateway.commands.ticket_values import Mistake
from gateway.mail.message import Span
from gateway.mail.names import safe_filename
from gateway.staffapi.documents import File

_BLOCK = 65_536
#: More would fit no request.
_MOST_FILES = 1000


def read_texts(texts: Sequence[str], paths: Sequence[Path], *, longest: int) -> list[str]:
    """Those given first, then those in files; `-` is standard input, read at most once. None of them is empty.

    `longest` counts bytes. Raises Mistake.
    """
    if sum(path == Path("-") for path in paths) > 1:
        raise Mistake("standard input can be read once only; give - once")
    found = [*texts, *(_read_text(path, longest) for path in paths)]
    for text in found:
        if not text.strip():
            raise Mistake("the text is empty; a desk needs some")
    return [text.rstrip("\n") for text in found]


def _read_text(path: Path, longest: int) -> str:
    shown = "standard input" if path == Path("-") else str(path)
    try:
        if path == Path("-"):
            content = sys.stdin.buffer.read(longest + 1)
        else:
            with path.open("rb") as file:
                content = file.read(longest + 1)
    except OSError as error:
        raise Mistake(f"{shown} cannot be read: {error.strerror}") from None
    if len(content) > longest:
        raise Mistake(f"{shown} holds more than {longest} bytes, which no request can carry; attach it instead")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Mistake(f"{shown} is not UTF-8 text; attach it instead") from None


class Attached:
    """Files on disk as a document names them, and the way back to their bytes."""

    def __init__(self, paths: Sequence[Path], *, largest: int) -> None:
        """Reads each once, for size and digests; `largest` counts bytes. Raises Mistake."""
        if len(paths) > _MOST_FILES:
            raise Mistake(f"{len(paths)} files are too many for one ticket; give {_MOST_FILES} at most")
        self._paths: dict[str, Path] = {}
        self.files = tuple(self._describe(path, number, largest) for number, path in enumerate(paths, 1))

    def open_file(self, file: File) -> Iterable[bytes]:
        """Its bytes in blocks. Raises OSError."""
        return _blocks(self._paths[file.filename])

    def _describe(self, path: Path, number: int, largest: int) -> File:
        md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise Mistake(f"{path} is no file; only files can be attached")
            for block in _blocks(path):
                md5.update(block)
                sha256.update(block)
                size += len(block)
                if size > largest:
                    raise Mistake(
                        f"{path} has more than the {largest} bytes that the desk takes (GATEWAY_DESK__MAX_FILE); "
                        "put it where it can be fetched, and name the place in the text"
                    )
        except OSError as error:
            raise Mistake(f"{path} cannot be read: {error.strerror}") from None
        name = _unique(safe_filename(path.name, "", number), self._paths)
        self._paths[name] = path
        return File(name, size, md5.hexdigest(), sha256.hexdigest(), Span(0, size, "identity"))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _unique(name: str, taken: Collection[str]) -> str:
    """The name, or the same with the first number that makes it one of its own in any case of its letters."""
    lowered = {each.lower() for each in taken}
    stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    numbered = (f"{stem}-{number}{dot}{extension}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each.lower() not in lowered)
