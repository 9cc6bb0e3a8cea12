package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Resigned;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// This copy: its identity, its positions, its role and the state of that role. Shared by the parts of a
/// [Replica].
final class LocalCopy {

    private final NodeIncarnation incarnation;
    private final Timeouts timeouts;
    private final LogPositions positions;
    private CopyId identity;
    private Set<CopyId> formerIdentities;

    private Role role = new Follower();

    /// In the roles that lead.
    private @Nullable LeaderState leaderState;

    /// While it follows, once a state was seen.
    private @Nullable FollowerState followerState;

    /// When this process last granted a lease to an older leader, or when it started: an earlier process may
    /// have granted one until then.
    private @Nullable ClockReading leaseGrantedAt;

    private @Nullable ClockReading steppedAt;
    private boolean stopping;

    /// What is wrong with it, while it leads on to hand over.
    private @Nullable String damage;
    private long lastStream;

    LocalCopy(ReplicaOptions options, RecoveredCopy recovered) {
        this.incarnation = options.incarnation();
        this.timeouts = options.timeouts();
        this.lastStream = options.lastStream();
        this.positions = new LogPositions(options.syncBeforeAck(), recovered);
        this.identity = options.copyId();
        this.formerIdentities = options.formerCopyIds();
    }

    /// The process it belongs to.
    NodeIncarnation incarnation() {
        return incarnation;
    }

    String node() {
        return identity.node();
    }

    CopyId identity() {
        return identity;
    }

    Set<CopyId> formerIdentities() {
        return formerIdentities;
    }

    LogPositions positions() {
        return positions;
    }

    Role role() {
        return role;
    }

    void become(Role next) {
        if (!RoleTransitions.allows(role, next)) {
            throw new IllegalStateException(role + " cannot become " + next);
        }
        role = next;
    }

    /// A process that was paused has heard nothing because it did not listen.
    void observeTime(ClockReading now) {
        if (leaseGrantedAt == null) {
            leaseGrantedAt = now;
        }
        boolean wasPaused = steppedAt != null && now.since(steppedAt) >= timeouts.lease();
        if (wasPaused && followerState != null) {
            followerState.failureDetector().recordContact(now);
        }
        steppedAt = now;
    }

    /// It helps no other copy to lead until a grace has passed.
    void recordLeaseGrant(ClockReading now) {
        leaseGrantedAt = now;
    }

    /// When its last lease grant ends, by the clock that never goes back.
    long leaseGrantedUntil() {
        return Objects.requireNonNull(leaseGrantedAt).monotonic() + timeouts.grace();
    }

    @Nullable
    LeaderState leaderState() {
        return leaderState;
    }

    /// In a role that leads.
    LeaderState requireLeaderState() {
        return Objects.requireNonNull(leaderState);
    }

    boolean isLeaderIn(int epoch) {
        return leaderState != null && leaderState.epoch() == epoch;
    }

    /// Whether it leads, and has not asked another to.
    boolean isLeading() {
        return leaderState != null && !(role instanceof Resigned);
    }

    @Nullable
    FollowerState followerState() {
        return followerState;
    }

    /// Where it follows.
    FollowerState requireFollowerState() {
        return Objects.requireNonNull(followerState);
    }

    boolean isFollowing() {
        return role instanceof Follower && followerState != null;
    }

    boolean isFollowing(NodeIncarnation leader, int epoch) {
        return isFollowing() && requireFollowerState().matches(epoch, leader);
    }

    void startLeading(LeaderState next) {
        followerState = null;
        leaderState = next;
    }

    void startFollowing(FollowerState next) {
        followerState = next;
    }

    /// Neither leads nor follows, for now.
    void clearRoleState() {
        leaderState = null;
        followerState = null;
    }

    void stopLeading() {
        leaderState = null;
    }

    void stopFollowing() {
        followerState = null;
    }

    /// Asks the leader for its log.
    void openStream(ClockReading now, Effects.Builder effects) {
        requireFollowerState().openStream(identity, ++lastStream, now, effects);
    }

    void markStopping() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /// It is damaged, and hands over before it is fenced.
    void recordDamage(String reason) {
        damage = reason;
    }

    /// What is wrong with it, if it hands over for that, or null.
    @Nullable
    String damage() {
        return damage;
    }

    /// Makes records up to a sequence visible, unless they are already.
    void advanceHighWatermark(long to, Effects.Builder effects) {
        if (to > positions.highWatermark()) {
            positions.setHighWatermark(to);
            effects.commit(to);
        }
    }

    /// It is another copy now, with nothing in it.
    void replaceWith(CopyId fresh) {
        identity = fresh;
        formerIdentities = Set.of();
        damage = null;
        positions.reset();
        become(new Follower());
    }

    void checkInvariant() {
        if (!(role instanceof Rebuilding)) {
            positions.check();
        }
    }
}
