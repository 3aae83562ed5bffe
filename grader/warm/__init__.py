"""A process that stays ready for some minutes, so that grading one more file needs no start. Imports nothing slow."""
