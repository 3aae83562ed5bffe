#!/usr/bin/env python
import argparse
import numpy as np
import random
from utils.gradcheck import gradcheck_naive, grad_tests_softmax, grad_tests_negsamp
from utils.utils import normalizeRows, softmax


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def naiveSoftmaxLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset):
    ### Please use the provided softmax function (imported earlier in this file)
    y_hat = softmax(np.dot(outsideVectors, centerWordVec))
    loss = -np.log(y_hat[outsideWordIdx])
    d = y_hat.copy()
    d[outsideWordIdx] -= 1
    gradCenterVec = d @ outsideVectors
    gradOutsideVecs = d[:, np.newaxis] * centerWordVec[np.newaxis, :]
    return loss, gradCenterVec, gradOutsideVecs


def getNegativeSamples(outsideWordIdx, dataset, K):
    negSampleWordIndices = [None] * K
    for k in range(K):
        newidx = dataset.sampleTokenIdx()
        while newidx == outsideWordIdx:
            newidx = dataset.sampleTokenIdx()
        negSampleWordIndices[k] = newidx
    return negSampleWordIndices


def negSamplingLossAndGradient(centerWordVec, outsideWordIdx, outsideVectors, dataset, K=10):
    negSampleWordIndices = getNegativeSamples(outsideWordIdx, dataset, K)
    indices = [outsideWordIdx] + negSampleWordIndices
    labels = np.array([1] + [-1] * K)
    vecs = outsideVectors[indices, :]
    t = sigmoid(vecs.dot(centerWordVec) * labels)
    loss = -np.sum(np.log(t))
    delta = labels * (t - 1)
    gradCenterVec = delta.reshape((1, K + 1)).dot(vecs).flatten()
    gradOutsideVecs = np.zeros(outsideVectors.shape)
    gradTemp = delta.reshape((K + 1, 1)).dot(centerWordVec.reshape((1, -1)))
    for k in range(K + 1):
        gradOutsideVecs[indices[k]] += gradTemp[k, :]
    return loss, gradCenterVec, gradOutsideVecs


def skipgram(currentCenterWord, windowSize, outsideWords, word2Ind, centerWordVectors, outsideVectors, dataset,
             word2vecLossAndGradient=naiveSoftmaxLossAndGradient):
    loss = 0.0
    gradCenterVecs = np.zeros(centerWordVectors.shape)
    gradOutsideVectors = np.zeros(outsideVectors.shape)
    i = word2Ind[currentCenterWord]
    for w in outsideWords:
        l, gc, go = word2vecLossAndGradient(centerWordVectors[i], word2Ind[w], outsideVectors, dataset)
        loss += l
        gradCenterVecs[i] += gc
        gradOutsideVectors += go
    return loss, gradCenterVecs, gradOutsideVectors


def test_word2vec():
    dataset = type('dummy', (), {})()
    dataset.sampleTokenIdx = lambda: random.randint(0, 4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description='Test your implementations.')
    parser.add_argument('function', nargs='?', type=str, default='all')
    args = parser.parse_args()
