"""What transformers makes of chat templates: the expected texts of hub's tests.

    python chat_templates.py TOKENIZER FOLDER

FOLDER holds the templates, NAME.jinja. Writes FOLDER/expected.json: for every template and every list of messages below the
text with and without the beginning of the answer, or the error that it raises. TOKENIZER is any folder with a tokenizer.
"""

import json
import os
import pathlib
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import transformers

CHATS = {
    "one": [{"role": "user", "content": "tea?"}],
    "system": [{"role": "system", "content": " Be kind. "}, {"role": "user", "content": "  Is it\n\nwarm? \n"}],
    "turns": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "<think>\nWell.\n</think>\n\nGood day. "},
        {"role": "user", "content": "\u00bfQu\u00e9 \"tal\"? {{ x }} \u2028 \U0001f600"},
    ],
    "two-users": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
    "answered": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b\n"}],
    "parts": [{"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image"}, {"type": "text", "text": "two"}]}],
    "calls": [
        {"role": "user", "content": "add"},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "sum", "arguments": {"a": 1, "b": ["x", None]}}}]},
    ],
}
SPECIALS = {"bos_token": "<s>", "eos_token": "</s>"}


def main():
    tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
    tokenizer.bos_token, tokenizer.eos_token = SPECIALS["bos_token"], SPECIALS["eos_token"]
    folder = pathlib.Path(sys.argv[2])
    cases = []
    for file in sorted(folder.glob("*.jinja")):
        for name, chat in CHATS.items():
            for begins in (True, False):
                case = {"template": file.name, "chat": name, "messages": chat, "add_generation_prompt": begins}
                try:
                    case["text"] = tokenizer.apply_chat_template(
                        chat,
                        chat_template=file.read_text(encoding="utf-8"),
                        add_generation_prompt=begins,
                        tokenize=False,
                    )
                except Exception as error:
                    case["error"] = type(error).__name__
                cases.append(case)
    about = {"transformers": transformers.__version__, "specials": SPECIALS, "cases": cases}
    (folder / "expected.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
