"""Find what a class handed in: in folders, in files, in the archives that learning management systems export."""
