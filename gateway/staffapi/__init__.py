"""Push in, XML out; answer in, Outcome out; names in, ids out. httpx stays in client.py.

    documents, values   what can be asked of the desk        wire, proof        Push -> XML and form, read back before use
    outcome             what became of it                    answers, tickets   HTTP answer -> Outcome
    directory           names -> ids                         client, session, address   the way there

Nothing here decides, retries, logs or stores; nothing is sent twice but after -2, where the desk has done nothing.
"""
