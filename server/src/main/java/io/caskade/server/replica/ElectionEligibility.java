package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import java.util.Set;

/// Whether a copy may become leader, from the partition's state alone.
sealed interface ElectionEligibility {

    /// The copy may campaign.
    ///
    /// @param mayLoseWrites whether acknowledged writes may be missing from the copy
    record Eligible(boolean mayLoseWrites) implements ElectionEligibility {}

    /// This copy may not lead, but another one may.
    record Wait(String reason) implements ElectionEligibility {}

    /// The copy may not lead, and an operator should know.
    record Blocked(String reason) implements ElectionEligibility {}

    /// Decides for a copy that is assigned to the partition.
    ///
    /// @param copy its identity
    /// @param formerCopies those it had before
    /// @param logEpoch the epoch of the newest record in its log
    ///
    /// | state | eligibility |
    /// |---|---|
    /// | its epoch is older than the log's, and not because the copy in sync was salvaged | blocked |
    /// | nothing was ever acknowledged, this node is preferred | eligible |
    /// | nothing was ever acknowledged, another node is preferred | wait |
    /// | this copy alone is in sync | eligible |
    /// | the only copy in sync is this one under an identity it lost | eligible, writes may be lost |
    /// | this copy is in sync with others, and an earlier process of this node led | eligible |
    /// | this copy is in sync with others | wait |
    /// | this copy is not in sync, but another node's is | wait |
    /// | this node's copy in sync is another one | blocked |
    static ElectionEligibility of(PartitionState state, CopyId copy, Set<CopyId> formerCopies, int logEpoch) {
        if (state.epoch() < logEpoch && !isSalvaged(state, formerCopies, logEpoch)) {
            return new Blocked(
                    "may not lead: its log has records of epoch " + logEpoch + ", but ZooKeeper knows of epoch "
                            + state.epoch() + " only; was ZooKeeper's data lost, or restored from an older copy?");
        }
        Set<CopyId> isr = state.isr();
        if (state.epoch() == 0) {
            String preferred = state.replicas().getFirst();
            return preferred.equals(copy.node())
                    ? new Eligible(false)
                    : new Wait("waiting for " + preferred + " to start");
        }
        if (isr.equals(Set.of(copy))) {
            return new Eligible(false);
        }
        if (isr.size() == 1 && formerCopies.containsAll(isr)) {
            return new Eligible(true);
        }
        NodeIncarnation leader = state.leader();
        if (state.isInSync(copy)) {
            return leader != null && leader.node().equals(copy.node())
                    ? new Eligible(false)
                    : new Wait(statusLine(state, copy, "in sync"));
        }
        if (state.hasOtherInSyncCopy(copy.node())) {
            return new Wait(statusLine(state, copy, "not in sync"));
        }
        return new Blocked("may not lead: its copy " + copy.copy() + " is not in sync, but " + isr
                + " is; was a data directory exchanged or lost?");
    }

    /// Whether the log may have been salvaged from a copy in sync: a salvaged log begins the epoch after that
    /// copy's last, under a new identity.
    static boolean isSalvaged(PartitionState state, Set<CopyId> formerCopies, int logEpoch) {
        return logEpoch == state.epoch() + 1 && state.isr().stream().anyMatch(formerCopies::contains);
    }

    private static String statusLine(PartitionState state, CopyId copy, String how) {
        NodeIncarnation leader = state.leader();
        String follows = leader == null || leader.node().equals(copy.node())
                ? "waiting for a leader after epoch "
                : "follows " + leader.node() + " in epoch ";
        return follows + state.epoch() + ", " + how;
    }
}
