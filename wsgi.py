"""Entry point of the web server and of `flask --app wsgi …`."""

from techmart import create_app

app = create_app()
