// Reads one streamed answer with the official OpenAI client and prints how many bytes of text it had and the seconds.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const begun = process.hrtime.bigint();
const stream = await client.chat.completions.create({
  model: "phi4:mini",
  messages: [{ role: "user", content: "hello" }],
  stream: true,
});
let text = "";
for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
console.log(`${Buffer.byteLength(text)} ${seconds}`);
