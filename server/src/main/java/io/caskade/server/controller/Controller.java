package io.caskade.server.controller;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ControllerTerm;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.SessionState;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out what [ControllerDecisions] decides, while this node is the elected controller.
///
/// Every write names the term it belongs to, and the coordinator refuses it once that term is over: a
/// controller that was paused and does not know that it was deposed changes nothing. One batch is under way at
/// a time; after it, and after every change of the image, the decision is made anew. A batch that fails is not
/// repeated as such: whatever made it fail shows in the next image, in a new term or in the session's return,
/// and each of these decides again.
///
/// All methods but [#start()] are called by the coordinator's delivery.
public final class Controller implements Coordinator.Observer, Coordinator.Candidate {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    // A transaction must fit in one packet, 1 MiB by default; a partition takes 2 KiB at most.
    private static final int WRITES_AT_ONCE = 128;

    private final Coordinator coordinator;
    private final String node;
    private final Placement placement;

    private @Nullable ControllerTerm term;
    private @Nullable ClusterImage image;
    private boolean writing;
    private boolean changedMeanwhile;
    private @Nullable Set<String> reportedWaiting;

    /// @param node this node's id
    public Controller(Coordinator coordinator, String node, Placement placement) {
        this.coordinator = coordinator;
        this.node = node;
        this.placement = placement;
    }

    /// Begins to watch the cluster and to run for controller; [Coordinator#withdraw()] ends it. Called once, by
    /// any thread.
    public void start() {
        coordinator.subscribe(this);
        coordinator.campaign(node, this);
    }

    @Override
    public void imageChanged(ClusterImage changed) {
        image = changed;
        act();
    }

    @Override
    public void sessionChanged(SessionState state) {
        if (state == SessionState.CONNECTED) {
            act();
        }
    }

    @Override
    public void elected(ControllerTerm elected) {
        LOG.info("elected controller, epoch {}", elected.epoch());
        term = elected;
        reportedWaiting = null;
        act();
    }

    @Override
    public void deposed(ControllerTerm ended) {
        LOG.info("no longer controller, epoch {}", ended.epoch());
        term = null;
    }

    private void act() {
        if (term == null || image == null) {
            return;
        }
        if (writing) {
            changedMeanwhile = true;
            return;
        }
        List<Decision> decisions = ControllerDecisions.next(image, placement);
        if (decisions.isEmpty()) {
            reportWaiting(image);
            return;
        }
        List<ControllerWrite> writes =
                decisions.stream().limit(WRITES_AT_ONCE).map(Controller::write).toList();
        ControllerTerm current = term;
        writing = true;
        changedMeanwhile = false;
        CompletionStage<Void> _ = coordinator
                .write(current, writes)
                .thenAccept(result -> {
                    writing = false;
                    report(current, writes, result);
                    if (changedMeanwhile) {
                        act();
                    }
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.error("the controller failed; it goes on when the cluster changes", failure);
                    }
                });
    }

    private static ControllerWrite write(Decision decision) {
        return switch (decision) {
            case Decision.CreatePartition(var state) -> new ControllerWrite.CreatePartition(state);
            case Decision.ElectLeader(var next, int expectedVersion) ->
                new ControllerWrite.ChangePartition(next, expectedVersion);
        };
    }

    private void report(ControllerTerm current, List<ControllerWrite> writes, ControllerWriteResult result) {
        switch (result) {
            case ControllerWriteResult.Done() -> LOG.info("done in epoch {}: {}", current.epoch(), summary(writes));
            case ControllerWriteResult.Deposed() ->
                LOG.info("epoch {} is over; another controller goes on", current.epoch());
            case ControllerWriteResult.Conflict(String reason) ->
                LOG.info("the cluster changed meanwhile, deciding anew: {}", reason);
            case ControllerWriteResult.Unknown(String reason) ->
                LOG.warn("not known whether it was done, deciding anew: {}", reason);
        }
    }

    private static String summary(List<ControllerWrite> writes) {
        return writes.stream()
                .map(write -> switch (write) {
                    case ControllerWrite.CreatePartition(var state) -> "created partition " + state.id();
                    case ControllerWrite.ChangePartition(var next, int _) ->
                        "elected " + next.leader() + " for partition " + next.id();
                })
                .collect(Collectors.joining(", "));
    }

    private void reportWaiting(ClusterImage current) {
        boolean unformed = current.partitions().size() < current.settings().partitions();
        Set<String> registered = current.nodes().keySet();
        if (unformed && !registered.equals(reportedWaiting)) {
            reportedWaiting = registered;
            LOG.info(
                    "waiting for {} nodes to place partitions on; registered: {}",
                    placement.replicationFactor(),
                    registered);
        }
    }
}
