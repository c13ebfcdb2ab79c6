"""From a Reading to the platform. Imports drivers and config."""
