"""The world outside the gateway. Imports config only, never drivers: a codec that both ends share hides its own mistakes."""
