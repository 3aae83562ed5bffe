import numpy as np


class TwoLayerNet(object):

  def __init__(self, input_size, hidden_size, output_size, std=1e-4):
    self.params = {}
    self.params['W1'] = std * np.random.randn(input_size, hidden_size)
    self.params['b1'] = np.zeros(hidden_size, dtype=np.float)
    self.params['W2'] = std * np.random.randn(hidden_size, output_size)
    self.params['b2'] = np.zeros(output_size, dtype=np.float)

  def loss(self, X, y=None, reg=0.0):
    W1, b1, W2, b2 = [self.params[k] for k in ('W1', 'b1', 'W2', 'b2')]
    grads = {k: np.zeros(v.shape) for k, v in self.params.items()}
    loss = 0.0
    N = X.shape[0]
    for n in xrange(N):
      h = X[n].dot(W1) + b1
      h[h < 0] = 0
      s = h.dot(W2) + b2
      s -= s.max()
      p = np.exp(s) / np.exp(s).sum()
      loss -= np.log(p[y[n]])
      p[y[n]] -= 1.0
      grads['W2'] += h.reshape(-1, 1).dot(p.reshape(1, -1))
      grads['b2'] += p
      back = W2.dot(p)
      for k in xrange(h.size):
        if h[k] > 0:
          grads['b1'][k] += back[k]
          grads['W1'][:, k] += back[k] * X[n]
    loss /= N
    for k in grads:
      grads[k] /= N
    loss += reg * np.sum(W1 * W1) + reg * np.sum(W2 * W2)
    grads['W1'] += reg * W1 * 2
    grads['W2'] += reg * W2 * 2
    return loss, grads

def train(net, X, y):
  loss, grads = net.loss(X, y)
  print 'loss %f' % loss
