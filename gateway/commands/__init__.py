"""What the commands do: words from a person in, lines for a person and an exit status out.

One file a command; `cli.py` holds their words and imports a file only when its command is called.
Must not happen here: a decision that the rooms should make, a change of the spool but by the operator's verbs.
"""
