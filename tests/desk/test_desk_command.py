"""`gateway desk`: what the control page can do, at start."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from gateway.desk.opening import open_desk

COMMAND = (sys.executable, "-m", "gateway", "desk", "--listen", "127.0.0.1:0")


def test_the_desk_starts_with_the_faults_and_changes_it_is_told(tmp_path):
    process = subprocess.Popen(
        (
            *(*COMMAND, "--dialect", "classic", "--no-gzip", "--post-max-size", "1000"),
            *("--fault", "slow,seconds=0.1,on=push", "--lose", "0.2", "--seed", "1"),
            *("--change", "rename,kind=department,name=Billing,title=Invoices"),
        ),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        said = process.stdout.readline() + process.stdout.readline()
        url = said.split()[2]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{url}control", timeout=10) as answer:
            shown = answer.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()
    assert process.returncode == 0
    assert "API key gateway, secret sandbox-secret" in said
    assert f"{url}control" in said
    for text in ("Invoices", "dialect classic", 'value="1000"', "<td>slow</td>", '<td class="number">0.2</td>'):
        assert text in shown, text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--fault", "explode"), "There is no fault 'explode'"),
        (("--change", "merge,old=1,into=2"), "There is no ticket 1."),
        (("--change", "switch,name=colour,value=1"), "A dialect has no switch 'colour'"),
        (("--lose", "2"), "`chance` 0 to 1"),
        (("--post-max-size", "-1"), "post_max is a number"),
    ],
)
def test_words_that_make_no_sense_are_told(tmp_path, words, says):
    done = subprocess.run((*COMMAND, *words), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.startswith("error: ")


def test_a_file_that_is_no_database_is_told(tmp_path: Path):
    path = tmp_path / "desk.db"
    path.write_bytes(b"this is a letter, and a long one at that\n" * 100)
    with pytest.raises(ValueError, match=r"name another file\.$"):
        open_desk(str(path))


def test_a_seed_draws_the_same_display_ids_again():
    desks = [open_desk(":memory:", seed=7, lose=0.5) for _ in range(2)]
    first, second = ([(fault.kind, fault.on, fault.chance) for fault in desk.faults] for desk in desks)
    assert first == second == [("cut_after", "push", 0.5), ("cut_after", "rest", 0.5)]
    for desk in desks:
        desk.close()
