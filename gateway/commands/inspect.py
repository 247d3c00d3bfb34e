"""Mail files in, what the reader makes of them on standard output."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.mail.reader import read
from gateway.mail.report import report
from gateway.routing.explain import printable


def read_file(path: Path) -> bytes:
    """The bytes of a file, of standard input for "-". Raises OSError."""
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def show(paths: Sequence[Path], *, as_json: bool) -> int:
    """One object a file, always, in their order; a file that cannot be opened is an empty mail with that defect."""
    status = 0
    for path in paths:
        try:
            said = report(read(read_file(path)))
        except OSError as error:
            print(f"error: {path} cannot be read: {error.strerror}", file=sys.stderr)
            said = report(read(b""))
            said["defects"] = [f"the file cannot be read: {error.strerror}"]
            status = 1
        if as_json:
            print(json.dumps(said, ensure_ascii=True))
        else:
            print(*_lines(str(path), said), sep="\n")
    return status


def _lines(path: str, said: dict[str, Any]) -> list[str]:
    lines = [path]
    for key, value in said.items():
        if key in ("html", "reply_text", "quoted_text") or value in (None, [], ""):
            continue
        if key == "text":
            lines += ["  text:", *(f"    | {line}" for line in printable(value).split("\n"))]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"  {key}:", *(f"    - {printable(json.dumps(each, ensure_ascii=False))}" for each in value)]
        else:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"  {key}: {printable(shown)}")
    return lines
