"""The window on the spool: health and metrics. Writes nothing but operator verbs."""
