package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.server.cluster.ControllerEpoch;
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

/// The controller election: when the leader latch is acquired, a compare-and-set of the epoch's znode claims a
/// controller epoch, which is that znode's version. Coordinator thread only.
final class ControllerElection implements LeaderLatchListener {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerElection.class);
    private static final Duration RETRY_DELAY = Duration.ofMillis(500);

    private final AsyncZooKeeper calls;
    private final CoordinatorThread thread;
    private final ZnodePaths paths;
    private final Coordinator.ControllerCandidate candidate;
    private final LeaderLatch latch;
    private final RareLog refusals = new RareLog();

    private @Nullable ControllerEpoch epoch;
    private boolean raisingEpoch;
    private boolean withdrawn;

    ControllerElection(
            CuratorFramework client,
            AsyncZooKeeper calls,
            CoordinatorThread thread,
            ZnodePaths paths,
            String node,
            Coordinator.ControllerCandidate candidate) {
        this.calls = calls;
        this.thread = thread;
        this.paths = paths;
        this.candidate = candidate;
        this.latch = new LeaderLatch(client, paths.controller(), node);
    }

    void start() {
        latch.addListener(this, thread);
        try {
            latch.start();
        } catch (Exception e) {
            throw new IllegalStateException("a latch that was not started before failed to start", e);
        }
    }

    @Override
    public void isLeader() {
        raiseEpoch();
    }

    @Override
    public void notLeader() {
        depose();
    }

    /// A write of this epoch was refused: another node has claimed a later one.
    void onDeposed(ControllerEpoch refused) {
        if (refused.equals(epoch)) {
            depose();
            retryLater();
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
            LOG.warn("could not withdraw from the controller election; the candidacy expires with the session", e);
        }
    }

    private void raiseEpoch() {
        if (withdrawn || raisingEpoch || epoch != null || !latch.hasLeadership()) {
            return;
        }
        raisingEpoch = true;
        String path = paths.controllerEpoch();
        CompletableFuture<Stat> claim = calls.syncAndGet(path).thenCompose(found -> {
            int current = found.stat().getVersion();
            return calls.setData(path, Integer.toString(current + 1).getBytes(UTF_8), current);
        });
        thread.whenDone(claim, (stat, failure) -> {
            raisingEpoch = false;
            if (stat == null) {
                if (refusals.isDue(reason(failure))) {
                    LOG.info("retrying to claim the controller epoch: {}", reason(failure));
                }
                retryLater();
            } else if (!withdrawn && latch.hasLeadership()) {
                refusals.reset();
                ControllerEpoch claimed = new ControllerEpoch(stat.getVersion());
                epoch = claimed;
                candidate.elected(claimed);
            }
        });
    }

    private void retryLater() {
        thread.schedule(RETRY_DELAY, this::raiseEpoch);
    }

    private void depose() {
        ControllerEpoch ended = epoch;
        if (ended != null) {
            epoch = null;
            candidate.deposed(ended);
        }
    }

    private static String reason(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() instanceof KeeperException keeper
                ? keeper.code().toString()
                : String.valueOf(failure);
    }
}
