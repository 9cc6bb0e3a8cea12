package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.caskade.api.v1.CopyMessage;
import io.caskade.api.v1.ReplicationFrame;
import io.caskade.server.replica.Message;
import io.grpc.Drainable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageCodecTest {

    private static final int ROUNDS = 100;

    private final FrameMarshaller marshaller = new FrameMarshaller();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void messagesOfAllKindsSurviveEncoding(long seed) throws IOException {
        RandomMessages messages = new RandomMessages(seed);
        for (int i = 0; i < ROUNDS * RandomMessages.KINDS; i++) {
            Message message = messages.ofKind(i % RandomMessages.KINDS);

            assertThat(roundTrip(List.of(message))).containsExactly(message);
        }
    }

    @Test
    void manyMessagesInOneFrameKeepTheirOrder() throws IOException {
        RandomMessages messages = new RandomMessages(4);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            sent.add(messages.any());
        }

        assertThat(roundTrip(sent)).isEqualTo(sent);
    }

    @Test
    void batchesAreDecodedWithoutCopying() throws IOException {
        ReplicationFrame frame = throughTheWire(frame(List.of(chunk(new byte[1000]))));

        Message.AppendRecords append = (Message.AppendRecords) MessageCodec.decode(frame.getMessages(0));

        ByteBuffer content = ((RawBatches) append.batches()).content();
        assertThat(content.hasArray()).isTrue();
        assertThat(content.arrayOffset())
                .as("behind the other fields of the frame, in its array")
                .isPositive();
    }

    @Test
    void aFrameCanBeReadAsAnOrdinaryStream() throws IOException {
        ReplicationFrame frame = frame(List.of(chunk(new byte[1000])));

        try (InputStream stream = marshaller.stream(new Frame.Content(frame))) {
            assertThat(stream.available()).isEqualTo(frame.getSerializedSize());
            assertThat(ReplicationFrame.parseFrom(stream)).isEqualTo(frame);
        }
    }

    @Test
    void bytesThatAreNoFrameAreReportedUnreadable() {
        Frame frame = marshaller.parse(new ByteArrayInputStream(new byte[] {(byte) 0xff, 1, 2, 3}));

        assertThat(frame).isInstanceOf(Frame.Unreadable.class);
    }

    @Test
    void aMessageOfAnUnknownKindIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageCodec.decode(CopyMessage.getDefaultInstance()))
                .withMessageContaining("unknown message type");
    }

    @Test
    void aHistoryOutOfOrderIsRefused() {
        CopyMessage.Epoch epoch =
                CopyMessage.Epoch.newBuilder().setEpoch(7).setFirstSequence(1).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageCodec.decode(CopyMessage.newBuilder()
                        .setStreamOpened(CopyMessage.StreamOpened.newBuilder()
                                .addEpochs(epoch)
                                .addEpochs(epoch))
                        .build()))
                .withMessageContaining("epochs out of order");
    }

    private List<Message> roundTrip(List<Message> messages) throws IOException {
        return throughTheWire(frame(messages)).getMessagesList().stream()
                .map(MessageCodec::decode)
                .toList();
    }

    private ReplicationFrame throughTheWire(ReplicationFrame frame) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        try (InputStream stream = marshaller.stream(new Frame.Content(frame))) {
            assertThat(((Drainable) stream).drainTo(wire)).isEqualTo(wire.size());
        }
        Frame read = marshaller.parse(new ByteArrayInputStream(wire.toByteArray()));
        return ((Frame.Content) read).frame();
    }

    private static ReplicationFrame frame(List<Message> messages) {
        ReplicationFrame.Builder frame = ReplicationFrame.newBuilder();
        messages.forEach(message -> frame.addMessages(MessageCodec.encode(3, message)));
        return frame.build();
    }

    static Message.AppendRecords chunk(byte[] batches) {
        return new Message.AppendRecords(1, 2, 3, 4, 3, 0, 0, 0, new RawBatches(ByteBuffer.wrap(batches)));
    }
}
