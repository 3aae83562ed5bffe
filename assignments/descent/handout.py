"""Gradient descent with autograd, modules and optimisers: hand in this file."""

from exercise import diabetes

datax, datay, testx, testy = diabetes()

# Question 1: linear regression, batch, stochastic and mini-batch

# Question 2: linear - tanh - linear, of modules and in a container, with an optimiser
