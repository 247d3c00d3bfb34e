"""The room that keeps: deliveries, raw mail, plans, attempts, the thread index.

In: an Envelope with the raw mail and its ids; later what became of it. Out: claimed deliveries, one of a lane at a time.
`states.py` holds every change of state, `writer.py` commits in groups, `spool.py` is the door for the other rooms.
Must not happen here: reading MIME, talking HTTP, answering before the commit, a change of state outside `states.py`.
"""
