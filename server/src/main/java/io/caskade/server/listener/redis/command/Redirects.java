package io.caskade.server.listener.redis.command;

import io.caskade.api.KeySlots;
import io.caskade.server.cluster.NodeInfo;
import org.jspecify.annotations.Nullable;

/// Redirects a client in cluster mode to the node that serves its keys. All other clients are answered for any
/// key. For the connections' threads.
final class Redirects {

    private static final Reply CROSS_SLOT = Reply.error("CROSSSLOT Keys in request don't hash to the same slot");
    private static final Reply DOWN = Reply.error("CLUSTERDOWN The cluster is down");

    private final ServerIdentity identity;
    private final int partitions;

    /// @param partitions how many the cluster has
    Redirects(ServerIdentity identity, int partitions) {
        this.identity = identity;
        this.partitions = partitions;
    }

    /// What the client is told instead of its command being carried out; null when it is to be carried out.
    @Nullable
    Reply insteadOf(Call call) {
        RedisCommand command = call.command();
        if (command.isBarrier() || command.firstKey() > command.lastKey(call.size())) {
            return null;
        }
        Reply elsewhere = call.client().isInClusterMode() ? elsewhere(call) : null;
        if (elsewhere == null && command.isWrite()) {
            noteWrites(call);
        }
        return elsewhere;
    }

    private void noteWrites(Call call) {
        RedisCommand command = call.command();
        int last = command.lastKey(call.size());
        for (int i = command.firstKey(); i <= last; i += command.keyStep()) {
            call.client().noteWrite(KeySlots.partitionOf(call.argument(i), partitions));
        }
    }

    private @Nullable Reply elsewhere(Call call) {
        int slot = commonSlot(call);
        if (slot < 0) {
            return CROSS_SLOT;
        }
        int partition = KeySlots.partitionOf(slot, partitions);
        SlotMap slotMap = SlotMap.of(identity);
        NodeInfo owner = slotMap.ownerOf(partition).orElse(null);
        if (owner != null && slotMap.isSelf(owner)) {
            return null;
        }
        if (mayReadHere(call) && slotMap.hasInSyncCopy(partition)) {
            call.readReplica();
            return null;
        }
        if (identity.membership().isCutOff()) {
            return DOWN;
        }
        // Without a leader the command waits for one here.
        return owner == null ? null : moved(slot, owner);
    }

    private static boolean mayReadHere(Call call) {
        return call.client().isReadOnly() && call.command().flags().contains(Flag.READONLY);
    }

    /// The slot of all keys; -1 when there is not one.
    private static int commonSlot(Call call) {
        RedisCommand command = call.command();
        int last = command.lastKey(call.size());
        int slot = KeySlots.slotOf(call.argument(command.firstKey()));
        for (int i = command.firstKey() + command.keyStep(); i <= last; i += command.keyStep()) {
            if (KeySlots.slotOf(call.argument(i)) != slot) {
                return -1;
            }
        }
        return slot;
    }

    private static Reply moved(int slot, NodeInfo owner) {
        return Reply.error("MOVED " + slot + ' '
                + SlotMap.address(owner).host() + ':'
                + SlotMap.address(owner).port());
    }
}
