import numpy as np


def sigmoid(x):
  return 1.0 / (1.0 + np.exp(-x))


def rnn_step_forward(x, prev_h, Wx, Wh, b):
  act = np.dot(x, Wx) + np.dot(prev_h, Wh) + b.reshape(1, -1)
  next_h = np.tanh(act)
  return next_h, (x, prev_h, Wx, Wh, act)


def rnn_step_backward(dnext_h, cache):
  x, prev_h, Wx, Wh, act = cache
  N, H = dnext_h.shape
  D = x.shape[1]
  dact = np.multiply(dnext_h, 1.0 - np.square(np.tanh(act)))
  dx, dprev_h = np.zeros((N, D)), np.zeros((N, H))
  dWx, dWh, db = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H, dtype=np.float)
  for n in xrange(N):
    dx[n] = Wx.dot(dact[n])
    dprev_h[n] = Wh.dot(dact[n])
    dWx += np.outer(x[n], dact[n])
    dWh += np.outer(prev_h[n], dact[n])
    db += dact[n]
  return dx, dprev_h, dWx, dWh, db


def rnn_forward(x, h0, Wx, Wh, b):
  N, T, D = x.shape
  _, H = h0.shape
  h = np.zeros((N, T, H))
  caches = {}
  for t in xrange(T):
    before = h0 if t == 0 else h[:, t - 1]
    h[:, t], caches[str(t)] = rnn_step_forward(x[:, t], before, Wx, Wh, b)
  caches['T'] = T
  return h, caches


def rnn_backward(dh, cache):
  T = cache['T']
  dx_list = []
  total = None
  dprev = 0
  for t in xrange(T - 1, -1, -1):
    grads = rnn_step_backward(dh[:, t] + dprev, cache[str(t)])
    dprev = grads[1]
    dx_list.append(grads[0])
    total = list(grads[2:]) if total is None else [a + g for a, g in zip(total, grads[2:])]
  return np.array(dx_list[::-1]).transpose(1, 0, 2), dprev, total[0], total[1], total[2]


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
  N, H = prev_h.shape
  A = np.dot(x, Wx) + np.dot(prev_h, Wh) + b
  ai, af, ao, ag = A[:, 0:H], A[:, H:2*H], A[:, 2*H:3*H], A[:, 3*H:4*H]
  next_c = sigmoid(af) * prev_c + sigmoid(ai) * np.tanh(ag)
  next_h = sigmoid(ao) * np.tanh(next_c)
  return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, A, next_c, H)


def lstm_step_backward(dnext_h, dnext_c, cache):
  x, prev_h, prev_c, Wx, Wh, A, next_c, H = cache
  i, f, o = sigmoid(A[:, 0:H]), sigmoid(A[:, H:2*H]), sigmoid(A[:, 2*H:3*H])
  g = np.tanh(A[:, 3*H:])
  dc = dnext_c + dnext_h * o * (1 - np.tanh(next_c) ** 2)
  dA = np.zeros(A.shape)
  dA[:, 0:H] = i * (1 - i) * g * dc
  dA[:, H:2*H] = f * (1 - f) * prev_c * dc
  dA[:, 2*H:3*H] = o * (1 - o) * np.tanh(next_c) * dnext_h
  dA[:, 3*H:] = (1 - g ** 2) * i * dc
  return dA.dot(Wx.T), dA.dot(Wh.T), dc * f, np.dot(x.T, dA), np.dot(prev_h.T, dA), np.sum(dA, axis=0)


def lstm_forward(x, h0, Wx, Wh, b):
  N, T, D = x.shape
  h, caches = np.zeros((N, T, h0.shape[1])), []
  ht, ct = h0, np.zeros(h0.shape)
  for t in xrange(T):
    ht, ct, c = lstm_step_forward(x[:, t], ht, ct, Wx, Wh, b)
    h[:, t] = ht
    caches.append(c)
  return h, caches


def lstm_backward(dh, cache):
  caches = list(cache)
  N, T, H = dh.shape
  dh = dh.copy()
  dc = np.zeros((N, H))
  dx = np.zeros((N, T, caches[0][0].shape[1]))
  dWx = dWh = db = 0.0
  for t in xrange(T - 1, -1, -1):
    dx[:, t], dprev, dc, a, c, d = lstm_step_backward(dh[:, t], dc, caches.pop())
    dWx, dWh, db = dWx + a, dWh + c, db + d
    if t > 0:
      dh[:, t - 1] += dprev
  return dx, dprev, dWx, dWh, db


def word_embedding_forward(x, W):
  N, T = x.shape
  out = np.zeros((N, T, W.shape[1]))
  for n in xrange(N):
    for t in xrange(T):
      out[n, t] = W[x[n, t]]
  return out, (x, W)


def word_embedding_backward(dout, cache):
  x, W = cache
  dW = np.zeros(W.shape)
  for n in xrange(x.shape[0]):
    for t in xrange(x.shape[1]):
      dW[x[n, t], :] += dout[n, t, :]
  return dW


def temporal_affine_forward(x, w, b):
  out = np.zeros(x.shape[:2] + (w.shape[1],))
  for t in xrange(x.shape[1]):
    out[:, t] = np.dot(x[:, t], w) + b
  return out, (x, w, b)


def temporal_affine_backward(dout, cache):
  x, w, b = cache
  dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
  for t in xrange(x.shape[1]):
    dx[:, t] = np.dot(dout[:, t], w.T)
    dw += np.dot(x[:, t].T, dout[:, t])
    db += np.sum(dout[:, t], axis=0)
  return dx, dw, db


def temporal_softmax_loss(x, y, mask, verbose=False):
  N, T, V = x.shape
  loss, dx = 0.0, np.zeros(x.shape)
  for n in xrange(N):
    for t in xrange(T):
      if not mask[n, t]:
        continue
      e = np.exp(x[n, t] - np.max(x[n, t]))
      p = e / np.sum(e)
      loss -= np.log(p[y[n, t]])
      p[y[n, t]] -= 1
      dx[n, t] = p
  if verbose:
    print('dx: ', dx.shape)
  return loss / N, dx / N
