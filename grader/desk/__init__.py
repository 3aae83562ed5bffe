"""The instructor's desk: the reports of a class in a browser, on this machine alone."""
