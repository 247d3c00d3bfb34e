"""Push in, XML out; answer in, Outcome out; names in, ids out. httpx stays in client.py."""
