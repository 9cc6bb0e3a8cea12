package io.caskade.server.partition;

import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.replica.Refusal;

/// Says to clients why one partition refuses a command. Thread-safe.
final class RefusalMessages {

    private final int partition;
    private final ReplicaDriver driver;

    RefusalMessages(int partition, ReplicaDriver driver) {
        this.partition = partition;
        this.driver = driver;
    }

    /// Too many bytes of writes are in flight.
    CommandRefusedException busy() {
        return new CommandRefusedException(
                Reason.BUSY,
                "partition " + partition
                        + ": more bytes are in flight than limits.in-flight, or the heap, allows; try again"
                        + " later");
    }

    /// Says how far behind this copy is, or what it was asked for that is lost.
    CommandRefusedException of(Refusal refusal, ReplicaRead read) {
        String where = "partition " + partition + ": ";
        long applied = driver.highWatermark();
        String demanded = "sequence " + read.sequence() + " of epoch " + read.epoch();
        return switch (refusal) {
            case BEHIND_CONTEXT ->
                new CommandRefusedException(
                        Reason.BEHIND_CONTEXT,
                        where
                                + (applied < read.sequence()
                                        ? "this copy has applied sequence " + applied + " and is "
                                                + (read.sequence() - applied) + " behind the causal context, which has "
                                                + demanded
                                        : "this copy is still being filled")
                                + "; ask another replica, or try again later");
            case CONTEXT_LOST ->
                new CommandRefusedException(
                        Reason.CONTEXT_LOST,
                        where + "its log does not contain " + demanded
                                + ", which the causal context has: that write was"
                                + " lost, or the context is another cluster's; a linearizable read shows what is there");
            case NOT_LEADER, NOT_SERVING, NOT_ENOUGH_REPLICAS, DISK_FULL, OUTCOME_UNKNOWN, COPY_FENCED -> of(refusal);
        };
    }

    /// What a client is told.
    CommandRefusedException of(Refusal refusal) {
        String where = "partition " + partition + ": ";
        return switch (refusal) {
            case NOT_LEADER -> new CommandRefusedException(Reason.NOT_LEADER, where + "this node does not lead it");
            case NOT_SERVING ->
                new CommandRefusedException(Reason.NOT_SERVING, where + "its leader is starting or stopping");
            case NOT_ENOUGH_REPLICAS ->
                new CommandRefusedException(
                        Reason.NOT_ENOUGH_REPLICAS,
                        where
                                + "not enough in-sync copies answer heartbeats: fewer than min-insync, or one is silent and"
                                + " ZooKeeper cannot be reached to remove it; nothing was done");
            case DISK_FULL ->
                new CommandRefusedException(Reason.DISK_FULL, where + driver.lacks() + "; the write was rejected");
            case BEHIND_CONTEXT ->
                new CommandRefusedException(
                        Reason.BEHIND_CONTEXT, where + "this copy has not applied what the read demands; try another");
            case CONTEXT_LOST ->
                new CommandRefusedException(
                        Reason.CONTEXT_LOST, where + "its log does not contain what the causal context refers to");
            case OUTCOME_UNKNOWN ->
                new CommandRefusedException(
                        Reason.OUTCOME_UNKNOWN, where + "the node stopped leading before the write was confirmed");
            case COPY_FENCED ->
                new CommandRefusedException(
                        Reason.COPY_FENCED, where + "its disk failed or its copy is damaged; see the node's log");
        };
    }
}
