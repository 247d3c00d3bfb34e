"""Keeps deliveries, raw mail, plans, attempts and the thread index. Never parses MIME, never talks HTTP."""
