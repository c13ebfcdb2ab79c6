"""Events as bytes; pure."""
