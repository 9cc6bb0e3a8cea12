package io.caskade.server.partition;

import io.caskade.bitcask.store.Store;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.replica.Role;
import java.io.IOException;
import java.util.concurrent.CompletionStage;

/// Lets a simulator look into a hosted partition, on the partition's loop, and ask for what no listener offers
/// yet.
public final class PartitionProbe {

    private PartitionProbe() {}

    /// The copy that is open.
    public static Store store(HostedPartition partition) {
        return partition.copies().current();
    }

    /// What the replica is.
    public static Role role(HostedPartition partition) {
        return partition.replica().role();
    }

    /// What others take the replica for.
    public static Role publishedRole(HostedPartition partition) {
        return partition.driver().role();
    }

    /// Whether a reader would believe now that it may answer, by what the loop has published or by the replica
    /// itself.
    public static boolean hasLease(HostedPartition partition, ClockReading now) {
        boolean published = partition.driver().role() instanceof Role.Leader
                && partition.driver().hasLease();
        return published || partition.replica().hasLease(now);
    }

    /// How many requests the replica owes an outcome.
    public static int pendingCallbacks(HostedPartition partition) {
        return partition.driver().unsettledCount();
    }

    /// How many bytes of writes have no answer.
    public static long inFlightBytes(HostedPartition partition) {
        return partition.commands().inFlightBytes();
    }

    /// The identity that the replica goes by.
    public static CopyId identity(HostedPartition partition) {
        return partition.replica().copyId();
    }

    /// Has a read of the copy fail, as those do that run off the loop.
    public static void failReading(HostedPartition partition, String reason) {
        Store store = store(partition);
        partition.loop().execute(() -> partition.driver().onFailure(store, new IOException(reason)));
    }

    /// Tells the replica of an event.
    public static void submit(HostedPartition partition, Event event) {
        partition.driver().submit(event);
    }

    /// Executes a write with the given acks.
    public static CompletionStage<Answer<Command.Result>> write(HostedPartition partition, Command command, Acks acks) {
        return partition.commands().write(command, acks);
    }
}
