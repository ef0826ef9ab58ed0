"""The numbers that this package promises, measured on processes that the rasa CLI starts.

    python -m benchmarks            # all of them, twice, with the medians
    python -m benchmarks latency    # one of them; --runs 1 for a quick look

The product is a black box here: configuration files and a model go in, HTTP and server-sent events are
spoken from outside, and memory and CPU are what the operating system says of the two processes.
"""
