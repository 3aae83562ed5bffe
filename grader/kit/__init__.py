"""Generic parts of exercises: what runs around a submission, in its process. Holds no answers."""
