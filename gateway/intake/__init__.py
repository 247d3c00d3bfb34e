"""The door: SMTP dialogue in, spooled mail out, then 250.

In: connections at the endpoints of `listener.py`. Out: an Envelope, the raw mail, its thread ids and our Received line,
handed to a Store; the client hears 250 after the commit. `dialogue.py` answers commands, `data.py` finds the end of a
mail, `session.py` moves the bytes, `keeping.py` waits for the commit.
Must not happen here: reading MIME, a 5xx for a trouble of ours, an end of data other than CRLF.CRLF, the text of an
exception in an answer, a commit that dies with its client.
"""
