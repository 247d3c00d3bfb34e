"""StaffAPI requests come in -> tickets on a sandbox help desk go out, for the demo, tests and benchmarks.

    HTTP --> calls --> server --> accounts            (Login, Logout, GetInfo)
                         |    --> push --> create, modify     all in one SQLite database: store
                         |    --> retrieve, search
                         +-- faults: lost answers, crashes, delays, on demand

It is an independent reading of the documented page (dialect `page`) and of servers in the field (`classic`): it shares
no code with the gateway's own client, so that each is a test of the other. Nothing here may send mail or touch the
gateway's spool; no other room imports it.
"""
