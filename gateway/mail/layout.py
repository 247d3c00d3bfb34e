"""Words, line breaks and blocks in, lines of text out: quotes with "> ", lists with bullets, tables in rows.

Nothing here knows markup. Each line is copied once for each table around it, and those are at most `_MAX_TABLES` deep.
"""

import re
from dataclasses import dataclass, field

_MAX_QUOTES = 10
_MAX_LISTS = 10
_MAX_TABLES = 10
#: Rows longer than this are no table of facts but a layout: their cells stand below one another.
_MAX_ROW = 120
_SPACES = re.compile(r"[ \t\n\r\f]+")
#: Stands for a space that counts, until the text is whole.
_KEPT = "\ue0f0"
_SPACE = f" \t\xa0{_KEPT}"
_INVISIBLE = _SPACE + "\u200b\u200c\u200d\u200e\u200f\u2060\u034f\u00ad\u061c\ufeff"
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 65534, 65535, *range(55296, 57344)), "�")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class _Flow:
    """Lines that are being written: the page, or one cell of a table."""

    lines: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    quotes: int = 0
    #: The open blocks that were announced as quotes, and whether each is marked.
    marked: list[bool] = field(default_factory=list)
    #: For each open list the number of its next item, None where it has bullets.
    lists: list[int | None] = field(default_factory=list)
    bullet: str = ""
    #: Quote depth of an empty line that is due before the next words.
    gap: int | None = None


