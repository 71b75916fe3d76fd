"""Floor 0: what every slice stands on. Imports no slice."""
