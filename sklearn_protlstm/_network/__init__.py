"""The torch module and its embeddings."""
