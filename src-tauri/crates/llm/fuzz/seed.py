"""Puts the recorded answers of a real vLLM, and one small body per dialect, into the decoder's corpus.

    python3 seed.py
"""

import hashlib
import http.client
import pathlib

HERE = pathlib.Path(__file__).parent
CORPUS = HERE / "corpus" / "decoder"


class Recorded:
    """Just enough of a socket for http.client."""

    def __init__(self, path):
        self.path = path

    def makefile(self, _mode):
        return self.path.open("rb")


def body(path):
    response = http.client.HTTPResponse(Recorded(path))
    response.begin()
    try:
        return response.read()
    except http.client.IncompleteRead as cut:
        return cut.partial


BODIES = [
    'data: {"content":"Hel","done":false}\n\ndata: {"content":"","done":true,"full_response":"Hello"}\n\n',
    'data: {"type":"start"}\r\n\r\ndata: {"type":"content","content":"Hola"}\r\n\r\ndata: {"type":"done","finish_reason":"stop"}\r\n\r\n',
    '{"model":"m","created_at":"t","response":"ha","done":false}\n{"response":"","done":true,"eval_count":1,"prompt_eval_count":2}\n',
    '{"message":{"role":"assistant","content":"x","thinking":"y"},"done":true,"done_reason":"stop"}\n',
    'data: {"object":"text_completion.chunk","choices":[{"text":"a"}]}\r\rdata: {"object":"text_completion.chunk","choices":[{"text":"ab"}]}\r\r',
    'data: {"choices":[{"text":"ha"}]}\n\ndata: {"choices":[{"text":"ha"}]}\n\ndata: {"choices":[{"text":" no"}]}\n\n',
    '{"choices":[{"message":{"content":"Simulación de respuesta para: x"}}],"status":"simulated_response_due_to_timeout"}',
    'data: {"type":"content","content":"Err"}\n\ndata: {"type":"content","content":"or: x"}\n\n',
    'data: {"choices":[{"delta":{"content":[{"type":"text","text":"p"}],"reasoning":"r","tool_calls":[{}]},"finish_reason":"length"}]}\n\n',
    ': ping\n\ndata: {"error":{"message":"m","code":503}}\n\n',
    'data: {"a":\ndata: 1}\ndata: {"b":2}\ndata: [DONE]\n',
    '\ufeffdata: {"response":"\\ud83d\\ud83d\\ude00","routing_info":{"fallback":true}}\n\n',
    "¡Hola! Soy Capibara6, \U0001F9AB", "<!doctype html>", "[{\"a\":1}]", "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"x\"}]}",
]

CORPUS.mkdir(parents=True, exist_ok=True)
bodies = [text.encode() for text in BODIES]
bodies += [body(path)[:6000] for path in sorted((HERE.parent / "tests/fixtures/vllm").glob("*.resp"))]
for data in bodies:
    for choice in (b"\x00", b"\x01"):
        seed = choice + data
        (CORPUS / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
