package io.caskade.server.listener.grpc;

import java.util.concurrent.atomic.AtomicIntegerArray;

/// A pipeline's calls in flight by partition, and which partitions do not answer at present. A partition that
/// does not answer must not hold up the calls to others: its calls do not count against the stream's limit, and
/// beyond a limit of their own they are refused.
///
/// All but [#answer] is for the connection's thread.
final class PartitionProgress {

    /// Calls to a partition that does not answer.
    static final int MAX_STALLED_CALLS = 1024;

    private final int[] started;
    private final AtomicIntegerArray answered;
    private final int[] answeredBefore;
    private final boolean[] stalled;

    PartitionProgress(int partitions) {
        this.started = new int[partitions];
        this.answered = new AtomicIntegerArray(partitions);
        this.answeredBefore = new int[partitions];
        this.stalled = new boolean[partitions];
    }

    /// Counts a call.
    void start(int partition) {
        started[partition]++;
    }

    /// A call has its reply. For any thread.
    void answer(int partition) {
        answered.incrementAndGet(partition);
    }

    /// Whether another call to a partition is to be refused.
    boolean isOverloaded(int partition) {
        return isStalled(partition) && inFlight(partition) > MAX_STALLED_CALLS;
    }

    private boolean isStalled(int partition) {
        return stalled[partition] && answered.get(partition) == answeredBefore[partition];
    }

    private int inFlight(int partition) {
        return started[partition] - answered.get(partition);
    }

    /// Notes how far each partition is.
    void note() {
        for (int partition = 0; partition < started.length; partition++) {
            answeredBefore[partition] = answered.get(partition);
            stalled[partition] = false;
        }
    }

    /// Finds the partitions with calls in flight that have answered nothing since the last look.
    ///
    /// @return the calls in flight to them
    int findStalled() {
        int calls = 0;
        for (int partition = 0; partition < started.length; partition++) {
            int now = answered.get(partition);
            stalled[partition] = now == answeredBefore[partition] && started[partition] != now;
            answeredBefore[partition] = now;
            calls += stalled[partition] ? started[partition] - now : 0;
        }
        return calls;
    }
}
