package io.caskade.server.transport;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Messages of every kind, from a seed.
final class RandomMessages {

    /// How many kinds there are.
    static final int KINDS = Message.class.getPermittedSubclasses().length;

    private static final int MAX_BYTES = 5000;

    private final Random random;

    RandomMessages(long seed) {
        this.random = new Random(seed);
    }

    /// One of a kind, from 0 to [#KINDS].
    Message ofKind(int kind) {
        int epoch = random.nextInt(Integer.MAX_VALUE);
        return switch (kind) {
            case 0 -> new Message.Heartbeat(epoch, moment(), number(), number(), random.nextBoolean());
            case 1 -> new Message.LeaseGrant(epoch, copy(), moment(), number(), random.nextBoolean());
            case 2 -> new Message.StaleEpoch(epoch);
            case 3 -> new Message.StreamOpen(epoch, random.nextLong(), copy(), epochs(), number());
            case 4 -> new Message.StreamOpened(epoch, random.nextLong(), number(), epochs(), random.nextBoolean());
            case 5 ->
                new Message.AppendRecords(
                        epoch,
                        random.nextLong(),
                        number(),
                        number(),
                        number(),
                        number(),
                        number(),
                        number(),
                        batches());
            case 6 ->
                new Message.AppendAck(
                        epoch,
                        random.nextLong(),
                        number(),
                        number(),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextBoolean());
            case 7 -> new Message.StreamClosed(epoch, random.nextLong());
            case 8 -> new Message.PreVoteRequest(epoch, random.nextLong());
            case 9 ->
                new Message.PreVoteResponse(
                        epoch, random.nextLong(), copy(), random.nextBoolean(), random.nextInt(1000), number());
            default -> throw new IllegalArgumentException("no kind " + kind + ": make one of it here");
        };
    }

    Message any() {
        return ofKind(random.nextInt(KINDS));
    }

    private ClockReading moment() {
        return new ClockReading(random.nextLong(), random.nextLong());
    }

    private long number() {
        return random.nextLong() >>> random.nextInt(1, Long.SIZE);
    }

    private CopyId copy() {
        return new CopyId("node-" + random.nextInt(9), Long.toHexString(random.nextLong()));
    }

    private EpochHistory epochs() {
        List<EpochHistory.Start> starts = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            EpochHistory.Start last = starts.isEmpty() ? new EpochHistory.Start(0, 0) : starts.getLast();
            starts.add(new EpochHistory.Start(
                    last.epoch() + random.nextInt(1, 100), last.sequence() + random.nextInt(1, 1_000_000)));
        }
        return new EpochHistory(starts);
    }

    /// On the heap or off it, somewhere within a buffer.
    private RawBatches batches() {
        int length = random.nextInt(MAX_BYTES);
        byte[] content = new byte[length + random.nextInt(10)];
        random.nextBytes(content);
        ByteBuffer buffer =
                random.nextBoolean() ? ByteBuffer.allocateDirect(content.length) : ByteBuffer.allocate(content.length);
        buffer.put(content).position(content.length - length);
        return new RawBatches(buffer);
    }
}
