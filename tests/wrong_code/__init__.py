"""Code that makes known mistakes, and code that no catalogue describes; it runs without the sandbox. Benchmarks use it, too."""
