"""How good the events are: what was told beside what really happened. Pure."""
