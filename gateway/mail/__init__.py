"""Raw bytes in, Message out. No I/O, no clock, no settings, no other room; never raises on any bytes."""
