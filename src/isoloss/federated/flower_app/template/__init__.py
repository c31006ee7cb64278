"""Models that a written app begins with."""
