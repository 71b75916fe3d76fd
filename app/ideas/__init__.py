"""Floor 3: ideas, comments, upvotes, search; read together, so they live together."""
