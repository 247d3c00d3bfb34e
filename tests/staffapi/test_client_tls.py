"""A desk that cannot prove who it is gets no byte of the password."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from gateway.staffapi.client import Desk
from gateway.staffapi.documents import Delete
from gateway.staffapi.exchange import Exchange, Lost
from gateway.staffapi.form import Body
from gateway.staffapi.outcome import Deferred

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="certificates are made by the openssl command")


def _certificate(folder, name):
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=desk", "-addext", f"subjectAltName={name}"]
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run([*make, *subject, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


@pytest.mark.parametrize(
    ("name", "trusted", "oldest_only", "words"),
    [
        ("IP:127.0.0.1", False, False, "certificate verify failed"),
        ("DNS:other.example", True, False, "certificate verify failed"),
        ("IP:127.0.0.1", True, True, "no connection to the desk"),
        ("IP:127.0.0.1", True, False, "refused the login"),
    ],
)
async def test_only_a_proven_desk_is_told_the_password(tmp_path, name, trusted, oldest_only, words):
    key, certificate = _certificate(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if oldest_only:
        with pytest.warns(DeprecationWarning):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    heard = bytearray()

    async def serve(reader, writer):
        heard.extend(await reader.readuntil(b"canary-71"))
        writer.write(
            b"HTTP/1.1 200 X\r\nContent-Length: 57\r\n\r\n<kayako_staffapi><status>-1</status></kayako_staffapi>   "
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        desk = Desk(
            f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            "gateway",
            "canary-71",
            request_seconds=5,
            concurrency=1,
            boottime=time.monotonic,
            ca_file=str(certificate) if trusted else "",
        )
        outcome = await desk.push(Delete(1), lambda _: [])
        await desk.aclose()
    assert isinstance(outcome, Deferred)
    assert outcome.desk
    assert words in outcome.reason
    assert bool(heard) == (words == "refused the login")


async def test_what_a_deaf_desk_has_not_taken_never_reaches_it_over_tls_either(tmp_path):
    key, certificate = _certificate(tmp_path, "IP:127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    given_up, ended = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def serve(reader, writer):
        heard = bytearray()
        await given_up.wait()
        try:
            while part := await reader.read(65536):
                heard += part
            ended.set_result((heard, None))
        except ConnectionResetError as error:
            ended.set_result((heard, error))
        finally:
            writer.close()

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    async with await asyncio.start_server(serve, sock=listener, ssl=context, limit=4096) as server:
        exchange = Exchange(
            f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            request_seconds=20,
            concurrency=1,
            boottime=time.monotonic,
            user_agent="X/1",
            ca_file=str(certificate),
        )
        body = Body(1_000_018, lambda: iter([b"x" * 20_000] * 50), b"&sessionid=s3ssion")
        with pytest.raises(Lost, match="no answer came in time"):
            await exchange.post("/", body, time.monotonic() + 0.7)
        given_up.set()
        heard, reset = await ended
        await exchange.aclose()
    assert reset
    assert heard.startswith(b"POST / HTTP/1.1\r\n")
    assert body.last not in heard
