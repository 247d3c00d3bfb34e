"""Raw bytes in, Message out. No I/O, no clock, no settings, no other room; never raises on any bytes.

    ids.thread_ids(raw)          the ids that thread a mail, from its header block; all that intake reads
    reader.read(raw)             the Message, with spans for attachments; report.report(message) shows it as JSON
    decode.content(raw, span)    the bytes of an attachment; names.safe_filename makes its name fit to be pushed

    fields -> words, parameters, addresses, dates      header blocks and what stands in them
    head -> senders, lists, traces (rewritten)         what a mail's own header block says of people and of its way
    authresults -> authentication                      what relays found out about it
    mime -> boundaries, delimiters, transfer, inlined  where its parts lie; journal: the mail inside a report
    attachments -> digests, tnef, names; protection    what is attached, signed, encrypted
    mime -> decode, charsets -> bodies, markup, flowed parts, and the text and HTML chosen among them; tnef: winmail.dat
    replies, forwards (phrases)                        who wrote which lines
    kinds, bounces                                     machines' mails

Python's `email` is used nowhere. Everything is linear in the mail and bounded in count, depth and size; what is cut off
by a limit stays in the raw mail and is said in `Message.defects`.
"""
