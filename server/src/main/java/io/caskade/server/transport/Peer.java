package io.caskade.server.transport;

import io.caskade.server.cluster.Leader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Another node: the streams there are to it, one a lane at most, all to the same process.
///
/// Safe for use by any thread.
final class Peer {

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    private final String node;
    private final Inbox inbox;
    private final Complaints complaints = new Complaints();

    /// Replaced, never changed, while this is held; read without.
    private volatile Map<Lane, Stream> streams = Map.of();

    private volatile @Nullable Leader process;

    Peer(String node, Inbox inbox) {
        this.node = node;
        this.inbox = inbox;
    }

    /// The process there are streams to, null when there are none.
    @Nullable
    Leader process() {
        return process;
    }

    /// Whether messages of both lanes can be sent.
    boolean isReached() {
        return streams.size() == Lane.values().length;
    }

    /// Sends a message, or drops it when there is no stream for it.
    void send(Outbox.Letter letter) {
        Stream stream = streams.get(Lane.of(letter.message()));
        if (stream != null) {
            stream.send(letter);
        }
    }

    /// How many bytes wait in a lane.
    long waitingBytes(Lane lane) {
        Stream stream = streams.get(lane);
        return stream == null ? 0 : stream.waitingBytes();
    }

    /// Takes a stream in place of the one its lane had, and of all to another process: that one is gone.
    synchronized void attach(Stream stream, Leader with) {
        Map<Lane, Stream> before = streams;
        boolean anotherProcess = !with.equals(process);
        Map<Lane, Stream> after = new EnumMap<>(Lane.class);
        if (!anotherProcess) {
            after.putAll(before);
        }
        after.put(stream.lane(), stream);
        if (anotherProcess && !before.isEmpty()) {
            inbox.lost(node);
        }
        streams = after;
        process = with;
        if (anotherProcess) {
            LOG.info("{}: connected (process {})", node, with.incarnation());
            complaints.clear();
        }
        List<Stream> replaced = new ArrayList<>(before.values());
        replaced.removeAll(after.values());
        letGo(replaced, "another connection has taken its place");
    }

    /// Lets a stream go that has ended.
    synchronized void detach(Stream stream, Stream.End end) {
        if (streams.get(stream.lane()) != stream) {
            return;
        }
        Map<Lane, Stream> after = new EnumMap<>(streams);
        after.remove(stream.lane());
        streams = after;
        if (after.isEmpty()) {
            process = null;
            if (end.kind() == Stream.End.Kind.LET_GO) {
                LOG.info("{}: disconnected: {}", node, end.why());
            } else {
                LOG.warn("{}: connection lost: {}", node, end.why());
            }
            inbox.lost(node);
        } else if (end.kind() == Stream.End.Kind.SILENT) {
            after.values().forEach(other -> other.abort(end));
        }
    }

    /// Ends all streams there are.
    void letGo(String why) {
        letGo(streams.values(), why);
    }

    private static void letGo(Collection<Stream> streams, String why) {
        streams.forEach(stream -> stream.abort(new Stream.End(Stream.End.Kind.LET_GO, why)));
    }

    /// Writes to the log that the node is not spoken with, once for each reason since it was last reached.
    void complain(String why) {
        if (complaints.isNew(why)) {
            LOG.warn("{}: not reached: {}", node, why);
        }
    }
}
