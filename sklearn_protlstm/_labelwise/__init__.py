"""Classifiers of scikit-learn with one fit for each label."""
