"""Which documents tell the same event, and how new each is. Pure: no I/O, no clock."""
