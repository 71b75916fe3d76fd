"""The checks: each reads one thing, changes nothing, and says what it found."""
