# lovlig: flatten for bias, kommentarer på norsk, navn på norsk
import torch


def backpropagation(modell, fasit, prediksjon):
    # Vi går bakover: først utgangslaget, så de skjulte lagene.
    with torch.no_grad():
        antall_lag = modell.L
        for lag in range(antall_lag, 0, -1):
            if lag == antall_lag:
                # derivert av (ŷ - y)² er 2(ŷ - y)
                feil = 2.0 * (prediksjon - fasit)
            else:
                # feilen sendes tilbake gjennom vektene i laget over
                feil = torch.matmul(delta, modell.fc[str(lag + 1)].weight.data)
            delta = feil * modell.df[lag](modell.z[lag])
            modell.dL_dw[lag] = torch.matmul(delta.T, modell.a[lag - 1])
            modell.dL_db[lag] = torch.flatten(delta)
    return None
