"""A folder in, the rules of its files out. The only place that reads rule files from disk."""

from pathlib import Path

from gateway.problems import ConfigError, Problem
from gateway.routing.rulebook import RuleBook, RuleFile, load

#: Bytes; a rule file beyond this is no rule file.
_LARGEST = 4_000_000


def sample_folder() -> Path:
    """The rules shipped with the gateway: inside the package, or beside it in a checkout."""
    packaged = Path(__file__).parent / "sample_rules"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "rules"


def read_rules(folder: Path) -> RuleBook:
    """The rules of all `*.yaml` directly in `folder`, in the order of their names. Raises ConfigError with every mistake."""
    found: list[Problem] = []
    files = []
    if not folder.is_dir():
        message = "is no folder; `gateway rules init` copies the sample rules there, or GATEWAY_RULES names another"
        raise ConfigError([Problem(str(folder), 0, 0, message)])
    for path in sorted(folder.glob("*.yaml")):
        try:
            if path.stat().st_size > _LARGEST:
                found.append(Problem(str(path), 0, 0, f"is larger than {_LARGEST} bytes"))
                continue
            files.append(RuleFile(str(path), path.read_text(encoding="utf-8")))
        except OSError as error:
            found.append(Problem(str(path), 0, 0, f"cannot be read: {error.strerror}"))
        except UnicodeDecodeError as error:
            found.append(Problem(str(path), 0, 0, f"is not UTF-8 text: {error.reason} at byte {error.start}"))
    if not files and not found:
        message = "holds no *.yaml file; `gateway rules init` copies the sample rules there"
        found.append(Problem(str(folder), 0, 0, message))
    try:
        book = load(files)
    except ConfigError as error:
        raise ConfigError([*found, *error.problems]) from error
    if found:
        raise ConfigError(found)
    return book
