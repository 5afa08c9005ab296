"""Measurements that need a GPU; each also runs small on a CPU, so that it does not rot."""
