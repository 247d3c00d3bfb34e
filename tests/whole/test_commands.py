"""The commands as a person types them: mistakes, a demo in an empty folder, questions about a gateway that runs."""

import re
import shlex
import socket
import subprocess
import sys

import pytest
from whole.letters import letter
from whole.running import fetch, free_port, until

pytestmark = pytest.mark.whole


def test_check_prints_every_mistake_in_settings_and_rules_with_its_place(make_gateway):
    gateway = make_gateway(smtp__listen="0.0.0.0:2525", smtp__accept="*", desk__url="")
    gateway.write_rules("rules:\n  - name: one\n    then: {create: {departmnt: Support}}\n")
    done = gateway.run_bytes("check")
    assert done.returncode == 1
    errors = done.stderr.decode().splitlines()
    assert all(line.startswith("error: ") for line in errors)
    for mistake in ("GATEWAY_DESK__URL", "GATEWAY_SMTP__ACCEPT", "GATEWAY_SMTP__ALLOWED_PEERS"):
        assert any(mistake in line for line in errors), (mistake, errors)
    assert any(re.match(r"error: rules/10-rules\.yaml:3:\d+: .*departmnt", line) for line in errors), errors
    assert not done.stdout


def test_unknown_and_wrong_settings_are_named_all_at_once(make_gateway):
    gateway = make_gateway(smtp__lissten="x", delivery__settle_seconds="soon", desk__concurrency="0")
    for words, status in ((["check"], 1), (["serve"], 78)):
        done = gateway.run_bytes(*words)
        assert done.returncode == status
        said = done.stderr.decode()
        for name in ("GATEWAY_SMTP__LISSTEN", "GATEWAY_DELIVERY__SETTLE_SECONDS", "GATEWAY_DESK__CONCURRENCY"):
            assert name in said
        assert "did you mean `smtp.listen`?" in said
        assert "Traceback" not in said


def test_serve_refuses_rules_with_a_mistake(make_gateway):
    gateway = make_gateway(rules="rules:\n  - name: one\n    then: {create: {department: Support}}\n    stpo: true\n")
    done = gateway.run_bytes("serve")
    assert done.returncode == 78
    assert "rules/10-rules.yaml:4:" in done.stderr.decode()


@pytest.mark.parametrize("setting", ["smtp__listen", "console__listen"])
def test_serve_on_an_address_that_another_program_has_says_so_and_ends(make_gateway, setting):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        done = make_gateway(**{setting: address}).run_bytes("serve")
    assert done.returncode == 78
    assert address in done.stderr.decode()


def test_check_without_a_mistake_says_what_it_has_read_and_live_asks_the_desk(gateway):
    assert gateway.run("check") == "settings  ok\nrules     ok, 1 in rules\n"
    assert gateway.run("check", "--live").startswith("desk      http://127.0.0.1:")


def test_help_needs_neither_settings_nor_files(make_gateway, tmp_path):
    gateway = make_gateway()
    gateway.folder = tmp_path / "empty"
    gateway.folder.mkdir()
    gateway.environ = {name: value for name, value in gateway.environ.items() if not name.startswith("GATEWAY_")}
    for words in (["--help"], ["serve", "--help"], ["spool", "--help"], ["--version"]):
        assert "gateway" in gateway.run(*words).lower()
    assert list(gateway.folder.iterdir()) == []


def test_ready_waits_for_a_gateway_and_gives_up_on_none(make_gateway, desk):
    gateway = make_gateway()
    done = gateway.run_bytes("ready")
    assert done.returncode == 1
    assert gateway.console in done.stderr.decode()
    desk.open()
    gateway.start()
    until(lambda: "desk: ok" in fetch(f"http://{gateway.console}/readyz"))
    assert gateway.run("ready", "--wait", "10") == "spool: ok\nintake: ok\ndesk: ok\n"
    assert fetch(f"http://{gateway.console}/healthz") == "delivery: ok\n"
    assert "gateway_desk_up 1.0" in fetch(f"http://{gateway.console}/metrics")
    assert gateway.stop() == 0


def test_the_demo_needs_nothing_takes_a_mail_and_shows_its_ticket_on_a_page(make_gateway, tmp_path):
    gateway = make_gateway()
    gateway.folder = tmp_path / "empty"
    gateway.folder.mkdir()
    kept = ("GATEWAY_SMTP__LISTEN", "GATEWAY_CONSOLE__LISTEN", "GATEWAY_LOG__FORMAT")
    gateway.environ = {
        name: value for name, value in gateway.environ.items() if not name.startswith("GATEWAY_") or name in kept
    }
    # The banner tells which port the system chose.
    gateway.environ["GATEWAY_SMTP__LISTEN"] = "127.0.0.1:0"
    gateway.start("demo")
    assert gateway.run("ready", "--wait", "10").startswith("spool: ok\nintake: ok\n")
    banner = gateway.said.read_text()
    found = re.search(r"help desk +(http://127\.0\.0\.1:\d+/)", banner)
    assert found, banner
    gateway.send(letter("demo", to="billing@example.com"), to=["billing@example.com"])
    gateway.settle()
    page = fetch(found[1])
    assert "About demo" in page
    assert "Billing" in page
    # The command that it prints for a first mail works as it stands.
    [command] = re.findall(r"python3 (-c .*)", banner)
    subprocess.run(f"{shlex.quote(sys.executable)} {command}", shell=True, check=True, timeout=30)
    gateway.settle()
    assert "Hello" in fetch(found[1])
    assert gateway.stop() == 0


def test_the_sandbox_desk_alone_serves_its_page(make_gateway):
    gateway = make_gateway()
    port = free_port()
    gateway.launch("desk", "--listen", f"127.0.0.1:{port}")
    said = until(gateway.said.read_text)
    assert said.startswith(f"help desk  http://127.0.0.1:{port}/")
    assert "<html" in fetch(f"http://127.0.0.1:{port}/")
    assert gateway.stop() == 0


def test_one_process_serves_too(make_gateway, desk):
    desk.open()
    gateway = make_gateway()
    gateway.start("serve", "--one-process")
    gateway.send(letter("question"))
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About question"]
    assert gateway.stop() == 0


def test_intake_alone_keeps_what_a_second_start_with_delivery_pushes(make_gateway, desk):
    desk.open()
    gateway = make_gateway()
    gateway.launch("serve", "--no-delivery")
    gateway.await_banner()
    gateway.send(letter("question"))
    assert gateway.stop() == 0
    assert desk.sandbox.logins == []
    assert [each["state"] for each in gateway.list_spool()] == ["queued"]
    gateway.start()
    gateway.settle()
    assert [ticket.subject for ticket in desk.tickets] == ["About question"]
