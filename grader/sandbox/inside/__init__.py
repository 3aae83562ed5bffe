"""The untrusted side: what runs in the fork server and in the submission's own process.

Nothing here may import anything of the program but the wire format.
"""
