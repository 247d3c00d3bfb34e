"""Mistakes a person made, in the words and at the place where they can be put right."""

from collections.abc import Iterable
from dataclasses import dataclass


class GatewayError(Exception):
    """Anything the gateway says to a person; `str()` of it is fit to be shown."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `path` is a file or the name of a setting; `line` and `column` count from 1, 0 where there is none."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.message}"


class ConfigError(GatewayError):
    """Settings or rules that cannot be used: every mistake at once, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
