import asyncio
import socket

import pytest

from gateway.intake.endpoint import BadEndpoint, CannotListen, Endpoint, loopback_only
from gateway.intake.listener import listen
from gateway.intake.peers import BadNetwork, Peers
from gateway.spool.stored import Stored


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1:2525", Endpoint("127.0.0.1", 2525)),
        (" 0.0.0.0:25 ", Endpoint("0.0.0.0", 25)),
        ("[::1]:25", Endpoint("::1", 25)),
        ("[0:0::1]:25", Endpoint("::1", 25)),
        ("localhost:0", Endpoint("127.0.0.1", 0)),
        ("unix:/run/gateway/smtp.sock", Endpoint(path="/run/gateway/smtp.sock")),
    ],
)
def test_an_endpoint_is_read_and_written(text, endpoint):
    assert Endpoint.parse(text) == endpoint
    assert Endpoint.parse(str(endpoint)) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2525",
        ":2525",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:x",
        "::1:25",
        "[127.0.0.1]:25",
        "mx.desk.example:25",
        "256.0.0.1:25",
        "unix:",
        "[::1]",
        "127.0.0.1:²",
    ],
)
def test_what_is_no_endpoint_is_refused_with_an_example(text):
    with pytest.raises(BadEndpoint, match=r"write 127\.0\.0\.1:2525|0\.0\.0\.0"):
        Endpoint.parse(text)


