"""The answer key of an exercise: what each probe must give, built once for a seed, and kept."""
