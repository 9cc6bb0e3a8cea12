package io.caskade.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.replica.Timeouts;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReplicaShellTest {

    private final SolitaryCoordinator coordinator =
            new SolitaryCoordinator(PartitionState.withoutLeader(0, List.of("node-1"), 1));
    private final AtomicReference<ReplicaShell> shell = new AtomicReference<>();
    private final CopyDirectory copies = new CopyDirectory(
            new FaultyDisk(1),
            Path.of("/partition"),
            new StoreOptions(
                    new LogOptions(0, 1 << 20, Durability.SYNC),
                    new KeyHasher(new byte[KeyHasher.SECRET_BYTES]),
                    0,
                    "",
                    UUID::randomUUID));
    private final List<Role> rolesSeenAtCommits = new ArrayList<>();

    /// Readers go by the role: one that is seen before its records would have them read what was overwritten.
    @Test
    void aRoleIsSeenOnlyWhenWhatWasCommittedWithItIsVisible() throws Exception {
        try (EventLoops loops = EventLoops.start(1, error -> {
                    throw error;
                });
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            EventLoop loop = loops.loopOf(0);
            ReplicaShell made = new ReplicaShell(
                    0,
                    copies,
                    replica(store),
                    new ReplicaShell.Surroundings(
                            loop, syncs, syncs, coordinator, (_, _, _) -> {}, InstantSource.system()),
                    _ -> rolesSeenAtCommits.add(shell.get().role()),
                    () -> {});
            shell.set(made);
            loop.execute(() -> loop.join(made::turnEnded));
            made.tell(new Event.StateSeen(coordinator.state()));

            PartitionOnOneNode.await(made.settledIn().toCompletableFuture());
            loop.stop();
        }

        assertThat(made().role()).isEqualTo(new Role.Leader(1));
        assertThat(rolesSeenAtCommits).containsExactly(new Role.PendingLeader(1, 1));
    }

    /// What was only half done must not be answered for, however the node ends.
    @Test
    void anErrorInTheMiddleOfAStepFencesTheCopy() throws Exception {
        List<Error> errors = new CopyOnWriteArrayList<>();
        try (EventLoops loops = EventLoops.start(1, errors::add);
                ExecutorService syncs = Executors.newCachedThreadPool();
                Store store = copies.open()) {
            ReplicaShell failing = new ReplicaShell(
                    0,
                    copies,
                    replica(store),
                    new ReplicaShell.Surroundings(
                            loops.loopOf(0), syncs, syncs, coordinator, (_, _, _) -> {}, InstantSource.system()),
                    _ -> {
                        throw new OutOfMemoryError("as if");
                    },
                    () -> {});
            loops.loopOf(0).execute(() -> loops.loopOf(0).join(failing::turnEnded));
            failing.tell(new Event.StateSeen(coordinator.state()));

            PartitionOnOneNode.await(failing.stopped().toCompletableFuture());
            assertThat(failing.role()).isInstanceOf(Role.Fenced.class);
            loops.stopPartitions();
        }

        assertThat(errors).hasSize(1);
    }

    private ReplicaShell made() {
        return shell.get();
    }

    private static Replica replica(Store store) {
        ReplicaOptions options = new ReplicaOptions(
                new NodeIncarnation("node-1", "process-1"),
                new CopyId("node-1", store.id().toString()),
                Set.of(),
                true,
                1 << 20,
                1000,
                100,
                Timeouts.DEFAULT,
                0);
        return new Replica(options, HostedPartition.recovered(store));
    }
}
