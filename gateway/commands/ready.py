"""The running gateway asked, its word and an exit status out: for health checks and scripts."""

import sys
import time
import urllib.error
import urllib.request


def ask_ready(listen: str, *, wait: float) -> int:
    """0 as soon as the gateway at `listen` would take mail; 1 if it does not within `wait` seconds."""
    host, _, port = listen.rpartition(":")
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '') else host}:{port}/readyz"  # noqa: S104 - what it listens on
    deadline = time.monotonic() + wait
    # Through no proxy: the answer of one would be about something else.
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    while True:
        try:
            with ask(url, timeout=5) as answer:
                print(answer.read().decode().rstrip())
                return 0
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace").rstrip()
        except OSError as error:
            said = f"nothing answers at {url}: {error}"
        if time.monotonic() >= deadline:
            print(said, file=sys.stderr)
            return 1
        time.sleep(0.2)
