package io.caskade.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every [Coordinator] must do, whatever it is made of. A subclass says how processes join the same
/// cluster and how their links to it break.
public abstract class CoordinatorContract {

    /// Shorter than the tests wait, long enough for a busy machine to renew.
    protected static final Duration SESSION_TIMEOUT = Duration.ofSeconds(2);

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final byte[] SEED = new byte[ClusterSecret.SEED_BYTES];

    private final List<NodeProcess> processes = new ArrayList<>();

    /// One running process of a node.
    public interface NodeProcess {

        /// Its coordinator.
        Coordinator coordinator();

        /// Breaks its links, both ways.
        void cut() throws Exception;

        /// Lets what it asks arrive, and no answer.
        void swallowAnswers() throws Exception;

        /// Mends its links.
        void heal() throws Exception;

        /// Ends its session, as if the servers had not heard of it for the session's time-out.
        void expireSession() throws Exception;

        /// Ends it without a farewell: its session stays until it times out.
        void crash() throws Exception;

        /// Starts the next process of the same node, on the same machine, with the same data directory.
        NodeProcess restart() throws Exception;

        /// Ends it properly.
        void close() throws Exception;
    }

    /// Starts a process on a machine of its own.
    protected abstract NodeProcess start(String node, Duration sessionTimeout) throws Exception;

    /// Ends what the processes were coordinated by, after the last of them was closed.
    protected abstract void stopServers() throws Exception;

    @AfterEach
    void closeAll() throws Exception {
        for (NodeProcess process : processes.reversed()) {
            process.close();
        }
        stopServers();
    }

    @Test
    void onlyOneOfTwoConcurrentBootstrapsWins() throws Exception {
        Coordinator first = start("node-1").coordinator();
        Coordinator second = start("node-2").coordinator();

        CompletionStage<BootstrapData> proposed = first.bootstrap(bootstrapData("one", 3));
        CompletionStage<BootstrapData> alsoProposed = second.bootstrap(bootstrapData("other", 5));

        assertThat(get(proposed)).isEqualTo(get(alsoProposed));
        assertThat(get(proposed).settings().clusterId()).isIn("one", "other");
    }

    @Test
    void bootstrappingWaitsForTheConnection() throws Exception {
        NodeProcess process = start("node-1");

        process.cut();
        CompletionStage<BootstrapData> bootstrapped = process.coordinator().bootstrap(bootstrapData("c", 4));
        process.heal();

        assertThat(get(bootstrapped)).isEqualTo(bootstrapData("c", 4));
    }

    @Test
    void lookingUpAClusterFormsNone() throws Exception {
        Coordinator coordinator = start("node-1").coordinator();

        assertThat(get(coordinator.lookUp())).isEmpty();
        assertThat(get(coordinator.lookUp())).isEmpty();

        get(coordinator.bootstrap(bootstrapData("c", 4)));
        assertThat(get(coordinator.lookUp())).contains(bootstrapData("c", 4));
    }

    @Test
    void lookingUpWaitsForTheConnection() throws Exception {
        NodeProcess process = formed("node-1");

        process.cut();
        CompletionStage<Optional<BootstrapData>> found = process.coordinator().lookUp();
        process.heal();

        assertThat(get(found)).contains(bootstrapData("c", 4));
    }

    @Test
    void theFirstImageShowsTheBootstrapData() throws Exception {
        Coordinator coordinator = formed("node-1").coordinator();

        RecordingObserver observer = observe(coordinator);

        assertThat(observer.awaitImage(_ -> true).settings())
                .isEqualTo(bootstrapData("c", 4).settings());
        observer.awaitSession(SessionState.CONNECTED);
    }

    @Test
    void aRegisteredNodeIsSeenByOthersUntilItIsUnregistered() throws Exception {
        Coordinator first = formed("node-1").coordinator();
        RecordingObserver observer = observe(start("node-2").coordinator());
        NodeInfo node = node("node-1", "i1");

        get(first.register(node));
        assertThat(observer.awaitImage(image -> image.node("node-1").isPresent())
                        .nodes())
                .containsEntry("node-1", node);

        get(first.unregister());
        observer.awaitImage(image -> image.node("node-1").isEmpty());
    }

    @Test
    void aNodeThatUnregistersIsGoneAtOnce() throws Exception {
        NodeProcess first = formed("node-1", TIMEOUT);
        RecordingObserver observer = observe(start("node-2").coordinator());
        get(first.coordinator().register(node("node-1", "i1")));
        observer.awaitImage(image -> image.node("node-1").isPresent());

        first.close();

        observer.awaitImage(image -> image.node("node-1").isEmpty());
    }

