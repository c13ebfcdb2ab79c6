"""The only room that imports aiomqtt: from the journal to the platform."""
