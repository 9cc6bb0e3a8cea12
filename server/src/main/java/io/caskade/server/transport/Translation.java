package io.caskade.server.transport;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.caskade.api.v1.CopyMessage;
import io.caskade.bitcask.log.EpochHistory;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.replica.Batches;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Moment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/// The messages of copies in both directions. Pure.
final class Translation {

    private Translation() {}

    /// @throws IllegalArgumentException when a chunk carries anything but [RawBatches]
    static CopyMessage toWire(int partition, Message message) {
        CopyMessage.Builder wire =
                CopyMessage.newBuilder().setPartition(partition).setEpoch(message.epoch());
        return switch (message) {
            case Message.Beacon beacon ->
                wire.setBeacon(CopyMessage.Beacon.newBuilder()
                                .setSentAt(wire(beacon.sentAt()))
                                .setLogEnd(beacon.logEnd())
                                .setWatermark(beacon.watermark()))
                        .build();
            case Message.BeaconAnswer answer ->
                wire.setBeaconAnswer(CopyMessage.BeaconAnswer.newBuilder()
                                .setCopy(wire(answer.copy()))
                                .setSentAt(wire(answer.sentAt())))
                        .build();
            case Message.Superseded _ ->
                wire.setSuperseded(CopyMessage.Superseded.getDefaultInstance()).build();
            case Message.Open open ->
                wire.setOpen(CopyMessage.Open.newBuilder()
                                .setStream(open.stream())
                                .setCopy(wire(open.copy()))
                                .addAllEpochs(wire(open.epochs()))
                                .setLogEnd(open.logEnd()))
                        .build();
            case Message.Opened opened ->
                wire.setOpened(CopyMessage.Opened.newBuilder()
                                .setStream(opened.stream())
                                .setParting(opened.parting())
                                .addAllEpochs(wire(opened.epochs()))
                                .setRebuild(opened.rebuild()))
                        .build();
            case Message.Chunk chunk ->
                wire.setChunk(CopyMessage.Chunk.newBuilder()
                                .setStream(chunk.stream())
                                .setFrom(chunk.from())
                                .setTo(chunk.to())
                                .setWatermark(chunk.watermark())
                                .setHorizon(chunk.horizon())
                                .setWholeFrom(chunk.wholeFrom())
                                .setBatches(wire(chunk.batches())))
                        .build();
            case Message.Ack ack ->
                wire.setAck(CopyMessage.Ack.newBuilder()
                                .setStream(ack.stream())
                                .setReceived(ack.received())
                                .setHeld(ack.held())
                                .setFull(ack.full())
                                .setStopping(ack.stopping()))
                        .build();
            case Message.Closed closed ->
                wire.setClosed(CopyMessage.Closed.newBuilder().setStream(closed.stream()))
                        .build();
            case Message.Inquiry inquiry ->
                wire.setInquiry(CopyMessage.Inquiry.newBuilder().setRound(inquiry.round()))
                        .build();
            case Message.Standing standing ->
                wire.setStanding(CopyMessage.Standing.newBuilder()
                                .setRound(standing.round())
                                .setCopy(wire(standing.copy()))
                                .setHearsLeader(standing.hearsLeader())
                                .setLastEpoch(standing.lastEpoch())
                                .setLogEnd(standing.logEnd()))
                        .build();
        };
    }

