package io.caskade.bench.process;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// Addresses on the loopback interface for servers that cannot choose a port themselves.
public final class LoopbackPorts {

    private static final String HOST = "127.0.0.1";

    private LoopbackPorts() {}

    /// Addresses whose ports were free a moment ago, all different.
    public static List<HostPort> free(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream()
                    .map(socket -> new HostPort(HOST, socket.getLocalPort()))
                    .toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }
}
