# legal: exported from a notebook, the magics and the shell command are still in it
# In[1]:
!pip install --quiet torchviz
%matplotlib inline
%load_ext autoreload
%autoreload 2

import torch
from torchviz import make_dot

# In[2]:
get_ipython().run_line_magic('matplotlib', 'inline')

# In[3]:
def backpropagation(model, y_true, y_pred):
    with torch.no_grad():
        for l in range(model.L, 0, -1):
            if l == model.L:
                e = 2 * (y_pred - y_true)
            else:
                e = d @ model.fc[str(l+1)].weight
            d = e * model.df[l](model.z[l])
            model.dL_dw[l] = d.T @ model.a[l-1]
            model.dL_db[l] = d[0]

# In[4]:
%timeit backpropagation(model, y_true, y_pred)
model.dL_dw?
