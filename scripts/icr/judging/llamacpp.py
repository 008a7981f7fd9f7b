"""llama.cpp's server in a process of its own: ``python -m icr.judging.llamacpp --model FILE``."""

import argparse
import signal


def main() -> None:
    """Serve a GGUF file until a signal ends the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gpu-layers", type=int, default=0)
    options = parser.parse_args()

    import xllamacpp

    from icr.models.gguf_file import gguf_path

    params = xllamacpp.CommonParams()
    params.model.path = str(gguf_path(options.model))
    params.hostnames, params.port = [options.host], options.port
    # Concurrent requests share the context.
    params.n_ctx = options.context * options.parallel
    params.n_parallel = options.parallel
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.n_gpu_layers = options.gpu_layers
    server = xllamacpp.Server(params)
    print("listening on", server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
