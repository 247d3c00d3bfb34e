"""Nothing in, a gateway to play with out: a sandbox help desk beside it, loopback only, every recipient served."""

import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from gateway import __version__
from gateway.app import sandbox, serve
from gateway.rulefolder import sample_folder
from gateway.settings import Settings
from gateway.spool.engine import sqlite_file
from gateway.supervisor import Child

DESK_HOST, DESK_PORT = "127.0.0.1", 8026


def run(load: Callable[[dict[tuple[str, ...], object]], Settings]) -> int:
    """`load` gives the settings over the demo's defaults."""
    rules = Path("rules")
    port = _free_port(DESK_PORT)
    settings = load(
        {
            ("desk", "url"): f"http://{DESK_HOST}:{port}",
            ("desk", "username"): "gateway",
            ("desk", "password"): "sandbox",
            ("smtp", "accept"): "*",
            ("rules",): str(rules if rules.is_dir() else sample_folder()),
            # Nobody waits two minutes to see how a lost answer ends.
            ("delivery", "settle_seconds"): 10.0,
            ("delivery", "lookup_gap_seconds"): 3.0,
        }
    )
    companions = []
    if settings.desk.url == f"http://{DESK_HOST}:{port}":
        database = sqlite_file(settings.spool.url)
        tickets = (database.absolute().parent if database is not None else Path("spool").absolute()) / "desk.db"
        companions.append(Child("desk", lambda: sandbox(tickets, DESK_HOST, port)))
    return serve(settings, companions=companions, greet=lambda addresses: _greet(settings, addresses))


def _free_port(wanted: int) -> int:
    """The port wanted, or one that the system chooses where another program has it."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((DESK_HOST, port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    return wanted


def _await_desk(url: str, seconds: float = 10.0) -> None:
    """Whoever reads that the desk is there will look at once."""
    address = urlsplit(url)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection((address.hostname or DESK_HOST, address.port or 80), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def _greet(settings: Settings, addresses: Sequence[str]) -> None:
    _await_desk(settings.desk.url)
    host, _, port = addresses[0].rpartition(":")
    kept = sqlite_file(settings.spool.url)
    print(
        f"""gateway {__version__} · demo: a sandbox help desk, loopback only. Nothing reaches a real desk or the network.

  mail in     {", ".join(addresses):<30} any address is taken
  console     http://{settings.console.listen}/readyz
  help desk   {settings.desk.url + "/":<30} the tickets
  rules       {settings.rules}
  kept in     {kept or "PostgreSQL"!s:<30} delete the folder to start over

Send a first mail from another terminal:
  swaks --server {host}:{port} --from jane@customer.example --to billing@example.com --header 'Subject: Hello'
or
  python3 -c "import smtplib; smtplib.SMTP('{host}', {port}).sendmail('jane@customer.example', ['billing@example.com'], \
'From: Jane <jane@customer.example>\\nTo: billing@example.com\\nSubject: Hello\\n\\nMy first mail.')"
Ctrl-C stops. Log lines follow.
""",
        flush=True,
    )
