"""What is measured, and against what; never part of the tests."""
