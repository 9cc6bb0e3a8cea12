package io.caskade.server.partition;

import io.caskade.server.loop.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Holds the answers of puts back while merges cannot keep up, so that clients which wait for them write
/// slower. The writes themselves are not held back: their order stays as it is. Event loop only.
final class DelayedAnswers {

    private final EventLoop loop;
    private final Set<Delayed> delayed = new LinkedHashSet<>();

    /// Each is another, whatever its action is.
    private static final class Delayed {
        private final Runnable answer;

        Delayed(Runnable answer) {
            this.answer = answer;
        }
    }

    DelayedAnswers(EventLoop loop) {
        this.loop = loop;
    }

    /// Gives an answer after a delay; at once when there is none.
    void after(long millis, Runnable answer) {
        if (millis == 0) {
            answer.run();
            return;
        }
        Delayed each = new Delayed(answer);
        delayed.add(each);
        loop.executeAfter(millis, () -> {
            if (delayed.remove(each)) {
                answer.run();
            }
        });
    }

    /// Gives all answers now: the partition stops, and its loop will not come to them.
    void flush() {
        List<Delayed> all = List.copyOf(delayed);
        delayed.clear();
        all.forEach(each -> each.answer.run());
    }
}
