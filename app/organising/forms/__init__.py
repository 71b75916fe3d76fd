"""What organisers type: cleaned and checked, with a sentence for each mistake."""
