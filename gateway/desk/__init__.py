"""StaffAPI and REST requests come in -> tickets on a sandbox help desk go out, for the demo, tests and benchmarks.

    HTTP --> front --> calls --> office --> accounts         (Login, Logout, GetInfo)
               |                   |   --> push --> create, modify, parts
               |                   |   --> retrieve, search
               |                   |   --> rest              (the REST API's one call: a post of the customer's own)
               |                   +-- all in one SQLite database: store
               +-- faults: lost answers, crashes, delays, on demand
    people --> pages, controlpage, control --> inspection    (what is there)
                                       |   --> changes --> administration     (merges, other titles, other rights)

It is an independent reading of the documented page (dialect `page`) and of servers in the field (`classic`): it shares
no code with the gateway's own client, so that each is a test of the other. Nothing here may send mail or touch the
gateway's spool; no other room imports it.
"""