    @Test
    void aCrashedNodeIsGoneWhenItsSessionEnds() throws Exception {
        NodeProcess first = formed("node-1");
        RecordingObserver observer = observe(start("node-2").coordinator());
        get(first.coordinator().register(node("node-1", "i1")));
        observer.awaitImage(image -> image.node("node-1").isPresent());

        first.crash();

        observer.awaitImage(image -> image.node("node-1").isEmpty());
    }

    @Test
    void aNodeThatRestartsAfterACrashDoesNotWaitForItsOldSession() throws Exception {
        NodeProcess first = formed("node-1", Duration.ofMinutes(1));
        get(first.coordinator().register(node("node-1", "i1")));
        first.crash();

        NodeProcess next = first.restart();
        processes.add(next);
        get(next.coordinator().register(node("node-1", "i2")));

        observe(next.coordinator()).awaitImage(image -> image.nodes().containsValue(node("node-1", "i2")));
    }

    @Test
    void aRegistrationLeftByACrashIsReplacedOnceItsSessionEnds() throws Exception {
        NodeProcess first = formed("node-1");
        get(first.coordinator().register(node("node-1", "i1")));
        first.crash();

        Coordinator elsewhere = start("node-1").coordinator();
        get(elsewhere.register(node("node-1", "i2")));

        observe(elsewhere).awaitImage(image -> image.nodes().containsValue(node("node-1", "i2")));
    }

    @Test
    void theSecondOfTwoLivingProcessesWithOneNodeIdIsRefused() throws Exception {
        Coordinator first = formed("node-1").coordinator();
        Coordinator second = start("node-1").coordinator();
        get(first.register(node("node-1", "i1")));

        assertThat(failure(second.register(node("node-1", "i2"))))
                .isInstanceOf(NodeIdTakenException.class)
                .hasMessageContaining("node.id")
                .hasMessageContaining("node-1")
                .hasMessageContaining("i1");
        observe(first).awaitImage(image -> image.nodes().containsValue(node("node-1", "i1")));
    }

    @Test
    void aNodeRegistersAgainAfterItsSessionExpired() throws Exception {
        NodeProcess process = formed("node-1");
        RecordingObserver own = observe(process.coordinator());
        RecordingObserver other = observe(start("node-2").coordinator());
        get(process.coordinator().register(node("node-1", "i1")));
        other.awaitImage(image -> image.node("node-1").isPresent());

        process.expireSession();

        await().untilAsserted(() -> assertThat(own.sessions()).contains(SessionState.LOST));
        own.awaitSession(SessionState.CONNECTED);
        await().untilAsserted(() ->
                assertThat(other.images()).anyMatch(image -> image.nodes().isEmpty()));
        other.awaitImage(image -> image.nodes().containsValue(node("node-1", "i1")));
    }

    @Test
    void aNodeWhoseIdWasTakenWhileItWasAwayIsNotified() throws Exception {
        NodeProcess away = formed("node-1");
        RecordingObserver observer = observe(away.coordinator());
        get(away.coordinator().register(node("node-1", "i1")));

        away.cut();
        Coordinator other = start("node-1").coordinator();
        get(other.register(node("node-1", "i2")));
        away.heal();

        await().until(() -> observer.refusal() != null);
        assertThat(observer.refusal()).hasMessageContaining("node.id").hasMessageContaining("i2");
    }

    @Test
    void onlyOneOfTwoCompareAndSetsFromTheSameVersionSucceeds() throws Exception {
        Coordinator first = withPartition().coordinator();
        Coordinator second = start("node-2").coordinator();
        observe(second).awaitSession(SessionState.CONNECTED);

        CompletionStage<CasResult> one = first.compareAndSet(0, led("node-1", 1));
        CompletionStage<CasResult> other = second.compareAndSet(0, led("node-2", 1));

        if (get(one) instanceof CasResult.Won(int version)) {
            assertThat(version).isEqualTo(1);
            assertThat(get(other)).isEqualTo(new CasResult.Lost(new Versioned<>(led("node-1", 1), 1)));
        } else {
            assertThat(get(one)).isEqualTo(new CasResult.Lost(new Versioned<>(led("node-2", 1), 1)));
            assertThat(get(other)).isEqualTo(new CasResult.Won(1));
        }
    }

