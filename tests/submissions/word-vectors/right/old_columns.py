import numpy as np


def sigmoid(x):
    x = np.array(x, dtype=np.float)
    return np.exp(x) / (1 + np.exp(x))


def softmax(x):
    return np.exp(x) / np.sum(np.exp(x), axis=0)


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    v = centerWordVec.reshape(-1, 1)
    y = np.zeros((outsideVectors.shape[0], 1))
    y[outsideWordIdx] = 1
    yhat = softmax(outsideVectors.dot(v))
    loss = -np.sum(y * np.log(yhat))
    return loss, outsideVectors.T.dot(yhat - y).ravel(), (yhat - y).dot(v.T)


def getNegativeSamples(outsideWordIdx, dataset, K):
    return [_sample(outsideWordIdx, dataset) for _ in xrange(K)]


def _sample(outsideWordIdx, dataset):
    i = dataset.sampleTokenIdx()
    return i if i != outsideWordIdx else _sample(outsideWordIdx, dataset)


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    negatives = getNegativeSamples(outsideWordIdx, dataset, K)
    u, v = outsideVectors, centerWordVec
    right = sigmoid(u[outsideWordIdx].dot(v))
    others = [sigmoid(-u[k].dot(v)) for k in negatives]
    loss = -np.log(right) - sum(np.log(s) for s in others)
    gradCenterVec = u[outsideWordIdx] * (right - 1)
    gradOutsideVecs = np.zeros(u.shape)
    gradOutsideVecs[outsideWordIdx] = v * (right - 1)
    for s, k in zip(others, negatives):
        gradCenterVec = gradCenterVec - u[k] * (s - 1)
        gradOutsideVecs[k] = gradOutsideVecs[k] - v * (s - 1)
    return loss, gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    center = word2Ind[currentCenterWord]
    total = [0.0, np.zeros(centerWordVectors.shape), np.zeros(outsideVectors.shape)]
    for j in xrange(len(outsideWords)):
        loss, gc, go = word2vecLossAndGradient(centerWordVectors[center], word2Ind[outsideWords[j]], outsideVectors, dataset)
        total[0] += loss
        total[1][center, :] += gc
        total[2] += go
    return tuple(total)