@dataclass(slots=True)
class _Table:
    #: What the table stands in.
    around: _Flow
    cell: _Flow | None = None
    row: list[list[str]] = field(default_factory=list)
    #: Rows of one-line cells, to be set in columns; what was before them is in `lines`.
    columns: list[list[str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class Layout:
    """Fed from top to bottom; `text` ends it. Ends without a beginning are ignored, missing ends are put right."""

    def __init__(self, word_bullet: re.Pattern[str] | None = None) -> None:
        """`word_bullet`: what stands for a bullet at the begin of a line, its sign as the first group."""
        self.flow = _Flow()
        #: A line that is due before the next words.
        self.due = ""
        self._word_bullet = word_bullet
        self._tables: list[_Table] = []
        self._too_deep = 0

    def words(self, text: str) -> None:
        """Text within a line, its white space not yet folded."""
        self.flow.inline.append(text)

    def kept(self, text: str) -> None:
        """Text whose spaces and line breaks count."""
        first, *rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.flow.inline.append(first.replace(" ", _KEPT).replace("\t", _KEPT * 4))
        for line in rest:
            self.line_break()
            self.flow.inline.append(line.replace(" ", _KEPT).replace("\t", _KEPT * 4))

    def end_line(self) -> bool:
        """Write what the line holds; false where that was nothing."""
        flow = self.flow
        if not flow.inline:
            return False
        text = "".join(flow.inline) if len(flow.inline) > 1 else flow.inline[0]
        flow.inline.clear()
        text = " ".join(text.split()) if text.isascii() else _SPACES.sub(" ", text).strip(" ")
        if not text:
            return False
        if self._word_bullet and (found := self._word_bullet.match(text)):
            text = (found[1] if found[1][-1] in ".)" else "*") + " " + text[found.end() :]
        self._write(text)
        return True

    def line_break(self) -> None:
        if not self.end_line():
            self._write("")

    def gap(self) -> None:
        """An empty line before the next words, if there is none."""
        self.end_line()
        flow = self.flow
        if not flow.lists:
            flow.gap = flow.quotes if flow.gap is None else min(flow.gap, flow.quotes)

    def line(self, text: str) -> None:
        """A line of its own."""
        self.end_line()
        self._write(text)

    def _write(self, text: str) -> None:
        flow = self.flow
        is_blank = not text.strip(_INVISIBLE)
        if flow.gap is None and not (self.due or flow.quotes or flow.lists or flow.bullet):
            flow.lines.append("" if is_blank else text.rstrip(_SPACE))
            return
        if self.due and not is_blank:
            due, self.due = self.due, ""
            if text.strip(_SPACE) != due and not (flow.lines and flow.lines[-1] == due):
                self._write(due)
        if flow.gap is not None:
            mark = ("> " * min(flow.gap, _MAX_QUOTES)).rstrip()
            # A quote does not begin with an empty line.
            if flow.lines and flow.lines[-1] != mark and flow.lines[-1].startswith(mark):
                flow.lines.append(mark)
            flow.gap = None
        indent = "  " * min(len(flow.lists), _MAX_LISTS)
        if flow.bullet:
            if is_blank:
                return
            indent, flow.bullet = flow.bullet, ""
        mark = "> " * min(flow.quotes, _MAX_QUOTES)
        flow.lines.append(mark.rstrip() if is_blank else (mark + indent + text).rstrip(_SPACE))

    def open_quote(self, *, is_marked: bool) -> None:
        self.end_line()
        flow = self.flow
        # What leads to a quote stays with it.
        if flow.lines and not flow.lines[-1].endswith((":", "\uff1a")):
            self.gap()
        flow.marked.append(is_marked)
        flow.quotes += is_marked

    def close_quote(self) -> None:
        self.end_line()
        if self.flow.marked:
            self.flow.quotes -= self.flow.marked.pop()
            self.gap()

    def open_list(self, first: int | None) -> None:
        """A list whose items count from `first`, or have bullets."""
        if not self.flow.lists:
            self.gap()
        self.end_line()
        self.flow.lists.append(first)

    def close_list(self) -> None:
        self.end_line()
        if self.flow.lists:
            self.flow.lists.pop()
            self.flow.bullet = ""
            self.gap()

    def item(self) -> None:
        self.end_line()
        lists = self.flow.lists
        indent = "  " * (min(len(lists), _MAX_LISTS) - 1)
        number = lists[-1] if lists else None
        if number is None:
            self.flow.bullet = indent + "* "
        else:
            self.flow.bullet = f"{indent}{number}. "
            lists[-1] = number + 1

    def open_table(self) -> None:
        self.gap()
        if len(self._tables) >= _MAX_TABLES:
            self._too_deep += 1
            return
        self._tables.append(_Table(self.flow))

    def cell(self) -> None:
        """A cell of the open table begins."""
        if self.flow.inline:
            self.end_line()
        if self._tables and not self._too_deep:
            self._end_cell()
            self.flow = self._tables[-1].cell = _Flow()

    def row(self) -> None:
        """A row of the open table begins or ends."""
        if self.flow.inline:
            self.end_line()
        if self._tables and not self._too_deep:
            self._end_cell()
            if self._tables[-1].row:
                self._end_row(self._tables[-1])

    def close_table(self) -> None:
        self.end_line()
        if self._too_deep:
            self._too_deep -= 1
        elif self._tables:
            self._end_cell()
            table = self._tables.pop()
            self._end_row(table)
            _set_columns(table)
            self.flow = table.around
            for line in table.lines:
                self._write(line)
            self.gap()

    def _end_cell(self) -> None:
        table = self._tables[-1]
        if table.cell is not None:
            if self.flow.inline:
                self.end_line()
            table.row.append(_trimmed(table.cell.lines))
            table.cell = None
            self.flow = table.around

    def _end_row(self, table: _Table) -> None:
        row, table.row = table.row, []
        full = [cell for cell in row if cell]
        # An empty cell before the words of a row is a margin.
        if (
            len(full) > 1
            and all(len(cell) == 1 for cell in full)
            and sum(len(cell[0]) + 2 for cell in full) <= _MAX_ROW
        ):
            table.columns.append([cell[0] if cell else "" for cell in row])
            return
        if full:
            _set_columns(table)
            for cell in full:
                table.lines.extend(cell)

    def text(self) -> str:
        """All lines, ended by LF but for the last; no more than one empty line in a row."""
        self.end_line()
        self._too_deep = 0
        while self._tables:
            self.close_table()
        lines = _trimmed(self.flow.lines)
        text = "\n".join(line for n, line in enumerate(lines) if line.strip("> ") or n == 0 or line != lines[n - 1])
        text = text.replace(_KEPT, " ").replace("\xa0", " ")
        return text.translate(_CONTROL) if _CONTROLS.search(text) else text


def _trimmed(lines: list[str]) -> list[str]:
    if not lines or (lines[0] and lines[-1]):
        return lines
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return lines[start:end]


def _set_columns(table: _Table) -> None:
    """The rows of one-line cells as lines: in columns where that costs little, else with two spaces between the cells."""
    rows, table.columns = table.columns, []
    if not rows:
        return
    count = max(map(len, rows))
    columns = (
        [n for n in range(count) if any(len(row) > n and row[n] for row in rows)] if count * len(rows) <= 20_000 else []
    )
    widths = {n: max(len(row[n]) for row in rows if len(row) > n) for n in columns}
    words = sum(len(cell) for row in rows for cell in row)
    if len(rows) > 1 and columns and sum(widths.values()) <= _MAX_ROW and sum(widths.values()) * len(rows) <= 4 * words:
        table.lines.extend(
            "  ".join((row[n] if len(row) > n else "").ljust(widths[n]) for n in columns) for row in rows
        )
    else:
        table.lines.extend("  ".join(cell for cell in row if cell) for row in rows)
