"""What is seen of a training: what was in its graphs, what changed its parameters, which rows it used."""
