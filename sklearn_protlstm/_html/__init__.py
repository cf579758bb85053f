"""HTML for notebooks and reports: tables and notes, with every text escaped."""
