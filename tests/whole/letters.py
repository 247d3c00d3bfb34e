"""A few words in, a mail as bytes out, written by Python's own mail library: well formed, and not by our hand."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from whole.running import RECIPIENT


def letter(
    name: str,
    *,
    text: str = "",
    subject: str = "",
    sender: str = "Ann Smith <ann@customer.example>",
    to: str = RECIPIENT,
    answers: Sequence[str] = (),
    files: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """`name` makes its Message-ID, and subject and text where those are left out; `answers` holds names of letters."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject or f"About {name}"
    message["Message-ID"] = _id(name)
    if answers:
        message["In-Reply-To"] = _id(answers[-1])
        message["References"] = " ".join(map(_id, answers))
    message.set_content(text or f"This is {name}.")
    for filename, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    return message.as_bytes(policy=SMTP)


def _id(name: str) -> str:
    return f"<{name}@customer.example>"
