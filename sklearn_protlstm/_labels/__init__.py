"""Labels: one class for each sequence, or any number of labels."""
