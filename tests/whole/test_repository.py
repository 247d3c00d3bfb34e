"""What the files of the repository promise each other."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from gateway import __version__, settings

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINNED = sorted(ROOT.glob("requirements*.txt"))


def pins(path: Path) -> dict[str, list[str]]:
    """Name and version of every requirement, and the digests that stand under it."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip().startswith("#") or not line.strip():
            continue
        if digest := re.fullmatch(r" {4}--hash=sha256:([0-9a-f]{64})( \\)?", line):
            found[list(found)[-1]].append(digest[1])
        else:
            pin = re.fullmatch(r"([a-z0-9.-]+==[\w.!+]+)( ; [^\\]+)? \\", line)
            assert pin, f"{path.name}: `{line}` is neither a pin nor its digest"
            found[pin[1]] = []
    return found


def names_in(path: Path) -> set[str]:
    return {each.partition("==")[0] for each in pins(path)}


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_the_pinned_files_are_those_that_are_installed_from():
    used = "".join((ROOT / each).read_text("utf-8") for each in ("Makefile", "Dockerfile"))
    assert len(PINNED) >= 4
    assert [each.name for each in PINNED if each.name not in used] == []


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_every_pin_has_its_digests(path):
    assert pins(path)
    assert [pin for pin, digests in pins(path).items() if not digests] == []


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_no_pinned_file_names_a_registry_or_a_folder_of_the_machine_it_was_made_on(path):
    text = path.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"--(?!hash\b)[a-z-]*(index|find|host|url)", text)
    assert not re.search(r"(?:^|[\s=@])/", text, re.MULTILINE)


def test_every_dependency_is_pinned_and_every_group_is():
    run = names_in(ROOT / "requirements.txt")
    assert {name_of(each) for each in PROJECT["project"]["dependencies"]} <= run
    groups = PROJECT["dependency-groups"]
    development = {name_of(each) for group in ("test", "lint", "build") for each in groups[group]}
    assert development <= names_in(ROOT / "requirements-dev.txt")
    assert {name_of(each) for each in groups["browser"]} <= names_in(ROOT / "requirements-browser.txt")
    assert {name_of(each) for each in PROJECT["build-system"]["requires"]} <= names_in(ROOT / "requirements-build.txt")


def test_what_is_tested_is_what_is_shipped():
    tested = pins(ROOT / "requirements-dev.txt")
    for other in ("requirements.txt", "requirements-build.txt", "requirements-uv.txt"):
        assert {pin: tested.get(pin) for pin in pins(ROOT / other)} == pins(ROOT / other), other


def test_the_version_is_the_same_everywhere():
    assert PROJECT["project"]["version"] == __version__
    assert re.search(rf"^## .*\b{re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_every_room_has_a_contract_that_says_what_it_may_not_know():
    rooms = {f"gateway.{each.parent.name}" for each in (ROOT / "gateway").glob("*/__init__.py")}
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    bound = {source for each in contracts for source in each["source_modules"]}
    # The commands belong to the composition root, which may know all.
    assert rooms - bound == {"gateway.commands"}


def test_every_module_says_first_what_it_is_for():
    modules = sorted((ROOT / "gateway").rglob("*.py"))
    silent = [path for path in modules if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert len(modules) > 50
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_the_wheel_holds_every_file_of_the_package_and_the_sample_rules(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.iterdir()
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = (path.relative_to(ROOT) for path in (ROOT / "gateway").rglob("*") if path.is_file())
    package = {path.as_posix() for path in ours if "__pycache__" not in path.parts}
    rules = {f"gateway/sample_rules/{path.name}" for path in (ROOT / "rules").iterdir()}
    assert held == package | rules
    assert {path.rpartition(".")[2] for path in held} >= {"py", "html", "css", "yaml"}


def test_the_readme_lists_every_setting_with_its_default_and_meaning():
    rows = {}
    for line in (ROOT / "README.md").read_text("utf-8").splitlines():
        if re.match(r"\| *`GATEWAY_", line):
            name, default, meaning = (cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
            rows[name.strip("`")] = (default.strip("`–"), meaning.replace(r"\|", "|"))
    assert rows == {settings.variable(path): shown for path, shown in settings.names().items()}


def test_what_runs_the_checks_can_be_run():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 == 0o111
