"""The state of a training on disk: the file, what it belongs to, and how a training resumes."""
