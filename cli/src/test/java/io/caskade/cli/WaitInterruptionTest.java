package io.caskade.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class WaitInterruptionTest {

    private final List<Integer> halted = new ArrayList<>();
    private final WaitInterruption interruption = new WaitInterruption(halted::add);

    @Test
    void aCommandThatWaitsEndsAndGivesTheExitCode() throws InterruptedException {
        Thread shell = Thread.ofVirtual().start(() -> {
            interruption.beginWait();
            try {
                new Semaphore(0).acquire();
            } catch (InterruptedException e) {
                interruption.end(4);
            }
        });
        while (shell.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }

        interruption.onShutdown();

        shell.join();
        assertThat(halted).containsExactly(4);
    }

    @Test
    void otherwiseTheProcessEndsAsUsual() {
        interruption.onShutdown();
        assertThat(halted).isEmpty();

        interruption.beginWait();
        interruption.end(0);
        interruption.onShutdown();

        assertThat(halted).isEmpty();
        assertThat(Thread.interrupted()).isFalse();
    }
}
