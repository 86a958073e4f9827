// OpenAI's own JavaScript SDK, driven by test_openai_node.py: node openai_node.mjs WEB_FOLDER SITE_URL WHAT
// Prints what it found as JSON on one line.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [web, url, what] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${web}/package.json`));
const { OpenAI } = require('openai');

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
const model = 'scripted';
const messages = [{ role: 'user', content: 'How is the weather?' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }];

async function read(stream) {
  const said = { answer: '', thought: '', finish: null, usage: null, receipt: null };
  for await (const chunk of stream) {
    said.usage = chunk.usage?.completion_tokens ?? said.usage;
    said.receipt = chunk.thinkwell?.receipt?.turn_id ?? said.receipt;
    for (const choice of chunk.choices) {
      said.answer += choice.delta.content ?? '';
      said.thought += choice.delta.reasoning_content ?? '';
      said.finish = choice.finish_reason ?? said.finish;
    }
  }
  return said;
}

const asked = {
  async whole() {
    const { data, request_id } = await client.chat.completions.create({ model, messages }).withResponse();
    const { content, reasoning_content } = data.choices[0].message;
    return { content, thought: reasoning_content, usage: data.usage.completion_tokens, same: request_id === data.id };
  },

  async streamed() {
    const wanted = { model, messages, stream: true, stream_options: { include_usage: true } };
    return read(await client.chat.completions.create(wanted));
  },

  async tools() {
    const stream = client.chat.completions.stream({ model, messages, tools });
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0];
    const results = message.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'Sun' }));
    const next = { model, messages: [...messages, message, ...results], tools };
    const second = await client.chat.completions.create(next);
    return {
      finish: finish_reason,
      calls: message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]),
      answer: second.choices[0].message.content,
    };
  },

  async runs_tools() {
    const get_weather = { name: 'get_weather', parameters, parse: JSON.parse, function: ({ city }) => `Sun in ${city}` };
    const get_time = { name: 'get_time', parameters, parse: JSON.parse, function: () => 'noon' };
    const offered = [get_weather, get_time].map((one) => ({ type: 'function', function: { ...one, description: 'x' } }));
    const runner = client.chat.completions.runTools({ model, messages, tools: offered, stream: true });
    return { answer: await runner.finalContent(), messages: runner.messages.map((message) => message.role) };
  },

  async shape() {
    const json_schema = { name: 'city', strict: true, schema: { ...parameters, required: ['city'] } };
    const response_format = { type: 'json_schema', json_schema };
    const answer = await client.chat.completions.create({ model, messages, response_format });
    return JSON.parse(answer.choices[0].message.content);
  },

  async abort() {
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    let heard = 0;
    for await (const chunk of stream) {
      heard += chunk.choices.filter((choice) => choice.delta.content).length;
      if (heard === 2) stream.controller.abort();
    }
    return { heard, aborted: stream.controller.signal.aborted };
  },

  async answers_now() {
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    let told = false;
    async function* listened() {
      for await (const chunk of stream) {
        if (!told && chunk.choices[0]?.delta.reasoning_content) {
          told = true;
          await client.post(`/chat/completions/${chunk.id}/answer_now`);
        }
        yield chunk;
      }
    }
    return read(listened());
  },

  async errors() {
    const wrong = [{ model: 'gpt-9' }, { n_discard: 1 }, { temperature: 9 }, { messages: [] }];
    const found = [];
    for (const change of wrong) {
      const failed = await client.chat.completions.create({ model, messages, ...change }).catch((error) => error);
      found.push([failed.constructor.name, failed.status, failed.code, failed.param]);
    }
    return found;
  },

  async embeddings() {
    const made = await client.embeddings.create({ model, input: ['one two', 'three'] });
    return made.data.map((one) => Array.from(one.embedding));
  },

  async models() {
    const found = [];
    for await (const one of client.models.list()) found.push(one.id);
    return found;
  },
};

console.log(JSON.stringify(await asked[what]()));
