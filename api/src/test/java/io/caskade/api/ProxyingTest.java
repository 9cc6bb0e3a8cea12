package io.caskade.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import org.junit.jupiter.api.Test;

class ProxyingTest {

    @Test
    void aCallIsPassedOnUnlessItForbidsThat() {
        assertThat(Proxying.isForbidden(new Metadata())).isFalse();
        assertThat(Proxying.isForbidden(Proxying.forbidden())).isTrue();
    }

    @Test
    void anAnswerAnnouncesItsLength() {
        Metadata answer = new Metadata();
        assertThat(Proxying.announcedBytes(answer)).isEmpty();

        Proxying.announceBytes(answer, 1L << 20);

        assertThat(Proxying.announcedBytes(answer)).hasValue(1L << 20);
    }

    @Test
    void aLengthThatIsNoNumberIsNone() {
        Metadata answer = new Metadata();
        answer.put(Metadata.Key.of("kv-answer-bytes", Metadata.ASCII_STRING_MARSHALLER), "many");

        assertThat(Proxying.announcedBytes(answer)).isEmpty();
    }
}
