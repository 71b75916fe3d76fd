"""What is shown of notices, to their readers alone."""
