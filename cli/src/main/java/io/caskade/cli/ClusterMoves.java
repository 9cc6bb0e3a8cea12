package io.caskade.cli;

import io.caskade.client.CaskadeClient;
import io.caskade.client.ClusterView.Leader;
import io.caskade.client.ClusterView.Partition;
import io.caskade.client.DrainProgress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Has partitions led and kept elsewhere, and waits until they are, or until nothing has moved for a while.
final class ClusterMoves {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    /// So long nothing may move.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CaskadeClient client;
    private final Consumer<String> progress;
    private final Semaphore never = new Semaphore(0);

    /// @param progress is told in words what is moving
    ClusterMoves(CaskadeClient client, Consumer<String> progress) {
        this.client = client;
        this.progress = progress;
    }

    Answer moveLeader(int partition, String node) {
        client.moveLeader(partition, node);
        long patientUntil = System.nanoTime() + PATIENCE.toNanos();
        boolean told = false;
        while (true) {
            Optional<Partition> now = client.cluster().partition(partition);
            if (now.filter(state -> state.isLedBy(node)).isPresent()) {
                return new Answer.LeaderMoved(partition, node);
            }
            String leader = now.flatMap(Partition::leader).map(Leader::node).orElse("nobody");
            if (!told) {
                progress.accept("partition " + partition + ": led by " + leader + ", waits for " + node);
                told = true;
            }
            if (isOver(patientUntil)) {
                return new Answer.Unfinished("partition " + partition + " is still led by " + leader + "; it moves to "
                        + node + " when that can be");
            }
        }
    }

    Answer drain(String node) {
        DrainProgress last = client.drain(node);
        tell(node, last);
        long patientUntil = System.nanoTime() + PATIENCE.toNanos();
        while (!last.isOver()) {
            if (isOver(patientUntil)) {
                return new Answer.Unfinished(node + " " + described(last) + "; draining goes on");
            }
            DrainProgress now = client.drain(node);
            if (!now.equals(last)) {
                tell(node, now);
                patientUntil = System.nanoTime() + PATIENCE.toNanos();
            }
            last = now;
        }
        return new Answer.Drained(node, last, false);
    }

    Answer undrain(String node) {
        return new Answer.Drained(node, client.undrain(node), true);
    }

    private void tell(String node, DrainProgress far) {
        progress.accept(node + " " + described(far));
    }

    private static String described(DrainProgress far) {
        return "leads " + listed(far.leads()) + ", keeps " + listed(far.keeps());
    }

    static String listed(List<Integer> partitions) {
        if (partitions.isEmpty()) {
            return "nothing";
        }
        return (partitions.size() == 1 ? "partition " : "partitions ")
                + partitions.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /// Waits a little; whether it was long enough, or the user has enough.
    private boolean isOver(long patientUntil) {
        try {
            return never.tryAcquire(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)
                    || System.nanoTime() >= patientUntil;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
