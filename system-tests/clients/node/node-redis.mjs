// node-redis, in both versions of the protocol.
import assert from 'node:assert/strict';
import { createClient } from 'redis';

const [host, port] = process.argv.slice(2);

for (const RESP of [2, 3]) {
  const client = createClient({ RESP, socket: { host, port: Number(port), reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  const key = name => `node-redis:${RESP}:${name}`;

  assert.equal(await client.set(key('a'), '1', { expiration: { type: 'EX', value: 100 } }), 'OK');
  assert.equal(await client.set(key('a'), '2', { condition: 'NX' }), null);
  assert.equal(await client.get(key('a')), '1');
  const ttl = await client.ttl(key('a'));
  assert.ok(ttl > 90 && ttl <= 100, `ttl ${ttl}`);
  assert.equal(await client.persist(key('a')), 1);
  assert.equal(await client.incrBy(key('n'), 41), 41);
  assert.equal(await client.incr(key('n')), 42);
  assert.deepEqual(await client.mGet([key('a'), key('n'), key('none')]), ['1', '42', null]);
  assert.equal(await client.append(key('a'), '23'), 3);
  assert.equal(await client.strLen(key('a')), 3);
  assert.equal(await client.getDel(key('a')), '123');
  assert.equal(await client.exists(key('a')), 0);

  // Sent at once, as one pipeline.
  const many = Array.from({ length: 500 }, (_, i) => i);
  await Promise.all(many.map(i => client.set(key(`many:${i}`), String(i))));
  assert.deepEqual(await Promise.all(many.map(i => client.get(key(`many:${i}`)))), many.map(String));

  const found = new Set();
  for await (const keys of client.scanIterator({ MATCH: key('many:*'), COUNT: 100 })) {
    [keys].flat().forEach(each => found.add(each));
  }
  assert.equal(found.size, many.length);
  assert.equal(await client.del([...found]), many.length);
  await assert.rejects(client.lPush(key('list'), 'a'));
  await client.del(key('n'));
  await client.close();
}
