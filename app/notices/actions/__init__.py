"""What tells people, and what they decide about it."""
