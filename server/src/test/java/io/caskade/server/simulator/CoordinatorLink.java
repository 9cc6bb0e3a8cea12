package io.caskade.server.simulator;

import java.util.random.RandomGenerator;

/// The way from one process to the coordination servers and back: how long it takes, and whether anything
/// arrives.
final class CoordinatorLink {

    /// What gets through.
    enum Reach {
        /// Questions and answers.
        OPEN,
        /// Questions.
        ANSWERS_LOST,
        /// Nothing.
        CUT
    }

    private final RandomGenerator random;
    private final int mostDelayMillis;
    private volatile Reach reach = Reach.OPEN;
    private long nextDelay;
    private int slowness;

    CoordinatorLink(RandomGenerator random, int mostDelayMillis) {
        this.random = random;
        this.mostDelayMillis = mostDelayMillis;
    }

    void set(Reach next) {
        reach = next;
    }

    boolean carriesQuestions() {
        return reach != Reach.CUT;
    }

    boolean carriesAnswers() {
        return reach == Reach.OPEN;
    }

    /// Delays some messages by up to a number of milliseconds, until changed.
    void slowDown(int millis) {
        slowness = millis;
    }

    /// Delays the next message.
    void delayNext(long millis) {
        nextDelay = millis;
    }

    /// How long the next message takes.
    long delay() {
        if (nextDelay > 0) {
            long asked = nextDelay;
            nextDelay = 0;
            return asked;
        }
        if (slowness > 0 && random.nextInt(3) == 0) {
            return random.nextInt(slowness);
        }
        return mostDelayMillis == 0 ? 0 : random.nextInt(mostDelayMillis);
    }
}
