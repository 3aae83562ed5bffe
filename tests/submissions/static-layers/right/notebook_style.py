import torch
import random


def hello_fully_connected_networks():
    print('Hello from fully_connected_networks.py!')


class Linear(object):

    @staticmethod
    def forward(x, w, b):
        out = None
        out = x.reshape(x.shape[0], -1).mm(w) + b
        cache = (x, w, b)
        return out, cache

    @staticmethod
    def backward(dout, cache):
        x, w, b = cache
        dx, dw, db = None, None, None
        dx = dout.mm(w.t()).reshape(x.shape)
        dw = x.reshape(x.shape[0], -1).t().mm(dout)
        db = torch.sum(dout, dim=0)
        return dx, dw, db


class ReLU(object):

    @staticmethod
    def forward(x):
        out = x.clone()
        out[out < 0] = 0
        cache = x
        return out, cache

    @staticmethod
    def backward(dout, cache):
        dx, x = None, cache
        dx = dout.clone()
        dx[x < 0] = 0
        return dx


class Linear_ReLU(object):

    @staticmethod
    def forward(x, w, b):
        a, fc_cache = Linear.forward(x, w, b)
        out, relu_cache = ReLU.forward(a)
        cache = (fc_cache, relu_cache)
        return out, cache

    @staticmethod
    def backward(dout, cache):
        fc_cache, relu_cache = cache
        da = ReLU.backward(dout, relu_cache)
        dx, dw, db = Linear.backward(da, fc_cache)
        return dx, dw, db


class Conv(object):

    @staticmethod
    def forward(x, w, b, conv_param):
        stride, pad = conv_param['stride'], conv_param['pad']
        N, C, H, W = x.shape
        F, _, HH, WW = w.shape
        padded = torch.nn.functional.pad(x, (pad, pad, pad, pad))
        H_out = 1 + (H + 2 * pad - HH) // stride
        W_out = 1 + (W + 2 * pad - WW) // stride
        out = torch.zeros((N, F, H_out, W_out), dtype=x.dtype, device=x.device)
        for n in range(N):
            for f in range(F):
                for i in range(H_out):
                    for j in range(W_out):
                        top, left = i * stride, j * stride
                        window = padded[n, :, top:top + HH, left:left + WW]
                        out[n, f, i, j] = (window * w[f]).sum() + b[f]
        cache = (x, w, b, conv_param)
        return out, cache

    @staticmethod
    def backward(dout, cache):
        x, w, b, conv_param = cache
        stride, pad = conv_param['stride'], conv_param['pad']
        N, F, H_out, W_out = dout.shape
        HH, WW = w.shape[2:]
        padded = torch.nn.functional.pad(x, (pad, pad, pad, pad))
        dpadded = torch.zeros_like(padded)
        dw, db = torch.zeros_like(w), torch.zeros_like(b)
        for n in range(N):
            for f in range(F):
                for i in range(H_out):
                    for j in range(W_out):
                        top, left = i * stride, j * stride
                        db[f] += dout[n, f, i, j]
                        dw[f] += padded[n, :, top:top + HH, left:left + WW] * dout[n, f, i, j]
                        dpadded[n, :, top:top + HH, left:left + WW] += w[f] * dout[n, f, i, j]
        dx = dpadded[:, :, pad:-pad, pad:-pad]
        return dx, dw, db


class MaxPool(object):

    @staticmethod
    def forward(x, pool_param):
        h, w, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
        N, C, H, W = x.shape
        out = torch.zeros((N, C, 1 + (H - h) // s, 1 + (W - w) // s), dtype=x.dtype)
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                out[:, :, i, j] = x[:, :, i * s:i * s + h, j * s:j * s + w].reshape(N, C, -1).max(dim=2)[0]
        return out, (x, pool_param)

    @staticmethod
    def backward(dout, cache):
        x, pool_param = cache
        h, w, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
        dx = torch.zeros_like(x)
        N, C, rows, columns = dout.shape
        for n in range(N):
            for c in range(C):
                for i in range(rows):
                    for j in range(columns):
                        window = x[n, c, i * s:i * s + h, j * s:j * s + w]
                        best = window.argmax()
                        dx[n, c, i * s + best // w, j * s + best % w] += dout[n, c, i, j]
        return dx


class BatchNorm(object):

    @staticmethod
    def forward(x, gamma, beta, bn_param):
        mode = bn_param['mode']
        eps = bn_param.get('eps', 1e-5)
        momentum = bn_param.get('momentum', 0.9)
        N, D = x.shape
        running_mean = bn_param.get('running_mean', torch.zeros(D, dtype=x.dtype, device=x.device))
        running_var = bn_param.get('running_var', torch.zeros(D, dtype=x.dtype, device=x.device))
        cache = None
        if mode == 'train':
            mu = x.mean(dim=0)
            xmu = x - mu
            var = (xmu ** 2).mean(dim=0)
            std = (var + eps).sqrt()
            xhat = xmu / std
            out = gamma * xhat + beta
            running_mean = momentum * running_mean + (1 - momentum) * mu
            running_var = momentum * running_var + (1 - momentum) * var
            cache = (xmu, std, xhat, gamma)
        else:
            out = gamma * (x - running_mean) / (running_var + eps).sqrt() + beta
        bn_param['running_mean'] = running_mean.detach()
        bn_param['running_var'] = running_var.detach()
        return out, cache

    @staticmethod
    def backward(dout, cache):
        xmu, std, xhat, gamma = cache
        N = dout.shape[0]
        dgamma = (dout * xhat).sum(dim=0)
        dbeta = dout.sum(dim=0)
        dxhat = dout * gamma
        dvar = (dxhat * xmu).sum(dim=0) * -0.5 / std ** 3
        dmu = -(dxhat / std).sum(dim=0) - 2 * dvar * xmu.mean(dim=0)
        dx = dxhat / std + 2 * dvar * xmu / N + dmu / N
        return dx, dgamma, dbeta

    @staticmethod
    def backward_alt(dout, cache):
        xmu, std, xhat, gamma = cache
        N = dout.shape[0]
        dgamma = (dout * xhat).sum(dim=0)
        dbeta = dout.sum(dim=0)
        dx = gamma / std / N * (N * dout - dbeta - xhat * dgamma)
        return dx, dgamma, dbeta
