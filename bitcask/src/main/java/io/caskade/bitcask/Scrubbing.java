package io.caskade.bitcask;

import io.caskade.bitcask.store.Pace;
import io.caskade.bitcask.store.Scrub;

/// Scrubs a store again and again, slowly and on a thread of its own.
final class Scrubbing {

    private final Scrub scrub;
    private final Repetition repetition;
    private final Pace pace;

    private Scrubbing(Scrub scrub, Options options) {
        this.scrub = scrub;
        this.repetition = new Repetition("bitcask-scrub", options.scrubInterval(), () -> true, this::round);
        this.pace = new Pace(options.scrubBytesASecond(), System::nanoTime, repetition::awaitStop);
    }

    static Scrubbing start(Scrub scrub, Options options) {
        Scrubbing scrubbing = new Scrubbing(scrub, options);
        if (options.scrubBytesASecond() > 0) {
            scrubbing.repetition.start();
        }
        return scrubbing;
    }

    private void round() {
        scrub.round(pace);
    }

    /// Returns when nothing is under way any more.
    void stop() {
        repetition.stop();
    }
}
