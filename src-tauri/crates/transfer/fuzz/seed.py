#!/usr/bin/env python3
"""Writes the first inputs of both targets: small exports of every program, whole, cut off and in archives."""

import io
import json
import pathlib
import zipfile

here = pathlib.Path(__file__).parent / "corpus"


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012}"


def node(key, parent, role, content, **more):
    message = {"author": {"role": role}, "create_time": 1.7e9, "content": content, "metadata": {}, "recipient": "all", **more}
    return {"id": key, "parent": parent, "children": [], "message": message}


text = {"content_type": "text", "parts": ["Which rivers?"]}
chatgpt = {
    "title": "Rivers", "conversation_id": "c-1", "current_node": "c", "create_time": 1.7e9, "update_time": None,
    "mapping": {
        "r": {"id": "r", "message": None, "parent": None, "children": ["a"]},
        "a": node("a", "r", "user", text),
        "t": node("t", "a", "assistant", {"content_type": "thoughts", "thoughts": [{"summary": "s", "content": "Hm."}]}),
        "b": node("b", "t", "assistant", {"content_type": "code", "language": "python", "text": "1"}, recipient="python"),
        "o": node("o", "b", "tool", {"content_type": "execution_output", "text": "1"}),
        "c": node("c", "o", "assistant", {"content_type": "multimodal_text", "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "file-service://f"}, "The Ebro."]}),
    },
}
claude = {
    "uuid": "c-1", "name": "Rivers", "created_at": "2024-05-01T09:00:00Z", "updated_at": "2024-05-01T09:00:00Z",
    "chat_messages": [
        {"uuid": "a", "sender": "human", "text": "old", "content": [{"type": "text", "text": "Which?"}],
         "attachments": [{"file_name": "a.txt", "extracted_content": "x"}], "files": [{"file_name": "b.png"}]},
        {"uuid": "b", "parent_message_uuid": "a", "sender": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm."}, {"type": "tool_use", "name": "artifacts", "input": {"content": "x"}}]},
    ],
}
webui = {
    "id": "u-1", "title": "Rivers", "created_at": 1700000000, "pinned": True,
    "chat": {"history": {"currentId": "b", "messages": {
        "a": {"id": "a", "parentId": None, "childrenIds": ["b"], "role": "user", "content": "Which?", "timestamp": 1700000001},
        "b": {"id": "b", "parentId": "a", "role": "assistant", "model": "m", "done": True, "content":
              "<details type=\"reasoning\" done=\"true\">\n<summary>s</summary>\n> Hm.\n</details>\nThe Ebro."},
        "c": {"id": "c", "parentId": "a", "role": "assistant", "content":
              "<details type=\"tool_calls\" done=\"true\" name=\"t\" arguments=\"&quot;{}&quot;\" result=\"&quot;1&quot;\" files=\"[]\">\n"
              "<summary>Tool Executed</summary>\n</details>\n"
              "<details type=\"code_interpreter\" output=\"{&quot;stdout&quot;: &quot;1&quot;}\">\n```python\n1\n```\n</details>\n`x`"},
        "d": {"id": "d", "parentId": "a", "role": "assistant", "content": "1", "output": [
            {"type": "reasoning", "summary": [{"text": "Hm."}]}, {"type": "function_call", "call_id": "1", "name": "t", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": [{"text": "1"}]},
            {"type": "message", "content": [{"text": "1"}]}], "code_executions": [{"code": "1", "result": {"output": "1"}}]},
    }}},
}
storage = {
    "capibara6_chats": json.dumps([{"id": "chat_1", "title": "Rivers", "lastMessage": "x", "timestamp": 1700000000000, "messageCount": 2}]),
    "capibara6_chat_1": json.dumps({"id": "chat_1", "messages": [
        {"text": "Which?", "type": "user", "timestamp": 1700000000001}, {"text": "Error", "type": "bot", "isError": True}]}),
}
verdict = {
    "revision": 1, "moment": "all-ended", "quorum": "met", "agreement": "unanimous", "basis": "answers",
    "method": "weighted-vote", "rule": "all-agree", "decided_by": "method", "winner": 0, "message": uuid(3), "groups":
    [{"answer": "42", "slots": [0], "weight": 0.9}], "silent": [], "answered_weight": 0.9, "total_weight": 0.9, "dissent": [],
    "baselines": {},
}
run = {
    "id": uuid(9), "conversation": uuid(1), "question": uuid(2), "class": "number", "state": "ended", "plan": {"members": [],
    "method": "weighted-vote", "quorum": 2, "weights": "given"}, "candidates": [{"slot": 0, "model": "m", "weight": 0.9,
    "status": "complete", "message": uuid(3), "scripted": False}], "verdict": verdict, "revisions": [], "created_at": 1,
}
record = {"run": uuid(9), "seed": 7, "sent": [], "asked": [], "resemblance": [{"a": 0, "b": 0, "value": 0.30000000000000004}]}
ours = {
    "format": "capibara6-history", "version": 2, "projects": [{"id": uuid(5), "name": "P", "created_at": 1}],
    "weights": [{"class": "number", "model": "m", "weight": 0.5}],
    "conversations": [{
        "id": uuid(1), "title": "Rivers", "titled_by": "user", "pinned": False, "created_at": 1, "updated_at": 2, "leaf": uuid(3),
        "messages": [
            {"id": uuid(2), "role": "user", "status": "complete", "created_at": 1, "content": "Which?", "chosen": uuid(3)},
            {"id": uuid(3), "parent": uuid(2), "role": "assistant", "status": "failed", "created_at": 2, "content": "42",
             "reasoning": "Hm.", "model": "m", "metrics": {"tokens_per_second": 33.333333333333336}, "error": {"code": "server"}}],
        "runs": [{"run": run, "record": record, "judgement": {"class": "number", "agreement": "split", "upheld": True, "right": [["m", True]]}}],
    }],
}
documents = {
    "chatgpt": [chatgpt], "claude": [claude], "webui": [webui], "storage": storage, "ours": ours,
    "pairs": [list(pair) for pair in storage.items()],
    "named": [{"key": key, "value": value} for key, value in storage.items()],
    "account": {"user": {"id": "u"}, "chats": [{"id": "chat_1", "messages": [{"text": "Hi", "type": "user"}]}], "settings": {}},
    "mixed": [chatgpt, claude, webui, 1, None, "x", []],
}
folder = here / "document"
folder.mkdir(parents=True, exist_ok=True)
for name, value in documents.items():
    data = json.dumps(value, separators=(",", ":")).encode()
    (folder / name).write_bytes(data)
    (folder / f"{name}-cut").write_bytes(data[: len(data) * 2 // 3])
(folder / "utf-16").write_bytes(json.dumps([claude]).encode("utf-16"))
(folder / "lines").write_bytes(b"\n".join(json.dumps(each).encode() for each in [chatgpt, claude, webui]))

folder = here / "archive"
folder.mkdir(parents=True, exist_ok=True)
for name, method in {"stored": zipfile.ZIP_STORED, "deflated": zipfile.ZIP_DEFLATED}.items():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("export/conversations.json", json.dumps([chatgpt]))
        archive.writestr("export/conversations-1.json", json.dumps([claude]))
        archive.writestr("user.json", "{}")
    (folder / name).write_bytes(out.getvalue())
    (folder / f"{name}-cut").write_bytes(out.getvalue()[:-30])
