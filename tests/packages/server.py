"""Serves a folder on loopback, prints its port, and can misbehave.

/cut/FILE ends in the middle of FILE; /stall/FILE stops there, says so on stdout, and waits until the client goes.
"""

import functools
import http.server
import os
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        _, how, *rest = self.path.split("/")
        if how not in ("cut", "stall"):
            super().do_GET()
            return
        with open(os.path.join(self.directory, *rest), "rb") as file:
            whole = file.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole[: len(whole) // 2])
        self.wfile.flush()
        if how == "stall":
            print("stalled", flush=True)
            self.connection.recv(1)
        self.close_connection = True

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(
    ("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1])
)
print(server.server_port, flush=True)
server.serve_forever()
