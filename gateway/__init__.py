"""Mail comes in, is kept, is read, is decided on, becomes a plan of StaffAPI documents, is pushed, and the answer is
written down. Nothing flows backwards; nothing accepted is lost; nothing is pushed twice.

    SMTP                                                                                StaffAPI (XML over HTTP)
     |                                                                                                    ^
     v                                                                                                    |
    intake/ --> spool/ -->  mail/     -->  routing/   -->  delivery/plan   -->  staffapi/documents, client
    Envelope    Delivery    raw->Message   Message->        Decision->Plan       Step->Outcome
    + raw + ids   ^                        Decision         of Steps                  |
                  +------------- delivery/: walk one Delivery, settle each step <-----+

console/ and the commands look at the spool, and may retry, hold, release or drop. desk/ is a help desk to try it on.
app.py wires the parts together, cli.py holds the commands, settings.py the settings, maillog.py the logged events.
"""

__version__ = "0.1.0"
