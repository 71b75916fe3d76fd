"""How people are told what came of what they wrote: the inbox, mail, the daily digest."""
