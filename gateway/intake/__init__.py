"""SMTP dialogue in, spooled mail out, then 250. Never reads MIME, never answers 5xx for a trouble of ours."""
