"""A TLS server in front of GITHUB_STATE and an HTTP proxy that leads there, on loopback.

Usage: network.py FOLDER. FOLDER holds server.pem and server.key; the ports are written to
FOLDER/ports as `TLS PROXY`, and each CONNECT to FOLDER/connects. Ends when it is killed.
"""

import os
import pathlib
import socket
import ssl
import sys
import threading

folder = pathlib.Path(sys.argv[1])
host, port = os.environ["GITHUB_STATE"].removeprefix("http://").split(":")


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def join(one, other):
    threading.Thread(target=pump, args=(one, other), daemon=True).start()
    pump(other, one)


def serve(listener, handle):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=guarded, args=(handle, client), daemon=True).start()


def guarded(handle, client):
    try:
        handle(client)
    except OSError:
        client.close()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "server.pem", folder / "server.key")
tls = socket.create_server(("127.0.0.1", 0))
proxy = socket.create_server(("127.0.0.1", 0))


def terminate(client):
    join(context.wrap_socket(client, server_side=True), socket.create_connection((host, int(port))))


def tunnel(client):
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    with open(folder / "connects", "a") as log:
        log.write(head.decode().splitlines()[0] + "\n")
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    join(client, socket.create_connection(tls.getsockname()))


threading.Thread(target=serve, args=(tls, terminate), daemon=True).start()
(folder / "ports.new").write_text(f"{tls.getsockname()[1]} {proxy.getsockname()[1]}\n")
(folder / "ports.new").rename(folder / "ports")
serve(proxy, tunnel)
