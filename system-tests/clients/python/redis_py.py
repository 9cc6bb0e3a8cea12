"""redis-py, in both versions of the protocol."""
import sys

import redis

host, port = sys.argv[1], int(sys.argv[2])

for protocol in (2, 3):
    options = {"protocol": protocol} if int(redis.__version__.split(".")[0]) >= 5 else {}
    client = redis.Redis(host=host, port=port, **options)

    def key(name):
        return f"redis-py:{protocol}:{name}"

    assert client.ping()
    assert client.set(key("a"), "1", ex=100)
    assert client.set(key("a"), "2", nx=True) is None
    assert client.get(key("a")) == b"1"
    assert 90 < client.ttl(key("a")) <= 100
    assert client.persist(key("a"))
    assert client.incrby(key("n"), 41) == 41
    assert client.incr(key("n")) == 42
    assert client.mget(key("a"), key("n"), key("none")) == [b"1", b"42", None]
    assert client.append(key("a"), b"\x00\xff") == 3
    assert client.getrange(key("a"), 1, 2) == b"\x00\xff"
    assert client.getex(key("a"), px=50_000) == b"1\x00\xff"
    assert 40_000 < client.pttl(key("a")) <= 50_000
    assert client.getdel(key("a")) == b"1\x00\xff"
    assert client.type(key("n")) == b"string"

    pipeline = client.pipeline(transaction=False)
    for i in range(500):
        pipeline.set(key(f"many:{i}"), i)
        pipeline.get(key(f"many:{i}"))
    assert pipeline.execute()[1::2] == [str(i).encode() for i in range(500)]

    found = set(client.scan_iter(match=key("many:*"), count=100))
    assert len(found) == 500
    assert client.delete(*found) == 500
    assert client.info("server")["redis_version"]
    try:
        client.lpush(key("list"), "a")
        raise AssertionError("there are no lists")
    except redis.ResponseError:
        pass
    client.delete(key("n"))
    client.close()
    if not options:
        break
