package io.caskade.server.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// What a node reads, writes and hears of the state that all nodes share. One coordinator belongs to one
/// running node.
///
/// **Delivery.** Every call to an [Observer] or a [ControllerCandidate], and every completion of a stage, comes
/// from one thread, one after the other: the coordinator's thread. None of them may block. What is asked for
/// here is only begun by the call; no method blocks, and each may be called by any thread. A stage that is
/// complete already when a dependent is added runs that dependent at once on the adding thread, as stages do.
///
/// **Images and results agree.** Once a state of a partition was reported, by an image, a read or a
/// compare-and-set, no later image shows that partition at an older version.
///
/// **What is refused.** Stages of this interface fail with [CoordinationException] alone.
public interface Coordinator {

    /// Forms the cluster as proposed unless it is formed already, in one step; of several nodes that try, the
    /// first wins. Completes with what counts, which is not the proposal when another node was earlier. Keeps
    /// trying while the session is suspended.
    CompletionStage<BootstrapData> bootstrap(BootstrapData proposed);

    /// Registers this node, and registers it again whenever the registration goes, with an expired session or
    /// by any other hand, until [#unregister()]. Completes when others can see it. A registration left by an
    /// earlier process of this node is replaced; one that is kept alive by another process is not, and the
    /// stage fails with [NodeIdTakenException]. When that happens to a registration that was lost, observers
    /// are told instead.
    CompletionStage<Void> register(NodeInfo self);

    /// Takes the registration back and stops renewing it. Completes when others can see that, or when it is
    /// left to the end of the session because ZooKeeper cannot be reached.
    CompletionStage<Void> unregister();

    /// Has the observer told of all that happens from now on, beginning with how the session stands and, once
    /// the cluster is formed, with the newest image.
    void subscribe(Observer observer);

    /// The partition's state as it is stored at some moment after this call: a read that was synchronized
    /// first. Fails when that cannot be had now, or when there is no such partition.
    CompletionStage<Versioned<PartitionState>> read(int partition);

    /// Stores `next` if its partition is still stored under `expectedVersion`. Never retried: each call is one
    /// attempt. Never fails; see [CasResult] for what each outcome allows to conclude.
    CompletionStage<CasResult> compareAndSet(int expectedVersion, PartitionState next);

    /// Marks a node as one that is to lead nothing and to keep no copies, or takes the mark away; there need
    /// not be such a node. The mark stays until it is taken away. Completes when it is as asked for; may be
    /// repeated.
    CompletionStage<Void> setDraining(String node, boolean draining);

    /// Runs a task on the coordinator's thread once so much time has passed, unless this process has ended by
    /// then.
    void schedule(Duration delay, Runnable task);

    /// Has this node run for controller until [#leaveControllerElection()]. Called at most once.
    ///
    /// @param node this node's id, shown to others when it is elected
    void joinControllerElection(String node, ControllerCandidate candidate);

    /// Gives up the controllership and stops running for it. The candidate hears that its term is over before
    /// this completes; when ZooKeeper cannot be reached, the next one is elected at the end of this session.
    CompletionStage<Void> leaveControllerElection();

    /// Carries out all the writes, or none of them when `epoch` is over: whatever else the deposed controller
    /// believes, it writes nothing. Never retried, never fails.
    CompletionStage<ControllerWriteResult> write(ControllerEpoch epoch, List<ControllerWrite> writes);

    /// Hears what happens. Calls come on the coordinator's thread and must not block.
    interface Observer {

        /// The cluster changed. Changes that follow each other closely may be told as one.
        void imageChanged(ClusterImage image);

        /// The session changed.
        default void sessionChanged(SessionState state) {}

        /// This node's registration was lost and another process holds its id now: two processes claim to be
        /// this node, and this one must stop.
        default void registrationRefused(NodeIdTakenException refusal) {}
    }

    /// Runs for controller. Calls come on the coordinator's thread and must not block.
    interface ControllerCandidate {

        /// This node is controller in `epoch`, as far as it is known: that it still is shows only in the
        /// success of a [Coordinator#write].
        void elected(ControllerEpoch epoch);

        /// This node is not controller any more, or cannot know it.
        void deposed(ControllerEpoch epoch);
    }
}
