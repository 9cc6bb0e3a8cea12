package io.caskade.server.listener.redis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Recognizes HTTP on the port of the Redis protocol: a web page may try to send commands from a browser.
/// Thread-safe.
final class ForeignProtocols {

    private static final Logger LOG = LoggerFactory.getLogger(ForeignProtocols.class);
    private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private final AtomicLong logged;

    /// @param nanoTime the monotonic clock
    ForeignProtocols(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.logged = new AtomicLong(nanoTime.getAsLong() - LOG_NANOS);
    }

    /// Whether a command is a line of HTTP: `POST`, `Host:`, or a request line such as `GET / HTTP/1.1`.
    static boolean isHttp(byte[][] arguments) {
        byte[] name = arguments[0];
        return is(name, "post")
                || is(name, "host:")
                || (arguments.length == 3
                        && (is(arguments[2], "http/1.1") || is(arguments[2], "http/1.0"))
                        && (is(name, "get") || is(name, "put") || is(name, "head") || is(name, "delete")));
    }

    private static boolean is(byte[] word, String lowerCase) {
        boolean same = word.length == lowerCase.length();
        for (int i = 0; same && i < word.length; i++) {
            char wanted = lowerCase.charAt(i);
            same = word[i] == wanted || word[i] == Character.toUpperCase(wanted);
        }
        return same;
    }

    /// Logs it, at most once a minute.
    ///
    /// @param address where it comes from
    void log(Object address) {
        long now = nanoTime.getAsLong();
        long before = logged.get();
        if (now - before >= LOG_NANOS && logged.compareAndSet(before, now)) {
            LOG.warn(
                    "possible attack: HTTP arrived on the port of the Redis protocol, perhaps from a web page that"
                            + " tries to send commands; the connection of {} was closed",
                    address);
        }
    }
}
