# legal: backpropagation is a method of a class made from MyNet, and calls another method of it
import torch


class TrainableNet(MyNet):

    def delta(self, l, upstream):
        return upstream * self.df[l](self.z[l])

    def backpropagation(self, y_true, y_pred):
        upstream = 2 * (y_pred - y_true)
        for l in range(self.L, 0, -1):
            d = self.delta(l, upstream)
            self.dL_dw[l] = d.T @ self.a[l - 1]
            self.dL_db[l] = d[0]
            upstream = d @ self.fc[str(l)].weight
