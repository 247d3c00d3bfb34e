"""Commands in, answers out: RFC 5321 4.1.1 without a socket, with status codes of RFC 3463."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.intake.commands import Mail, Refusal, parse_mail, parse_rcpt
from gateway.intake.terms import Terms
from gateway.intake.trace import Transmission
from gateway.mail.envelope import Envelope

_COMMANDS = "HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY EXPN HELP"
#: They bring no mail nearer, and without a limit a client could stay on them for ever.
_IDLE_COMMANDS = frozenset({"HELO", "EHLO", "RSET", "NOOP", "VRFY", "EXPN", "HELP"})
_LONGEST_HELO = 255


@dataclass(slots=True)
class Transaction:
    """What MAIL and RCPT have said so far."""

    mail: Mail
    rcpt_to: list[str] = field(default_factory=list)
    #: Whether an unknown recipient has been counted as an error: a list of them is one error, not a hundred.
    counted: bool = False


class Dialogue:
    """How far one client has come. Every method raises Refusal where the answer is no."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._helo = ""
        self._extended = False
        self._errors = 0
        self._idle_commands = 0
        self.transaction: Transaction | None = None

    @property
    def mail_from(self) -> str:
        return self.transaction.mail.mail_from if self.transaction else ""

    @property
    def transmission(self) -> Transmission:
        if self.transaction and self.transaction.mail.utf8:
            return "UTF8SMTP"
        return "ESMTP" if self._extended else "SMTP"

    def envelope(self, *, peer: str, received_at: datetime) -> Envelope:
        """Of the mail that `begin_data` has allowed."""
        assert self.transaction is not None
        return Envelope(
            mail_from=self.transaction.mail.mail_from,
            rcpt_to=tuple(self.transaction.rcpt_to),
            peer=peer,
            helo=self._helo,
            tls="",
            received_at=received_at,
        )

    def answer(self, command: str, argument: str) -> str:
        """The answer to any command but DATA and QUIT, which are not answered by words alone."""
        if command in _IDLE_COMMANDS:
            self._idle_commands += 1
        match command:
            case "HELO":
                return self._meet(argument, extended=False)
            case "EHLO":
                return self._meet(argument, extended=True)
            case "MAIL":
                return self._begin(argument)
            case "RCPT":
                return self._add(argument)
            case "RSET" if not argument:
                self.transaction = None
                return "250 2.0.0 OK"
            case "NOOP":
                return "250 2.0.0 OK"
            case "VRFY" if argument:
                return "252 2.5.0 Whether an address is served is said in answer to RCPT"
            case "EXPN":
                raise Refusal("502 5.5.1 Lists are not shown")
            case "HELP":
                return f"214 2.0.0 Commands: {_COMMANDS}"
            case "VRFY":
                raise Refusal("501 5.5.4 Write VRFY address")
            case "RSET" | "DATA" | "QUIT":
                raise Refusal(f"501 5.5.4 {command} takes no argument")
        raise Refusal("500 5.5.1 This command is not known here")

    def begin_data(self) -> None:
        """Whether DATA may follow."""
        if self.transaction is None or not self.transaction.rcpt_to:
            raise Refusal("503 5.5.1 There is no recipient yet")

    def end_data(self, *, accepted: bool) -> None:
        """The mail is over; one that was accepted wipes out what went wrong before."""
        self.transaction = None
        if accepted:
            self._errors = self._idle_commands = 0

    def count(self, command: str, refusal: Refusal) -> None:
        """Note that a command was refused. Only what the client did wrong counts."""
        if refusal.code < 500:
            return
        if command == "RCPT" and refusal.code == 550 and self.transaction is not None:
            if self.transaction.counted:
                return
            self.transaction.counted = True
        self._errors += 1

    def check_patience(self) -> None:
        """Raises a Refusal of 421 once a client has erred or idled too often."""
        if self._errors >= self._terms.errors:
            raise Refusal("421 4.7.0 Too many errors, goodbye")
        if self._idle_commands > self._terms.idle_commands:
            raise Refusal("421 4.7.0 Too many commands without a mail, goodbye")

    def _meet(self, name: str, *, extended: bool) -> str:
        if not name or not name.isprintable():
            raise Refusal("501 5.5.4 Say the name of your host as well")
        self._helo, self._extended, self.transaction = name[:_LONGEST_HELO], extended, None
        if not extended:
            return f"250 {self._terms.hostname}"
        # One string, and so one write: lines written one by one wait for each other's acknowledgement.
        return (
            f"250-{self._terms.hostname}\r\n250-SIZE {self._terms.max_size}\r\n250-8BITMIME\r\n250-PIPELINING\r\n"
            "250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8"
        )

    def _begin(self, argument: str) -> str:
        if not self._helo:
            raise Refusal("503 5.5.1 Say EHLO first")
        if self.transaction is not None:
            raise Refusal("503 5.5.1 A mail has been begun already; RSET ends it")
        self.transaction = Transaction(parse_mail(argument, extended=self._extended, max_size=self._terms.max_size))
        return "250 2.1.0 Sender accepted"

    def _add(self, argument: str) -> str:
        if self.transaction is None:
            raise Refusal("503 5.5.1 MAIL comes before RCPT")
        address = parse_rcpt(argument, extended=self._extended, utf8=self.transaction.mail.utf8)
        if not self._terms.recipients.serves(address):
            raise Refusal("550 5.1.1 This address is not served here")
        if len(self.transaction.rcpt_to) >= self._terms.recipients_per_mail:
            raise Refusal("452 4.5.3 Too many recipients; send the mail to the others in another transaction")
        self.transaction.rcpt_to.append(address)
        return "250 2.1.5 Recipient accepted"
