#!/usr/bin/env python3
"""Writes the first inputs of both targets: what honest browsers and servers send, and what tries to be taken for it."""

import json
import pathlib

here = pathlib.Path(__file__).parent / "corpus"

callback = {
    # a whole request, as a browser sends it
    "chromium": b"GET /callback?code=c-1&state=s-1&iss=https%3A%2F%2Fidp.example HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n"
    b"Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\n"
    b"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n\r\n",
    "token": b"GET /callback?token=e30.e30.c2ln HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n",
    "refused": b"GET /callback?error=access_denied&error_description=no&state=s-1 HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n",
    "favicon": b"GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nSec-Fetch-Dest: image\r\n\r\n",
    "post": b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1:4711\r\nContent-Length: 18\r\n\r\ncode=c-1&state=s-1",
    "rebinding": b"GET /callback?code=c-1&state=s-1 HTTP/1.1\r\nHost: evil.example:4711\r\n\r\n",
    "absolute": b"GET http://127.0.0.1:4711/callback?code=c-1&state=s-1 HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n",
    # 'q': only the query after the state
    "q-code": b"qcode=c-1&iss=https://idp.example",
    "q-twice": b"qcode=c-1&code=c-2&state=s-1",
    "q-escaped": b"q%63ode=c%2D1&token=%00%ff&iss=+",
    "q-error": b"qerror=access_denied&error_description=%3Cb%3E",
    # 'h': only the headers
    "h-host": b"hHost: 127.0.0.1:4711\r\nhost: evil.example",
    "h-origin": b"hOrigin: https://evil.example\r\nSec-Fetch-Mode: cors",
    "h-fold": b"hX: a\r\n b\r\nTransfer-Encoding: chunked",
}

claims = {
    "user_id": "github_1", "email": None, "name": "Ana Ñandú", "provider": "github", "exp": 1795362803, "iat": 1795362203,
}
jwt = {
    "whole": b"e30.e30.c2ln",
    "deployed": b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiZ2l0aHViXzEiLCJleHAiOjF9.c2ln",
    "claims": json.dumps(claims).encode(),
    "unescaped": json.dumps(claims, ensure_ascii=False).encode(),
    "fraction": json.dumps({**claims, "exp": 1795362803.5}).encode(),
    "huge": json.dumps({**claims, "exp": 1e308, "iat": -1}).encode(),
    "strings": json.dumps({**claims, "exp": "1795362803", "user_id": 1}).encode(),
    "empty": json.dumps({**claims, "user_id": "", "name": ""}).encode(),
    "twice": b'{"user_id":"a","user_id":"b","exp":1,"iat":1,"provider":"github"}',
    "deep": b"[" * 200,
}

for target, inputs in {"callback": callback, "jwt": jwt}.items():
    folder = here / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in inputs.items():
        (folder / name).write_bytes(data)
