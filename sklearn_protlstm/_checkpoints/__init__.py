"""State of a training on disk, from which it resumes: files, fingerprints, and the callback."""
