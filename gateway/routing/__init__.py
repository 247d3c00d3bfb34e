"""Message and facts in, Decision with its trail out. Rules look nothing up; nothing here does I/O.

    text of the files --> source --> forms --> vocabulary, operators   (below `when`) --> conditions --+
                          nodes,     plain                                                             +--> rulebook
                          places     values --> results                (below `then`) -----------------+       |
                                                                                                               v
    Envelope, Message, Facts --> looks (the values conditions look at) ------------------------------------> decide
                                                                                                               |
    schema: the same tables as JSON Schema                              explain: the trail as text <-- Decision <-+

All work on text happens in `rulebook.load`; `decide` compares and never fails. A new condition is a line in
`vocabulary.PLAIN`, a new field a line in `results.CREATE` or `results.PLAIN`.
"""
