"""From a wire to a Reading. Imports config only."""
