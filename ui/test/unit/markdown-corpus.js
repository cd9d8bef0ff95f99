/** Texts with every kind of block that can be cut badly. @type {Record<string, string>} */
export const CORPUS = {
  fences:
    "Text\n```python\ndef f():\n\n    return '```'\n```\nafter\n\n~~~\n```\n~~~\n\n````md\n```js\nx\n```\n````\n\n    indented\n\n    more\n\nend ```inline``` end\n\n```\nnever closed\n\n# not a heading",
  lists:
    "- a\n- b\n\n  para in b\n\n  ```js\n  let x = 1;\n  ```\n- c\n\n1. one\n2. two\n   - nested\n     - deeper\n\n       still deeper\n3. three\n\nText\n- tight\ncontinued lazily\n\n* other marker\n+ third marker\n\n10) ten\n11) eleven\n\n- [ ] open\n- [x] done with `code`\n- [X]\n",
  tables:
    "| a | b |\n|---|:-:|\n| 1 | `x|y` |\n| 3 | 4 |\nnot a row? it is\n\nword\n| h |\n|---|\n| c |\n\n| only | header |\n\n|-|-|\n\na | b\n--|--\n1 | 2\n",
  references:
    'See [one], [two][2] and [three][].\n\n> quoted [one]\n>\n> [q]: https://q.example\n\n[one]: https://one.example\n[2]: <https://two.example>\n  "a title"\n[three]: https://three.example \'over\ntwo lines\'\n\nLater [two][2] and [q] and [never].\n\n[late]: /relative\n[one]: https://second.example\n\n[ugly]: https://x.example\n"not closed\nagain" still\n\nend [ugly]',
  math: "Inline $x^2$ and \\(y\\).\n\n$$\na = b\n\nc = d\n$$\n\ntext\n\\[\n\\frac{1}{2}\n\\]\nmore\n\n$$ one line $$\n\n$$ not closed\n\nand then words\n\n- item\n\n  $$\n  z\n  $$\n\n> $$\n> q\n> $$\n\nIt costs $4 and $5.\n\n\\[ also not closed\n\nwords",
  headings:
    "Title\n=====\n\nSub\n---\n\n# One #\n## Two\nText\n***\nmore\n---\nlast\n\n- - -\n\npara\n- - - x\n\n#no heading\n\n####### seven\n\n#",
  quotes:
    "> one\nlazy\n> two\n\n> three\n\n> - list\n> - more\n>\n>   para\n\n> ```\n> code\n\nout\n>no space\n> > nested\n> back\n\nend",
  inline:
    '*a **b** c* ~~gone~~ `code` <https://auto.example> https://bare.example/x?y=z. a\\\nbreak  \nbreak &amp; &copy; &#0; \\* ![pic](https://x.example/p.png "t") [l](https://x.example)\n\n**open\n\n`open\n\n[open](https://x\n\n_under_score_',
  carriage: "One\r\n\r\nTwo\r\n- a\r\n- b\r\n\r\n```js\r\nx\r\n```\r\nmac\rline\r\rend",
  unicode:
    "Emoji 👩‍👩‍👧 y acentos: ñandú.\n\n漢字と**かな**。\n\nالعربية **نص**\n\n\u0000 nul \u2028 line\n\n\tTab\n\n\u00a0nbsp",
  blanks: "\n\n\n   \n# A\n\n\n\n\nb\n\t\n   \nc\n",
  html: "<div>\n\n<script>alert(1)</script>\n\n<!-- x\n\n-->\n\n<b>x</b>\n\n<details>\n<summary>s</summary>\n\ntext\n\n</details>",
};
