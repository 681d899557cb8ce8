"""The outside world: polite fetching, and foreign shapes into our nouns."""
