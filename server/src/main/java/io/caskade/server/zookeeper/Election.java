package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.server.cluster.ControllerTerm;
import io.caskade.server.cluster.Coordinator;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs for controller: a latch says when to claim a term, and the claim, a compare-and-set of the epoch's znode,
/// is what makes it one. The epoch is the version of that znode. Belongs to the delivery.
final class Election implements LeaderLatchListener {

    private static final Logger LOG = LoggerFactory.getLogger(Election.class);
    private static final Duration BEFORE_ANOTHER_CLAIM = Duration.ofMillis(500);

    private final ZooKeeperCalls calls;
    private final Delivery delivery;
    private final Znodes znodes;
    private final Coordinator.Candidate candidate;
    private final LeaderLatch latch;

    private @Nullable ControllerTerm term;
    private boolean claiming;
    private boolean withdrawn;

    Election(
            CuratorFramework client,
            ZooKeeperCalls calls,
            Delivery delivery,
            Znodes znodes,
            String node,
            Coordinator.Candidate candidate) {
        this.calls = calls;
        this.delivery = delivery;
        this.znodes = znodes;
        this.candidate = candidate;
        this.latch = new LeaderLatch(client, znodes.controller(), node);
    }

    void start() {
        latch.addListener(this, delivery);
        try {
            latch.start();
        } catch (Exception e) {
            throw new IllegalStateException("a latch that was not started before failed to start", e);
        }
    }

    @Override
    public void isLeader() {
        claim();
    }

    @Override
    public void notLeader() {
        depose();
    }

    /// A write of the term was refused: another node has claimed a later one.
    void overtaken(ControllerTerm refused) {
        if (refused.equals(term)) {
            depose();
            claimLater();
        }
    }

    void withdraw() {
        if (withdrawn) {
            return;
        }
        withdrawn = true;
        depose();
        try {
            latch.close(LeaderLatch.CloseMode.SILENT);
        } catch (IOException e) {
            LOG.warn("the candidacy is left to the end of its session", e);
        }
    }

    private void claim() {
        if (withdrawn || claiming || term != null || !latch.hasLeadership()) {
            return;
        }
        claiming = true;
        String path = znodes.controllerEpoch();
        CompletableFuture<Stat> claim = calls.syncAndGet(path).thenCompose(found -> {
            int current = found.stat().getVersion();
            return calls.setData(path, Integer.toString(current + 1).getBytes(UTF_8), current);
        });
        Delivery.whenDone(claim, (stat, failure) -> {
            claiming = false;
            if (stat == null) {
                LOG.info("the claim to be controller is to be repeated: {}", reason(failure));
                claimLater();
            } else if (!withdrawn && latch.hasLeadership()) {
                ControllerTerm claimed = new ControllerTerm(stat.getVersion());
                term = claimed;
                candidate.elected(claimed);
            }
        });
    }

    private void claimLater() {
        delivery.after(BEFORE_ANOTHER_CLAIM, this::claim);
    }

    private void depose() {
        ControllerTerm ended = term;
        if (ended != null) {
            term = null;
            candidate.deposed(ended);
        }
    }

    private static String reason(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() instanceof KeeperException keeper
                ? keeper.code().toString()
                : String.valueOf(failure);
    }
}
