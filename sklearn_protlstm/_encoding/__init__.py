"""Encoding of sequences as token matrices and k-mer counts."""
