"""Floor 5: the pages on which organisers set up the series and look after its people."""
