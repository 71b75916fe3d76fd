"""Floor 4: curating a board, live and in the open."""
