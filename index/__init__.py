"""Articles in, ranked passages out; knows nothing of models that write, nor of terminals."""
