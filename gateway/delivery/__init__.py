"""The room that walks: one Delivery in; claimed, read, decided on, planned, pushed and settled.

`plan.py` turns a Decision into a Plan of StaffAPI documents and touches nothing; `walk.py` carries a plan out step by
step; `lookup.py` asks the desk what became of a step whose answer was lost; `worker.py` claims and lets several walk at
once; `readers.py` and `zygote.py` read mail in processes that may be killed.
Must not happen here: a push without an attempt on record, a push of a step whose fate is unknown, a mail without an end.
"""
