"""Floor 2: editions, cities and their boards' numbered changes, workshops, themes."""
