"""One Delivery in; claimed, read, decided, planned, pushed, settled. Never pushes a step whose fate is unknown."""