    /// @throws IllegalArgumentException when it is no message that this release knows, or breaks a rule of one
    static Message fromWire(CopyMessage wire) {
        int epoch = wire.getEpoch();
        return switch (wire.getKindCase()) {
            case BEACON -> {
                CopyMessage.Beacon beacon = wire.getBeacon();
                yield new Message.Beacon(epoch, moment(beacon.getSentAt()), beacon.getLogEnd(), beacon.getWatermark());
            }
            case BEACON_ANSWER -> {
                CopyMessage.BeaconAnswer answer = wire.getBeaconAnswer();
                yield new Message.BeaconAnswer(epoch, copy(answer.getCopy()), moment(answer.getSentAt()));
            }
            case SUPERSEDED -> new Message.Superseded(epoch);
            case OPEN -> {
                CopyMessage.Open open = wire.getOpen();
                yield new Message.Open(
                        epoch, open.getStream(), copy(open.getCopy()), epochs(open.getEpochsList()), open.getLogEnd());
            }
            case OPENED -> {
                CopyMessage.Opened opened = wire.getOpened();
                yield new Message.Opened(
                        epoch,
                        opened.getStream(),
                        opened.getParting(),
                        epochs(opened.getEpochsList()),
                        opened.getRebuild());
            }
            case CHUNK -> {
                CopyMessage.Chunk chunk = wire.getChunk();
                yield new Message.Chunk(
                        epoch,
                        chunk.getStream(),
                        chunk.getFrom(),
                        chunk.getTo(),
                        chunk.getWatermark(),
                        chunk.getHorizon(),
                        chunk.getWholeFrom(),
                        new RawBatches(buffer(chunk.getBatches())));
            }
            case ACK -> {
                CopyMessage.Ack ack = wire.getAck();
                yield new Message.Ack(
                        epoch, ack.getStream(), ack.getReceived(), ack.getHeld(), ack.getFull(), ack.getStopping());
            }
            case CLOSED -> new Message.Closed(epoch, wire.getClosed().getStream());
            case INQUIRY -> new Message.Inquiry(epoch, wire.getInquiry().getRound());
            case STANDING -> {
                CopyMessage.Standing standing = wire.getStanding();
                yield new Message.Standing(
                        epoch,
                        standing.getRound(),
                        copy(standing.getCopy()),
                        standing.getHearsLeader(),
                        standing.getLastEpoch(),
                        standing.getLogEnd());
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("a message of a kind this release does not know");
        };
    }

    private static CopyMessage.Moment wire(Moment moment) {
        return CopyMessage.Moment.newBuilder()
                .setMonotonicMs(moment.monotonic())
                .setWallMs(moment.wall())
                .build();
    }

    private static Moment moment(CopyMessage.Moment wire) {
        return new Moment(wire.getMonotonicMs(), wire.getWallMs());
    }

    private static io.caskade.api.v1.InSyncCopy wire(InSyncCopy copy) {
        return io.caskade.api.v1.InSyncCopy.newBuilder()
                .setNode(copy.node())
                .setCopy(copy.copy())
                .build();
    }

    private static InSyncCopy copy(io.caskade.api.v1.InSyncCopy wire) {
        return new InSyncCopy(wire.getNode(), wire.getCopy());
    }

    private static List<CopyMessage.Epoch> wire(EpochHistory epochs) {
        return epochs.starts().stream()
                .map(start -> CopyMessage.Epoch.newBuilder()
                        .setEpoch(start.epoch())
                        .setFirstSequence(start.sequence())
                        .build())
                .toList();
    }

    private static EpochHistory epochs(List<CopyMessage.Epoch> wire) {
        return new EpochHistory(wire.stream()
                .map(epoch -> new EpochHistory.Start(epoch.getEpoch(), epoch.getFirstSequence()))
                .toList());
    }

    private static ByteString wire(Batches batches) {
        if (batches instanceof RawBatches(ByteBuffer content)) {
            return UnsafeByteOperations.unsafeWrap(content);
        }
        throw new IllegalArgumentException("batches that are not as they are in a log: " + batches.getClass());
    }

    /// The bytes where they are, in the array of the frame they came with: it is nobody else's.
    private static ByteBuffer buffer(ByteString batches) {
        Pieces pieces = new Pieces();
        try {
            UnsafeByteOperations.unsafeWriteTo(batches, pieces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pieces.whole;
    }

    /// Takes the array behind a byte string.
    private static final class Pieces extends ByteOutput {

        private ByteBuffer whole = ByteBuffer.allocate(0);

        @Override
        public void write(byte value) {
            writeLazy(new byte[] {value}, 0, 1);
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            writeLazy(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            writeLazy(value);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            writeLazy(ByteBuffer.wrap(value, offset, length));
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            if (!whole.hasRemaining()) {
                whole = value.slice();
                return;
            }
            ByteBuffer both = ByteBuffer.allocate(whole.remaining() + value.remaining());
            whole = both.put(whole).put(value.slice()).flip();
        }
    }
}
