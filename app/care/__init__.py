"""What keeps a board's data safe: backups that are proved, coming back from one, and looking it all over."""
