// ioredis.
import assert from 'node:assert/strict';
import Redis from 'ioredis';

const [host, port] = process.argv.slice(2);
const client = new Redis({ host, port: Number(port), keyPrefix: 'ioredis:', retryStrategy: null });
client.on('error', () => {});

assert.equal(await client.set('a', '1', 'PX', 100000, 'NX'), 'OK');
assert.equal(await client.set('a', '2', 'NX'), null);
assert.equal(await client.get('a'), '1');
const pttl = await client.pttl('a');
assert.ok(pttl > 90000 && pttl <= 100000, `pttl ${pttl}`);
assert.equal(await client.incrby('n', 41), 41);
assert.equal(await client.incr('n'), 42);
assert.deepEqual(await client.mget('a', 'n', 'none'), ['1', '42', null]);
const bytes = Buffer.from([0, 255, 13, 10]);
assert.equal(await client.set('bytes', bytes), 'OK');
assert.deepEqual(await client.getBuffer('bytes'), bytes);

const pipeline = client.pipeline();
for (let i = 0; i < 500; i++) {
  pipeline.set(`many:${i}`, i).get(`many:${i}`);
}
const replies = await pipeline.exec();
replies.forEach(([error, reply], i) => assert.equal(error ?? reply, i % 2 ? String((i - 1) / 2) : 'OK'));

const found = new Set();
for await (const keys of client.scanStream({ match: 'ioredis:many:*', count: 100 })) {
  keys.forEach(key => found.add(key));
}
assert.equal(found.size, 500);
assert.equal(await client.del(...[...found].map(key => key.slice('ioredis:'.length))), 500);
await assert.rejects(client.lpush('list', 'a'), /unknown command|WRONGTYPE/);
assert.equal(await client.unlink('a', 'n', 'bytes'), 3);
await client.quit();
