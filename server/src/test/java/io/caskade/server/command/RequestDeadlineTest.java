package io.caskade.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestDeadlineTest {

    private static long leftMillis() {
        return RequestDeadline.leftMillis(() -> 7_000_000_000L, 5_000);
    }

    @Test
    void aStepHasWhatIsLeftOfTheTime() {
        assertThat(RequestDeadline.<Long>within(8_500_000_000L, RequestDeadlineTest::leftMillis))
                .isEqualTo(1_500);
        assertThat(RequestDeadline.<Long>within(6_000_000_000L, RequestDeadlineTest::leftMillis))
                .isZero();
    }

    @Test
    void withoutADeadlineTheTimeIsWhole() {
        assertThat(leftMillis()).isEqualTo(5_000);
    }
}
