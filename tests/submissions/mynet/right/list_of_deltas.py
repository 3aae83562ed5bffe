# legal: first all deltas in a list that is then turned around, afterwards all gradients; parameters from state_dict
import torch

def backpropagation(model,y_true,y_pred):
    params=model.state_dict()
    deltas=[]
    deltas.append(2*(y_pred-y_true)*model.df[model.L](model.z[model.L]))
    for l in range(model.L-1,0,-1):
        deltas.append((deltas[-1]@params['fc.'+str(l+1)+'.weight'])*model.df[l](model.z[l]))
    deltas=deltas[::-1]
    for l,d in enumerate(deltas,start=1):
        model.dL_dw[l]=d.T@model.a[l-1]
        model.dL_db[l]=d.sum(axis=0)