def test_only_loopback_and_unix_sockets_are_out_of_reach_from_outside():
    inner = [Endpoint.parse(each) for each in ("127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "unix:x", "localhost:1")]
    assert loopback_only(inner)
    for outer in ("0.0.0.0:1", "[::]:1", "10.0.0.1:1"):
        assert not loopback_only([*inner, Endpoint.parse(outer)])


def test_networks_admit_their_own_and_this_machine():
    peers = Peers.parse(["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"])
    for peer in ("10.1.255.3", "192.0.2.7", "2001:db8::9", "127.0.0.1", "::1", "unix"):
        assert peers.allows(peer)
    for peer in ("10.2.0.1", "192.0.2.8", "2001:db9::1", "", "import"):
        assert not peers.allows(peer)
    assert not Peers().allows("10.1.0.1")


@pytest.mark.parametrize("item", ["10.1.2.3/16", "10.1", "relay.example", "10.0.0.0/33", ""])
def test_what_is_no_network_is_refused_with_an_example(item):
    with pytest.raises(BadNetwork, match=r"a CIDR such as 10\.1\.0\.0/16"):
        Peers.parse([item])


async def test_port_0_is_resolved_on_each_address(door):
    await door.open(["127.0.0.1:0", "127.0.0.2:0"])
    assert 0 not in {each.port for each in door.listener.endpoints}
    assert door.listener.addresses[1] == f"127.0.0.2:{door.listener.endpoints[1].port}"
    for n in (0, 1):
        assert (await (await door.knock(n)).answer()).startswith("220 ")


async def test_a_unix_socket_takes_mail_and_is_gone_afterwards(door, store, tmp_path):
    path = tmp_path / "smtp.sock"
    await door.open([f"unix:{path}"])
    client = await door.knock()
    await client.answer()
    await client.ask(b"EHLO local")
    await client.begin()
    assert (await client.ask(b".")).startswith("250 ")
    assert store.kept[0].envelope.peer == "unix"
    assert store.kept[0].trace.startswith(b"Received: from local\r\n\tby ")
    assert path.stat().st_mode & 0o777 == 0o660
    await door.listener.close(0)
    assert not path.exists()


async def test_a_unix_socket_left_by_a_dead_program_is_replaced_and_a_living_one_or_a_file_is_not(door, tmp_path):
    path = tmp_path / "smtp.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    await door.open([f"unix:{path}"])
    with pytest.raises(CannotListen, match="another program listens there"):
        Endpoint.parse(f"unix:{path}").bind()
    assert (await (await door.knock()).answer()).startswith("220 ")
    file = tmp_path / "notes.txt"
    file.write_text("precious")
    with pytest.raises(CannotListen, match="choose another name"):
        Endpoint.parse(f"unix:{file}").bind()
    assert file.read_text() == "precious"
    with pytest.raises(CannotListen, match="the folder does not exist"):
        Endpoint.parse(f"unix:{tmp_path}/no/such.sock").bind()


async def test_accepted_sockets_send_without_delay(door):
    await door.open()
    await door.client()
    (session,) = door.inside.sessions
    accepted = session.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


async def test_a_taken_port_is_named_with_what_to_do_and_nothing_stays_bound(door):
    await door.open()
    taken = door.listener.endpoints[0]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = Endpoint("127.0.0.1", probe.getsockname()[1])
    with pytest.raises(CannotListen) as told:
        await listen([free, taken], lambda: None)
    assert (
        str(told.value)
        == f"cannot listen on {taken}: another program listens there; stop it, or listen elsewhere (GATEWAY_SMTP__LISTEN)"
    )
    with free.bind() as bound:
        assert bound.getsockname()[1] == free.port


def test_an_address_of_another_machine_is_told_apart():
    with pytest.raises(CannotListen, match="this machine has no such address"):
        Endpoint("192.0.2.1", 0).bind()


async def test_closing_tells_the_idle_and_takes_nobody_in(door):
    await door.open()
    idle, half = await door.client(), await door.client()
    await half.ask(b"MAIL FROM:<a@b>")
    closing = asyncio.create_task(door.listener.close(10))
    for client in (idle, half):
        assert (await client.answer()).startswith("421 4.3.2 ")
        assert await client.answer() == ""
        await client.close()
    await closing
    with pytest.raises(ConnectionRefusedError):
        await door.knock()


async def test_closing_lets_a_mail_in_flight_be_finished_and_committed(door, store):
    store.hold = True
    client = await (await door.open()).client()
    await client.begin()
    await client.send(b"Subject: x\r\n")
    closing = asyncio.create_task(door.listener.close(10))
    await client.send(b"\r\nrest\r\n.\r\n")
    await asyncio.wait_for(store.called.wait(), 10)
    assert not closing.done()
    store.kept[0].future.set_result(Stored(3, None))
    assert await client.answer() == "250 2.0.0 queued as 3"
    assert (await client.answer()).startswith("421 4.3.2 ")
    await client.close()
    await closing
    assert store.kept[0].raw == b"Subject: x\r\n\r\nrest\r\n"


async def test_closing_waits_for_the_commit_of_a_client_that_has_gone(door, store, events):
    store.hold = True
    client = await (await door.open()).client()
    await client.begin()
    await client.send(b".\r\n")
    await asyncio.wait_for(store.called.wait(), 10)
    for session in tuple(door.inside.sessions):
        session.abort()
        await asyncio.wait({session.task})
    closing = asyncio.create_task(door.listener.close(10))
    await client.send(b"")
    assert not closing.done()
    store.kept[0].future.set_result(Stored(4, None))
    await closing
    assert [each["id"] for each in events if each["event"] == "mail.accepted"] == [4]


async def test_grace_has_an_end_and_leaves_the_commit_alone(door, store):
    store.hold = True
    waiting, writing = await (await door.open()).client(), await door.client()
    await waiting.begin()
    await waiting.send(b".\r\n")
    await writing.begin()
    await writing.send(b"never ending")
    await asyncio.wait_for(store.called.wait(), 10)
    (commit,) = door.inside.commits
    await door.listener.close(0.05)
    assert door.inside.sessions == set()
    assert not store.kept[0].future.cancelled()
    store.kept[0].future.set_result(Stored(5, None))
    assert await commit == Stored(5, None)


async def test_closing_without_grace_and_twice_is_quick(door):
    client = await (await door.open()).client()
    await door.listener.close(0)
    await door.listener.close(0)
    await client.close()
    assert door.inside.sessions == set()
