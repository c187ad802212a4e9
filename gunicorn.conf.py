"""gunicorn settings; address and sizes come from the same environment as the rest."""

import gc
import threading

from config import load_settings
from techmart.search.meaning import direction_of

_settings = load_settings()

bind = f"127.0.0.1:{_settings.port}"
workers = _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads
timeout = 60
graceful_timeout = 10
keepalive = 65
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
forwarded_allow_ips = "127.0.0.1"


def post_worker_init(worker):
    """Compile the glossary and read the word vectors beside the first requests, so that no search and no match waits for them."""
    threading.Thread(target=_warm, args=(worker.wsgi,), daemon=True).start()


def _warm(app):
    app.extensions["techmart-glossary"].warm()
    direction_of(("nước", "water"))
    # What is there by now stays. Looking through it for garbage would stop a request for a fifth of a second now and then.
    gc.collect()
    gc.freeze()
