"""Reads one streamed answer with the official OpenAI client and prints how many bytes of text it had and the seconds."""

import sys
import time

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
begun = time.perf_counter()
stream = client.chat.completions.create(
    model="phi4:mini", messages=[{"role": "user", "content": "hello"}], stream=True
)
pieces = []
for chunk in stream:
    if chunk.choices:
        pieces.append(chunk.choices[0].delta.content or "")
seconds = time.perf_counter() - begun
print(len("".join(pieces).encode()), seconds)
