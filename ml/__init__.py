"""Models and mathematics of Attune, importable without Django.

Heavy libraries (torch, transformers, onnxruntime) are imported only by the files that need them.
"""
