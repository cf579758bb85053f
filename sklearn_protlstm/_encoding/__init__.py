"""Sequences as token matrices and k-mer counts: the encoder, k-mers, tokens and token matrices."""
