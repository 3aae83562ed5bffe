# permis : la pente 1 - a^2 tirée de a au lieu de z, indentation par tabulations, commentaires en français
import torch


def backpropagation(model, y_true, y_pred):
	# on remonte de la sortie vers l'entrée
	dA = 2 * (y_pred - y_true)
	for l in range(model.L, 0, -1):
		# tanh'(z) = 1 - tanh(z)^2, et a = tanh(z)
		dZ = dA * (1 - model.a[l] ** 2)
		model.dL_dw[l] = dZ.T.mm(model.a[l - 1])
		model.dL_db[l] = dZ.sum(dim=0)
		dA = dZ.mm(model.fc[str(l)].weight)
