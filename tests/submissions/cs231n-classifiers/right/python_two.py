import numpy as np
from random import shuffle

def grad_check_sparse(f, x, analytic_grad, num_checks):
  for i in xrange(num_checks):
    ix = tuple([randrange(m) for m in x.shape])
    print 'numerical: %f analytic: %f' % (0.0, analytic_grad[ix])

def svm_loss_naive(W, X, y, reg):
  dW = np.zeros(W.shape, dtype=np.float)
  num_classes = W.shape[1]
  num_train = X.shape[0]
  loss = 0.0
  for i in xrange(num_train):
    scores = X[i].dot(W)
    correct_class_score = scores[y[i]]
    count = 0
    for j in xrange(num_classes):
      if j == y[i]:
        continue
      margin = scores[j] - correct_class_score + 1
      if margin > 0:
        count += 1
        dW[:, j] += X[i, :].T
        loss += margin
    dW[:, y[i]] += -count * X[i, :].T
  loss /= num_train
  dW /= num_train
  loss += reg * np.sum(W * W)
  dW += reg * 2 * W
  return loss, dW


def svm_loss_vectorized(W, X, y, reg):
  num_train = X.shape[0]
  rows = np.array(xrange(num_train), dtype=np.int)
  scores = np.dot(X, W)
  margins = np.maximum(np.zeros(scores.shape), (scores.T - scores[rows, y] + 1).T)
  margins[rows, y] = 0
  loss = np.sum(margins) / np.float(num_train) + reg * np.sum(W * W)
  binary = margins
  binary[margins > 0] = 1
  binary[rows, y] = -np.sum(binary, axis=1)
  return loss, np.dot(X.T, binary) / num_train + 2 * reg * W


def softmax_loss_naive(W, X, y, reg):
  loss = 0.0
  dW = np.zeros_like(W)
  num_train, dim = X.shape
  for i in xrange(num_train):
    scores = [X[i].dot(W[:, j]) for j in xrange(W.shape[1])]
    shift = max(scores)
    exps = [np.exp(s - shift) for s in scores]
    total = sum(exps)
    for j in xrange(W.shape[1]):
      p = exps[j] / total
      if j == y[i]:
        loss += -np.log(p)
        p -= 1
      for d in xrange(dim):
        dW[d, j] += X[i, d] * p
  return loss / num_train + reg * np.sum(W * W), dW / num_train + 2 * reg * W


def softmax_loss_vectorized(W, X, y, reg):
  num_train = X.shape[0]
  scores = np.dot(X, W)
  scores = scores - np.max(scores, axis=1)[:, np.newaxis]
  log_p = scores - np.log(np.sum(np.exp(scores), axis=1))[:, np.newaxis]
  loss = -log_p[xrange(num_train), y].mean() + reg * np.sum(W * W)
  p = np.exp(log_p)
  p[xrange(num_train), y] -= 1
  return loss, np.dot(X.T, p / num_train) + 2 * reg * W
