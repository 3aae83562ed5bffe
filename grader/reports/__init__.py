"""Reports in the forms in which they are read: one function each."""
