"""A dialect comes in -> a desk running on a free port, and a caller logged in to it, go out."""

import random
import re
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import pytest
from lxml import etree

from gateway.desk.server import SandboxDesk

CREATE = """<kayako_staffapi><create staffapiid="7"><subject>Printer on fire</subject><fullname>Ada Lovelace</fullname>
<email>Ada@Example.org</email><departmentid>9</departmentid><ticketstatusid>14</ticketstatusid>
<ticketpriorityid>32</ticketpriorityid><tickettypeid>21</tickettypeid><ownerstaffid>0</ownerstaffid>
<emailqueueid>51</emailqueueid><creator>user</creator><userid>0</userid><type>default</type>
<sendautoresponder>0</sendautoresponder><flagtype>0</flagtype>{more}<watch>0</watch></create></kayako_staffapi>"""
REPLY = "<reply><contents>It burns.</contents></reply>"


@dataclass
class Clock:
    """Unix time that stands still until told otherwise."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Caller:
    """A client that knows nothing but HTTP."""

    desk: SandboxDesk
    clock: Clock
    http: httpx.AsyncClient
    session: str = ""

    async def post(self, route: str, **fields: str) -> httpx.Response:
        return await self.http.post(f"/staffapi/index.php?{route}", data=fields)

    async def ask(self, route: str, **fields: str) -> etree._Element:
        """The first document of the answer to a call with the session."""
        response = await self.post(route, **fields, sessionid=self.session)
        return self.read(response)

    def read(self, response: httpx.Response) -> etree._Element:
        found = re.search(rb"<kayako_staffapi>.*?</kayako_staffapi>", response.content, re.DOTALL)
        assert found, response.text
        return etree.fromstring(found[0])

    async def log_in(self, username: str = "gateway", password: str = "sandbox") -> etree._Element:
        answer = self.read(await self.post("/Core/Default/Login", username=username, password=password))
        self.session = answer.findtext("sessionid") or self.session
        return answer

    async def push(self, payload: str) -> etree._Element:
        return await self.ask("/Tickets/Push/Index", payload=payload)

    async def create(self, more: str = REPLY, **replaced: str) -> int:
        """-> the id of a ticket made with everything the page requires."""
        answer = await self.push(self.created(more, **replaced))
        ticket = answer.find("tickets/ticket")
        assert ticket is not None, answer.findtext("error")
        return int(ticket.get("id"))

    @staticmethod
    def created(more: str = REPLY, **replaced: str) -> str:
        payload = CREATE.format(more=more)
        for name, text in replaced.items():
            payload, count = re.subn(rf"<{name}>.*?</{name}>", f"<{name}>{text}</{name}>", payload, flags=re.DOTALL)
            assert count == 1, name
        return payload

    async def modify(self, ticketid: int | str, inner: str) -> etree._Element:
        return await self.push(f'<kayako_staffapi><modify ticketid="{ticketid}">{inner}</modify></kayako_staffapi>')

    async def found(self, query: str, **flags: str) -> list[int]:
        answer = await self.ask("/Tickets/Retrieve/Search", query=query, **flags)
        return [int(ticket.get("id")) for ticket in answer.iter("ticket")]


async def _calling(dialect: str):
    clock = Clock()
    desk = SandboxDesk(dialect=dialect, clock=clock, dice=random.Random(5))
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    async with desk.running() as url, httpx.AsyncClient(base_url=url, cookies=no_cookies) as http:
        caller = Caller(desk, clock, http)
        await caller.log_in()
        yield caller
    desk.close()


@pytest.fixture
async def page():
    async for caller in _calling("page"):
        yield caller


@pytest.fixture
async def classic():
    async for caller in _calling("classic"):
        yield caller


@pytest.fixture(params=["page", "classic"])
async def caller(request):
    async for caller in _calling(request.param):
        yield caller
