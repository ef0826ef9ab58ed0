"""The numbers that this package promises, measured on processes that the rasa CLI starts.

    python -m benchmarks            # all of them, twice, with the medians
    python -m benchmarks latency    # one of them; --runs 1 for a quick look

The product is a black box here: configuration files and a model go in, the clients use HTTP and server-sent
events, and memory and CPU are what the operating system reports for the two processes.
"""
