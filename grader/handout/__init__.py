"""What goes out: to students, the exercise and the program without the reference; to Gradescope, an autograder."""
