import numpy as np


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x))))


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    scores = np.einsum("vd,d->v", outsideVectors, centerWordVec)
    top = scores.max()
    log_z = top + np.log(np.exp(scores - top).sum())
    p = np.exp(scores - log_z)
    grad_center = p @ outsideVectors - outsideVectors[outsideWordIdx]
    grad_outside = p[:, None] * centerWordVec
    grad_outside[outsideWordIdx] -= centerWordVec
    return log_z - scores[outsideWordIdx], grad_center, grad_outside


def getNegativeSamples(outsideWordIdx, dataset, K):
    found = []
    while len(found) < K:
        index = dataset.sampleTokenIdx()
        if index != outsideWordIdx:
            found.append(index)
    return found


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    idx = np.array([outsideWordIdx, *getNegativeSamples(outsideWordIdx, dataset, K)])
    sign = np.where(np.arange(K + 1) == 0, 1.0, -1.0)
    rows = outsideVectors[idx]
    s = sigmoid(sign * (rows @ centerWordVec))
    coefficient = -sign * (1 - s)
    grad_outside = np.zeros_like(outsideVectors)
    np.add.at(grad_outside, idx, np.outer(coefficient, centerWordVec))
    return -np.log(s).sum(), coefficient @ rows, grad_outside


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    c = word2Ind[currentCenterWord]
    parts = [word2vecLossAndGradient(centerWordVectors[c], word2Ind[w], outsideVectors, dataset) for w in outsideWords]
    losses, centers, outsides = zip(*parts)
    grad_centers = np.zeros_like(centerWordVectors)
    grad_centers[c] = sum(centers)
    return sum(losses), grad_centers, sum(outsides)
