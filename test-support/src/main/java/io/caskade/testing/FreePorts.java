package io.caskade.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/// Ports for servers that are started later, or again: no connection takes them meanwhile, since they are below
/// the ports that systems pick by themselves (32768 and up on Linux, 49152 elsewhere). Thread-safe.
public final class FreePorts {

    private static final int FIRST = 12_000;
    private static final int COUNT = 20_000;

    /// Test JVMs that run at once have process ids close to each other; so many ports lie between theirs.
    private static final int APART = 97;

    private static int next = (int) (ProcessHandle.current().pid() * APART % COUNT);

    private FreePorts() {}

    /// A port of the loopback address that nothing listens on; each call gives another.
    public static synchronized int next() {
        for (int tried = 0; tried < COUNT; tried++) {
            int port = FIRST + next;
            next = (next + 1) % COUNT;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port from " + FIRST + " to " + (FIRST + COUNT - 1) + " is free");
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