    @Test
    void aCompareAndSetWhoseAnswerIsLostIsUnknownAndMayHaveHappened() throws Exception {
        NodeProcess process = withPartition();

        process.swallowAnswers();
        CasResult result = get(process.coordinator().compareAndSet(0, led("node-1", 1)));
        process.heal();

        assertThat(result).isInstanceOf(CasResult.Unknown.class);
        await().ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(get(process.coordinator().read(0))).isEqualTo(new Versioned<>(led("node-1", 1), 1)));
    }

    @Test
    void aCompareAndSetThatIsNotSentWhileTheSessionIsSuspendedIsKnownNotToHaveHappened() throws Exception {
        NodeProcess process = withPartition();
        RecordingObserver observer = observe(process.coordinator());

        process.cut();
        observer.awaitSession(SessionState.SUSPENDED);
        CasResult result = get(process.coordinator().compareAndSet(0, led("node-1", 1)));
        process.heal();

        assertThat(result).isInstanceOf(CasResult.NotDone.class);
        observer.awaitSession(SessionState.CONNECTED);
        assertThat(get(process.coordinator().read(0)).version()).isZero();
    }

    @Test
    void aReadSeesWhatAnotherNodeWroteJustBefore() throws Exception {
        Coordinator writer = withPartition().coordinator();
        Coordinator reader = start("node-2").coordinator();

        for (int version = 0; version < 20; version++) {
            get(writer.compareAndSet(version, led("node-1", version + 1)));
            assertThat(get(reader.read(0)).version()).isEqualTo(version + 1);
        }
    }

    @Test
    void readingAMissingPartitionFails() throws Exception {
        assertThat(failure(formed("node-1").coordinator().read(0))).isInstanceOf(CoordinationException.class);
    }

    @Test
    void imagesArriveInOrderOnOneThreadAndIncludeReportedWrites() throws Exception {
        NodeProcess process = withPartition();
        RecordingObserver own = observe(process.coordinator());
        RecordingObserver other = observe(start("node-2").coordinator());
        int writes = 50;

        for (int version = 0; version < writes; version++) {
            get(process.coordinator().compareAndSet(version, led("node-1", version + 1)));
        }

        for (RecordingObserver observer : List.of(own, other)) {
            observer.awaitImage(image -> version(image) == writes);
            assertThat(observer.images().stream().map(CoordinatorContract::version))
                    .isSorted();
            assertThat(observer.threads()).hasSize(1);
        }
    }

    @Test
    void anImageCatchesUpWithChangesMadeDuringAnOutage() throws Exception {
        NodeProcess away = withPartition();
        NodeProcess leaving = start("node-2");
        Coordinator writer = start("node-3").coordinator();
        get(leaving.coordinator().register(node("node-2", "i1")));
        RecordingObserver observer = observe(away.coordinator());
        observer.awaitImage(image -> image.node("node-2").isPresent());

        away.cut();
        observer.awaitSession(SessionState.SUSPENDED);
        leaving.close();
        get(writer.register(node("node-3", "i1")));
        get(writer.compareAndSet(0, led("node-1", 1)));
        away.heal();

        observer.awaitImage(image -> version(image) == 1
                && image.node("node-2").isEmpty()
                && image.node("node-3").isPresent());
    }

    @Test
    void anyNodeCanClearTheDrainingMarkOfAnother() throws Exception {
        NodeProcess process = formed("node-1");
        Coordinator other = start("node-2").coordinator();
        RecordingObserver observer = observe(other);

        get(process.coordinator().setDraining("node-3", true));
        get(process.coordinator().setDraining("node-3", true));
        process.close();
        observer.awaitImage(image -> image.draining().contains("node-3"));

        get(other.setDraining("node-3", false));
        get(other.setDraining("node-3", false));
        observer.awaitImage(image -> image.draining().isEmpty());
    }

    @Test
    void delayedTasksRunOnTheCoordinatorThread() throws Exception {
        Coordinator coordinator = formed("node-1").coordinator();
        RecordingObserver observer = observe(coordinator);
        observer.awaitImage(_ -> true);
        CompletableFuture<Thread> ran = new CompletableFuture<>();

        coordinator.schedule(Duration.ofMillis(1), () -> ran.complete(Thread.currentThread()));

        assertThat(observer.threads()).containsExactly(get(ran));
    }

    @Test
    void theNextCandidateIsElectedControllerWhenTheFirstWithdraws() throws Exception {
        Coordinator first = formed("node-1").coordinator();
        Coordinator second = start("node-2").coordinator();
        RecordingCandidate one = new RecordingCandidate();
        RecordingCandidate two = new RecordingCandidate();

        first.joinControllerElection("node-1", one);
        ControllerEpoch epoch = one.awaitTerm();
        second.joinControllerElection("node-2", two);
        observe(second).awaitImage(image -> Objects.equals(image.controller(), "node-1"));
        assertThat(two.term()).isNull();
        get(first.leaveControllerElection());

        assertThat(two.awaitTerm().value()).isGreaterThan(epoch.value());
        assertThat(one.term()).isNull();
        observe(first).awaitImage(image -> Objects.equals(image.controller(), "node-2"));
    }

    @Test
    void aControllerOfAnOldEpochWritesNothing() throws Exception {
        NodeProcess deposed = formed("node-1");
        Coordinator next = start("node-2").coordinator();
        RecordingObserver observer = observe(deposed.coordinator());
        RecordingCandidate one = new RecordingCandidate();
        RecordingCandidate two = new RecordingCandidate();
        deposed.coordinator().joinControllerElection("node-1", one);
        ControllerEpoch over = one.awaitTerm();
        next.joinControllerElection("node-2", two);

        deposed.cut();
        two.awaitTerm();
        deposed.heal();
        observer.awaitSession(SessionState.CONNECTED);

        assertThat(get(deposed.coordinator().write(over, List.of(create(0)))))
                .isEqualTo(new ControllerWriteResult.Deposed());
        assertThat(failure(next.read(0))).isInstanceOf(CoordinationException.class);
    }

    @Test
    void aDisconnectedControllerIsDeposed() throws Exception {
        NodeProcess process = formed("node-1");
        RecordingCandidate candidate = new RecordingCandidate();
        process.coordinator().joinControllerElection("node-1", candidate);
        ControllerEpoch first = candidate.awaitTerm();

        process.cut();
        await().until(() -> candidate.term() == null);
        process.heal();

        assertThat(candidate.awaitTerm().value()).isGreaterThan(first.value());
    }

    @Test
    void theWritesOfAControllerAreAtomic() throws Exception {
        Coordinator coordinator = formed("node-1").coordinator();
        RecordingCandidate candidate = new RecordingCandidate();
        coordinator.joinControllerElection("node-1", candidate);
        ControllerEpoch epoch = candidate.awaitTerm();

        assertThat(get(coordinator.write(epoch, List.of(create(0), create(1)))))
                .isEqualTo(new ControllerWriteResult.Done());
        assertThat(get(coordinator.write(epoch, List.of(create(2), create(1)))))
                .isInstanceOf(ControllerWriteResult.Conflict.class);

        assertThat(get(coordinator.read(1))).isEqualTo(new Versioned<>(unled(1), 0));
        assertThat(failure(coordinator.read(2))).isInstanceOf(CoordinationException.class);
    }

    @Test
    void aControllerChangesAPartitionOnlyFromTheVersionItHasSeen() throws Exception {
        Coordinator coordinator = formed("node-1").coordinator();
        RecordingCandidate candidate = new RecordingCandidate();
        coordinator.joinControllerElection("node-1", candidate);
        ControllerEpoch epoch = candidate.awaitTerm();
        get(coordinator.write(epoch, List.of(create(0))));

        assertThat(get(coordinator.write(epoch, List.of(new ControllerWrite.ChangePartition(led("node-1", 1), 0)))))
                .isEqualTo(new ControllerWriteResult.Done());
        assertThat(get(coordinator.write(epoch, List.of(new ControllerWrite.ChangePartition(led("node-2", 1), 0)))))
                .isInstanceOf(ControllerWriteResult.Conflict.class);

        assertThat(get(coordinator.read(0))).isEqualTo(new Versioned<>(led("node-1", 1), 1));
    }

    private NodeProcess start(String node) throws Exception {
        NodeProcess process = start(node, SESSION_TIMEOUT);
        processes.add(process);
        return process;
    }

    private NodeProcess formed(String node) throws Exception {
        return formed(node, SESSION_TIMEOUT);
    }

    private NodeProcess formed(String node, Duration sessionTimeout) throws Exception {
        NodeProcess process = start(node, sessionTimeout);
        processes.add(process);
        get(process.coordinator().bootstrap(bootstrapData("c", 4)));
        return process;
    }

    private NodeProcess withPartition() throws Exception {
        NodeProcess process = formed("node-1");
        RecordingCandidate candidate = new RecordingCandidate();
        process.coordinator().joinControllerElection("node-1", candidate);
        get(process.coordinator().write(candidate.awaitTerm(), List.of(create(0))));
        return process;
    }

    private static RecordingObserver observe(Coordinator coordinator) {
        RecordingObserver observer = new RecordingObserver();
        coordinator.subscribe(observer);
        return observer;
    }

    private static BootstrapData bootstrapData(String id, int partitions) {
        return new BootstrapData(new ClusterSettings(id, partitions), new ClusterSecret(SEED));
    }

    private static NodeInfo node(String id, String incarnation) {
        return new NodeInfo(id, incarnation, "rack-1", new Endpoint("127.0.0.1", 6669), null, null, null, "test");
    }

    private static PartitionState unled(int id) {
        return PartitionState.withoutLeader(id, List.of("node-1", "node-2"), 1);
    }

    private static ControllerWrite create(int id) {
        return new ControllerWrite.CreatePartition(unled(id));
    }

    private static PartitionState led(String node, int epoch) {
        return unled(0).withLeadership(new NodeIncarnation(node, "i1"), epoch, Set.of(new CopyId(node, "copy")));
    }

    private static int version(ClusterImage image) {
        return image.partition(0).map(Versioned::version).orElse(-1);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletionStage<?> stage) throws Exception {
        try {
            get(stage);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        }
        throw new AssertionError("it was expected to fail");
    }
}
